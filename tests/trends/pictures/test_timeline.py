"""The timeline as a picture: what a reader sees in the SVG, at both widths."""

import datetime
import re
from itertools import combinations, permutations
from xml.etree import ElementTree

import pytest
from django.template.loader import render_to_string
from django.utils import translation
from hypothesis import example, given
from hypothesis import strategies as st

from tests.support.make import date
from tests.support.svg import Drawn, Words
from tests.support.times import partial_dates
from trends.levels import OUTCOMES, EntryKind
from trends.models import TimelineEntry
from trends.pictures.timeline import build_timeline_picture
from trendsite.shared.partial_dates import CalendarUnit, PartialDate, Precision

TODAY = datetime.date(2026, 5, 20)


def entry(on: str, text: str | None = "Something happens", **values) -> TimelineEntry:
    return TimelineEntry(date=date(on), text_en=text, **values)


def forecast(on: str, outcome: str = "pending", text: str = "Something is said") -> TimelineEntry:
    return entry(on, text, kind="forecast", outcome=outcome)


def html(entries: list[TimelineEntry], today: datetime.date = TODAY) -> str:
    picture = build_timeline_picture(entries, today)
    return render_to_string("components/timeline_picture.html", {"picture": picture})


def drawn(entries: list[TimelineEntry], today: datetime.date = TODAY) -> list["Timeline"]:
    """The picture as a browser would read it: one for wide containers, one for narrow ones."""
    return [Timeline(svg) for svg in ElementTree.fromstring(html(entries, today)).iter("svg")]


class Timeline(Drawn):
    """One width of the picture."""

    @property
    def text(self) -> str:
        return " ".join(words.text for words in self.words)

    @property
    def bars(self) -> list[dict[str, float]]:
        """From top to bottom, as they were drawn."""
        return [
            {name: float(bar.get(name)) for name in ("x", "y", "width", "height")}
            for bar in self.svg.iter("rect")
        ]

    def place(self, text: str) -> Words:
        return next(words for words in self.words if words.text == text)


class TestWhetherThereIsAPicture:
    @pytest.mark.parametrize("entries", [[], [entry("2025")]], ids=["none", "one"])
    def test_fewer_than_two_entries_make_no_picture(self, entries):
        assert build_timeline_picture(entries, TODAY) == []

    def test_two_entries_make_one_for_wide_and_one_for_narrow_pages(self):
        wide, narrow = drawn([entry("2025"), entry("2026")])
        assert narrow.width < 400 < wide.width


class TestDates:
    def test_a_bar_is_as_wide_as_its_date_is_vague(self):
        for picture in drawn(
            [
                entry(on)
                for on in (
                    "2025",
                    "2025-H2",
                    "2025-Q3",
                    "2025-07",
                    "2025-07-01",
                    "2026",
                    "2024/2026",
                )
            ]
        ):
            day, month, quarter, half, year, _next, both = sorted(
                bar["width"] for bar in picture.bars
            )
            assert both / year == pytest.approx(1096 / 365, rel=0.05)
            assert half / year == pytest.approx(184 / 365, rel=0.05)
            assert quarter / year == pytest.approx(92 / 365, rel=0.05)
            assert month / year == pytest.approx(31 / 365, rel=0.05)
            assert day < month

    def test_a_range_is_drawn_from_its_first_day_to_its_last(self):
        dates = ["2025-03/2025-06", "2025-03", "2025-06", "2025-01", "2026"]
        for picture in drawn([entry(on) for on in dates]):
            bars = {bar["width"]: bar for bar in picture.bars}
            both = bars[max(width for width in bars if width < max(bars))]
            ends = sorted(bar["x"] for bar in picture.bars)[1:4]
            assert both["x"] == ends[0] == ends[1]
            june = next(bar for bar in picture.bars if bar["x"] == ends[2])
            assert both["x"] + both["width"] == pytest.approx(june["x"] + june["width"], abs=0.2)

    def test_the_vaguer_date_has_the_wider_bar_on_the_longest_axis_too(self):
        for picture in drawn(
            [entry("2025-05-05"), entry("2025-05"), entry("2025-Q2"), entry("2025"), entry("0001")]
        ):
            widths = [bar["width"] for bar in picture.bars if bar["x"] > picture.width / 2]
            assert len(set(widths)) == 4
            assert min(widths) >= 3

    def test_each_date_is_written_as_its_language_writes_it(self):
        entries = [entry("2025-Q2"), entry("2025-12-18")]
        for language in ("en", "ja"):
            with translation.override(language):
                for picture in drawn(entries):
                    for one in entries:
                        assert picture.place(one.date.display())

    def test_entries_of_one_day_stand_below_one_another(self):
        for picture in drawn([entry("2025-06-03", text) for text in ("One", "Two", "Three")]):
            assert len({bar["x"] for bar in picture.bars}) == 1
            assert len({bar["y"] for bar in picture.bars}) == 3

    def test_the_order_of_the_entries_given_does_not_matter(self):
        entries = [entry("2025", "A"), entry("2024-03", "B"), entry("2026-Q1", "C")]
        assert html(entries) == html(entries[::-1])


