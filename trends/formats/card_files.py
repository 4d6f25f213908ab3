"""Card images in the storage: drawn when a trend is saved, removed with it.

A file's name follows from what is drawn, so that it may be kept for ever and a page knows it
without a look at the storage. A draft has none.
"""

import hashlib
from functools import partial
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models.signals import post_delete, post_save, pre_save

from trends.formats.cards import as_jpeg, draw_card
from trends.models import Trend
from trendsite.shared.translated import column

FOLDER = "cards/"
# Part of a card's name: raise it when `cards` draws otherwise, its words included.
_EDITION = 1


def card_name(trend: Trend, language: str) -> str:
    """The name in the storage of a trend's card in a language in which it is offered."""
    identity = "\n".join([str(_EDITION), language, *_drawn_from(trend, language)])
    return f"{FOLDER}{hashlib.sha256(identity.encode()).hexdigest()[:20]}.jpg"


def _drawn_from(trend: Trend, language: str) -> tuple[str, str, str, str]:
    return trend.slug, getattr(trend, column("title", language)), trend.status, trend.confidence


def card_address(trend: Trend, language: str) -> str:
    """The absolute address of the card for a page in a language: that of another, if need be.

    Empty for a trend that has no card.
    """
    cards = _cards(trend)
    name = cards.get(language) or next(iter(cards.values()), "")
    return name and urljoin(settings.SITE_URL, default_storage.url(name))


def draw_cards(trend: Trend) -> int:
    """Draw and store the cards of a trend that are not there yet; return their number."""
    drawn = 0
    for language, name in _cards(trend).items():
        if default_storage.exists(name):
            continue
        slug, title, status, confidence = _drawn_from(trend, language)
        card = draw_card(slug, title, language, status, confidence)
        default_storage.save(name, ContentFile(as_jpeg(card)))
        drawn += 1
    return drawn


def _cards(trend: Trend) -> dict[str, str]:
    languages = trend.languages if trend.published else []
    return {language: card_name(trend, language) for language in languages}


def connect() -> None:
    """Let the files follow the rows, however they are saved."""
    pre_save.connect(_remember, sender=Trend)
    post_save.connect(_replace, sender=Trend)
    post_delete.connect(_remove, sender=Trend)


def _remember(sender: type[Trend], instance: Trend, **_: Any) -> None:
    before = Trend.objects.filter(pk=instance.pk).first() if instance.pk else None
    instance.__dict__["_cards_before"] = set(_cards(before).values()) if before else set()


def _replace(sender: type[Trend], instance: Trend, **_: Any) -> None:
    draw_cards(instance)
    for name in instance.__dict__.pop("_cards_before") - set(_cards(instance).values()):
        transaction.on_commit(partial(_delete_unless_used, instance.pk, name))


def _remove(sender: type[Trend], instance: Trend, **_: Any) -> None:
    for name in _cards(instance).values():
        transaction.on_commit(partial(default_storage.delete, name))


def _delete_unless_used(pk: int, name: str) -> None:
    """A later save of the same transaction may have taken the title back."""
    now = Trend.objects.filter(pk=pk).first()
    if now is None or name not in _cards(now).values():
        default_storage.delete(name)
