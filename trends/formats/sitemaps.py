"""The sitemap, with each page in each language in which it is offered.

`/sitemap.xml` is an index of files. Each kind of page has one or more files, so that no file
exceeds the limits of the protocol.
"""

import datetime
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from operator import itemgetter
from typing import Any, TypeVar
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.contrib.sitemaps.views import sitemap, x_robots_tag
from django.core.paginator import EmptyPage, Page, PageNotAnInteger, Paginator
from django.db import connection
from django.db.models import Exists, F, Model, OuterRef, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.html import escape

from quotes.models import Source, Video
from trends.formats.responses import for_programs
from trends.models import VOCABULARIES, Trend, TrendMention
from trends.queries.citations import CITING
from trends.queries.compiled import CompiledRows, listed, union, union_arm
from trendsite.shared import days
from trendsite.shared.paths import path_to
from trendsite.shared.snapshots import snapshot
from trendsite.shared.translated import languages, translations

_Row = TypeVar("_Row")

ADDRESSES_A_FILE = 2000
"""The most addresses in one file.

The protocol allows 50,000 and 50 MB. With the longest host and slug, an address with its two
alternates and x-default takes 2 kB, so 25,000 of them could reach the limit. They are far fewer, so
that no file costs much more than other pages; at 100,000 trends the index names some 2,000 files.
"""
_NEWEST = 200
"""Of how many trends that changed last the rows are dated at once."""
_MANY = 50
"""How many links of a kind are read to date a row that is on none of these."""


