"""A trend whose texts mark sources."""

from tests.support.make import date, make_audience, make_source, make_trend
from trends.models import Assessment, Driver, Implication, Trend


def make_marked(**texts: str) -> Trend:
    """A trend whose shift, driver, point and assessment mark the sources "one" and "two"."""
    one, two = make_source("one", publisher="", origin="Gartner"), make_source("two")
    trend = make_trend(
        shift_en=texts.get("shift", "Prices fell[^two]."), shift_ja="価格は下がった[^two]。"
    )
    trend.shift_sources.add(two)
    driver = Driver.objects.create(
        trend=trend, heading_en="Chips", body_en="Chips got **faster**[^one].\n\nMuch[^two][^one]."
    )
    driver.sources.add(one, two)
    point = Implication.objects.create(
        trend=trend, audience=make_audience(), lead_en="Wait.", text_en="It falls 9-fold[^two]."
    )
    point.sources.add(two)
    assessment = Assessment.objects.create(
        trend=trend,
        date=date("2025-06"),
        status=trend.status,
        confidence=trend.confidence,
        rationale_en="One survey[^one] and a report.",
    )
    assessment.sources.add(one, two)
    return trend
