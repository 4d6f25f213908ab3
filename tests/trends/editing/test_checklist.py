"""What a trend lacks before it is published."""

import pytest

from tests.support.days import yesterday
from tests.support.editing import make_editor
from tests.support.make import date, make_mention, make_trend
from trends.editing.publishing.checklist import check
from trends.editing.publishing.publication import text_of, trend_kind
from trends.models import Driver, TimelineEntry, Trend, TrendMention
from trendsite.shared.revisions.models import Revision

pytestmark = pytest.mark.django_db


def found(trend, *chosen) -> dict[str, bool]:
    """Return the names of what is found, each with whether it is an error."""
    kind = trend_kind()
    findings = check(kind.read(text_of(trend).text), kind.layout, chosen)
    return {finding.name: finding.is_error for finding in findings}


def complete(**values):
    points = {"key_points_en": "A point.", "key_points_ja": "要点。"}
    trend = make_trend(published=None, drivers=1, mentions=1, **{**points, **values})
    trend.shift_sources.add(trend.drivers.get().sources.get())
    return trend


def test_nothing_is_missing_of_a_complete_trend():
    assert found(complete()) == {}


def test_texts_and_key_points_that_a_language_lacks():
    trend = complete(key_points_ja=None, subtitle_ja=None)
    assert found(trend) == {"key_points:ja": False, "texts:ja:1": False}
    assert found(trend, "en") == {}


def test_no_language_can_be_offered():
    assert found(complete(title_ja=None, shift_en=None))["offered"]


def test_claims_without_a_source():
    trend = complete()
    trend.shift_sources.clear()
    Driver.objects.create(trend=trend, heading_en="New", heading_ja="新", order=1)
    Driver.objects.create(
        trend=trend,
        order=2,
        heading_en="Marked",
        heading_ja="印",
        body_en="So.[^k]",
        body_ja="[^k]",
    )
    TimelineEntry.objects.create(trend=trend, date=date("2020"), text_en="So", text_ja="出来事")
    mention = make_mention("Words.")
    TrendMention.objects.create(trend=trend, mention=mention)
    assert list(found(trend)) == [
        *("source:shift", "source:drivers=new"),
        f"source:mentions={mention.key}",
        "source:timeline=so",
    ]


def test_forecasts_that_are_due():
    trend = complete()
    TimelineEntry.objects.create(
        trend=trend,
        date=date("2020"),
        kind="forecast",
        outcome="pending",
        made_by="editors",
        text_en="Soon",
        text_ja="まもなく",
    )
    assert found(trend) == {"overdue:soon": False}


def test_numbers_are_compared_by_value():
    same = {"shift_en": "It cost $37.5 billion in 2025.", "shift_ja": "2025年に375億ドルかかった。"}
    assert found(complete(**same)) == {}
    other = {**same, "slug": "other", "shift_ja": "2025年に37億ドルかかった。"}
    assert found(complete(**other)) == {
        "number:shift:English 37.5 billion/日本語 37億": False,
    }
    words = {**same, "slug": "words", "shift_ja": "2025年の1年間に375億ドルかかった。"}
    assert found(complete(**words)) == {}


def test_links_within_the_site_that_lead_nowhere():
    make_trend("there")
    make_trend("a-draft", published=None)
    links = [
        *("/en/trends/there/", "/en/trends/gone/", "/en/trends/a-draft/", "/en/nowhere/"),
        *("/en/trends/example-trend/", "#driver-driver-0", "#driver-gone", "/en/tags/gone/"),
    ]
    text = " ".join(f"[a]({link})" for link in links)
    names = found(complete(shift_en=text, shift_ja=text))
    assert names == {
        f"link:{link}": True
        for link in [
            *("#driver-gone", "/en/nowhere/", "/en/tags/gone/"),
            *("/en/trends/a-draft/", "/en/trends/gone/"),
        ]
    }


def test_errors_stop_and_warnings_are_waived_with_a_reason(client):
    client.force_login(make_editor())
    trend = complete(shift_en="[a](/en/trends/gone/)", shift_ja="変化。", key_points_ja=None)
    url = f"/admin/trends/trend/{trend.pk}/publishing/"
    publish = {"action": "publish", "languages": ["en", "ja"]}
    page = client.post(url, {**publish, "reason": "Urgent"}).content.decode()
    assert "leads nowhere" in page
    Trend.objects.filter(pk=trend.pk).update(shift_en="A change.")
    page = client.post(url, publish).content.decode()
    assert "write why it is published all the same" in page
    assert Trend.objects.get(pk=trend.pk).published is None
    client.post(url, {"action": "waive", "waive": ["key_points:ja"], "reason": "Soon"})
    assert "Soon (editor)" in client.get(url).content.decode()
    client.post(url, publish)
    assert Trend.objects.get(pk=trend.pk).published > yesterday()
    assert Revision.objects.of(Trend, [trend.pk]).first().note == "Soon"
