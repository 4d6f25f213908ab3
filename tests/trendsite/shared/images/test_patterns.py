"""The picture drawn for a speaker of whom there is none."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from trendsite.shared.images import lettering
from trendsite.shared.images import patterns as drawn
from trendsite.shared.images.patterns import FOOT, HEIGHT, LAST_BASELINE, MARGIN, WIDTH, draw
from trendsite.shared.images.uploads import CleanImage, encode

SLUGS = [f"speaker-{number}" for number in range(48)]

NAMES = [
    pytest.param("Sam Altman", id="latin"),
    pytest.param("サム・アルトマン", id="katakana"),
    pytest.param("アレックス・カントロウィッツ", id="long katakana"),
    pytest.param("孫正義", id="kanji"),
    pytest.param("髙橋﨑", id="variant kanji"),
    pytest.param("OpenAI 研究チーム", id="mixed"),
    pytest.param("Petar Veličković", id="accents beyond Latin-1"),
    pytest.param("Ång Ễ. Ǻström-Jørgensen", id="high accents"),
    pytest.param("Wolfgang Amadeus van der Mozart Jr.", id="many words"),
    pytest.param("W" * 80, id="80 wide letters"),
    pytest.param("議" * 80, id="80 kanji"),
    pytest.param("議" * 150, id="more kanji than three lines hold"),
    pytest.param("a b " * 5000, id="20,000 characters"),
    pytest.param("jjj fff", id="overhanging letters"),
    pytest.param("Ada 🚀👩‍🔬 Lovelace", id="emoji"),
    pytest.param("محمد بن سلمان", id="right to left"),
    pytest.param("a\u0301\u0301\u0301\u0301b\u202eevil\x00\n\ud800", id="marks and controls"),
    pytest.param("", id="empty"),
    pytest.param(" \u3000・ ", id="no letter"),
]


def ink(image: Image.Image, top: int = 0, bottom: int = FOOT) -> tuple[int, int, int, int] | None:
    """The box around everything between two heights that is not the ground, in pixels."""
    ground = Image.new("RGB", image.size, image.getpixel((0, 0)))
    difference = ImageChops.difference(image, ground)
    difference.paste(0, (0, 0, WIDTH, top))
    difference.paste(0, (0, bottom, WIDTH, HEIGHT))
    return difference.getbbox()


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


def lightest(image: Image.Image) -> tuple[int, int, int]:
    return max((colour for _count, colour in image.getcolors(WIDTH * HEIGHT)), key=luminance)


def foot(image: Image.Image) -> Image.Image:
    return image.crop((0, FOOT, WIDTH, HEIGHT))


@pytest.mark.parametrize("name", NAMES)
def test_name_stays_inside_the_margins(name):
    image = draw("speaker", name)

    left, top, right, bottom = ink(image)
    assert (image.mode, image.size) == ("RGB", (WIDTH, HEIGHT))
    assert left >= MARGIN
    assert right <= WIDTH - MARGIN
    assert top >= MARGIN
    assert bottom <= FOOT - 20


@given(name=st.text(max_size=120))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_no_name_overflows_or_fails(name):
    left, top, right, bottom = ink(draw("speaker", name))

    assert left >= MARGIN
    assert right <= WIDTH - MARGIN
    assert 0 < top < bottom <= FOOT


@pytest.mark.parametrize("slug", SLUGS)
def test_name_has_a_contrast_of_seven_to_ground_and_pattern(slug):
    image = draw(slug, "孫正義 Son")
    text, ground, pattern = lightest(image), image.getpixel((0, 0)), lightest(foot(image))

    assert contrast(text, ground) >= 7
    assert contrast(text, pattern) >= 7


@pytest.mark.parametrize("slug", SLUGS)
def test_pattern_is_seen_and_quiet(slug):
    image = draw(slug, "Name")

    assert 1.15 <= contrast(lightest(foot(image)), image.getpixel((0, 0))) <= 1.5


def test_short_name_is_set_large():
    _left, top, _right, bottom = ink(draw("masayoshi-son", "孫正義"))

    assert bottom - top >= 140


def test_long_name_is_set_smaller_and_not_cut():
    _left, top, right, _bottom = ink(draw("speaker", "国立研究開発法人情報通信研究機構"))

    assert LAST_BASELINE - top < 100
    assert right > WIDTH // 2


@pytest.mark.parametrize("name", ["Alex Kantrowitz", "サム・アルトマン"])
def test_line_breaks_at_a_space_or_a_middle_dot(name):
    """Two lines at the largest size, 160 on 180; the second one begins with the second word."""
    second = name.replace("・", " ").split()[1]
    image = draw("speaker", name)

    assert ink(image)[1] < LAST_BASELINE - 180 - 100
    assert ink(image, top=280) == ink(draw("speaker", second), top=280)


def test_all_lines_begin_at_the_margin_whatever_their_first_letter():
    image = draw("speaker", "Jürgen Schmidhuber")

    assert abs(ink(image, bottom=260)[0] - MARGIN) <= 1
    assert abs(ink(image, top=310)[0] - MARGIN) <= 1


def test_two_scripts_of_one_speaker_differ_in_the_name_alone():
    latin, japanese = draw("sam-altman", "Sam Altman"), draw("sam-altman", "サム・アルトマン")

    assert latin.tobytes() != japanese.tobytes()
    assert latin.getpixel((0, 0)) == japanese.getpixel((0, 0))
    assert foot(latin).tobytes() == foot(japanese).tobytes()


def test_speakers_differ_in_ground_and_pattern():
    images = [draw(slug, "Same Name") for slug in SLUGS]

    grounds = [image.getpixel((0, 0)) for image in images]
    shapes = {
        tuple(colour != ground for colour in foot(image).resize((64, 10), 0).get_flattened_data())
        for image, ground in zip(images, grounds, strict=True)
    }
    assert len(set(grounds)) > len(SLUGS) * 3 // 4
    assert len(shapes) == 6


def test_the_same_arguments_give_the_same_picture():
    lettering.font_of.cache_clear()
    first = draw("ranjan-roy", "ランジャン・ロイ")
    lettering.font_of.cache_clear()

    assert draw("ranjan-roy", "ランジャン・ロイ").tobytes() == first.tobytes()


@pytest.mark.parametrize("name", ["محمد", "Юрий 한", "𠮷田", ""], ids=ascii)
def test_name_with_a_letter_no_font_has_gives_way_to_the_slug(name):
    assert draw("jane-doe", name).tobytes() == draw("jane-doe", "Jane Doe").tobytes()


@pytest.mark.parametrize(
    "name", ["Jane 🚀 Doe", "Jane\u200b Doe\ufe0f", "  Jane\n\u3000Doe "], ids=ascii
)
def test_signs_no_font_has_and_spare_spaces_are_left_out(name):
    assert draw("jane-doe", name).tobytes() == draw("jane-doe", "Jane Doe").tobytes()


def test_every_accent_of_a_name_is_drawn():
    plain = draw("speaker", "Petar Velickovic")

    assert draw("speaker", "Petar Veličković").tobytes() != plain.tobytes()


def test_name_too_long_for_three_lines_ends_in_an_ellipsis():
    """Beyond the ellipsis nothing of the name shows: its end makes no difference."""
    assert (
        draw("speaker", "議" * 150 + "終").tobytes() == draw("speaker", "議" * 150 + "了").tobytes()
    )


def test_drawn_picture_is_encoded_like_any_other_and_small():
    files = dict(encode(CleanImage(draw("sam-altman", "サム・アルトマン"))))

    assert len(files) == 10
    assert max(len(content) for content in files.values()) < 50_000


def test_fonts_come_with_their_licence_and_stay_small():
    fonts = Path(drawn.__file__).parent / "fonts"

    for licence in ("OFL-noto-sans-jp.txt", "OFL-noto-sans.txt"):
        assert "SIL OPEN FONT LICENSE Version 1.1" in (fonts / licence).read_text()
    assert sum(path.stat().st_size for path in fonts.iterdir()) < 2_000_000
