"""Template tags for pictures, of which each has a hundred short texts."""

from collections.abc import Iterable
from html import escape

from django import template
from django.utils.safestring import SafeString, mark_safe

from trends.pictures.drawing import Text

register = template.Library()


@register.simple_tag
def svg_texts(lines: Iterable[Text], css_class: str) -> SafeString:
    """Draw each line as a text of its own."""
    return mark_safe(
        "".join(
            f'<text class="{css_class}" {line.place}>{escape(line.text)}</text>' for line in lines
        )
    )


@register.simple_tag
def svg_lines(lines: Iterable[Text]) -> SafeString:
    """Draw the lines of one text, with the spaces by which a reader copies them."""
    return mark_safe("".join(f"<tspan {line.place}>{escape(line.text)} </tspan>" for line in lines))