class TestTheAxis:
    def test_names_every_year_where_there_is_room(self):
        for picture in drawn([entry("2022-11"), entry("2026-10")]):
            for year in ("2023", "2024", "2025", "2026"):
                assert picture.place(year)

    def test_names_quarters_where_the_span_is_short(self):
        for picture in drawn([entry("2024-10-03"), entry("2026-10-03")]):
            assert {"2025", "2026", "Q1", "Q2", "Q3", "Q4"} <= {w.text for w in picture.words}

    def test_names_months_where_it_is_shorter_still(self):
        for picture in drawn([entry("2025-02-03"), entry("2025-06-03")]):
            assert {"2025", "Feb", "Mar", "Apr", "May", "Jun"} <= {w.text for w in picture.words}

    def test_names_few_years_of_many(self):
        for picture in drawn([entry("0001", ""), entry("9999", "")]):
            years = [words for words in picture.words if re.fullmatch(r"\d{4}", words.text)]
            assert 4 < len(years) < 14

    def test_names_years_at_the_foot_of_a_tall_picture_too(self):
        for picture in drawn([entry("2025-06-03")] * 20):
            named = [words.top for words in picture.words if words.text == "2025"]
            assert min(named) < 60
            assert max(named) > picture.height - 60


class TestPresent:
    def test_is_a_line_with_its_month_where_the_axis_reaches_it(self):
        for picture in drawn([entry("2025"), entry("2026-12")]):
            assert picture.place("Now, May 2026")

    def test_is_the_same_on_every_day_of_a_month(self):
        entries = [entry("2025"), entry("2026-12")]
        first, last = (html(entries, datetime.date(2026, 5, day)) for day in (1, 31))
        assert first == last != html(entries, datetime.date(2026, 6, 1))

    def test_is_absent_where_the_axis_does_not_reach_it(self):
        assert "Now" not in html([entry("2023"), entry("2024-02")])
        assert "Now" not in html([entry("2027"), entry("2030")])

    def test_what_is_past_keeps_to_its_side_of_the_line(self):
        wide, _narrow = drawn([entry("2026-04-01", "Just before"), entry("2024"), entry("2028")])
        line = float(re.match(r"M([\d.]+)", wide.svg.findall("path")[-1].get("d"))[1])
        assert wide.place("Just before").right <= line


