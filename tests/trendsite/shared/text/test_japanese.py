"""Where Japanese headings may break."""

import re
from itertools import pairwise
from urllib.parse import quote

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from tests.support.make import make_expert, make_mention, make_trend
from tests.support.reading import read, words
from trends.editing.completeness import with_missing
from trends.models import Trend, TrendMention
from trendsite.shared.templatetags.texts import numbers
from trendsite.shared.text.japanese import (
    BEGINS_WITH_KANJI,
    gap_after,
    phrases_of,
    with_breaks,
    with_numbers,
)
from trendsite.shared.text.width import pieces_of


def test_japanese_breaks_between_phrases():
    phrases = with_breaks("人工知能の応用が訓練より大切になる", "ja").split("<wbr>")
    assert phrases == ["人工知能の", "応用が", "訓練より", "大切に", "なる"]


@pytest.mark.parametrize("text", ["訓練より応用", "AI・GPT-5の公開", "「引用」、そして。", ""])
def test_breaks_change_no_character(text):
    assert re.sub("<.+?>", "", with_breaks(text, "ja")) == text


@pytest.mark.parametrize(
    ("text", "phrases"),
    [
        ("電力需要の議論の結論：安さは続かない", "電力需要の|議論の|結論：|安さは|続かない"),
        ("国際エネルギー機関（IEA）の予測", "国際エネルギー機関|（IEA）の|予測"),
        ("研究者が言う：「違う」", "研究者が|言う：|「違う」"),
        ("答え；次…終", "答え；|次…|終"),
        ("市場は3億ドルから10兆円へ", "市場は|3億ドルから|10兆円へ"),
        ("2027年には50％に", "2027年には|50％に"),
        ("改正法の§3は誤差±3と広さ50㎡", "改正法の§3は|誤差±3と|広さ50㎡"),
    ],
)
def test_lines_break_by_the_rules_of_kinsoku(text, phrases):
    assert phrases_of(text) == phrases.split("|")
    assert "".join(pieces_of(text, "ja")).strip() == text


@given(
    st.text(
        st.sampled_from(
            "機関の予測が、。：；！？!?:;・…（）()「」『』“”ーっャ々AI5%％¥年円〜 \ufe00"
        )
        | st.characters(exclude_categories=["Cs"]),
        max_size=30,
    )
)
def test_no_line_begins_or_ends_with_what_must_not(text):
    phrases = phrases_of(text)
    assert "".join(phrases) == text
    for before, after in pairwise(phrases):
        assert after[0] not in "、。，．：；！？!?:;,.・…）)」』”ーっャ々％%〜\ufe00"
        assert before[-1] not in "（(「『“¥"
        assert not (before[-1].isdigit() and after[0] in "年円%％5")


def test_clauses_are_kept_apart():
    assert re.sub("<wbr>", "", with_breaks("単価は急落、総額は別問題", "ja")) == (
        '<span class="clause">単価は急落、</span><span class="clause">総額は別問題</span>'
    )


