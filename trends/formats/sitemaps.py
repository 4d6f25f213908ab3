"""The sitemap, with each page in each language in which it is offered.

`/sitemap.xml` is an index of files. Each kind of page has one or more files, so that no file
exceeds the limits of the protocol.
"""

import datetime
import json
from collections.abc import Callable, Collection, Iterable, Sequence
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
from django.db.models import Exists, Max, Model, OuterRef, QuerySet, Subquery
from django.db.models.expressions import RawSQL
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.html import escape

from quotes.models import Source, Video
from trends.formats.responses import for_programs
from trends.models import VOCABULARIES, Trend, TrendMention
from trends.queries.citations import changes_of_citing, is_cited
from trends.queries.kept_lists.counts import PUBLISHED, KeptCounts
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
"""Of how many trends that changed last the rows of a vocabulary are dated at once."""
_MANY = 1000
"""From how many trends of a row on the one that changed last is looked for among all trends."""


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
        cursor.execute(
            f"SELECT file.value FROM {files[0]} WHERE EXISTS ({sql}) ORDER BY file.value",
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


class VocabularySitemap(_InLanguages[Model]):
    """Rows of a vocabulary of published trends, in the languages in which they have a name."""

    def __init__(self, name: str) -> None:
        self._name, self._vocabulary = name, VOCABULARIES[name]

    def items(self) -> QuerySet[Model]:
        vocabulary = self._vocabulary
        shown = _shown(vocabulary.links, vocabulary.row, vocabulary.trend)
        return vocabulary.model._default_manager.filter(Exists(shown)).order_by("pk")

    def dated(self, rows: Iterable[Model]) -> list[Model]:
        """Return the rows, after two queries for the changes of the trends that changed last.

        They have most rows that many trends have. At most three more queries for the others: of a
        row that many trends have, the one that changed last is looked for in the order of changes.
        """
        rows = list(rows)
        newest = Trend.objects.published().order_by("-updated_at").values_list("pk", flat=True)
        # As a list: with a subquery SQLite would begin with the links of all trends.
        self._changes = self._latest_changes(trend__in=list(newest[:_NEWEST]))
        others = [row.pk for row in rows if row.pk not in self._changes]
        if others:
            numbers = KeptCounts.by_value(PUBLISHED, self._name, list(map(str, others)))
            common = [pk for pk in others if numbers.get(str(pk), 0) > _MANY]
            rare = sorted({*others} - {*common})
            self._changes |= self._latest_changes(row__in=rare) | self._changes_of_common(common)
        return rows

    def _latest_changes(self, **where: Any) -> dict[int, datetime.datetime]:
        """Return the latest change of published trends by row, of some trends or rows."""
        vocabulary = self._vocabulary
        lookups = {"trend__in": f"{vocabulary.trend}__in", "row__in": f"{vocabulary.row}__in"}
        links = vocabulary.links._default_manager.filter(
            **{lookups[name]: pks for name, pks in where.items()},
            **{f"{vocabulary.trend}__published__lte": days.today()},
        )
        rows = links.order_by().values_list(vocabulary.row)
        return dict(rows.annotate(Max(f"{vocabulary.trend}__updated_at")))

    def _changes_of_common(self, pks: Collection[int]) -> dict[int, datetime.datetime]:
        vocabulary = self._vocabulary
        links = vocabulary.links._default_manager.filter(
            **{vocabulary.row: OuterRef(OuterRef("pk")), vocabulary.trend: OuterRef("pk")}
        )
        trends = Trend.objects.published().filter(Exists(links.order_by())).order_by("-updated_at")
        rows = vocabulary.model._default_manager.filter(pk__in=pks).order_by()
        return dict(rows.values_list("pk", Subquery(trends.values("updated_at")[:1])))

    def get_languages_for_item(self, item: Model) -> list[str]:
        return list(translations(item, self._vocabulary.text))

    def lastmod(self, item: Model) -> datetime.datetime:
        return self._changes[item.pk]


class SourcesSitemap(_InLanguages[Source]):
    """Sources that published trends cite, in all languages.

    Their pages have no texts that could be missing: a title is shown in the language of the source,
    and everything else is the interface.
    """

    def items(self) -> QuerySet[Source]:
        return Source.objects.filter(is_cited(days.today())).order_by("pk")

    def dated(self, rows: Iterable[Source]) -> list[Source]:
        rows = list(rows)
        today = days.today()
        self._changes = changes_of_citing(today, rows[0], rows[-1]) if rows else {}
        return rows

    def lastmod(self, item: Source) -> datetime.datetime:
        return self._changes[item.pk]


class VideosSitemap(_InLanguages[Video]):
    """Videos that published trends quote, in every language, like sources."""

    # Any: the types do not know rows with `latest`.
    def items(self) -> QuerySet[Any]:
        shown = _shown(TrendMention, "mention__video", "trend")
        latest = shown.values("mention__video").annotate(latest=Max("trend__updated_at"))
        videos = Video.objects.filter(Exists(shown)).order_by("pk")
        return videos.annotate(latest=Subquery(latest.values("latest")))

    def lastmod(self, item: Any) -> datetime.datetime:
        latest: datetime.datetime = item.latest
        return latest


def _latest_change() -> datetime.datetime | None:
    latest = Trend.objects.published().order_by("-updated_at").values_list("updated_at", flat=True)
    return latest.first()


def _shown(links: type[Model], row: str, trend: str) -> QuerySet[Any]:
    """Return the links of the outer query's row to published trends.

    `links` is the model that links rows, by the lookup `row`, to trends, by the lookup `trend`.
    """
    of_row = {row: OuterRef("pk"), f"{trend}__published__lte": days.today()}
    return links._default_manager.filter(**of_row).order_by()


# Any: each has rows of its own type.
SITEMAPS: dict[str, Callable[[], _InLanguages[Any]]] = {
    "collections": CollectionsSitemap,
    "trends": TrendsSitemap,
    **{f"{name}s": partial(VocabularySitemap, name) for name in ("tag", "audience", "expert")},
    "sources": SourcesSitemap,
    "videos": VideosSitemap,
}


@for_programs
@snapshot()
@x_robots_tag
def index(request: HttpRequest) -> HttpResponse:
    """Return the index of files. Django's view reads all rows, and uses the host of the request.

    All files have the date of the latest change, which may have added or removed a page of any.
    """
    latest = _latest_change()
    files = []
    for name, section in SITEMAPS.items():
        address = settings.SITE_URL + path_to("sitemap-section", name)
        files += [
            {"location": f"{address}?p={page}" if page > 1 else address, "last_mod": latest}
            for page in section().paginator.page_range
        ]
    return render(request, "sitemap_index.xml", {"sitemaps": files}, content_type="application/xml")


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


_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml">
"""
