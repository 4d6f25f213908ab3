"""The picture and the words that stand for a page where its address is shared."""

import errno
import io
import unicodedata
from functools import partial
from pathlib import Path

import manimgx_fonts
import pytest
from django.conf import settings as django_settings
from django.core.files.storage import default_storage
from django.core.management import call_command
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageDraw, ImageFont

from quotes.models import Video
from tests.support.days import tomorrow, yesterday
from tests.support.make import (
    make_audience,
    make_expert,
    make_source,
    make_tag,
    make_trend,
    make_video,
)
from tests.support.reading import read, words
from trends.formats.cards import HEIGHT, WIDTH, draw_card
from trends.levels import Confidence, Status
from trends.models import Trend
from trendsite.shared.images.lettering import CAN_SHAPE, drawable, line_of, undrawable
from trendsite.shared.images.uploads import clean_image
from trendsite.shared.text.bidi import directed_runs
from trendsite.shared.text.breaking import breakable
from trendsite.shared.text.normal_form import visible

pytestmark = [pytest.mark.django_db, pytest.mark.cards]

_FORMS = ("NFC", "NFKC")
shaped = pytest.mark.skipif(not CAN_SHAPE, reason="Pillow finds no FriBiDi")

PAGE = "/en/trends/example-trend/"


def social(page) -> dict[str, str]:
    """What the page tells those who share it."""
    return {
        meta.get("property") or meta.get("name"): meta.get("content")
        for meta in page.iterfind("head/meta")
        if (meta.get("property") or meta.get("name") or "").startswith(("og:", "twitter:"))
    }


def cards() -> set[str]:
    folder = Path(django_settings.MEDIA_ROOT) / "cards"
    return {path.name for path in folder.iterdir()} if folder.exists() else set()


