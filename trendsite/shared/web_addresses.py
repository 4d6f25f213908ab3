"""Links to other sites: which are allowed, and which of them lead to the same page."""

import datetime
import re
import unicodedata
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from w3lib.url import canonicalize_url

ADDRESS_LENGTH = 500
"""The most characters of an address."""

# What senders and advertisers add to an address to follow a click.
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
    """A copy in the Internet Archive: the address of what was copied, and the day, if told."""

    address: str
    day: datetime.date | None


class _AddressValidator(URLValidator):
    """Django's validator, for hosts as they are found: with underscores, or with an emoji."""

    ul = "\u00a1-\U0010ffff"
    label_re = rf"[a-z0-9_{ul}](?:[a-z0-9_{ul}-]{{0,61}}[a-z0-9_{ul}])?"
    host_re = rf"(?:{label_re}(?:\.{label_re})*{URLValidator.tld_re}|localhost)"
    regex = re.compile(
        # Browsers take “\” for “/”: they would ask another host than the one that is shown.
        r"https?://(?:[^\s:@/\\]+(?::[^\s:@/\\]*)?@)?"
        rf"(?:{URLValidator.ipv4_re}|{URLValidator.ipv6_re}|{host_re})"
        r"(?::[0-9]{1,5})?(?:[/?#]\S*)?\Z",
        re.IGNORECASE,
    )

    def __call__(self, value: Any) -> None:
        """Raise ValidationError for what is no address; names a character that shows nothing."""
        for character in str(value):
            if unicodedata.category(character) in ("Cf", "Zl", "Zp"):
                raise ValidationError(
                    _("Remove the invisible character U+%(code)s from this address."),
                    code="invisible",
                    params={"code": f"{ord(character):04X}", "value": value},
                )
        super().__call__(value)


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
    # The model field has the validator; Django's own refuses hosts that this one takes.
    default_validators = []


class ComparedAddressField(models.CharField[str, str]):
    """The form in which the address in another field is compared; follows it at each save."""

    def __init__(self, *args: Any, of: str = "url", **kwargs: Any) -> None:
        self.of = of
        # A character that is percent-encoded takes three.
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
    """Return whether a text is meant as an address rather than as an id."""
    return "://" in text or text.startswith("//") or bool(re.match(r"[\w-]+(\.[\w-]+)+/", text))


def comparable(address: str) -> str:
    """Return the form in which two addresses of one page are the same text.

    Without scheme, `www.`, default port, parameters that only track, the order of the others,
    the slash at the end, and a fragment, except for those that address pages of an application
    (`#!/…`, `#/…`). A copy in the Internet Archive has the form of what it is a copy of. The
    result is for comparison alone, and leads nowhere.
    """
    copied = archived_page(address)
    address = (copied.address if copied else address).strip()
    address = _ENCODED_LETTERS.sub(lambda match: unquote(match[0]), address)
    try:
        parts = urlsplit(
            canonicalize_url(unicodedata.normalize("NFC", address), keep_fragments=True)
        )
        port = parts.port
    except ValueError:  # no address, which the field's validator says
        return address
    host = (parts.hostname or "").rstrip(".").removeprefix("www.")
    if port and port not in (80, 443):
        host += f":{port}"
    query = [
        (name, value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
        if not _TRACKING.fullmatch(name)
    ]
    fragment = f"#{parts.fragment}" if parts.fragment.startswith(("!", "/")) else ""
    rest = parts.path.rstrip("/") + (f"?{urlencode(query)}" if query else "") + fragment
    # Letters as themselves: percent-encoded they would be too long for an index.
    return host + _ENCODED_LETTERS.sub(lambda match: unquote(match[0]), rest)


def archived_page(address: str) -> ArchivedPage | None:
    """Return what an address of the Internet Archive is a copy of; None for any other address."""
    match = _ARCHIVED.fullmatch(address.strip())
    if match is None:
        return None
    page = match["page"]
    if not re.match(r"https?:/", page, re.IGNORECASE):
        page = f"http://{page}"
    page = re.sub(r"\A(https?):/+", r"\1://", page, flags=re.IGNORECASE)
    try:
        day = datetime.datetime.strptime((match["day"] or "")[:8], "%Y%m%d").date()
    except ValueError:  # a year or a month alone, or none
        day = None
    return ArchivedPage(page, day)
