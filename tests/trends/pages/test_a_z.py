"""The A–Z: every published trend by title, under letters."""

import datetime
from itertools import pairwise

import pytest

from tests.support.days import tomorrow, yesterday
from tests.support.editing import errors, form_data, make_editor, send, trend_url
from tests.support.make import make_trend
from tests.support.reading import (
    alternates,
    blanks,
    broken_anchors,
    by_role,
    headings,
    links,
    main,
    notes,
    pagination,
    read,
    says,
    spoken,
    trend_rows,
    words,
)
from trends.models import Trend
from trends.queries.letters import DIGITS, OTHERS, letter_of
from trendsite.shared.translated import languages

pytestmark = pytest.mark.django_db

PAGE = "/en/a-z/"
# 1 how many of each letter, 2-3 the trends of the page, 4 their successors.
A_Z_QUERIES = 4


def groups(page) -> dict[str, list[str]]:
    """The titles under each heading, in order."""
    return {
        words(group.find("h2")): [words(row.find("a")) for row in group.iter("li")]
        for group in by_role(main(page), "region")
    }


def letters(page) -> dict[str, str]:
    """The addresses behind the letters at the top."""
    found = by_role(main(page), "navigation")
    return {label: address for address, label in links(found[0]).items()} if found else {}


@pytest.mark.parametrize(
    ("title", "label"),
    [
        ("Application", "A"),
        ("zebra", "Z"),
        ("Élan", "E"),
        ("Ångström", "A"),
        ("Øresund", "O"),
        ("Łódź", "L"),
        ("Ægir", "A"),
        ("ﬁne", "F"),
        ("Ｆｕｌｌ width", "F"),
        ("“Quoted”", "Q"),
        ("#hash", "H"),
        ("3D printing", "0–9"),
        ("１０年", "0–9"),
        ("²H", "0–9"),
        ("???", "0–9"),
        ("訓練", "Others"),
        ("くんれん", "Others"),
        ("Ярмарка", "Others"),
        ("한국", "Others"),
    ],
)
def test_a_title_stands_under_its_letter(title, label):
    assert letter_of(title, "en").label == label


@pytest.mark.parametrize(
    ("title", "label"),
    [
        ("あさ", "あ行"),
        ("ヴァイオリン", "あ行"),
        ("ァ", "あ行"),
        ("ガス", "か行"),
        ("ヶ", "か行"),
        ("ｶﾞｽ", "か行"),
        ("ざっし", "さ行"),
        ("ッ", "た行"),
        ("づ", "た行"),
        ("ぬの", "な行"),
        ("パン", "は行"),
        ("ﾋﾞﾙ", "は行"),
        ("も", "ま行"),
        ("ょ", "や行"),
        ("ロボット", "ら行"),
        ("ん", "わ行"),
        ("ゐ", "わ行"),
        ("ヷ", "わ行"),
        ("ヱビス", "わ行"),
        ("「オープン」", "あ行"),
        ("ーのば", "な行"),
        ("AIの計算力", "A"),
        ("ＡＩ", "A"),
        ("5つの", "0–9"),
        ("五つの", "Others"),
        ("訓練", "Others"),
    ],
)
def test_in_japanese_it_stands_under_its_row_of_kana(title, label):
    assert letter_of(title, "ja").label == label


def test_letters_sort_as_readers_look_for_them():
    of = letter_of
    japanese = [of(kana, "ja") for kana in "あかさたなはまやらわ"]
    latin = [of(letter, "ja") for letter in "ABZ"]
    in_order = [*japanese, *latin, DIGITS, OTHERS]
    assert all(first < second for first, second in pairwise(in_order))
    assert len({letter.name for letter in in_order}) == len(in_order)
    assert all(letter.name.isascii() for letter in in_order)


def test_trends_stand_under_letters_in_english(client):
    for number, title in enumerate(["Élan", "apples", "3D", "Zebra", "Apple", "eland", "「", "Б"]):
        make_trend(f"t-{number}", title_en=title)
    page = read(client, PAGE)
    assert groups(page) == {
        "A": ["Apple", "apples"],
        "E": ["Élan", "eland"],
        "Z": ["Zebra"],
        "0–9": ["「", "3D"],
        "Others": ["Б"],
    }
    assert letters(page) == {
        "A": "#letter-a",
        "E": "#letter-e",
        "Z": "#letter-z",
        "0–9": "#digits",
        "Others": "#others",
    }
    assert broken_anchors(page) == blanks(page) == notes(page) == []


