"""Queries for rows with links, for their addresses, and for rows by the state of their link."""

from collections.abc import Callable, Iterable
from typing import Any

from django.db import models
from django.db.models import Case, F, Model, QuerySet, Value, When
from django.db.models.functions import Concat, Length, Substr

from quotes.links.models import CheckedLink, LinkState
from quotes.models import Expert, Source, Video
from quotes.platforms import Platform, video_address

LINKED: tuple[type[Model], ...] = (Source, Video, Expert)
"""The models whose links are checked."""

PARAMETER = "link"
"""The query parameter of lists in the admin that filters by the state of links."""

UNCHECKED = "unchecked"

_MOST_IN_TEXTS = 50


def with_link_state(rows: QuerySet[Any], state: str) -> QuerySet[Any]:
    """Return the rows whose links are in a state; for `UNCHECKED`, those never checked."""
    links = CheckedLink.objects.exclude(state="")
    if state != UNCHECKED:
        return _linking_to(links.filter(state=state), rows)
    linked: QuerySet[Any] = rows.alias(link_address=address_of(rows.model))
    return linked.exclude(link_address="").exclude(link_address__in=links.values("address"))


def _linking_to(links: QuerySet[CheckedLink], rows: QuerySet[Any]) -> QuerySet[Any]:
    """Return the rows that link to the addresses of checked links.

    They are found by an index of their model, also videos, whose addresses no column has.
    """
    if rows.model is not Video:
        return rows.exclude(url="").filter(url__in=links.values("address"))
    found = []
    for platform in Platform:
        before, behind = video_address(platform, "\0").split("\0")
        of_platform = links.filter(address__startswith=before, address__endswith=behind)
        length = Length("address") - len(before) - len(behind)
        ids = of_platform.values(video_id=Substr("address", len(before) + 1, length))
        videos = Video.objects.filter(platform=platform, video_id__in=ids)
        found.append(videos.order_by().values("pk"))
    return rows.filter(pk__in=found[0].union(*found[1:], all=True))


def address_of(model: type[Model]) -> F | Case:
    """Return the database expression for the address that a row of a model links to."""
    if model is not Video:
        return F("url")
    return Case(
        *(
            When(platform=platform, then=Concat(Value(before), "video_id", Value(behind)))
            for platform in Platform
            for before, behind in [video_address(platform, "\0").split("\0")]
        ),
        output_field=models.CharField(),
    )


def addresses(model: type[Model]) -> "QuerySet[Model, str]":
    """Return the addresses that rows of a model link to."""
    rows = model._default_manager.annotate(link_address=address_of(model))
    return rows.exclude(link_address="").order_by().values_list("link_address", flat=True)


_in_texts: list[Callable[[], Iterable[str]]] = []


def check_also(addresses: Callable[[], Iterable[str]]) -> None:
    """Let `check_links` ask for further addresses, which are in texts."""
    _in_texts.append(addresses)


def addresses_in_texts() -> set[str]:
    """Return the addresses in texts, of all apps that have any."""
    return {address for found in _in_texts for address in found()}


def dead_in_texts() -> list[str]:
    """Return the addresses that are gone and that texts alone have, 50 at most, oldest first."""
    dead = CheckedLink.objects.filter(state=LinkState.GONE)
    for model in LINKED:
        dead = dead.exclude(address__in=addresses(model))
    dead = dead.order_by("failing_since", "pk")
    return list(dead.values_list("address", flat=True)[:_MOST_IN_TEXTS])


def dead_links(model: type[models.Model]) -> QuerySet[Any]:
    """Return the rows of a model whose links are gone."""
    return with_link_state(model._default_manager.all(), LinkState.GONE)
