"""Template tags for judgements, and for the notes of a trend's page.

A page has a hundred references, so HTML is built from f-strings with `html.escape()`, which takes a
quarter of the time of `format_html()`.
"""

from collections.abc import Iterable
from html import escape

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from quotes.templatetags.quotations import source_in_full
from trends.content import Note, Reference
from trends.levels import Confidence, Status
from trends.models import Assessment, TimelineEntry, Trend
from trends.queries.related import Related
from trendsite.shared.partial_dates import PartialDate
from trendsite.shared.templatetags.texts import numbers, partial_date, rendered, text
from trendsite.shared.text.enumerations import enumerated
from trendsite.shared.translated import record_fallback

register = template.Library()


@register.simple_tag
def judgement(
    row: Trend | Assessment,
    *,
    levels: str = "",
    since: PartialDate | None = None,
    reviewed: PartialDate | None = None,
    review: bool = False,
    claim: bool = False,
) -> SafeString:
    """Show the judgement of a trend or an assessment in one line.

    `levels` is the address of the explanation of levels. `claim` adds of what the editors are
    confident, `review` that the trend is under review.
    """
    return rendered(
        "components/judgement.html",
        status=row.status,
        status_label=str(Status(row.status).label),
        confidence=row.confidence,
        confidence_label=str(Confidence(row.confidence).label),
        claim=text(row, "confidence_of") if claim else "",
        reconstructed=isinstance(row, Assessment) and row.reconstructed,
        levels=levels,
        since=since,
        reviewed=reviewed,
        review=review,
    )


@register.simple_tag
def earlier_outcomes(entry: TimelineEntry) -> SafeString:
    """Show the earlier outcomes of a forecast or scheduled date, and until when each held."""
    shown = []
    for earlier in entry.earlier:
        until = escape(_("until %(date)s: %(outcome)s")) % {
            "date": partial_date(earlier.until),
            "outcome": escape(earlier.label(entry.kind)),
        }
        note = ""
        if earlier.note.text:
            lang = ""
            if earlier.note.is_fallback:
                record_fallback(earlier.note.language)
                lang = f' lang="{earlier.note.language}"'
            note = f" – <span{lang}>{escape(earlier.note.text)}</span>"
        shown.append(f'<span class="timeline-note">{until}{note}</span>')
    return SafeString("".join(shown))


@register.simple_tag
def in_common(related: Related) -> SafeString | str:
    """Show what a related trend has in common: the names of tags, the numbers of the rest."""
    names = enumerated(text(tag, "label") for tag in related.tags)
    tags = ngettext("Shared tag: %(names)s", "Shared tags: %(names)s", len(related.tags))
    found = [tags % {"names": names}] if names else []
    if related.reason:
        found.append(numbers(related.reason))
    return SafeString(f'<p class="kicker">{"&nbsp;· ".join(found)}</p>') if found else ""


@register.simple_tag
def references(references: Iterable[Reference]) -> SafeString | str:
    """Show the sources of a part as links to its notes."""
    links = "\n".join(
        f'<li><a{_id(found)} href="#source-{found.number}">'
        f'<span class="references-number">{found.number}</span> '
        f'<span class="references-publisher">{escape(found.source.credit or found.source.host)}'
        "</span></a></li>"
        for found in references
    )
    if not links:
        return ""
    label = escape(_("Sources"))
    return SafeString(f'<ul class="references" aria-label="{label}">{links}</ul>')


def _id(found: Reference) -> str:
    return f' id="{found.anchor}"' if found.anchor else ""


@register.simple_tag
def source_cards(notes: Iterable[Note]) -> SafeString:
    """Show the source of each marked note as a card, which its marks open over the text."""
    close = escape(_("Close"))
    label = escape(_("Source %(number)s"))
    return SafeString(
        "\n".join(
            f'<div class="source-card" id="source-card-{note.number}" role="dialog" '
            f'aria-label="{label % {"number": note.number}}" popover hidden>'
            f"<p>{source_in_full(note.source)}</p>"
            f'<p class="source-card-more">{_elsewhere(note)}'
            f'<button type="button" popovertarget="source-card-{note.number}" '
            f'popovertargetaction="hide">{close}</button></p></div>'
            for note in notes
            if note.is_marked
        )
    )


@register.simple_tag
def note_items(notes: Iterable[Note]) -> SafeString:
    """Show notes as items of a list, with links to the first citation and to other trends."""
    label = escape(_("Back to the text that cites source %(number)s"))
    return SafeString(
        "\n".join(
            f'<li id="source-{note.number}">\n{source_in_full(note.source)}\n'
            f"{_elsewhere(note)} {_back(note, label)}\n</li>"
            for note in notes
        )
    )


def _back(note: Note, label: str) -> str:
    if not note.references:
        return ""
    name = label % {"number": note.number}
    return f'<a class="notes-back" href="#{note.references[0].anchor}" aria-label="{name}">↩</a>'


def _elsewhere(note: Note) -> str:
    """Return a link to the page of a note's source, if other trends cite it."""
    if not note.is_cited_elsewhere:
        return ""
    name = _('Cited elsewhere<span class="visually-hidden">: source %(number)s</span>')
    address = escape(note.source.get_absolute_url())
    return f'<a class="uses-link" href="{address}">{name % {"number": note.number}}</a>'
