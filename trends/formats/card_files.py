"""Storing card images: they are drawn after a trend is saved, and deleted with it.

The name of a file is a digest of what is drawn, so that caches may keep it for ever and a page can
name it without looking into the storage. Drafts have no cards. Files are written and deleted after
the commit, so that no other transaction waits, and not for a save that failed.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models.signals import post_delete, post_save, pre_save

from quotes.pictures import is_stored
from trends.models import Trend
from trendsite.shared.translated import column

FOLDER = "cards/"
# A part of the names: increase it when the drawing or the wording of cards changes.
_EDITION = 3


def card_name(trend: Trend, language: str) -> str:
    """Return the name of a trend's card in the storage, for a language in which it is offered."""
    identity = "\n".join([str(_EDITION), language, *_drawn_from(trend, language)])
    return f"{FOLDER}{hashlib.sha256(identity.encode()).hexdigest()[:20]}.jpg"


def _drawn_from(trend: Trend, language: str) -> tuple[str, str, str, str, str]:
    title, brief = getattr(trend, column("title", language)), trend.in_brief(language)
    second = "" if brief.is_fallback else brief.text
    return trend.slug, title, trend.status, trend.confidence, second


def card_address(trend: Trend, language: str) -> str:
    """Return the absolute address of the card for a page in a language.

    It is the card of another language if the trend is not offered in this one, and empty if the
    trend has no cards.
    """
    cards = cards_of(trend)
    name = cards.get(language) or next(iter(cards.values()), "")
    return name and urljoin(settings.SITE_URL, default_storage.url(name))


def draw_cards(trend: Trend) -> int:
    """Draw and store the cards of a trend that are missing or incomplete; return their number."""
    missing = {language: name for language, name in cards_of(trend).items() if not is_stored(name)}
    if not missing:
        return 0
    from trends.formats.cards import as_jpeg, draw_card  # here, since Pillow takes 6 MB

    for language, name in missing.items():
        slug, title, status, confidence, brief = _drawn_from(trend, language)
        card = draw_card(slug, title, language, status, confidence, brief)
        default_storage.save(name, ContentFile(as_jpeg(card)))
    return len(missing)


def cards_of(trend: Trend) -> dict[str, str]:
    """Return the names of a trend's cards by language. A draft has none."""
    languages = trend.languages if trend.published else []
    return {language: card_name(trend, language) for language in languages}


def connect() -> None:
    """Connect the receivers that draw and delete cards as trends are saved and deleted."""
    pre_save.connect(_remember, sender=Trend)
    post_save.connect(_replace, sender=Trend)
    post_delete.connect(_remove, sender=Trend)


@contextmanager
def without_cards() -> Iterator[None]:
    """Draw and delete no cards during the block, in all threads. For tests and benchmarks."""
    pre_save.disconnect(_remember, sender=Trend)
    post_save.disconnect(_replace, sender=Trend)
    post_delete.disconnect(_remove, sender=Trend)
    try:
        yield
    finally:
        connect()


def _remember(sender: type[Trend], instance: Trend, **_: Any) -> None:
    before = Trend.objects.filter(pk=instance.pk).first() if instance.pk else None
    instance.__dict__["_cards_before"] = set(cards_of(before).values()) if before else set()


def _replace(sender: type[Trend], instance: Trend, **_: Any) -> None:
    _follow_on_commit(instance.pk, instance.__dict__.pop("_cards_before"))


def _remove(sender: type[Trend], instance: Trend, **_: Any) -> None:
    _follow_on_commit(instance.pk, set(cards_of(instance).values()))


def _follow_on_commit(pk: int, before: set[str]) -> None:
    # Robust: a save must not fail for a card. `draw_cards` draws it later.
    transaction.on_commit(lambda: _follow(pk, before), robust=True)


def _follow(pk: int, before: set[str]) -> None:
    """Delete the cards of `before` that a trend no longer has, and draw missing ones."""
    trends = Trend.objects.filter(pk=pk)
    if before:
        needed = {name for trend in trends for name in cards_of(trend).values()}
        for name in before - needed:
            default_storage.delete(name)
    # The trend is read again: a later save may have restored a title whose card was just deleted.
    for trend in trends.all():
        draw_cards(trend)
