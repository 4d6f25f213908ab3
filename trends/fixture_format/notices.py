"""Notices of a load for the author of a file on what is valid but may be unintended."""

from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from trends.fixture_format.file_contents import EvidenceDocument, SluggedRow, TrendDocument
from trends.levels import EntryKind
from trends.models import Trend, typed_marks, typed_pictures
from trendsite.shared import days
from trendsite.shared.partial_dates import PartialDate
from trendsite.shared.translated import translations


def notices_of_evidence(document: EvidenceDocument) -> Iterator[str]:
    """Yield notices on the images of mentions."""
    for entry in document.mentions:
        if entry.thumbnail and entry.thumbnail.of_animation:
            message = _(
                "%(place)s: the thumbnail is an animation, of which the first frame is used"
            )
            yield message % {"place": line_of(document.node.file, entry.node.line)}


def notices_of_trend(document: TrendDocument) -> Iterator[str]:
    """Yield notices on what pages will not show as intended, such as pictures."""
    from trendsite.shared.images.lettering import undrawable  # here, since Pillow takes 6 MB

    yield from notices_of_evidence(document)
    file = document.node.file
    today = days.today()
    for item in document.timeline:
        date, kind = item.row.date, item.row.kind
        if kind == EntryKind.EVENT and isinstance(date, PartialDate) and date.first_day > today:
            yield _(
                "%(place)s: this event is in the future; if it is planned or expected, write "
                "“kind: scheduled” or “kind: forecast” beside it"
            ) % {"place": line_of(file, item.node.line)}
    for row in [document.trend, *(driver.row for driver in document.drivers)]:
        for picture in typed_pictures(row):
            yield _(
                "%(file)s: texts have no pictures; readers see “%(picture)s” as it is written"
            ) % {"file": file, "picture": picture}
    rows = [
        document.trend,
        *(driver.row for driver in document.drivers),
        *(point.row for _audience, point in document.implications),
        *(assessment.row for assessment in document.assessments),
    ]
    for row in rows:
        for mark in typed_marks(row):
            yield _(
                "%(file)s: “%(mark)s” marks no source; write it with half-width signs, as “[^key]”"
            ) % {"file": file, "mark": mark}
    for title in translations(document.trend, "title").values():
        if signs := undrawable(title):
            yield _(
                "%(file)s: the share card shows the slug instead of “%(title)s”: no font has "
                "“%(signs)s”"
            ) % {"file": file, "title": title, "signs": " ".join(signs)}


def lost_keys(file: str, trend: Trend, kind: str, keys: Iterable[str]) -> list[str]:
    """Return notices on permanent keys that are no longer on a trend's page."""
    return [
        _(
            "%(file)s: nothing on “%(slug)s” is at “#%(anchor)s” any more; if it is there "
            "in other words, write “key: %(key)s” beside it to keep its links"
        )
        % {"file": file, "slug": trend.slug, "anchor": f"{kind}-{key}", "key": key}
        for key in keys
    ]


def same_page(file: str, url: str, saved: str) -> str:
    """Return the notice that a source exists with another form of its address."""
    return _("%(file)s: %(url)s is the page of %(saved)s, a source already, which was used") % {
        "file": file,
        "url": url,
        "saved": saved,
    }


def slugs_let_go(file: str, row: SluggedRow, slugs: Iterable[str]) -> list[str]:
    """Return notices on former slugs that no longer redirect to a row."""
    return [
        _(
            "%(file)s: “%(former)s” no longer leads to “%(slug)s”; write “formerly: "
            "[%(former)s]” beside it to keep its old address"
        )
        % {"file": file, "former": former, "slug": row.slug}
        for former in slugs
    ]


def taken_slug(file: str, row: SluggedRow, before: str | None) -> list[str]:
    """Return the notice that the slug of a new row redirected to another row before, if it did."""
    message = _("%(file)s: “%(slug)s” led to “%(before)s”, and is now separate")
    return [message % {"file": file, "slug": row.slug, "before": before}] if before else []


def line_of(file: str, line: int) -> str:
    """Return the place of a line for messages: `file:line`."""
    return _("%(file)s, line %(line)d") % {"file": file, "line": line}