def test_trends_stand_under_kana_in_japanese_where_they_are_read(client):
    for number, (title, reading) in enumerate(
        [
            ("訓練より応用", "くんれんよりおうよう"),
            ("グラフ", None),
            ("クラウド", None),
            ("ｱﾝﾃﾅ", None),
            ("電力", None),
            ("MCP", None),
            ("AIの計算力", None),
            ("2030年", None),
        ]
    ):
        make_trend(f"t-{number}", title_ja=title, title_reading_ja=reading)
    page = read(client, "/ja/a-z/")
    assert groups(page) == {
        "あ行": ["ｱﾝﾃﾅ"],
        "か行": ["クラウド", "グラフ", "訓練より応用"],
        "A": ["AIの計算力"],
        "M": ["MCP"],
        "0–9": ["2030年"],
        "その他": ["電力"],
    }
    assert list(letters(page)) == ["あ行", "か行", "A", "M", "0–9", "その他"]
    assert "くんれん" not in words(page)
    assert broken_anchors(page) == blanks(page) == notes(page) == []


def test_the_same_titles_stand_in_the_order_of_their_slugs(client):
    for slug in ("c", "a", "b"):
        make_trend(slug, title_en="Same")
    rows = main(read(client, PAGE)).find(".//section/ul")
    assert list(links(rows)) == [f"/en/trends/{slug}/" for slug in "abc"]


def test_a_list_sorted_by_title_heeds_how_it_is_read(client):
    make_trend("a", title_ja="訓練", title_reading_ja="くんれん")
    make_trend("b", title_ja="けいさん")
    make_trend("c", title_ja="きかい")
    rows = trend_rows(read(client, "/ja/?sort=title"))
    assert [words(row.find("*/a")) for row in rows] == ["きかい", "訓練", "けいさん"]


def test_only_what_readers_see_is_listed(client):
    make_trend("draft", published=None)
    make_trend("scheduled", published=tomorrow())
    make_trend("shown")
    assert groups(read(client, PAGE)) == {"T": ["Title of shown"]}


@pytest.mark.parametrize(
    ("language", "new", "old", "gone"),
    [
        (
            "en",
            "Title of new growing",
            "Title of old Retired 4 March 2026 Replaced by: Title of new",
            "Title of gone Retired 4 March 2026",
        ),
        (
            "ja",
            "newの題 拡大期",
            "oldの題 追跡終了 2026年3月4日 後継： newの題",
            "goneの題 追跡終了 2026年3月4日",
        ),
    ],
)
def test_a_retired_trend_is_told_by_form_and_words_with_what_succeeds_it(
    client, language, new, old, gone
):
    day, before = datetime.date(2026, 3, 4), datetime.date(2025, 3, 4)
    successors = [make_trend("new"), make_trend("draft", published=None)]
    make_trend("old", published=before, retired=day).successors.set(successors)
    make_trend("gone", published=before, retired=day)
    page = read(client, f"/{language}/a-z/")
    rows = {next(iter(links(row))): row for row in page.findall(".//main//section//li")}
    found = {address.split("/")[-2]: words(row) for address, row in rows.items()}
    assert found == {"new": new, "old": old, "gone": gone}
    old_row = rows[f"/{language}/trends/old/"]
    assert list(links(old_row)) == [f"/{language}/trends/old/", f"/{language}/trends/new/"]
    assert [len([*row.iter("svg")]) for row in rows.values()] == [1, 1, 1]


def test_a_trend_not_translated_is_listed_and_the_page_says_so(client):
    make_trend("a", title_en=None, title_ja="日本語だけ", title_reading_ja="にほんごだけ")
    page = read(client, PAGE)
    assert groups(page) == {"Others": ["日本語だけ"]}
    assert spoken(page, "日本語だけ") == {"ja"}
    assert notes(page) == ["Parts of this page are not yet translated and are shown in Japanese."]
    # An English title in Japanese has no need of a reading.
    make_trend("b", title_ja=None)
    assert list(groups(read(client, "/ja/a-z/"))) == ["な行", "T"]


def test_how_a_title_is_read_is_no_text_that_stands_in(client):
    make_trend(title_reading_ja="よみ")
    assert notes(read(client, "/en/trends/example-trend/")) == notes(read(client, PAGE)) == []


