"""Pictures as a reader sees them: the words in an SVG element, and where they stand."""

from dataclasses import dataclass
from xml.etree import ElementTree

from trendsite.shared.text.width import text_width


@dataclass(frozen=True)
class Words:
    """A line of text with the room that it takes."""

    text: str
    left: float
    right: float
    top: float
    bottom: float

    def touches(self, other: "Words") -> bool:
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )


class Drawn:
    """An SVG element, asked in a reader's words."""

    def __init__(self, svg: ElementTree.Element) -> None:
        self.svg = svg
        _, _, self.width, self.height = map(float, svg.get("viewBox").split())
        self.em = float(svg.get("font-size"))

    @property
    def words(self) -> list[Words]:
        lines = []
        for text in self.svg.iter("text"):
            for line in list(text) or [text]:
                x, y = float(line.get("x")), float(line.get("y"))
                content = (line.text or "").strip()
                right = x + text_width(content) * self.em
                lines.append(Words(content, x, right, y - self.em * 0.85, y + self.em * 0.25))
        return lines

    def links(self) -> dict[str, ElementTree.Element]:
        """The links to trends, by slug."""
        return {a.get("href").rstrip("/").rpartition("/")[2]: a for a in self.svg.iter("a")}