class TestForecasts:
    def test_an_event_is_not_called_a_forecast(self):
        assert "forecast ·" not in html([entry("2025"), entry("2026")])

    @pytest.mark.parametrize(
        ("kind", "outcome", "says"),
        [
            ("forecast", "pending", "open"),
            ("forecast", "confirmed", "confirmed"),
            ("forecast", "missed", "missed"),
            ("forecast", "void", "void"),
            ("forecast", "disputed", "disputed"),
            ("scheduled", "pending", "to come"),
            ("scheduled", "in-force", "in force"),
            ("scheduled", "postponed", "postponed"),
            ("scheduled", "dropped", "dropped"),
        ],
    )
    def test_what_is_not_an_event_says_so_and_what_became_of_it(self, kind, outcome, says):
        when = "9999" if outcome == "pending" else "2025"
        entries = [entry("2025"), entry(when, kind=kind, outcome=outcome)]
        for picture in drawn(entries):
            assert picture.place(f"{kind} · {says}")

    def test_each_outcome_has_a_mark_of_its_own(self):
        marks = set()
        for outcome in OUTCOMES[EntryKind.FORECAST]:
            wide, _narrow = drawn([entry("2025"), forecast("2025", outcome)])
            [mark] = [path.get("d") for path in wide.svg.iter("path") if path.get("transform")]
            marks.add(mark)
        assert len(marks) == 5

    def test_what_is_scheduled_has_bars_and_marks_of_its_own(self):
        marks = set()
        for outcome in OUTCOMES[EntryKind.SCHEDULED]:
            entries = [entry("2024"), entry("2025", kind="scheduled", outcome=outcome)]
            for picture in drawn(entries):
                _event, bar = picture.svg.iter("rect")
                assert bar.get("class") == "timeline-picture-scheduled"
                [mark] = [p.get("d") for p in picture.svg.iter("path") if p.get("transform")]
                marks.add(mark)
        assert len(marks) == 4

    def test_a_forecast_is_hatched_and_an_event_is_not(self):
        for picture in drawn([entry("2025"), forecast("2026")]):
            event, hatched = picture.svg.iter("rect")
            [pattern] = picture.svg.iter("pattern")
            assert hatched.get("fill") == f"url(#{pattern.get('id')})"
            assert event.get("fill") is None

    def test_ids_differ_between_the_widths(self):
        picture = build_timeline_picture([entry("2025"), forecast("2026")], TODAY)
        page = render_to_string("components/timeline_picture.html", {"picture": picture})
        ids = re.findall(r' id="([^"]+)"', page)
        assert len(set(ids)) == len(ids) == 2


class TestLabels:
    def test_a_short_text_is_shown_whole(self):
        for picture in drawn([entry("2025", "The AI Act enters into force."), entry("2026")]):
            assert "The AI Act enters into force." in picture.text

    def test_a_long_text_is_never_cut(self):
        for picture in drawn([entry("2025", "A long story, " * 40), entry("2026", "Short")]):
            assert picture.text.count("story") == 40
            assert "…" not in picture.text

    def test_a_short_label_stands_for_a_long_text(self):
        long = entry("2025", "A long story, " * 40, short_en="A story")
        for picture in drawn([long, entry("2026", "Another")]):
            assert picture.place("A story")
            assert "long" not in picture.text

    def test_a_label_in_another_language_does_not_replace_the_text(self):
        labelled = entry("2025", "It began.", text_ja="始まった。", short_en="Beginning")
        with translation.override("ja"):
            for picture in drawn([labelled, entry("2026")]):
                assert "始まった" in picture.text
                assert "Beginning" not in picture.text

    def test_a_text_without_spaces_is_broken(self):
        for picture in drawn([entry("2025", "W" * 500), entry("2026", "界" * 500)]):
            assert (picture.text.count("W"), picture.text.count("界")) == (500, 500)

    def test_a_japanese_line_does_not_tear_a_number_or_begin_with_a_comma(self):
        text = "セミアナリシスの予測では、2026年末までに1日のコミットの20%超をClaude Codeが占める"
        entries = [TimelineEntry(date=date(on), text_ja=text) for on in ("2025", "2026")]
        with translation.override("ja"):
            for picture in drawn(entries):
                lines = [words.text for words in picture.words if re.search("[ぁ-ん]", words.text)]
                assert len(lines) == 6
                assert not [line for line in lines if line[0] in "、。"]
                assert "2026年" in picture.text
                assert "20%" in picture.text

    def test_a_joined_emoji_is_not_torn(self):
        family = "👩\u200d👩\u200d👧"
        for picture in drawn([entry("2025", family * 60), entry("2026")]):
            lines = [words.text for words in picture.words if "👩" in words.text]
            assert "".join(lines) == family * 60
            assert all(line.replace(family, "") == "" for line in lines)

    def test_markup_in_a_text_is_text(self):
        for picture in drawn([entry("2025", "<b>R&D</b> <wbr> &amp;"), entry("2026")]):
            assert "<b>R&D</b> <wbr> &amp;" in picture.text

    def test_an_entry_without_text_has_its_date(self):
        for picture in drawn([entry("2025-03", None), entry("2026-01")]):
            assert picture.place("March 2025")

    def test_a_text_of_another_language_says_which(self):
        entries = [entry("2025", "Only English"), entry("2026", "English", text_ja="日本語")]
        with translation.override("ja"):
            for picture in drawn(entries):
                languages = {
                    "".join(text.itertext()).strip(): text.get("lang")
                    for text in picture.svg.iter("text")
                }
                assert languages["Only English"] == "en"
                assert languages["日本語"] is None

    def test_numbers_are_numbers_in_a_language_with_a_decimal_comma(self):
        with translation.override("de"):
            for picture in drawn([entry("2024-03-02"), entry("2026-01-09")]):
                assert all(bar["width"] for bar in picture.bars)