@pytest.mark.parametrize("language", languages())
def test_an_empty_a_z_says_so(client, language):
    page = read(client, f"/{language}/a-z/")
    assert says(page, "No trend is published yet.")
    assert letters(page) == {}
    assert blanks(page) == []


@pytest.fixture
def three_a_page(monkeypatch):
    monkeypatch.setattr("trends.pages.a_z.ROWS_A_PAGE", 3)
    for title in ["Aa", "Ab", "Ba", "Bb", "Bc", "Bd", "Be", "Ca"]:
        make_trend(title.lower(), title_en=title)


def test_letters_lead_to_the_page_on_which_they_begin(client, three_a_page):
    assert letters(read(client, PAGE)) == {
        "A": "#letter-a",
        "B": "#letter-b",
        "C": f"{PAGE}?page=3#letter-c",
    }
    assert letters(read(client, f"{PAGE}?page=3")) == {
        "A": f"{PAGE}#letter-a",
        "B": f"{PAGE}#letter-b",
        "C": "#letter-c",
    }


def test_pages_hold_every_title_once_and_say_what_goes_on(client, three_a_page):
    assert [groups(read(client, f"{PAGE}?page={number}")) for number in (1, 2, 3)] == [
        {"A": ["Aa", "Ab"], "B": ["Ba"]},
        {"B (continued)": ["Bb", "Bc", "Bd"]},
        {"B (continued)": ["Be"], "C": ["Ca"]},
    ]
    page = read(client, f"{PAGE}?page=2")
    assert broken_anchors(page) == []
    assert links(pagination(page)[0]) == {
        "?page=1": "Previous page",
        "?page=3": "Next page",
    }
    assert "（続き）" in headings(read(client, "/ja/a-z/?page=2"))[1]


@pytest.mark.parametrize(
    ("asked", "shown"),
    [("0", 3), ("99", 3), ("x", 1), ("", 1), ("-1", 3), ("%00", 1), ("9" * 500, 3)],
)
def test_a_page_that_is_none_is_the_nearest(client, three_a_page, asked, shown):
    page = read(client, f"{PAGE}?page={asked}")
    number = f"?page={shown}" if shown > 1 else ""
    assert alternates(page) == {
        "canonical": f"http://testserver{PAGE}{number}",
        "x-default": f"http://testserver{PAGE}{number}",
        "en": f"http://testserver{PAGE}{number}",
        "ja": f"http://testserver/ja/a-z/{number}",
    }


@pytest.mark.parametrize("size", [1, 300])
def test_the_page_takes_the_same_queries_whatever_it_holds(client, django_assert_num_queries, size):
    Trend.objects.bulk_create(
        Trend(
            slug=f"t-{number}",
            status="growing",
            confidence="low",
            since="2024",
            title_en=f"{'ABC'[number % 3]} {number}",
            published=yesterday(),
            retired=yesterday() if number % 2 == 0 else None,
        )
        for number in range(size)
    )
    first, *_others, last = [*Trend.objects.all(), None][: size + 1]
    for trend in Trend.objects.filter(retired__isnull=False):
        trend.successors.set([last or first])
    with django_assert_num_queries(A_Z_QUERIES):
        page = read(client, PAGE)
    assert len(page.findall(".//main//section//li")) == min(size, 200)


def test_it_is_found_from_every_page(client):
    make_trend()
    page = read(client, "/ja/trends/example-trend/")
    [nav] = by_role(page, "navigation", "サイト内メニュー")
    assert links(nav)["/ja/a-z/"] == "五十音順"
    [nav] = by_role(read(client, PAGE), "navigation", "Site")
    assert [words(link) for link in nav.iter("a") if link.get("aria-current")] == ["A–Z"]


def test_it_is_only_read(client):
    assert client.post(PAGE).status_code == 405


def test_an_editor_writes_how_a_title_is_read(client):
    client.force_login(make_editor())
    trend = make_trend(title_ja="訓練")
    url = trend_url(trend)
    data = form_data(client, url)
    wrong = send(client, url, data, title_reading_ja="訓れん")
    assert errors(wrong) == {"title_reading_ja": ["Enter how the title is read, without kanji."]}
    assert send(client, url, data, title_reading_ja="くんれん").status_code == 302
    trend.refresh_from_db()
    assert (trend.title_reading_ja, trend.title_reading_en) == ("くんれん", None)
