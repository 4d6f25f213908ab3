"""The colours and patterns that follow from a slug."""

from pathlib import Path

import pytest

from trendsite.shared.images import patterns
from trendsite.shared.images.patterns import (
    FOOT,
    HEIGHT,
    WIDTH,
    colours_of,
    pattern_name,
    pattern_of,
)

SLUGS = [f"speaker-{number}" for number in range(48)]


def luminance(colour: tuple[int, int, int]) -> float:
    """Relative luminance as WCAG 2 defines it."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (value / 255 for value in colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: tuple[int, int, int], other: tuple[int, int, int]) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("slug", SLUGS)
def test_text_has_a_contrast_of_seven_to_ground_and_pattern(slug):
    colours = colours_of(slug)

    assert contrast(colours.text, colours.ground) >= 7
    assert contrast(colours.text, colours.pattern) >= 7


@pytest.mark.parametrize("slug", SLUGS)
def test_pattern_is_seen_and_quiet(slug):
    colours = colours_of(slug)

    assert 1.15 <= contrast(colours.pattern, colours.ground) <= 1.5


def test_slugs_differ_in_ground_and_pattern():
    assert len({colours_of(slug).ground for slug in SLUGS}) > len(SLUGS) * 3 // 4
    assert len({pattern_name(slug) for slug in SLUGS}) == 6
    assert len({pattern_of(slug).tobytes() for slug in SLUGS}) == 6


def test_pattern_is_a_mask_as_large_as_the_foot():
    mask = pattern_of("speaker")

    assert (mask.mode, mask.size) == ("L", (WIDTH, HEIGHT - FOOT))
    assert mask.getextrema() == (0, 255)


def test_fonts_come_with_their_licence_and_stay_within_bounds():
    fonts = Path(patterns.__file__).parent / "fonts"

    for licence in ("OFL-noto-sans-jp.txt", "OFL-noto-sans.txt"):
        assert "SIL OPEN FONT LICENSE Version 1.1" in (fonts / licence).read_text()
    assert sum(path.stat().st_size for path in fonts.iterdir()) < 5_000_000
