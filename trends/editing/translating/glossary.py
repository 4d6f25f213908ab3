"""The terms of the glossary, read from the table in docs/glossary.md."""

import re
from dataclasses import dataclass
from functools import cache

from django.conf import settings

_LANGUAGES = ("en", "ja")


@dataclass(frozen=True)
class GlossaryTerm:
    """A term, and its renderings in the other language."""

    pattern: re.Pattern[str]
    shown: str
    rendering: str

    def is_rendered_in(self, translation: str) -> bool:
        return self.rendering.lower() in translation.lower()


def terms(source: str, into: str) -> list[GlossaryTerm]:
    """Return the terms from one language into another, none if there is no glossary for them."""
    if (source, into) == _LANGUAGES:
        return [GlossaryTerm(_english(names), names[0], japanese) for names, japanese in _table()]
    if (into, source) == _LANGUAGES:
        return [
            GlossaryTerm(re.compile(re.escape(japanese)), japanese, names[0])
            for names, japanese in _table()
        ]
    return []


@cache
def _table() -> list[tuple[list[str], str]]:
    """Return the table “Terms”: English names, and the Japanese without text in brackets."""
    path = settings.BASE_DIR / "docs" / "glossary.md"
    if not path.exists():
        return []
    section = path.read_text(encoding="utf-8").partition("\n## Terms\n")[2].partition("\n## ")[0]
    rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("|")]
    return [
        (
            [name.strip() for name in _without_brackets(row[0]).split(",") if name.strip()],
            _without_brackets(row[1]),
        )
        for row in rows[2:]
    ]


def _without_brackets(cell: str) -> str:
    return re.sub(r"\s*[(（][^)）]*[)）]", "", cell).strip()


@cache
def _pattern(names: tuple[str, ...]) -> re.Pattern[str]:
    # The longest first, each also in the plural, without explanations such as “as an amount”.
    ordered = sorted(names, key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, ordered))})s?\b", re.IGNORECASE)


def _english(names: list[str]) -> re.Pattern[str]:
    explained = ("as ", "marking ", "in ", "running ", "its ")
    plain = tuple(name for name in names if not name.startswith(explained))
    return _pattern(plain or tuple(names[:1]))
