"""The texts of the shipped fixtures, held to docs/glossary.md where a machine can."""

import re
from collections.abc import Iterator

import pytest
from django.conf import settings

from tests.support.fixture_texts import assert_none, every_file, finds, prose, texts
from tests.support.shipped import FILES

GLOSSARY = (settings.BASE_DIR / "docs" / "glossary.md").read_text(encoding="utf-8")
CATALOGUE = (settings.BASE_DIR / "trendsite/locale/ja/LC_MESSAGES/django.po").read_text("utf-8")


def table(heading: str) -> Iterator[list[str]]:
    """Yield the cells of each row of the table under a heading, without its first two lines."""
    section = GLOSSARY.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("|")]
    for row in rows[2:]:
        yield [cell.strip() for cell in row.strip("|").split("|")]


RENDERINGS = [row[1] for part in ("Terms", "Spelling") for row in table(part)]
NOT_IN_JAPANESE = [
    word
    for part in ("Terms", "Spelling")
    for row in table(part)
    for word in row[2].split("、")
    if word
]
NOT_IN_ENGLISH = [phrase for row in table("English") for phrase in row[0].split(", ")]


def japanese_rule(words: list[str]) -> re.Pattern[str]:
    """Return a pattern that finds the words, but not サーバ in サーバー or VC in SVC."""
    return re.compile("|".join(rf"(?<![A-Za-z]){re.escape(word)}(?![ーA-Za-z])" for word in words))


def english_rule(phrases: list[str]) -> re.Pattern[str]:
    """Return a pattern that finds the phrases; X in a phrase is any name."""
    patterns = (re.escape(phrase).replace("X", r"[A-Z][\w.-]*") for phrase in phrases)
    return re.compile("|".join(rf"\b{pattern}\b" for pattern in patterns))


def test_the_glossary_has_its_tables():
    assert len(RENDERINGS) > 40
    assert len(NOT_IN_JAPANESE) > 40
    assert len(NOT_IN_ENGLISH) > 8


def test_no_rendering_is_also_ruled_out():
    assert not [word for word in RENDERINGS if japanese_rule(NOT_IN_JAPANESE).search(word)]


def test_every_rendering_is_used():
    written = "\n".join(text.text for name in FILES for text in texts(name, "ja"))
    written += CATALOGUE
    assert not [word for word in RENDERINGS if word not in written]


@every_file
def test_japanese_keeps_to_the_glossary(name):
    assert_none(name, finds(japanese_rule(NOT_IN_JAPANESE), texts(name, "ja")))


def test_the_interface_keeps_to_the_glossary():
    """But for the words of the trends alone: readers are users in the admin."""
    rule = japanese_rule([word for row in table("Spelling") for word in row[2].split("、") if word])
    assert [line for line in CATALOGUE.splitlines() if rule.search(line)] == []


@every_file
def test_english_keeps_to_the_glossary(name):
    assert_none(name, finds(english_rule(NOT_IN_ENGLISH), prose(name, "en")))


@pytest.mark.parametrize(
    ("rule", "passes", "fails"),
    [
        pytest.param(
            japanese_rule(["サーバ", "VC", "すべて"]),
            ["サーバーは全て", "SVCと"],
            ["サーバは", "米VCの", "すべて"],
            id="Japanese",
        ),
        pytest.param(
            english_rule(["by X’s account", "dearer"]),
            ["according to a16z", "by its account"],
            ["by METR’s account", "and dearer."],
            id="English",
        ),
    ],
)
def test_the_rules_tell_right_from_wrong(rule, passes, fails):
    assert [text for text in passes if rule.search(text)] == []
    assert [text for text in fails if not rule.search(text)] == []
