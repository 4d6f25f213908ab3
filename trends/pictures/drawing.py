"""What the pictures share: lines of text, and numbers in paths."""

from dataclasses import dataclass

from django.utils.safestring import SafeString, mark_safe


@dataclass(frozen=True)
class Text:
    """One line of text, and where its base line begins."""

    x: float
    y: float
    text: str

    @property
    def place(self) -> SafeString:
        """The attributes `x` and `y`: a template takes longer to write numbers."""
        return mark_safe(f'x="{self.x}" y="{self.y}"')


def text_at(x: float, y: float, text: str) -> Text:
    """Return the text at a place, rounded to a tenth of a pixel."""
    return Text(round(x, 1), round(y, 1), text)


def in_path(value: float) -> str:
    """Return a number as it is written in a path."""
    return f"{round(value, 1):g}"
