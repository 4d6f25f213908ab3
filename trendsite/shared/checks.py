"""System checks of the settings."""

import re
from typing import Any

from django.conf import settings
from django.conf.locale import LANG_INFO
from django.core import checks
from django.core.exceptions import ValidationError

from trendsite.shared.language_codes import check_language_code, direction_of

# Languages whose letters have to be shaped, beside those written from right to left.
_SHAPED = re.compile("(?:bn|gu|hi|km|kn|lo|ml|mr|my|ne|or|pa|si|ta|te|th)(?:-.*)?")


@checks.register
def check_languages(app_configs: Any, **kwargs: Any) -> list[checks.CheckMessage]:
    """Check that the codes in LANGUAGES are languages, and that Pillow can draw their scripts."""
    found: list[checks.CheckMessage] = []
    for code, _name in settings.LANGUAGES:
        try:
            if code not in LANG_INFO:  # reading the registry takes a fifth of a second
                check_language_code(code)
        except ValidationError as error:
            found.append(
                checks.Error(f"LANGUAGES: {' '.join(error.messages)}", id="trendsite.E001")
            )
            continue
        is_shaped = direction_of(code) == "rtl" or bool(_SHAPED.fullmatch(code))
        if is_shaped and not _can_shape():
            found.append(
                checks.Warning(
                    f"LANGUAGES: share cards in “{code}” show slugs instead of titles, since "
                    "Pillow finds no FriBiDi.",
                    hint="Install it, on Debian as libfribidi0, and run “manage.py draw_cards”.",
                    id="trendsite.W001",
                )
            )
    return found


def _can_shape() -> bool:
    from PIL import features

    return bool(features.check("raqm"))
