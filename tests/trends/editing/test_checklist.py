"""What a trend lacks before it is published."""

import pytest
from django.contrib.messages import get_messages
from django.utils import timezone

from quotes.links.models import CheckedLink
from tests.support.days import yesterday
from tests.support.editing import (
    add_row,
    errors,
    form_data,
    make_editor,
    send,
    trend_url,
)
from tests.support.make import date, make_mention, make_trend
from trends.editing.publishing.checklist import check
from trends.editing.publishing.publication import begin, text_of, trend_kind
from trends.editing.publishing.publishing_page import pages_of
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
    assert "enter why it is published anyway" in page
    assert Trend.objects.get(pk=trend.pk).published is None
    client.post(url, {"action": "waive", "waive": ["key_points:ja"], "reason": "Soon"})
    assert "Soon (editor)" in client.get(url).content.decode()
    client.post(url, publish)
    assert Trend.objects.get(pk=trend.pk).published > yesterday()
    assert Revision.objects.of(Trend, [trend.pk]).first().note == "Soon"


# Other ways to readers

GONE = "[a](/en/trends/gone/)"


def messages_of(response) -> str:
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


def test_form_of_a_published_trend_refuses_errors_beside_their_fields_and_shows_warnings(client):
    client.force_login(make_editor())
    trend = make_trend(drivers=1)
    url = trend_url(trend)
    typed = form_data(client, url)
    add_row(typed, "drivers", heading_en="New driver", body_en=GONE)
    before = Trend.objects.values().get()
    response = send(client, url, typed, shift_en=GONE, title_en="Typed", _save="")
    assert set(errors(response)) == {"", "shift_en", "drivers-1-body_en"}
    page = response.content.decode()
    assert "Nothing was saved: the checklist has errors." in page
    assert '<a href="#id_drivers-1-body_en">' in page
    assert 'value="Typed"' in page
    assert Trend.objects.values().get() == before
    assert trend.drivers.count() == 1
    typed["drivers-1-body_en"] = "So."
    response = send(client, url, typed, title_en="Typed", _save="")
    assert response.status_code == 302, errors(response)
    assert "The checklist has 5 warnings: There are no key points" in messages_of(response)
    assert Trend.objects.get().title_en == "Typed"


def test_working_version_may_be_saved_with_errors(client):
    client.force_login(make_editor())
    url = trend_url(make_trend())
    assert send(client, url, form_data(client, url), shift_en=GONE, _working="").status_code == 302


@pytest.mark.parametrize("is_new", [True, False])
def test_day_of_publication_is_refused_to_a_draft_with_errors(client, is_new):
    client.force_login(make_editor())
    url = "/admin/trends/trend/add/" if is_new else trend_url(make_trend(published=None))
    typed = form_data(client, url) | {"slug": "typed", "status": "growing", "confidence": "low"}
    typed |= {"since": "2025", "title_en": "Typed", "title_ja": "", "shift_en": ""}
    typed |= {"shift_ja": "変化。"}
    response = send(client, url, typed, published="2999-01-01", _save="")
    assert set(errors(response)) == {"", "shift_en"}
    assert not Trend.objects.filter(slug="typed").exists()
    assert send(client, url, typed, _save="").status_code == 302
    assert Trend.objects.get(slug="typed").published is None


def test_list_publishes_no_trend_with_errors(client):
    client.force_login(make_editor())
    trend = make_trend(published=None, shift_en=GONE)
    data = {"action": "publish_selected", "_selected_action": [trend.pk], "_do": "on"}
    assert "leads nowhere" in messages_of(client.post("/admin/trends/trend/", data))
    assert Trend.objects.get().published is None


def test_preview_shows_what_errors_keep_from_readers(client):
    client.force_login(make_editor())
    working = begin(make_trend(), None)
    Trend.everything.filter(pk=working.pk).update(shift_en=f"Changed. {GONE}")
    page = client.get(f"/admin/trends/trend/{working.pk}/preview/en/").content.decode()
    assert "Changed." in page


def test_links_of_texts_that_are_gone_are_a_warning():
    for name, state in (("gone", "gone"), ("alive", "alive"), ("unchecked", "")):
        CheckedLink.objects.create(
            address=f"https://{name}.example/",
            state=state,
            checked_at=timezone.now() if state else None,
        )
    links = "[a](https://gone.example/) https://alive.example/ https://unchecked.example/"
    trend = complete(shift_en=f"It shifts. {links}", shift_ja=f"変わる。 {links}")
    assert found(trend) == {"gone:https://gone.example/": False}
    page = pages_of([trend.pk])[trend.pk]
    assert [finding.text for finding in page.open_warnings] == [
        "The shift: the link “https://gone.example/” is gone"
    ]