@pytest.fixture(autouse=True)
def _storage_of_its_own(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def committed(django_capture_on_commit_callbacks):
    """A block at whose end a transaction is committed, as far as files know."""
    return partial(django_capture_on_commit_callbacks, execute=True)


@pytest.mark.parametrize("language", ["en", "ja"])
def test_shared_trend_shows_its_title_and_its_card(client, committed, language):
    with committed():
        trend = make_trend()
    page = read(client, f"/{language}/trends/example-trend/")
    found = social(page)
    image = found.pop("og:image")
    title = getattr(trend, f"title_{language}")
    assert found == {
        "og:site_name": "Trendsite",
        "og:type": "article",
        "og:locale": {"en": "en_GB", "ja": "ja_JP"}[language],
        "og:locale:alternate": {"en": "ja_JP", "ja": "en_GB"}[language],
        "og:title": title,
        "og:url": f"http://testserver/{language}/trends/example-trend/",
        "og:description": getattr(trend, f"subtitle_{language}"),
        "og:image:type": "image/jpeg",
        "og:image:width": "1200",
        "og:image:height": "630",
        "og:image:alt": title,
        "twitter:card": "summary_large_image",
    }
    response = client.get(image.removeprefix("http://testserver"))
    assert response.status_code == 200
    assert response["Content-Type"] == "image/jpeg"
    assert "immutable" in response["Cache-Control"]
    with Image.open(Path(django_settings.MEDIA_ROOT) / image.partition("/media/")[2]) as card:
        assert card.size == (WIDTH, HEIGHT) == (1200, 630)


def test_each_language_has_a_card_of_its_own(client, committed):
    with committed():
        make_trend()
    images = {
        social(read(client, f"/{language}/trends/example-trend/"))["og:image"]
        for language in ("en", "ja")
    }
    assert len(images) == len(cards()) == 2


def test_page_in_a_language_that_is_not_offered_shows_the_card_of_one_that_is(client, committed):
    with committed():
        make_trend(title_ja=None)
    english, japanese = (
        social(read(client, f"/{language}/trends/example-trend/"))["og:image"]
        for language in ("en", "ja")
    )
    assert english == japanese
    assert len(cards()) == 1


def test_cards_follow_what_they_show(client, committed):
    with committed():
        trend = make_trend()
    before = cards()
    with committed():
        trend.shift_en = "What no card shows"
        trend.save()
    assert cards() == before
    for values in (
        {"title_en": "Another"},
        {"status": Status.DECLINING},
        {"confidence": "high"},
        {"subtitle_en": "What stands below the title"},
        {"key_points_en": "What goes before that"},
    ):
        with committed():
            for name, value in values.items():
                setattr(trend, name, value)
            trend.save()
        assert len(cards()) == 2
        assert cards() != before
        before = cards()
    image = social(read(client, PAGE))["og:image"]
    assert image.rpartition("/")[2] in before


def test_card_stays_when_a_title_is_taken_back_at_once(committed):
    with committed():
        trend = make_trend()
    before = cards()
    with committed():
        for title in ("Another", "Title of example-trend"):
            trend.title_en = title
            trend.save()
    assert cards() == before


def test_card_that_a_save_takes_back_while_it_is_deleted_is_drawn_again(committed, monkeypatch):
    with committed():
        trend = make_trend()
    before = cards()
    delete = default_storage.delete

    def delete_late(name):
        """Delete when another worker has saved the former title and found its card there."""
        Trend.objects.filter(pk=trend.pk).update(title_en="Title of example-trend")
        delete(name)

    monkeypatch.setattr(default_storage, "delete", delete_late)
    with committed():
        trend.title_en = "Another"
        trend.save()
    assert before <= cards()


def test_card_is_made_when_a_draft_is_published_and_goes_with_the_trend(client, committed):
    with committed():
        trend = make_trend(published=None)
    assert cards() == set()
    with committed():
        trend.published = yesterday()
        trend.save()
        assert cards() == set(), "drawn before the transaction is over"
    assert len(cards()) == 2
    with committed():
        trend.delete()
    assert cards() == set()


def test_no_card_is_drawn_while_a_page_is_read(client):
    make_trend()
    assert client.get(PAGE).status_code == 200
    assert cards() == set()


def test_failed_card_is_no_failed_save(committed, monkeypatch, caplog):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(default_storage, "save", full)
    with committed():
        make_trend()
    assert Trend.objects.exists()
    assert "No space left on device" in caplog.text


def test_cards_that_are_missing_or_cut_off_are_drawn_by_a_command(client, capsys, committed):
    with committed():
        make_trend()
    folder = Path(django_settings.MEDIA_ROOT) / "cards"
    before = {name: (folder / name).read_bytes() for name in cards()}
    one, other = before
    (folder / one).unlink()
    (folder / other).write_bytes(before[other][:8192])
    call_command("draw_cards")
    call_command("draw_cards")
    assert capsys.readouterr().out == (
        "Cards drawn: 2\nSizes of thumbnails drawn: 0\n"
        "Cards drawn: 0\nSizes of thumbnails drawn: 0\n"
    )
    assert {name: (folder / name).read_bytes() for name in cards()} == before


def test_card_that_is_cut_off_is_drawn_again_with_the_next_save(committed):
    with committed():
        trend = make_trend()
    for path in (Path(django_settings.MEDIA_ROOT) / "cards").iterdir():
        path.write_bytes(b"")
    with committed():
        trend.save()
    for path in (Path(django_settings.MEDIA_ROOT) / "cards").iterdir():
        with Image.open(path) as card:
            card.load()


def test_trend_that_is_offered_in_no_language_has_no_card_of_its_own(client, committed):
    with committed():
        make_trend(title_ja=None, shift_en=None)
    assert social(read(client, PAGE))["og:image"] == "http://testserver/en/card.jpg"
    assert cards() == set()


@pytest.mark.parametrize(
    ("rest", "title"),
    [
        ("", "Trends backed by evidence"),
        ("tags/strategy/", "Tag: strategy"),
        ("audiences/enterprises/", "What it means for Enterprises"),
        ("sources/report/", "Source: Title of report"),
        ("videos/youtube/abcdefghijk/", "Video: A talk"),
        ("a-z/", "All trends from A to Z"),
        ("forecasts/", "Forecasts"),
        ("changes/", "Updates"),
    ],
)
def test_page_is_shared_with_its_words_and_the_card_of_the_site(client, rest, title):
    make_tag("strategy")
    make_audience("enterprises")
    make_source("report")
    make_video()
    page = read(client, f"/en/{rest}")
    found = social(page)
    assert found == {
        "og:site_name": "Trendsite",
        "og:type": "website",
        "og:locale": "en_GB",
        "og:locale:alternate": "ja_JP",
        "og:title": title,
        "og:url": f"http://testserver/en/{rest}",
        "og:description": page.find("head/meta[@name='description']").get("content"),
        "og:image": "http://testserver/en/card.jpg",
        "og:image:type": "image/jpeg",
        "og:image:width": "1200",
        "og:image:height": "630",
        "og:image:alt": "Trendsite: Trends backed by evidence",
        "twitter:card": "summary_large_image",
    }
    assert words(page.find("head/title")).startswith(title)
    in_japanese = social(read(client, f"/ja/{rest}"))
    assert in_japanese["og:image"] == "http://testserver/ja/card.jpg"
    assert in_japanese["og:image:alt"] == "Trendsite：根拠から読み解くトレンド"


def test_card_of_the_site_is_a_picture_in_each_language(client):
    pictures = {}
    for language in ("en", "ja"):
        response = client.get(f"/{language}/card.jpg")
        assert response["Content-Type"] == "image/jpeg"
        assert response["Cache-Control"] == "public, max-age=86400"
        assert not response.cookies
        again = client.get(f"/{language}/card.jpg", headers={"if-none-match": response["ETag"]})
        assert again.status_code == 304
        image = Image.open(io.BytesIO(response.content))
        assert (image.format, image.size) == ("JPEG", (WIDTH, HEIGHT))
        pictures[language] = response.content
    assert pictures["en"] != pictures["ja"]
    assert client.post("/en/card.jpg").status_code == 405


def test_video_is_shared_with_its_thumbnail(client, committed):
    video, content = make_video(), io.BytesIO()
    Image.new("RGB", (640, 360), "navy").save(content, "PNG")
    Video._meta.get_field("thumbnail").assign(video, clean_image(content))
    with committed():
        video.save()
    found = social(read(client, video.get_absolute_url()))
    assert found["og:image"] == f"http://testserver{video.picture.fallback}"
    assert found["twitter:card"] == "summary"
    assert client.get(video.picture.fallback).status_code == 200


def test_expert_is_shared_with_the_card_of_the_site(client):
    make_expert()
    found = social(read(client, "/en/experts/mina-example/"))
    assert (found["og:type"], found["og:title"]) == ("profile", "Mina Example")
    assert found["og:image"] == "http://testserver/en/card.jpg"


@pytest.mark.parametrize("status", Status.values)
@pytest.mark.parametrize("confidence", Confidence.values)
def test_every_judgement_has_a_card_that_differs_from_all_others(status, confidence):
    drawn = draw_card("a", "Title", "en", status, confidence).tobytes()
    assert drawn == draw_card("a", "Title", "en", status, confidence).tobytes()
    others = [(s, c) for s in Status.values for c in Confidence.values]
    others.remove((status, confidence))
    assert drawn not in {draw_card("a", "Title", "en", *other).tobytes() for other in others[:4]}


@pytest.mark.parametrize(
    ("title", "language"),
    [
        ("訓練より応用", "ja"),
        ("長" * 200, "ja"),
        ("W" * 200, "en"),
        ("word " * 40, "en"),
        ("🚀 𠮷 emoji", "en"),
        ("e\u0301", "en"),
    ],
    ids=ascii,
)
def test_title_stays_within_the_card(title, language):
    """Between the title and the edges, and above the judgement, there is nothing but ground."""
    card = draw_card("application-over-training", title.strip(), language, "growing", "low")
    ground = card.getpixel((0, 0))
    for box in ((0, 0, 76, 560), (1124, 0, 1200, 560), (0, 445, 1200, 460)):
        assert card.crop(box).getcolors() == [((box[2] - box[0]) * (box[3] - box[1]), ground)]


@pytest.mark.parametrize(
    ("title", "brief", "language"),
    [
        ("Title", "word " * 22, "en"),
        ("A title of many a word " * 3, "word " * 22, "en"),
        ("訓練より応用", "電力が制約になった。" * 4, "ja"),
        ("電力が制約になった。" * 4, "電力が制約になった。" * 4, "ja"),
    ],
    ids=ascii,
)
def test_a_second_line_stays_between_title_and_judgement(title, brief, language):
    card = draw_card("application-over-training", title.strip(), language, "growing", "low", brief)
    plain = draw_card("application-over-training", title.strip(), language, "growing", "low")
    assert card.tobytes() != plain.tobytes()
    ground = card.getpixel((0, 0))
    for box in ((0, 0, 76, 560), (1124, 0, 1200, 560), (0, 450, 1200, 460)):
        assert card.crop(box).getcolors() == [((box[2] - box[0]) * (box[3] - box[1]), ground)]


@pytest.mark.parametrize(
    ("title", "brief"),
    [("word " * 40, "It fits."), ("Title", "word " * 60), ("Title", "བོད་")],
    ids=["title", "second line", "letters"],
)
def test_a_second_line_without_room_or_letters_is_left_out(title, brief):
    card = draw_card("a", title.strip(), "en", "growing", "low", brief.strip())
    assert card.tobytes() == draw_card("a", title.strip(), "en", "growing", "low").tobytes()


def test_title_that_no_font_can_set_gives_way_to_the_slug():
    drawn = draw_card("over-time", "བོད་", "en", "growing", "low")
    assert drawn.tobytes() == draw_card("over-time", "Over Time", "en", "growing", "low").tobytes()


@pytest.mark.parametrize(
    "title",
    [
        "CO₂ and 10⁶ tokens",
        "①②③ in Ⅲ parts, ½",
        "α, β and Ωμέγα",
        "Юрий и мир",
        "From 5G → 6G ⇒ ⟶",
        "Below 2 ℃, 50㎡, 5㎏, 3Å",
        "≒0, ∞, ≥ ≠ ∑ √ ∂",
        "ｸﾗｳﾄﾞ",
        "ﬁne ligatures",
        "𠮷野家と髙島屋と𩸽",
        "인공지능의 흐름",
        "€, ₿, ₩, ™, §, †, ✓, ★",
        "Rockets 🚀 and robots 🤖",
        "👩🏽\u200d🚀 🇯🇵 ❤\ufe0f 1\ufe0f\u20e3",
        "训练们、说话；訓練們",
        "Հայաստան, საქართველო, ኢትዮጵያ",
    ],
)
def test_title_keeps_every_sign_that_a_browser_shows(title):
    assert drawable(title) == title or drawable(title) == unicodedata.normalize("NFKC", title)
    drawn = draw_card("slug", title, "ja", "growing", "low")
    assert drawn.tobytes() != draw_card("slug", "Slug", "ja", "growing", "low").tobytes()


def test_what_shows_nothing_leaves_no_trace_on_a_card():
    hidden, plain = (
        draw_card("slug", title, "en", "growing", "low").tobytes()
        for title in ("Kern\u00adfusion \u200bof\u200e light", "Kernfusion of light")
    )
    assert hidden == plain


@given(st.text(max_size=20), st.sampled_from(["en", "ja", "ar", "th"]))
def test_a_card_is_drawn_of_any_title_and_loses_no_sign(title, language):
    shown = drawable(title)
    draw_card("slug", title, language, "growing", "low")
    assert visible(shown) in ("", *(visible(unicodedata.normalize(f, title)) for f in _FORMS))
    assert bool(shown) is not bool(undrawable(title)) or not visible(title)


# Scripts whose letters change with their neighbours


@shaped
@pytest.mark.parametrize(
    "title",
    [
        "الذكاء الاصطناعي يغيّر سوق العمل",
        "هوش مصنوعی می\u200cخواهد",
        "בינה מלאכותית (GPT-5) משנה!",
        "ปัญญาประดิษฐ์เปลี่ยนตลาดแรงงาน",
        "कृत्रिम बुद्धिमत्ता श्रम बाज़ार",
        "কৃত্রিম বুদ্ধিমত্তা",
        "செயற்கை நுண்ணறிவு",
        "కృత్రిమ మేధస్సు, ಕೃತಕ ಬುದ್ಧಿಮತ್ತೆ, നിർമ്മിത ബുദ്ധി",
        "કૃત્રિમ, ਨਕਲੀ ਬੁੱਧੀ, କୃତ୍ରିମ, කෘතිම බුද්ධිය",
        "បញ្ញាសិប្បនិម្មិត, ປັນຍາປະດິດ ກຳລັງ, ဉာဏ်ရည်တု",
    ],
)
def test_title_is_set_in_its_own_script(title):
    assert drawable(title) == title
    drawn = draw_card("slug", title, "en", "growing", "low")
    assert drawn.tobytes() != draw_card("slug", "Slug", "en", "growing", "low").tobytes()


@shaped
@pytest.mark.parametrize(("word", "part"), [("العمل", ""), ("क्षमता", ""), ("ที่", "ท")])
def test_letters_join_and_stand_on_each_other(word, part):
    alone = sum(line_of(letter, 76).width for letter in word)
    assert line_of(word, 76).width < alone
    if part:
        assert line_of(word, 76).width == pytest.approx(line_of(part, 76).width, abs=8)


@shaped
@pytest.mark.parametrize(
    ("title", "language", "is_right"),
    [
        ("سوق العمل", "ar", True),
        ("GPT-5 في سوق العمل", "ar", True),
        ("שוק העבודה", "en", True),
        ("The word שוק here", "en", False),
    ],
)
def test_a_title_from_right_to_left_begins_at_the_right(title, language, is_right):
    card = draw_card("slug", title, language, "growing", "low")
    ground = Image.new("RGB", card.size, card.getpixel((0, 0)))
    ink = ImageChops.difference(card, ground).crop((0, 140, 1200, 440)).getbbox()
    assert (ink[2] > 1110) is is_right
    assert (ink[0] < 90) is not is_right


_NOTO_SANS = Path(manimgx_fonts.__file__).parent / "NotoSansHebrew[wght].ttf"


@shaped
@given(st.text(st.sampled_from("אבג 123()[].,:-+%/\u200f"), max_size=14), st.booleans())
@settings(deadline=None)
def test_runs_are_in_the_order_of_fribidi(text, is_rtl):
    """Runs of our order, set one after the other, give the picture of the whole line by Raqm."""
    font = ImageFont.truetype(_NOTO_SANS, 36)
    text = text.strip()
    by_runs, at_once = (Image.new("L", (800, 60)) for _each in range(2))
    left = 10.0
    for run in directed_runs(text, is_rtl):
        options = {"direction": "rtl" if run.is_rtl else "ltr", "features": ["-kern"]}
        ImageDraw.Draw(by_runs).text((left, 45), run.text, 255, font, anchor="ls", **options)
        left += font.getlength(run.text, **options)
    options = {"direction": "rtl" if is_rtl else "ltr", "features": ["-kern"]}
    ImageDraw.Draw(at_once).text((10, 45), text, 255, font, anchor="ls", **options)
    assert ImageChops.difference(by_runs, at_once).getextrema()[1] < 40


@pytest.mark.parametrize(
    ("text", "language", "pieces"),
    [
        ("One two", "en", ["One ", "two"]),
        ("ปัญญาประดิษฐ์เปลี่ยน ตลาด", "th", ["ปัญญาประดิษฐ์", "เปลี่ยน ", "ตลาด"]),
        ("训练：让AI", "zh-hans", ["训", "练：", "让", "AI"]),
        ("ភាសា\u200bខ្មែរ", "km", ["ភាសា", "ខ្មែរ"]),
        ("노동 시장", "ko", ["노동 ", "시장"]),
        ("国際機関（IEA）の", "ja", ["国際機関", "（IEA）の"]),
        ("", "en", []),
    ],
    ids=ascii,
)
def test_lines_end_where_the_language_allows_it(text, language, pieces):
    assert breakable(text, language) == pieces


def test_preview_is_not_shared(admin_client):
    trend = make_trend(published=tomorrow())
    assert Trend.objects.published().count() == 0
    assert social(read(admin_client, f"/admin/trends/trend/{trend.pk}/preview/en/")) == {}
