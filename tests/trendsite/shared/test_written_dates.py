"""How dates are written: by people, on pages in each language, and in EDTF for programs."""

import re

import edtf
import pytest
from django.core.exceptions import ValidationError
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from tests.support.make import date
from tests.support.times import partial_dates
from trendsite.shared.partial_dates import PartialDate
from trendsite.shared.partial_dates.reading import MAX_LENGTH

READ = {
    "2024": ["2024", "2024年", "２０２４", "令和6年", "2024/2024"],
    "0001": ["0001"],
    "2019": ["令和元年", "平成31年", "平成三十一年"],
    "2018": ["H30年"],
    "2024-Q3": [
        "2024 Q3",
        "2024-q3",
        "2024Q3",
        "Q3 2024",
        "3Q 2024",
        "2024/Q3",
        "third quarter of 2024",
        "2024-35",
        "2024年第3四半期",
        "2024年第三四半期",
        "2024年3四半期",
        "2024年Q3",
        "令和6年第３四半期",
    ],
    "2024-H1": [
        "2024 H1",
        "2024h1",
        "H1 2024",
        "1H 2024",
        "first half of 2024",
        "2024-40",
        "2024年上半期",
        "2024年上期",
        "2024年前半",
        "令和6年上半期",
    ],
    "2024-H2": ["the second half of 2024", "2024年下半期", "2024年の後半", "2024-41"],
    "2024-06": [
        "06/2024",
        "R6.6",
        "R6年6月",
        "二〇二四年六月",
        "令和六年六月",
        "2024-6",
        " 2024-06\n",
        "２０２４-０６",
        "2024/06",
        "2024/6",
        "2024.6",
        "2024–06",
        "2024ー06",
        "２０２４／６",
        "June 2024",
        "Jun. 2024",
        "june, 2024",
        "2024年6月",
        "2024 年 6 月",
        "令和６年６月",
    ],
    "2024-06-15": [
        "2024/6/15",
        "2024−06−15",
        "2024.06.15",
        "15 June 2024",
        "15th of June 2024",
        "June 15, 2024",
        "2024年6月15日",
        "令和6年6月15日",
        "2024年6月15日 土曜日",
        "Saturday, 15 June 2024",
    ],
    "2024-02-29": ["2024-02-29"],
    "2024/2026": ["2024–2026", "2024-2026", "2024〜2026年", "2024年～2026年", "令和6〜8年"],
    "2024-03/2024-06": [
        "March–June 2024",
        "Mar - Jun 2024",
        "from March to June 2024",
        "March 2024 – June 2024",
        "2024-03 – 2024-06",
        "2024/03/2024/06",
        "2024-03/06",
        "2024/3〜6",
        "2024年3〜6月",
        "2024年3月～6月",
        "2024年３ー６月",
        "2024年3~6月",
        "2024年3月から6月まで",
        "令和6年3〜6月",
        "2024年3〜6月期",
        "2024年3~6月期",
        "between March and June 2024",
    ],
    "2024-11/2025-02": ["November 2024 – February 2025", "2024年11月〜2025年2月"],
    "2024-03-05/2024-03-08": [
        "5–8 March 2024",
        "March 5–8, 2024",
        "2024-03-05/08",
        "2024年3月5〜8日",
        "2024年3月5日〜8日",
    ],
    "2024-03-05/2024-04-02": ["5 March – 2 April 2024", "2024年3月5日〜4月2日"],
    "2004-02-01/2005": ["2004-02-01/2005"],
    "2024-Q1/2024-Q3": [
        "2024 Q1–Q3",
        "Q1-Q3 2024",
        "2024-33/2024-35",
        "2024年第1〜3四半期",
        "2024年第1四半期〜第3四半期",
    ],
    "2024-H1/2025-H2": ["2024 H1 – 2025 H2", "2024年上半期〜2025年下半期"],
    "2024~": ["~2024", "about 2024", "c. 2024", "circa 2024", "約2024年", "2024年頃", "2024年ごろ"],
    "2024-06~": [
        "2024年6月前後",
        "roughly June 2024",
        "~2024-06",
        "around June 2024",
        "2024年6月頃",
        "約２０２４年６月",
    ],
    "2024-03~/2024-06~": ["about March–June 2024", "2024年3〜6月頃", "2024-03~/2024-06"],
}


@pytest.mark.parametrize(
    ("text", "typed"),
    [(text, typed) for typed, texts in READ.items() for text in [typed, *texts]],
)
def test_what_people_write_is_read(text, typed):
    assert PartialDate.parse(text).typed == typed


