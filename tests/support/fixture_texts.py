"""The texts of the shipped fixtures, and how a rule about them fails."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.support.shipped import FILES
from trendsite.shared.text.marks import MARK

VOCABULARY = FILES["vocabulary.yaml"]

TRANSLATED = {
    *("title", "subtitle", "shift", "heading", "body", "lead", "text", "short", "note"),
    *("reason", "rationale"),
    *("translation", "occasion", "name", "role", "affiliation"),
}

every_file = pytest.mark.parametrize("name", FILES, ids=lambda name: Path(name).stem)


class Text(NamedTuple):
    """A text of a file, without marks of sources, and its path, such as `drivers[2].body.ja`."""

    path: str
    language: str
    text: str

    @property
    def is_translated_quotation(self) -> bool:
        """Tell whether these are somebody else’s words, which our house style does not bind."""
        return ".translation." in self.path


def nodes(content: Any, path: str = "") -> Iterator[tuple[str, str, Any]]:
    """Yield path, key and value of everything in a file, the outer before the inner."""
    if isinstance(content, dict):
        for key, value in content.items():
            inner = f"{path}.{key}" if path else key
            yield inner, key, value
            yield from nodes(value, inner)
    elif isinstance(content, list):
        for index, value in enumerate(content):
            yield f"{path}[{index}]", "", value
            yield from nodes(value, f"{path}[{index}]")


def translations(name: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield every text that a file translates, as its path and its languages."""
    labels = {
        f"{part}.{slug}" for part in ("tags", "audiences") for slug in VOCABULARY[part]
    }  # a label is itself the mapping
    for path, key, value in nodes(FILES[name]):
        if isinstance(value, dict) and (key in TRANSLATED or path in labels):
            yield path, value


def texts(name: str, language: str) -> list[Text]:
    """Return all texts of a file in a language, with the quotations in the original."""
    found = [
        Text(f"{path}.{language}", language, MARK.sub("", value[language]))
        for path, value in translations(name)
        if language in value
    ]
    found += [
        Text(f"mentions[{index}].original", language, mention["original"])
        for index, mention in enumerate(FILES[name].get("mentions", []))
        if mention["language"] == language
    ]
    return found


def prose(name: str, language: str) -> list[Text]:
    """Return the texts that are not quotations."""
    return [
        text
        for text in texts(name, language)
        if not text.is_translated_quotation and not text.path.endswith(".original")
    ]


def assert_none(name: str, problems: list[str]) -> None:
    """Fail with one line for each problem, each with its file."""
    assert not problems, "\n" + "\n".join(f"fixtures/{name}: {problem}" for problem in problems)


def around(match: re.Match[str]) -> str:
    """Return a match with 10 characters on either side."""
    return match.string[max(match.start() - 10, 0) : match.end() + 10].replace("\n", "⏎")


def finds(rule: re.Pattern[str], found_in: list[Text]) -> list[str]:
    """Return the path and the surroundings of everything that a rule finds."""
    return [
        f"{text.path}: …{around(match)}…"
        for text in found_in
        for match in rule.finditer(text.text.strip())
    ]
