"""Template tags that write parts of pictures.

A picture has a hundred short texts with coordinates. A tag writes them in a tenth of the time that
a template takes.
"""

from collections.abc import Iterable
from html import escape

from django import template
from django.utils.safestring import SafeString

from trends.levels import EntryKind
from trends.pictures.drawing import Text
from trends.pictures.timeline import Mark, TimelineLayout

register = template.Library()


@register.simple_tag
def svg_texts(lines: Iterable[Text], css_class: str) -> SafeString:
    """Draw each line as a `text` element."""
    return SafeString("".join(_text(line, css_class) for line in lines))


@register.simple_tag
def timeline_marks(layout: TimelineLayout) -> SafeString:
    """Draw the entries of a timeline: bars with labels. Forecasts have the pattern `…-hatch`."""
    hatch = f"timeline-{layout.name}-hatch"
    return SafeString("\n".join(_mark(mark, hatch) for mark in layout.marks))


def _mark(mark: Mark, hatch: str) -> str:
    place = f'x="{mark.x}" y="{mark.y}" width="{mark.width}" height="{mark.height}"'
    if not mark.state:
        bar = f'<rect class="timeline-picture-event is-{mark.precision}" {place} />'
    elif mark.kind == EntryKind.FORECAST:
        bar = f'<rect class="timeline-picture-forecast" {place} fill="url(#{hatch})" />'
    else:
        bar = f'<rect class="timeline-picture-scheduled" {place} />'
    outcome = label = ""
    if mark.state:
        outcome = (
            '<path class="timeline-picture-outcome" '
            f'transform="translate({mark.outcome_x} {mark.outcome_y})" d="{mark.outcome_path}" />'
            + _text(mark.state, "timeline-picture-note")
        )
    if mark.lines:
        lang = f' lang="{escape(mark.language)}"' if mark.language else ""
        # The space after each line separates words when the text is copied.
        lines = "".join(f"<tspan {line.place}>{escape(line.text)} </tspan>" for line in mark.lines)
        label = f'<text class="timeline-picture-text"{lang}>{lines}</text>'
    rule = f'<path class="timeline-picture-rule" d="{mark.rule}" />'
    return rule + bar + outcome + _text(mark.date, "timeline-picture-date") + label


def _text(line: Text, css_class: str) -> str:
    return f'<text class="{css_class}" {line.place}>{escape(line.text)}</text>'
