"""Rows without texts, which are filled from files."""

from trends.fixture_format.rows import blank
from trends.models import TimelineEntry, Trend


def test_blank_rows_share_no_value():
    one, other = blank(TimelineEntry), blank(TimelineEntry)
    one.earlier_outcomes.append({"outcome": "open"})
    assert other.earlier_outcomes == []
    assert one._state is not other._state
    assert blank(Trend).updated_at is not None
    assert blank(Trend, slug="a", title_en="A").title_en == "A"
    assert blank(Trend).title_en is None
