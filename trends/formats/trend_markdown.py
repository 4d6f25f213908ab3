"""The page of a trend as Markdown: the same parts in the same order, with footnotes."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import Any

from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from quotes.models import Mention, Source
from trends.content import Item, Reference, TrendContent, gather_trend
from trends.formats.responses import for_programs, link_to_page
from trends.levels import EntryKind
from trends.models import TimelineEntry, Trend
from trends.queries.shown_rows import published_trend
from trendsite.shared import days
from trendsite.shared.former_slugs import redirects_former_slugs
from trendsite.shared.partial_dates import PartialDate
from trendsite.shared.snapshots import snapshot
from trendsite.shared.templatetags.texts import language_name
from trendsite.shared.text.enumerations import enumerated
from trendsite.shared.text.japanese import gap_after, is_full_width_mark
from trendsite.shared.text.markdown import (
    as_words,
    marks_in_markdown,
    nest_headings,
    with_readings_behind,
)
from trendsite.shared.text.marks import (
    SourceMark,
    fill_places,
    marks_in_words,
    replace_marks,
    with_places,
    without_places,
)
from trendsite.shared.translated import recorded_fallbacks, shown, translated

# Do not call `_()` inside f-strings, where makemessages does not find it.


@for_programs
@snapshot()
@redirects_former_slugs(lambda: Trend.objects.published())
def trend_markdown(request: HttpRequest, slug: str) -> HttpResponse:
    """Return the page of a published trend as Markdown."""
    trend = published_trend(slug)
    text = trend_as_markdown(gather_trend(trend, days.today()), get_language())
    response = HttpResponse(text, content_type="text/markdown; charset=utf-8")
    return link_to_page(response, trend)


def trend_as_markdown(page: TrendContent, language: str) -> str:
    """Return the content of a trend's page in a language.

    The note on texts in other languages is made last, since it depends on all parts.
    """
    with recorded_fallbacks() as languages:
        head, body = list(_head(page, language)), list(_body(page, language))
    blocks = [*head, *_translation_notes(languages), _outdated_note(page), *body]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _translation_notes(languages: Iterable[str]) -> Iterator[str]:
    note = _("Parts of this page are not yet translated and are shown in %(language)s.")
    for code in sorted(languages):
        yield f"*{note % {'language': language_name(code)}}*"


def _outdated_note(page: TrendContent) -> str:
    if page.outdated is None:
        return ""
    day = PartialDate.from_date(page.outdated.since).display()
    note = _("This translation lacks changes made to the original since %(day)s.") % {"day": day}
    language = language_name(page.outdated.language)
    link = _("Read the original in %(language)s") % {"language": language}
    return f"*{_joined(note, _link(link, page.outdated.url))}*"


def _head(page: TrendContent, language: str) -> Iterator[str]:
    trend = page.trend
    yield f"# {_words(trend, 'title')}"
    yield _words(trend, "subtitle")
    points = shown(trend, "key_points").text.splitlines()
    yield _bullets(as_words(point) for point in points)
    yield _retirement(page, language)
    yield "\n".join(
        f"- {label}: {value}"
        for label, value in (
            (_("Status"), trend.get_status_display()),
            (_("Confidence"), _confidence(trend)),
            (_("Under review"), _("what was to happen by now has to be checked"))
            if page.is_under_review
            else ("", ""),
            (_("Since"), trend.since.display()),
            (_("Last reviewed"), page.reviewed.display() if page.reviewed else ""),
            (_("Replaces"), _links(page.predecessors, language)),
            (_("Tags"), enumerated([_words(tag, "label") for tag in trend.tag_rows])),
            (_("Address"), f"<{trend.absolute_urls(language)['html']}>"),
        )
        if value
    )


def _body(page: TrendContent, language: str) -> Iterator[str]:
    trend = page.trend
    parts = {
        "shift": _shift,
        "drivers": _drivers,
        "voices": _voices,
        "implications": _implications,
        "timeline": _timeline,
        "assessments": _assessments,
        "reading": _reading,
        "mentions": _mentions,
        "sources": _sources,
        "related": _related,
    }
    for anchor, heading in page.headings.items():
        yield f"## {heading}"
        yield from parts[anchor](page, language)
    yield "---"
    published = PartialDate.from_date(trend.published).display() if trend.published else ""
    updated = PartialDate.from_date(days.day_of(trend.updated_at)).display()
    yield " · ".join(
        f"{label} {date}"
        for label, date in ((_("Published"), published), (_("Last updated"), updated))
        if date
    )


def _retirement(page: TrendContent, language: str) -> str:
    if not page.trend.retired or not page.is_retired:
        return ""
    day = PartialDate.from_date(page.trend.retired).display()
    successors = _links(page.successors, language)
    return _joined(
        _strong(_("Retired on %(day)s.") % {"day": day}),
        _words(page.trend, "retired_note"),
        successors and _joined(_("Replaced by:"), successors),
    )


def _links(trends: Iterable[Trend], language: str) -> str:
    return enumerated(
        [_link(_words(trend, "title"), trend.absolute_urls(language)["html"]) for trend in trends]
    )


def _shift(page: TrendContent, language: str) -> Iterator[str]:
    if page.shift:
        yield _prose(page.shift, "shift", below=2)
        yield _rests_on(page.shift.references)


def _drivers(page: TrendContent, language: str) -> Iterator[str]:
    for number, item in enumerate(page.drivers, 1):
        yield f"### {number}. {_words(item.row, 'heading')}"
        yield _prose(item, "body", below=3)
        yield _rests_on(item.references)


def _voices(page: TrendContent, language: str) -> Iterator[str]:
    for item in page.voices:
        yield from _mention(item, language)


def _mentions(page: TrendContent, language: str) -> Iterator[str]:
    for item in page.mentions:
        if item.row.pk not in page.voiced:
            yield from _mention(item, language)


def _mention(item: Item[Mention], language: str) -> Iterator[str]:
    mention: Mention = item.row
    about = [_words(mention.expert, "role"), _words(mention.expert, "affiliation")]
    about.append(mention.get_verified_display())
    yield f"**{_words(mention.expert, 'name')}**" + "".join(f" · {part}" for part in about if part)
    yield _quotation(mention.original)
    if mention.language != language:
        translation = translated(mention, "translation").text
        yield _("Translation") + ":" if translation else _("Not yet translated.")
        yield _quotation(translation)
    yield _joined(
        _words(mention, "occasion"),
        _video_link(mention),
        _footnotes(item.references),
    )


def _implications(page: TrendContent, language: str) -> Iterator[str]:
    for audience, items in page.audiences:
        yield "### " + _("What it means for %(label)s") % {"label": _words(audience, "label")}
        yield _bullets(
            _joined(
                _strong(_words(item.row, "lead")),
                _marked_words(item, "text"),
                _footnotes(item.references),
            )
            for item in items
        )


def _confidence(trend: Trend) -> str:
    claim = _words(trend, "confidence_of")
    return _joined(trend.get_confidence_display(), claim and f"– {claim}")


def _timeline(page: TrendContent, language: str) -> Iterator[str]:
    yield _bullets(
        _joined(
            f"**{item.row.date.display()}**",
            f"({item.row.get_kind_display()} · {item.state.label})" if item.state else "",
            _words(item.row, "text"),
            _words(item.row, "note"),
            *_earlier_outcomes(item.row),
            _claim(item.row),
            _footnotes(item.references),
        )
        for item in page.timeline
    )


def _earlier_outcomes(entry: TimelineEntry) -> Iterator[str]:
    for earlier in entry.earlier:
        said = _("until %(date)s: %(outcome)s") % {
            "date": earlier.until.display(),
            "outcome": earlier.label(entry.kind),
        }
        reason = as_words(earlier.note.text)
        yield f"({said} – {reason})" if reason else f"({said})"


def _claim(entry: TimelineEntry) -> str:
    """Return who made a forecast, when, and by which criterion, or that this is unknown."""
    if entry.kind != EntryKind.FORECAST:
        return ""
    criterion = _words(entry, "criterion")
    who = _words(entry.expert, "name") if entry.expert else as_words(entry.claimant)
    parts = [
        _("By %(who)s") % {"who": who} if who else _("Unknown who made it"),
        _("made %(date)s") % {"date": entry.made.display()} if entry.made else _("day unknown"),
        _("Criterion: %(criterion)s") % {"criterion": criterion}
        if criterion
        else _("no criterion stated"),
        _("no probability given")
        if entry.probability is None
        else _("probability %(percent)s%%") % {"percent": entry.probability},
    ]
    return f"({' · '.join(parts)})"


def _assessments(page: TrendContent, language: str) -> Iterator[str]:
    if page.falsifiers:
        yield "### " + _("What would change our mind")
        yield _bullets(
            _joined(
                _("By %(date)s:") % {"date": row.date.display()} if row.date else "",
                _words(row, "text"),
                "(" + _("overdue") + ")" if is_overdue else "",
            )
            for row, is_overdue in page.falsifiers
        )
    confidence = _("Confidence")
    yield _bullets(
        _joined(
            f"**{item.row.date.display()}**",
            f"{item.row.get_status_display()} · {confidence}: {item.row.get_confidence_display()}",
            "· " + _("Reconstructed later") if item.row.reconstructed else "",
            f"— {reason}" if (reason := _words(item.row, "reason")) else "",
            f"— {rationale}" if (rationale := _marked_words(item, "rationale")) else "",
            _footnotes(item.references),
        )
        for item in page.assessments
    )


def _reading(page: TrendContent, language: str) -> Iterator[str]:
    yield _bullets(_source(source) for source in page.reading)


def _sources(page: TrendContent, language: str) -> Iterator[str]:
    yield "\n".join(f"[^{note.number}]: {_source(note.source)}" for note in page.notes)


def _related(page: TrendContent, language: str) -> Iterator[str]:
    yield _bullets(
        _link(_words(other, "title"), other.absolute_urls(language)["html"])
        + " · "
        + (_("Retired") if other.is_retired() else other.get_status_display())
        for other in (related.trend for related in page.related_trends)
    )


def _words(row: Model, field: str) -> str:
    return as_words(shown(row, field).text)


def _marked_words(item: Item[Any], field: str) -> str:
    """Return a plain text with footnotes instead of its marks."""
    text = shown(item.row, field).text
    marks = marks_in_words(text)
    words = as_words(with_places(without_places(text), marks)) if marks else as_words(text)
    return fill_places(words, _marks(item, text, marks))


def _prose(item: Item[Any], field: str, *, below: int) -> str:
    text = shown(item.row, field).text
    marks = marks_in_markdown(text)
    footnotes = iter(_marks(item, text, marks))
    text = with_readings_behind(replace_marks(text, marks, lambda mark: next(footnotes)))
    return nest_headings(text, below=below)


def _marks(item: Item[Any], text: str, marks: Sequence[SourceMark]) -> list[str]:
    """Return the footnote of each mark. A mark that cites nothing is returned as typed."""
    return [
        f"[^{reference.number}]" if reference else text[mark.start : mark.end]
        for mark, reference in zip_longest(marks, item.marks[: len(marks)])
    ]


def _quotation(words: str) -> str:
    return "\n>\n".join(f"> {as_words(part)}" for part in words.split("\n\n") if part.strip())


def _bullets(items: Iterable[str]) -> str:
    return "\n".join(f"- {item}" for item in items)


def _joined(*parts: str) -> str:
    line = ""
    for part in filter(None, parts):
        line += gap_after(line) + part if line else part
    return line


def _strong(words: str) -> str:
    """Return words in bold, except full-width punctuation at their end.

    In CommonMark emphasis cannot end between such a mark and a letter.
    """
    end = len(words)
    while end and is_full_width_mark(words[end - 1]):
        end -= 1
    return f"**{words[:end]}**{words[end:]}" if end else words


def _footnotes(references: list[Reference]) -> str:
    return "".join(f"[^{reference.number}]" for reference in references)


def _rests_on(references: list[Reference]) -> str:
    """Return footnotes as a paragraph, since the text before may end with a list or a table."""
    return _("Sources") + f": {_footnotes(references)}" if references else ""


def _video_link(mention: Mention) -> str:
    if not mention.video:
        return ""
    link = _link(as_words(str(mention.video)), mention.link)
    return f"{link} ({mention.start_display})" if mention.start_display else link


def _source(source: Source) -> str:
    about = [as_words(source.credit), source.date.display() if source.date else ""]
    described = f" {as_words(source.bracketed.text)}" if source.title else ""
    return (
        _link(as_words(str(source)), source.url)
        + described.rstrip()
        + "".join(f" · {part}" for part in about if part)
    )


def _link(words: str, address: str) -> str:
    return f"[{words}]({address.replace('(', '%28').replace(')', '%29')})"
