"""Addresses of other sites: their validation, and a form in which they can be compared."""

import datetime
import re
import unicodedata
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from w3lib.url import canonicalize_url

ADDRESS_LENGTH = 500
"""The most characters of an address."""

# Parameters that newsletters and advertisers add to track clicks.
_TRACKING = re.compile(
    r"(?:utm|mtm|pk|piwik|matomo|hsa|stm|itm)_\w+|_?_?hs[a-z]{2,}|_g[al]|at_(?:medium|campaign)"
    r"|fbclid|gclid|gclsrc|dclid|gbraid|wbraid|msclkid|yclid|twclid|ttclid|li_fat_id|igshid?"
    r"|mc_[ce]id|mkt_tok|vero_(?:id|conv)|oly_(?:anon|enc)_id|wickedid|cmpid|ncid|smid|s_cid"
    r"|trk(?:campaign)?|xtor|ref_(?:src|url)|guccounter|guce_referrer(?:_sig)?|sr_share|spm",
    re.IGNORECASE,
)
_ENCODED_LETTERS = re.compile(r"(?:%[89a-f][0-9a-f])+", re.IGNORECASE)
_ARCHIVED = re.compile(
    r"(?:https?://)?web\.archive\.org/web/(?:(?P<day>\d{4,14})?\*?(?:[a-z]{2}_)?/)?"
    r"(?P<page>https?:/.+|[\w-]+(?:\.[\w-]+)+.*)",
    re.IGNORECASE,
)


class ArchivedPage(NamedTuple):
    """A copy in the Internet Archive: the address of the original, and the day if it is given."""

    address: str
    day: datetime.date | None


class _AddressValidator(URLValidator):
    """Django's validator, which also accepts hosts with underscores or emoji."""

    ul = "\u00a1-\U0010ffff"
    label_re = rf"[a-z0-9_{ul}](?:[a-z0-9_{ul}-]{{0,61}}[a-z0-9_{ul}])?"
    host_re = rf"(?:{label_re}(?:\.{label_re})*{URLValidator.tld_re}|localhost)"
    regex = re.compile(
        # No “\”, which browsers take for “/”: they would ask another host than the one shown.
        r"https?://(?:[^\s:@/\\]+(?::[^\s:@/\\]*)?@)?"
        rf"(?:{URLValidator.ipv4_re}|{URLValidator.ipv6_re}|{host_re})"
        r"(?::[0-9]{1,5})?(?:[/?#]\S*)?\Z",
        re.IGNORECASE,
    )

    def __call__(self, value: Any) -> None:
        """Raise ValidationError for an invalid address; the message names invisible characters."""
        for character in str(value):
            if unicodedata.category(character) in ("Cf", "Zl", "Zp"):
                raise ValidationError(
                    _("Remove the invisible character U+%(code)s from this address."),
                    code="invisible",
                    params={"code": f"{ord(character):04X}", "value": value},
                )
        try:
            super().__call__(value)
        except ValidationError:
            raise ValidationError(
                _(
                    "“%(address)s” is not the address of a page. Enter it whole, from https:// or "
                    "http:// to its end, without spaces."
                ),
                code="invalid",
                params={"address": Truncator(value).chars(80)},
            ) from None


class WebAddressField(models.URLField[str, str]):
    """A URL that a reader's browser can open: http or https, at most 500 characters."""

    default_validators = [_AddressValidator(schemes=["http", "https"])]

    # Any: as Django's own signatures.
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", ADDRESS_LENGTH)
        super().__init__(*args, **kwargs)

    def formfield(self, **kwargs: Any) -> forms.Field | None:
        """Return the form field; an address typed without a scheme is taken as https."""
        return super().formfield(
            **{"form_class": _AddressFormField, "assume_scheme": "https", **kwargs}
        )


class _AddressFormField(forms.URLField):
    # The model field has a validator of ours; Django's refuses hosts that it accepts.
    default_validators = []


class ComparedAddressField(models.CharField[str, str]):
    """The comparable form of the address in the field `of`, which is computed at each save."""

    def __init__(self, *args: Any, of: str = "url", **kwargs: Any) -> None:
        self.of = of
        # A percent-encoded byte takes three characters.
        kwargs |= {"max_length": 3 * ADDRESS_LENGTH, "editable": False, "default": ""}
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        kwargs["of"] = self.of
        for fixed in ("max_length", "editable", "default"):
            del kwargs[fixed]
        return name, path, args, kwargs

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        address = comparable(getattr(model_instance, self.of))
        setattr(model_instance, self.attname, address)
        return address


def looks_like_an_address(text: str) -> bool:
    """Return whether a text is meant to be an address, not an id."""
    return "://" in text or text.startswith("//") or bool(re.match(r"[\w-]+(\.[\w-]+)+/", text))


@lru_cache(maxsize=1000)  # a load asks several times for each source of a file
def comparable(address: str) -> str:
    """Return a text that is equal for all addresses of one page.

    It has no scheme, `www.`, default port, tracking parameters or slash at the end, and no fragment
    except those that address pages of an application (`#!/…`, `#/…`). Parameters are sorted. A copy
    in the Internet Archive gives the text of its original. The result is not a valid address.
    """
    copied = archived_page(address)
    address = (copied.address if copied else address).strip()
    address = _ENCODED_LETTERS.sub(_decoded, address)
    try:
        parts = urlsplit(
            canonicalize_url(unicodedata.normalize("NFC", address), keep_fragments=True)
        )
        port = parts.port
    except ValueError:  # not an address; the field's validator reports it
        return address
    host = (parts.hostname or "").rstrip(".").removeprefix("www.")
    if port and port not in (80, 443):
        host += f":{port}"
    query = [
        (name, value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True, errors="surrogateescape")
        if not _TRACKING.fullmatch(name)
    ]
    fragment = f"#{parts.fragment}" if parts.fragment.startswith(("!", "/")) else ""
    encoded = urlencode(query, errors="surrogateescape")
    rest = parts.path.rstrip("/") + (f"?{encoded}" if query else "") + fragment
    # Letters are decoded: percent-encoded texts would be too long for an index.
    return host + _ENCODED_LETTERS.sub(_decoded, rest)


def _decoded(letters: re.Match[str]) -> str:
    """Return encoded letters as text; as they are if they are not UTF-8, such as EUC-JP."""
    try:
        return unquote(letters[0], errors="strict")
    except UnicodeDecodeError:
        return letters[0].upper()


def archived_page(address: str) -> ArchivedPage | None:
    """Return the original of a copy in the Internet Archive; None for any other address."""
    match = _ARCHIVED.fullmatch(address.strip())
    if match is None:
        return None
    page = match["page"]
    if not re.match(r"https?:/", page, re.IGNORECASE):
        page = f"http://{page}"
    page = re.sub(r"\A(https?):/+", r"\1://", page, flags=re.IGNORECASE)
    try:
        day = datetime.datetime.strptime((match["day"] or "")[:8], "%Y%m%d").date()
    except ValueError:  # the time stamp is a year or a month, or invalid
        day = None
    return ArchivedPage(page, day)
