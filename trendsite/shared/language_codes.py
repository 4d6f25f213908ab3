"""Language codes (BCP 47): their validation, and the direction in which a language is written."""

import re
from functools import lru_cache
from typing import Literal

from django.conf.locale import LANG_INFO
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

Direction = Literal["ltr", "rtl", "auto"]

# The form in data files: the language in small letters, then script, region and so on.
_SHAPE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
# Registered codes that name no language: an unknown language is an empty field.
_NO_LANGUAGES = {"und", "mis", "root"}
_RIGHT_TO_LEFT = {"arab", "hebr", "syrc", "thaa", "nkoo", "adlm", "rohg", "mand", "samr", "aran"}
_SCRIPT = re.compile(r"-([A-Za-z]{4})(?:-|$)")


def check_language_code(code: str) -> None:
    """Raise ValidationError for an invalid code, and suggest the one that was probably meant."""
    if is_language_code(code):
        return
    if meant := _meant(code):
        raise ValidationError(
            _("“%(code)s” is not a language code; did you mean “%(meant)s”?"),
            code="language",
            params={"code": code, "meant": meant},
        )
    raise ValidationError(
        _("“%(code)s” is not a language code; enter one such as en, ja or zh-Hant."),
        code="language",
        params={"code": code},
    )


@lru_cache(maxsize=1024)
def is_language_code(code: str) -> bool:
    """Return whether a code is in the IANA registry and names a language."""
    # Imported here and below, since it takes 4 MB of memory that readers' pages do not need.
    from langcodes import standardize_tag, tag_is_valid

    if not _SHAPE.fullmatch(code) or not tag_is_valid(code):
        return False
    language = code.partition("-")[0]
    # The registry has codes of three letters for languages that have none of two.
    return language not in _NO_LANGUAGES and (
        len(language) == 2 or len(standardize_tag(language, macro=False)) != 2
    )


def _meant(code: str) -> str:
    """Return the code that was probably meant: jp for ja, EN for en, Japanese for ja."""
    from langcodes import Language, standardize_tag, tag_is_valid
    from langcodes.tag_parser import LanguageTagError

    plain = code.strip().replace("_", "-")
    for info in LANG_INFO.values():
        names = (info.get("name", ""), info.get("name_local", ""))
        if plain and plain.lower() in map(str.lower, names):
            return str(info["code"])
    try:
        standard = standardize_tag(plain)
        if is_language_code(standard):
            return standard
        # The code of a country, mistaken for that of its language.
        country = f"und-{plain.partition('-')[0].upper()}"
        likely = Language.get(country).maximize().language if tag_is_valid(country) else ""
    except LanguageTagError:
        return ""
    # The registry returns English for an unknown region.
    return likely if likely and likely != "en" and is_language_code(likely) else ""


@lru_cache(maxsize=1024)
def direction_of(code: str) -> Direction:
    """Return the direction of a language, “auto” (by the letters of a text) for an unknown one."""
    if script := _SCRIPT.search(code):
        return "rtl" if script[1].lower() in _RIGHT_TO_LEFT else "ltr"
    info = LANG_INFO.get(code.lower()) or LANG_INFO.get(code.lower().partition("-")[0])
    if info and "fallback" in info:  # such as zh-tw
        info = LANG_INFO[info["fallback"][0]]
    if info is None:
        return "auto"
    return "rtl" if info["bidi"] else "ltr"