# Any: items are pairs of a row and a language, for which Django's types have no place.
class _Files(Paginator[Any]):
    """The files of a section, of which each has the rows with a range of primary keys.

    So a file is found by an index of the database, and a new row changes the last file only. Rows
    that are not public make a file shorter. Django's paginator reads all rows of the section to
    slice the list of their addresses.
    """

    def __init__(self, section: "_InLanguages[Any]") -> None:
        super().__init__(section.items(), ADDRESSES_A_FILE // len(languages()))
        self._section = section

    @property
    def page_range(self) -> list[int]:  # type: ignore[override]
        """Return the numbers of the files that have rows. A file without addresses is invalid."""
        if isinstance(self.object_list, QuerySet):
            return files_with(self.object_list, self.per_page)
        return list(super().page_range)

    def page(self, number: int | str) -> "Page[Any]":
        try:
            number = int(number)
        except ValueError as error:
            raise PageNotAnInteger(str(error)) from error
        first, last = (number - 1) * self.per_page, number * self.per_page
        rows = self.object_list
        if number < 1:
            raise EmptyPage(number)
        if isinstance(rows, QuerySet):
            rows = rows.filter(pk__gt=first, pk__lte=last)
        else:
            rows = rows[first:last]
        pairs = [
            (row, code)
            for row in self._section.dated(rows)
            for code in self._section.get_languages_for_item(row)
        ]
        if not pairs:
            # The address without a number is that of the first file that has rows.
            files = self.page_range if number == 1 else []
            if not files:
                raise EmptyPage(number)
            return self.page(files[0])
        return Page(pairs, number, self)


def files_with(rows: QuerySet[Any], size: int) -> list[int]:
    """Return the numbers of the files, of `size` primary keys each, that have rows. Two queries."""
    last = rows.model._base_manager.order_by("-pk").values_list("pk", flat=True).first() or 0
    numbers = list(range(1, -(-last // size) + 1))
    among = rows.order_by().filter(
        pk__gt=RawSQL("(file.value - 1) * %s", [size]), pk__lte=RawSQL("file.value * %s", [size])
    )
    sql, params = among.values("pk").query.sql_with_params()
    if connection.vendor == "postgresql":
        files: tuple[str, Any] = ("unnest(%s::bigint[]) AS file(value)", numbers)
    else:
        files = ("json_each(%s) AS file", json.dumps(numbers))
    with connection.cursor() as cursor:
        # With OFFSET, PostgreSQL looks for a row of each file, rather than join all rows first.
        cursor.execute(
            f"SELECT file.value FROM {files[0]} "
            f"WHERE EXISTS ({sql} LIMIT 1 OFFSET 0) ORDER BY file.value",
            [files[1], *params],
        )
        return [number for (number,) in cursor.fetchall()]


class _InLanguages(Sitemap[_Row]):
    """Base of sitemaps of pages in several languages, of which the first is also x-default.

    Addresses begin with SITE_URL and not with the host of the request, as those in pages do.
    """

    i18n = True
    alternates = True

    def get_protocol(self, protocol: str | None = None) -> str:
        return urlsplit(settings.SITE_URL).scheme

    def get_domain(self, site: object = None) -> str:
        return urlsplit(settings.SITE_URL).netloc

    @property
    def paginator(self) -> Paginator[Any]:
        return _Files(self)

    # Any: Django's type of querysets is for models alone, which `_Row` need not be.
    def items(self) -> Sequence[_Row] | QuerySet[Any]:
        raise NotImplementedError

    def dated(self, rows: Iterable[_Row]) -> Iterable[_Row]:
        """Return the rows of a file with what `lastmod()` needs."""
        return rows

    # Any: what Django's own passes and returns.
    def get_urls(self, page: Any = 1, site: Any = None, protocol: Any = None) -> list[Any]:
        """Return the addresses of a file with those of the other languages.

        Django's own makes an address anew for each page that has it as an alternate.
        """
        urls = []
        changes: list[datetime.datetime | None] = []
        for row, pairs in groupby(self.paginator.page(page).object_list, itemgetter(0)):
            addresses = []
            for _row, code in pairs:
                with translation.override(code):
                    addresses.append((code, settings.SITE_URL + self.location(row)))
            # Django's x-default is the address without a language, which redirects here.
            alternates = [*addresses, ("x-default", addresses[0][1])]
            changes.append(self.lastmod(row))
            urls += [
                {"location": address, "lastmod": changes[-1], "alternates": alternates}
                for _code, address in addresses
            ]
        if known := [change for change in changes if change]:
            # The view says it as Last-Modified.
            self.latest_lastmod = max(known) if len(known) == len(changes) else None
        return urls

    def lastmod(self, item: _Row) -> datetime.datetime | None:
        raise NotImplementedError


@dataclass(frozen=True)
class LinksToTrends:
    """A table that links rows to trends, and the lookups of both."""

    model: type[Model]
    row: str
    trend: str

    # Any: the types do not know rows of any model.
    def of_outer_row(self) -> QuerySet[Any]:
        """Return the links to the row of the query around."""
        return self.model._default_manager.filter(**{self.row: OuterRef("pk")}).order_by()

    def pairs(self, where: dict[str, Any]) -> QuerySet[Any, tuple[Any, ...]]:
        """Return the keys of row and trend of the links that match `where`, for a UNION."""
        where = {f"{self.row}__isnull": False, **where}
        return union_arm(self.model, where, row_pk=F(self.row), trend_pk=F(self.trend))


class CollectionsSitemap(_InLanguages[str]):
    """The pages that list trends. They change with any trend."""

    def items(self) -> list[str]:
        return ["index", "a-z", "forecasts", "changes", "experts", "tags", "audiences"]

    def location(self, item: str) -> str:
        return path_to(item)

    def lastmod(self, item: str) -> datetime.datetime | None:
        return self._latest

    def dated(self, rows: Iterable[str]) -> Iterable[str]:
        self._latest = _latest_change()
        return rows


class TrendsSitemap(_InLanguages[Trend]):
    """Published trends, in the languages that have their title and shift."""

    def items(self) -> QuerySet[Trend]:
        return Trend.objects.published().order_by("pk")

    def get_languages_for_item(self, item: Trend) -> list[str]:
        return item.languages

    def lastmod(self, item: Trend) -> datetime.datetime:
        return item.updated_at


@CompiledRows
def _links_of_trends(*kinds: LinksToTrends) -> QuerySet[Any, tuple[int, int]]:
    """Return the (row, trend) of all links of some trends."""
    return union(kind.pairs({f"{kind.trend}__in": listed("trends")}) for kind in kinds)


@CompiledRows
def _links_of_rows(*kinds: LinksToTrends) -> QuerySet[Any, tuple[int, int]]:
    """Return the (row, trend) of all links of some rows."""
    return union(kind.pairs({f"{kind.row}__in": listed("rows")}) for kind in kinds)


@CompiledRows
def _with_few_links(model: type[Model], most: int, *kinds: LinksToTrends) -> QuerySet[Any, int]:
    """Return the keys of those of some rows that have at most so many links of each kind."""
    rows = model._default_manager.filter(pk__in=listed("rows")).order_by()
    for kind in kinds:
        rows = rows.exclude(Exists(kind.of_outer_row()[most : most + 1]))
    pks: QuerySet[Any, int] = rows.values_list("pk", flat=True)
    return pks


@CompiledRows
def _changes(today: datetime.date) -> QuerySet[Any, tuple[int, datetime.datetime]]:
    """Return the (trend, last change) of those of some trends that are published."""
    published = Trend.objects.published(today).filter(pk__in=listed("trends"))
    return published.order_by().values_list("pk", "updated_at")


def _latest(
    links: Iterable[tuple[int, int]], changes: Mapping[int, datetime.datetime]
) -> dict[int, datetime.datetime]:
    """Return the latest change of the trends of each row, of those that have one."""
    found: dict[int, datetime.datetime] = {}
    for row, trend in links:
        if trend in changes:
            found[row] = max(found.get(row, changes[trend]), changes[trend])
    return found


class LinkedSitemap(_InLanguages[Model]):
    """Rows of a model to which published trends are linked.

    A row is as old as the trend on it that changed last. Of a row with more links of a kind than
    `_MANY` this is known if the trend is among the `_NEWEST`; else the row has no date.
    """

    def __init__(self, model: type[Model], *links: LinksToTrends) -> None:
        self._model, self._links = model, links

    def items(self) -> QuerySet[Model]:
        condition = Q()
        for links in self._links:
            published = {f"{links.trend}__published__lte": days.today()}
            found = links.of_outer_row().filter(**published)
            if len(self._links) > 1:
                # Changes nothing, but keeps PostgreSQL from reading all links of each kind.
                found = found.filter(**{f"{links.row}__gte": OuterRef("pk")})
            condition |= Q(Exists(found))
        return self._model._default_manager.filter(condition).order_by("pk")

    def dated(self, rows: Iterable[Model]) -> list[Model]:
        """Return the rows, after two queries for the trends that changed last, and their rows.

        They have most rows that many trends have. For the others three more queries.
        """
        rows = list(rows)
        newest = Trend.objects.published().order_by("-updated_at")
        changes = dict(newest.values_list("pk", "updated_at")[:_NEWEST])
        links = _links_of_trends.fetch(*self._links, trends=list(changes)) if rows else []
        self._changes = _latest(links, changes)
        others = [row.pk for row in rows if row.pk not in self._changes]
        if others:
            with_few = _with_few_links.fetch(self._model, _MANY, *self._links, rows=others)
            links = _links_of_rows.fetch(*self._links, rows=with_few)
            trends = _changes.fetch(days.today(), trends={trend for _row, trend in links})
            self._changes |= _latest(links, dict(trends))
        return rows

    def lastmod(self, item: Model) -> datetime.datetime | None:
        return self._changes.get(item.pk)


class VocabularySitemap(LinkedSitemap):
    """Rows of a vocabulary, in the languages in which they have a name."""

    def __init__(self, name: str) -> None:
        vocabulary = VOCABULARIES[name]
        self._text = vocabulary.text
        links = LinksToTrends(vocabulary.links, vocabulary.row, vocabulary.trend)
        super().__init__(vocabulary.model, links)

    def get_languages_for_item(self, item: Model) -> list[str]:
        return list(translations(item, self._text))


def _latest_change() -> datetime.datetime | None:
    latest = Trend.objects.published().order_by("-updated_at").values_list("updated_at", flat=True)
    return latest.first()


# Any: each has rows of its own type.
SITEMAPS: dict[str, Callable[[], _InLanguages[Any]]] = {
    "collections": CollectionsSitemap,
    "trends": TrendsSitemap,
    **{f"{name}s": partial(VocabularySitemap, name) for name in ("tag", "audience", "expert")},
    # In all languages. Pages of sources and videos have no texts that could be missing: a title is
    # shown in its own language, and everything else is the interface.
    "sources": partial(
        LinkedSitemap,
        Source,
        *(LinksToTrends(kind.links, kind.source, kind.trend) for kind in CITING.values()),
    ),
    "videos": partial(LinkedSitemap, Video, LinksToTrends(TrendMention, "mention__video", "trend")),
}


@for_programs
@snapshot()
@x_robots_tag
def index(request: HttpRequest) -> HttpResponse:
    """Return the index of files. Django's view reads all rows, and uses the host of the request.

    The text is that of Django's template, which takes much longer for thousands of files.
    All files have the date of the latest change, which may have added or removed a page of any.
    """
    latest = _latest_change()
    changed = f"<lastmod>{timezone.localtime(latest).isoformat()}</lastmod>" if latest else ""
    parts = [_INDEX_HEAD]
    for name, section in SITEMAPS.items():
        address = settings.SITE_URL + path_to("sitemap-section", name)
        for page in section().paginator.page_range:
            location = escape(f"{address}?p={page}" if page > 1 else address)
            parts.append(f"<sitemap><loc>{location}</loc>{changed}</sitemap>")
    parts.append("\n</sitemapindex>\n")
    return HttpResponse("".join(parts), content_type="application/xml")


@for_programs
@snapshot()
def section(request: HttpRequest, section: str) -> HttpResponse:
    """Return a file of the sitemap; `?p=2` is the second of a section."""
    sections: Any = {name: make() for name, make in SITEMAPS.items()}  # Any: dict is invariant
    response: Any = sitemap(request, sections, section=section)
    # Not by Django's template, which takes four times as long.
    return HttpResponse(_file(response.context_data["urlset"]), headers=response.headers)


def _file(urls: Iterable[dict[str, Any]]) -> str:
    """Return a file of the sitemap, as Django's template renders it."""
    parts = [_HEAD]
    for url in urls:
        lastmod = url["lastmod"]
        parts.append(f"<url><loc>{escape(url['location'])}</loc>")
        if lastmod:
            parts.append(f"<lastmod>{timezone.localtime(lastmod).date().isoformat()}</lastmod>")
        parts += [
            f'<xhtml:link rel="alternate" hreflang="{code}" href="{escape(address)}"/>'
            for code, address in url["alternates"]
        ]
        parts.append("</url>")
    return "".join([*parts, "\n</urlset>\n"])


_INDEX_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
"""
_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml">
"""
