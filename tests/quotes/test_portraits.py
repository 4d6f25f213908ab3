"""What stands where a speaker has no picture."""

import re
from xml.etree import ElementTree

import pytest
from django.template.loader import render_to_string
from hypothesis import given
from hypothesis import strategies as st

from quotes.portraits import portrait_of
from tests.support.make import make_expert
from trendsite.shared.images.patterns import colours_of
from trendsite.shared.text.width import text_width

NAMES = [
    pytest.param("Sam Altman", id="latin"),
    pytest.param("サム・アルトマン", id="katakana"),
    pytest.param("アレックス・カントロウィッツ", id="long katakana"),
    pytest.param("孫正義", id="kanji"),
    pytest.param("OpenAI 研究チーム", id="mixed"),
    pytest.param("Wolfgang Amadeus van der Mozart Jr.", id="many words"),
    pytest.param("W" * 80, id="80 wide letters"),
    pytest.param("議" * 100, id="100 kanji"),
    pytest.param("Ada 🚀👩‍🔬 Lovelace", id="emoji"),
    pytest.param("محمد بن سلمان", id="right to left"),
    pytest.param("<b>&amp;</b>", id="markup"),
]


def texts(name: str) -> list[str]:
    return [line.text for line in portrait_of("speaker", name).lines]


def drawn(slug: str, name: str = "Name") -> ElementTree.Element:
    html = render_to_string("components/portrait.html", {"portrait": portrait_of(slug, name)})
    return ElementTree.fromstring(html)


def assert_inside(name: str) -> None:
    portrait = portrait_of("speaker", name)
    for line in portrait.lines:
        assert text_width(line.text) * 1.1 * portrait.size <= 1280 - 2 * 80
        assert line.y - 0.88 * portrait.size >= 80
        assert line.y <= 440


@pytest.mark.parametrize("name", NAMES)
def test_name_stays_inside_the_margins(name):
    assert_inside(name)


@given(name=st.text(max_size=120))
def test_no_name_overflows_or_fails(name):
    assert_inside(name)


def test_short_name_is_set_large():
    assert portrait_of("masayoshi-son", "孫正義").size == 160


def test_long_name_is_set_smaller_and_not_cut():
    name = "国立研究開発法人情報通信研究機構"
    portrait = portrait_of("speaker", name)

    assert portrait.size < 160
    assert "".join(line.text for line in portrait.lines) == name


def test_line_breaks_at_a_space_or_for_a_middle_dot():
    assert texts("Alex Kantrowitz") == ["Alex", "Kantrowitz"]
    assert texts("サム・アルトマン") == ["サム", "アルトマン"]


def test_name_too_long_for_three_lines_ends_in_an_ellipsis():
    lines = texts("議" * 200)

    assert len(lines) == 3
    assert lines[-1].endswith("…")


def test_spare_spaces_are_left_out():
    assert texts("  Jane\n\u3000Doe ") == texts("Jane Doe")


def test_one_speaker_has_the_same_colours_and_pattern_in_both_languages():
    latin, japanese = portrait_of("sam-altman", "Sam Altman"), portrait_of("sam-altman", "サム")

    assert latin._replace(size=0, lines=[]) == japanese._replace(size=0, lines=[])
    assert latin.ground == "#{:02x}{:02x}{:02x}".format(*colours_of("sam-altman").ground)


def test_component_draws_the_name_over_a_pattern_and_says_nothing_twice():
    svg = drawn("speaker", "Alex <Kantrowitz>")

    assert svg.get("aria-hidden") == "true"
    assert [line.text.strip() for line in svg.iter("tspan")] == ["Alex", "<Kantrowitz>"]
    assert [line.get("y") for line in svg.iter("tspan")] == ["280", "440"]


def test_six_patterns_are_drawn_and_every_colour_is_the_slug_s():
    shapes = set()
    for number in range(48):
        svg, portrait = drawn(f"speaker-{number}"), portrait_of(f"speaker-{number}", "Name")
        shapes.add(tuple(path.get("d") for path in svg.iter("path")))
        colours = set(re.findall("#[0-9a-f]{6}", ElementTree.tostring(svg, "unicode")))
        assert {portrait.ground, portrait.shade, portrait.ink} == colours
    assert len(shapes) == 6


def test_component_needs_no_style_attribute():
    """The site's policy forbids those (`style-src 'self'`)."""
    assert [element for element in drawn("speaker").iter() if "style" in element.attrib] == []


@pytest.mark.django_db
def test_name_in_another_language_is_marked_as_such():
    assert make_expert().portrait.language == ""
    ken = make_expert("ken-example", name_ja="見本健")
    assert ken.portrait.language == "ja"
    assert [line.text for line in ken.portrait.lines] == ["見本健"]