@pytest.mark.parametrize(
    "text",
    [
        "",
        "24",
        "20245",
        "0000",
        "2024-Q0",
        "2024-Q5",
        "2024-H3",
        "2024-00",
        "2024-13",
        "2024-06-31",
        "2023-02-29",
        "2024年2月30日",
        "06-2024",
        "24年3月",
        "平成0年",
        "2024-06-15T12:00",
        "June",
        "2024-Q3-15",
        "2024-10-2112",
        "2024年13月",
        "２０２４年第５四半期",
        "٢٠٢٤",
        "2024 and more",
        "2024?",
        "n.d.",
        "約",
        "2024" * 100,
    ],
)
def test_what_names_no_date_is_refused_in_full(text):
    with pytest.raises(ValidationError) as caught:
        PartialDate.parse(text)
    assert caught.value.messages == [
        f"“{text}” is not a date. Enter 2024, 2024-H1, 2024-Q3, 2024-08 or 2024-08-15, "
        "2024-03/2024-06 for a range, 2024~ for about 2024."
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("2024-06/2024-03", "The end of “2024-06/2024-03” is before its beginning"),
        ("2024年6〜3月", "The end of “2024年6〜3月” is before its beginning"),
        ("2024/2024-06", "is before its beginning, or inside of it."),
        ("2024/..", "“2024/..” is open at one end."),
        ("2024年6月〜", "“2024年6月〜” is open at one end."),
        ("〜2024年", "Enter both its ends: 2024-03/2024-06."),
        ("since 2024", "“since 2024” is open at one end."),
        ("2024年以降", "“2024年以降” is open at one end."),
        ("2024年中頃", "does not say where this part begins and ends."),
        ("2024年暮れ", "does not say where this part begins and ends."),
        ("602", "Write a year with four digits: 0602."),
        ("2024-25", "Write each year with four digits: 2024, 2024/2025."),
        ("June ’24", "Write each year with four digits"),
        ("FY24", "Write each year with four digits"),
        ("15/06/2024", "in which order are day and month? Enter 2024-08-15."),
        ("1/3/2024", "in which order are day and month? Enter 2024-08-15."),
        ("c. 01.03.2024", "in which order are day and month? Enter 2024-08-15."),
        ("2024年3月期", "a fiscal year named by the month in which it ends."),
        ("spring 2024", "“spring 2024” is a season, which has other months in other countries."),
        ("2024年春", "Enter its months: 2024-03/2024-05."),
        ("winter 2023/24", "is a season"),
        ("2024-21", "is a season"),
        ("2024年秋頃", "is a season"),
        ("early 2024", "does not say where this part begins and ends."),
        ("2024年末", "does not say where this part begins and ends."),
        ("2024年3月上旬", "does not say where this part begins and ends."),
        ("2020s", "Enter the years, such as 2020/2029."),
        ("2020年代", "Enter the years, such as 2020/2029."),
        ("44 BC", "“44 BC” is before the year 1."),
        ("紀元前44年", "is before the year 1."),
        ("2024年度", "“2024年度” is a fiscal year, and this site does not say in which month"),
        ("FY2024", "Enter its months: 2024-04/2025-03."),
    ],
)
def test_the_message_says_what_is_wrong_where_that_can_be_told(text, message):
    with pytest.raises(ValidationError) as caught:
        PartialDate.parse(text)
    [said] = caught.value.messages
    assert message in said


@given(
    st.text(max_size=MAX_LENGTH) | st.text("0123456789年月日頃約〜～~-–/ Q上半期令和", max_size=16)
)
def test_any_text_is_a_date_or_refused(text):
    try:
        value = PartialDate.parse(text)
    except ValidationError:
        return
    assert PartialDate.parse(value.typed) == value


SHOWN = [
    ("2024", "2024", "2024年"),
    ("2024-H2", "2024 H2", "2024年下半期"),
    ("2024-Q2", "2024 Q2", "2024年第2四半期"),
    ("2025-06", "June 2025", "2025年6月"),
    ("2025-12-08", "8 December 2025", "2025年12月8日"),
    ("2024/2026", "2024–2026", "2024〜2026年"),
    ("2024-03/2024-06", "March–June 2024", "2024年3〜6月"),
    ("2024-11/2025-02", "November 2024 – February 2025", "2024年11月〜2025年2月"),
    ("2024-03-05/2024-03-08", "5–8 March 2024", "2024年3月5〜8日"),
    ("2024-03-05/2024-04-02", "5 March – 2 April 2024", "2024年3月5日〜4月2日"),
    ("2024-12-30/2025-01-02", "30 December 2024 – 2 January 2025", "2024年12月30日〜2025年1月2日"),
    ("2024-Q1/2024-Q3", "2024 Q1–Q3", "2024年第1〜第3四半期"),
    ("2024-Q3/2025-Q1", "2024 Q3 – 2025 Q1", "2024年第3四半期〜2025年第1四半期"),
    ("2024-06/2026", "June 2024 – 2026", "2024年6月〜2026年"),
    ("2024~", "c. 2024", "2024年頃"),
    ("2024-03~/2024-06~", "c. March–June 2024", "2024年3〜6月頃"),
]