class TestThePage:
    def test_a_screen_reader_hears_one_name_and_goes_on_to_the_table(self):
        for picture in drawn([entry("2025"), entry("2026")]):
            assert picture.svg.get("role") == "img"
            assert (
                picture.svg.get("aria-label") == "Timeline, drawn. The table below says the same."
            )

    def test_nothing_in_it_offends_the_content_policy(self):
        page = html([entry("2025"), forecast("2026", "missed")])
        assert not re.search(r"<style|<script|\sstyle=|\son\w+=|href=|https?:", page)


def partial_date(day: datetime.date, precision: Precision) -> PartialDate:
    return PartialDate(CalendarUnit.holding(day, precision).first_day, precision)


def entry_in_japanese(
    date: PartialDate, text: str | None, state: tuple[EntryKind, str]
) -> TimelineEntry:
    kind, outcome = state
    return TimelineEntry(date=date, text_ja=text, kind=kind, outcome=outcome)


days = st.one_of(
    st.dates(datetime.date(2022, 1, 1), datetime.date(2031, 12, 31)),
    st.dates(),
)
texts = st.one_of(
    st.none(),
    st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=500),
    st.text("aWm 界、「」2026%👩\u200d\u0301", max_size=500),
)
timelines = st.lists(
    st.builds(
        entry_in_japanese,
        st.builds(partial_date, days, st.sampled_from(Precision)) | partial_dates,
        texts,
        st.sampled_from(
            [
                (EntryKind.EVENT, ""),
                *((kind, outcome) for kind in OUTCOMES for outcome in OUTCOMES[kind]),
            ]
        ),
    ),
    min_size=2,
    max_size=20,
)
ROUNDING = 0.2
SIXTY = [
    entry(f"{2000 + n // 4}-Q{n % 4 + 1}", f"Entry {n} of sixty, at length") for n in range(60)
]


class TestAnyTimeline:
    @given(timelines, st.dates(), st.sampled_from(["en", "ja"]))
    @example(SIXTY, TODAY, "en")
    @example([entry("0001-01-01"), entry("9999-12-31")], datetime.date.max, "ja")
    def test_labels_stay_inside_and_never_overlap(self, entries, today, language):
        with translation.override(language):
            for picture in drawn(entries, today):
                for words in picture.words:
                    assert words.left >= 0
                    assert words.right <= picture.width
                    assert words.top >= 0
                    assert words.bottom <= picture.height
                for one, other in combinations(picture.words, 2):
                    assert not one.touches(other), (one, other)

    @given(timelines)
    @example(SIXTY)
    def test_bars_stay_inside_and_never_cover_a_label(self, entries):
        for picture in drawn(entries):
            assert len(picture.bars) == len(entries)
            for bar in picture.bars:
                right, bottom = bar["x"] + bar["width"], bar["y"] + bar["height"]
                box = Words("", bar["x"], right, bar["y"], bottom)
                assert box.left >= 0
                assert box.right <= picture.width
                assert not any(box.touches(words) for words in picture.words)

    @given(timelines)
    def test_time_runs_from_left_to_right(self, entries):
        picture = build_timeline_picture(entries, TODAY)
        dates = {one.date.display(): one.date for one in entries}
        for layout in picture:
            for one, other in permutations(layout.marks, 2):
                if dates[one.date.text].last_day < dates[other.date.text].first_day:
                    assert one.x + one.width / 2 <= other.x + other.width / 2 + ROUNDING