@pytest.mark.parametrize(
    ("html", "language", "expected"),
    [
        ("<b>2026年</b>に3.5兆円", "ja", "<b>[2026年]</b>に[3.5兆円]"),
        ('<a href="/2026年">11月</a>、GPT-5', "ja", '<a href="/2026年">[11月]</a>、GPT-5'),
        ("2〜3件、約40%", "ja", "[2〜3件]、約[40%]"),
        ("2つの国、3点、第2回、第3四半期", "ja", "[2つ]の国、[3点]、[第2回]、[第3四半期]"),
        ("１２月３１日に３０社が", "ja", "[１２月][３１日]に[３０社]が"),
        ("二〇二五年十二月に百万人", "ja", "[二〇二五年][十二月]に[百万人]"),
        ("約3分の1、12兆3456億円", "ja", "約[3分の1]、[12兆3456億円]"),
        ("令和7年6月の午後3時、1.5か国", "ja", "[令和7年][6月]の[午後3時]、[1.5か国]"),
        (
            "<strong>2026</strong>年と<em>3</em>つ",
            "ja",
            "[<strong>2026</strong>年]と[<em>3</em>つ]",
        ),
        ("<em>2026</strong>年", "ja", "<em>2026</strong>年"),
        ("<mark>2025</mark>年終盤", "ja", "[<mark>2025</mark>年]終盤"),
        ("紀元前500年、大正12年、令和元年", "ja", "[紀元前500年]、[大正12年]、[令和元年]"),
        ("50 GWの電力、Q3 2026に", "ja", "[50 GW]の電力、[Q3 2026]に"),
        ("2026年", "en", "2026年"),
        ("on 8 December 2025 and 8 May", "en", "on [8 December 2025] and [8 May]"),
        ("in May 2026, Q3 2026, 2026 Q3", "en", "in [May 2026,] [Q3 2026,] [2026 Q3]"),
        ("USD 37.5 billion, EUR 5, 90 million", "en", "[USD 37.5 billion,] [EUR 5,] [90 million]"),
        ("50 GW, 415 TWh, 500 BC", "en", "[50 GW,] [415 TWh,] [500 BC]"),
        ('<a href="/8 May 2026">5 may</a>', "en", '<a href="/8 May 2026">5 may</a>'),
        ("8 May 2026", "fr", "8 May 2026"),
    ],
)
def test_a_number_stays_with_what_it_counts(html, language, expected):
    shown = re.sub(r'<span class="number">(.+?)</span>', r"[\1]", with_numbers(html, language))
    assert shown == expected


@pytest.mark.parametrize("language", ["ja", "en"])
def test_markup_in_a_text_is_text(language):
    page = with_breaks("<script>R&D</script>の話", language).replace("<wbr>", "")
    assert page == "&lt;script&gt;R&amp;D&lt;/script&gt;の話"


def test_other_languages_break_at_their_spaces():
    assert with_breaks("Application over training", "en") == "Application over training"
    assert with_breaks("To 8 May", "en") == 'To <span class="number">8 May</span>'


@pytest.mark.django_db
def test_headings_and_cards_of_a_page_break_between_phrases(client):
    make_trend(title_ja="人工知能の応用が訓練より大切になる")
    for address in ("/ja/", "/ja/trends/example-trend/"):
        [title] = [
            heading
            for heading in read(client, address).iter()
            if heading.tag in {"h1", "h2"} and words(heading).startswith("人工知能")
        ]
        assert title.find(".//wbr") is not None
    # In English, where the title stands in, it is Japanese too.
    make_trend("other", title_en=None, title_ja="人工知能の応用が訓練より大切になる")
    assert read(client, "/en/trends/other/").find(".//h1//wbr") is not None
    assert read(client, "/en/trends/example-trend/").find(".//h1//wbr") is None


@pytest.mark.django_db
def test_breaks_are_only_where_the_gap_between_scripts_is_left_out(client):
    """A `wbr` leaves out the gap on its side alone, so that `.phrases` leaves out all."""
    trend, other = (make_trend(slug, title_ja="EUのAI法は段階適用") for slug in ("one", "other"))
    trend.related.add(other)
    trend.retired = trend.published
    trend.save()
    trend.successors.add(other)
    mention = make_mention(expert=make_expert(name_ja="サム・アルトマン氏のAI"))
    TrendMention.objects.create(trend=trend, mention=mention)
    for address in ("", "a-z/", "changes/", "trends/one/", "trends/other/"):
        page = read(client, f"/ja/{address}")
        inside = {id(one) for outer in page.iter() for one in outer.iter() if _is_phrases(outer)}
        assert [one for one in page.iter("wbr") if id(one) not in inside] == []


@pytest.mark.django_db
def test_no_blank_follows_a_full_width_mark(client):
    trend = make_trend(implications=2, timeline=1, mentions=1)
    trend.timeline.update(kind="forecast", outcome="pending", made_by="editors")
    for address in (f"trends/{trend.slug}/", "forecasts/", f"changes/?trend={trend.slug}"):
        for element in read(client, f"/ja/{address}").iter("p"):
            assert not re.search("[：。、] (?!¶)", words(element)), words(element)


