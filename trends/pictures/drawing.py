"""What all pictures are drawn with."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Text:
    """One line of text; `x` and `y` are where its base line begins."""

    x: float
    y: float
    text: str


def text_at(x: float, y: float, text: str) -> Text:
    """The text, its place rounded to what can be seen."""
    return Text(round(x, 1), round(y, 1), text)


def in_path(value: float) -> str:
    """A number in a path."""
    return f"{round(value, 1):g}"