@pytest.mark.parametrize(("text", "english", "japanese"), SHOWN)
def test_a_date_shows_itself_in_the_readers_language(text, english, japanese):
    value = date(text)
    with translation.override("en"):
        assert value.display() == english
    with translation.override("ja"):
        assert value.display() == japanese


@pytest.mark.parametrize("language", ["en", "ja"])
@given(value=partial_dates)
def test_what_a_page_shows_can_be_typed_in(language, value):
    with translation.override(language):
        assert PartialDate.parse(value.display()) == value


# Fiscal years


@pytest.fixture
def _from_april(settings):
    settings.FISCAL_YEAR_START = 4


@pytest.mark.usefixtures("_from_april")
@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("2024年度", "2024-04/2025-03"),
        ("令和６年度", "2024-04/2025-03"),
        ("FY2024", "2024-04/2025-03"),
        ("FY 2024–25", "2024-04/2025-03"),
        ("fiscal year 2024", "2024-04/2025-03"),
        ("2024〜2025年度", "2024-04/2026-03"),
        ("2024年度上半期", "2024-04/2024-09"),
        ("2024年度第1四半期", "2024-Q2"),
        ("2024年度第4四半期", "2025-Q1"),
        ("2024年度3月", "2025-03"),
        ("2024年度頃", "2024-04~/2025-03~"),
    ],
)
def test_a_fiscal_year_is_its_months(text, typed):
    assert PartialDate.parse(text).typed == typed


@pytest.mark.usefixtures("_from_april")
@pytest.mark.parametrize(
    ("text", "english", "japanese"),
    [
        ("2024-04/2025-03", "FY 2024–25", "2024年度"),
        ("1999-04/2000-03", "FY 1999–00", "1999年度"),
        ("2024-04~/2025-03~", "c. FY 2024–25", "2024年度頃"),
        ("2024-05/2025-04", "May 2024 – April 2025", "2024年5月〜2025年4月"),
    ],
)
def test_its_months_are_shown_as_a_fiscal_year_and_can_be_typed_in(text, english, japanese):
    for language, shown in {"en": english, "ja": japanese}.items():
        with translation.override(language):
            assert date(text).display() == shown
            assert PartialDate.parse(shown) == date(text)


def test_without_the_setting_its_months_are_shown_as_months():
    with translation.override("ja"):
        assert date("2024-04/2025-03").display() == "2024年4月〜2025年3月"


def test_a_fiscal_year_that_begins_in_january_is_a_year(settings):
    settings.FISCAL_YEAR_START = 1
    assert PartialDate.parse("2024年度") == date("2024")
    assert PartialDate.parse("2024年度下期") == date("2024-H2")


# For programs


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("2024", "2024"),
        ("2024-Q3", "2024-Q3"),
        ("2025-06", "2025-06"),
        ("2025-12-18", "2025-12-18"),
        ("2024-H1", "2024-40"),
        ("2024-H2", "2024-41"),
        ("2024-03/2024-06", "2024-03/2024-06"),
        ("2024-Q1/2024-Q3", "2024-33/2024-35"),
        ("2024-Q3~", "2024-35~"),
        ("~2024", "2024~"),
    ],
)
def test_files_and_programs_get_edtf_but_for_quarters_alone(typed, text):
    assert str(date(typed)) == text


@given(partial_dates)
def test_a_reader_of_edtf_reads_the_same_days(value):
    text = re.sub(r"^(\d{4})-Q(\d)$", lambda match: f"{match[1]}-{32 + int(match[2])}", str(value))
    if re.search(r"-[34]\d", text):  # the reader does not read these in a range, nor about right
        ends = text.replace("~", "").split("/")
        read = edtf.parse_edtf(ends[0]), edtf.parse_edtf(ends[-1])
    else:
        read = (edtf.parse_edtf(text),) * 2
    assert read[0].lower_strict()[:3] == value.first_day.timetuple()[:3]
    assert read[1].upper_strict()[:3] == value.last_day.timetuple()[:3]