def _is_phrases(element) -> bool:
    return "phrases" in (element.get("class") or "").split()


def test_a_line_does_not_break_inside_a_number():
    phrases = re.sub("</?span.*?>", "|", with_breaks("開始は2027年と7〜9月期へ延びた。", "ja"))
    assert phrases.split("<wbr>") == ["開始は", "|2027年|と", "|7〜9月期|へ", "延びた。"]


@pytest.mark.parametrize(
    "number",
    ["第3四半期", "二〇二五年", "十二月", "令和7年", "3分の1", "12兆3456億円", "１２月", "第2回"],
)
def test_phrases_do_not_split_a_number(number):
    for before, after in [("", "に伸びた"), ("予測では", "まで続く"), ("市場は", "の変化")]:
        assert any(number in phrase for phrase in phrases_of(before + number + after))


@pytest.mark.django_db
def test_numbers_in_sentences_of_the_interface_stay_with_what_they_count(client):
    with translation.override("ja"):
        assert numbers("予測2件（R&D）") == '予測<span class="number">2件</span>（R&amp;D）'
    trend = make_trend(title_ja="電力の壁")
    page = read(client, f"/ja/trends/{trend.slug}/")
    citation = next(text for text in page.iter("dd") if "日版" in words(text))
    kept = [words(span)[-1] for span in citation.iter("span") if span.get("class") == "number"]
    assert kept == ["年", "月", "日"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "number"), [("ja", "20秒"), ("en", "8 December 2025")], ids=["ja", "en"]
)
def test_numbers_of_quotations_and_found_texts_stay_with_what_they_count(client, language, number):
    words_said = {"original": "On 8 December 2025 it ended.", "translation_ja": "20秒かかった。"}
    trend = make_trend(title_ja="電力の壁", subtitle_en="On 8 December 2025", subtitle_ja="20秒")
    TrendMention.objects.create(trend=trend, mention=make_mention(**words_said))
    quotation = read(client, f"/{language}/trends/{trend.slug}/").find(".//blockquote")
    query = quote("December 2025" if language == "en" else "20秒")
    passages = read(client, f"/{language}/search/?q={query}").findall(".//article//p")
    for element in (quotation, *passages[-1:]):
        assert number in {words(span) for span in element.iter("span")}


@pytest.mark.parametrize(
    ("before", "gap"),
    [
        ("Lead.", " "),
        ("要点", " "),
        ("要点。", ""),
        ("本当か？", ""),
        ("「引用」", ""),
        ("（注）", ""),
        ("もしかして：", ""),
        ("“quoted”", " "),
        ("and so on…", " "),
        ("サーバー", " "),
        ("", " "),
    ],
)
def test_full_width_mark_needs_no_blank_after_it(before, gap):
    assert gap_after(before) == gap


@pytest.mark.parametrize("title", ["訓練", "「𠮷野家」", "(﨑", "々", "\U0003134a"])
@pytest.mark.django_db
def test_a_title_that_begins_with_kanji_is_read_by_python_and_the_database(title):
    make_trend(title_ja=title)
    assert re.search(BEGINS_WITH_KANJI, title)
    assert with_missing(Trend.objects.all()).get().unread_ja


@pytest.mark.parametrize("title", ["AI訓練", "かな", "😀", "！？", "𝒜", "한국어"])
@pytest.mark.django_db
def test_a_title_that_begins_otherwise_is_not(title):
    make_trend(title_ja=title)
    assert not re.search(BEGINS_WITH_KANJI, title)
    assert not with_missing(Trend.objects.all()).get().unread_ja


def test_pieces_for_pictures_hold_no_markup():
    text = "単価は急落、総額は<別>問題"
    assert "".join(pieces_of(text, "ja")) == f"{text} "


@pytest.mark.parametrize("sign", ["1", "1,", "("])
def test_long_text_of_digits_or_brackets_is_read_in_linear_time(sign):
    """Which shows by itself: each of these took a minute."""
    text = sign * (20_000 // len(sign))
    assert "".join(phrases_of(text)) == with_numbers(text, "ja") == text
