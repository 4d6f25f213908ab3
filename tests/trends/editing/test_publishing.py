"""Working versions and publication in the admin."""

import pytest

from tests.support.days import yesterday
from tests.support.editing import (
    add_row,
    errors,
    form_data,
    make_staff,
    send,
    trend_url,
)
from tests.support.make import make_trend
from trends.models import Preparation, Trend

pytestmark = pytest.mark.django_db

LANGUAGES = {"languages": ["en", "ja"], "reason": "As agreed"}


def publishing_url(trend):
    return f"/admin/trends/trend/{trend.pk}/publishing/"


def keep(client, trend, **changes):
    """Save changes of a published trend as its working version."""
    data = form_data(client, trend_url(trend))
    response = send(client, trend_url(trend), data, _working="", **changes)
    assert response.status_code == 302, errors(response)
    return Trend.everything.get(working_of=trend)


def test_what_is_typed_waits_in_a_working_version_until_it_is_published(client, editor):
    trend = make_trend(drivers=1)
    data = form_data(client, trend_url(trend))
    add_row(data, "drivers", heading_en="New driver", body_en="New reason.")
    send(client, trend_url(trend), data, title_en="Waiting", slug="new-name", _working="")
    working = Trend.everything.get(working_of=trend)
    page = client.get("/en/trends/example-trend/").content.decode()
    assert "New reason." not in page
    assert "Waiting" not in page

    data = form_data(client, trend_url(working))
    assert data["slug"] == "new-name"
    response = send(client, trend_url(working), data, title_en="Ready", _publishing="")
    assert response["Location"] == publishing_url(working)
    page = client.get(publishing_url(working)).content.decode()
    assert "New driver" in page
    shown = client.get(f"/admin/trends/trend/{working.pk}/preview/en/").content.decode()
    assert "Ready" in shown
    assert "New reason." in shown
    assert Trend.objects.get(pk=trend.pk).title_en == "Title of example-trend"

    client.post(publishing_url(working), {"action": "publish", **LANGUAGES})
    page = client.get("/en/trends/new-name/").content.decode()
    assert "Ready" in page
    assert "New reason." in page
    assert client.get("/en/trends/example-trend/").status_code == 301
    assert not Preparation.objects.exists()


def test_working_version_is_in_no_list_and_cannot_be_deleted_as_a_trend(client, editor):
    trend = make_trend()
    working = keep(client, trend, title_en="Waiting")
    client.get(trend_url(trend))  # which shows the message
    assert "Waiting" not in client.get("/admin/trends/trend/").content.decode()
    address = (
        "/admin/autocomplete/?app_label=trends&model_name=trend&field_name=related&term=Waiting"
    )
    assert client.get(address).json()["results"] == []
    assert (
        client.post(f"/admin/trends/trend/{working.pk}/delete/", {"post": "yes"}).status_code == 403
    )


def test_throwing_away_asks_nothing_of_readers(client, editor):
    trend = make_trend()
    working = keep(client, trend, title_en="Waiting")
    response = client.post(publishing_url(working), {"action": "discard"})
    assert response["Location"] == trend_url(trend)
    assert not Trend.everything.filter(working_of=trend).exists()


def test_second_working_version_is_refused_and_what_is_typed_stays(client, editor):
    trend = make_trend()
    data = form_data(client, trend_url(trend))
    keep(client, trend, title_en="Waiting")
    response = send(client, trend_url(trend), data, title_en="Late", _working="")
    assert "There is a working version already" in errors(response)[""][0]
    assert 'value="Late"' in response.content.decode()


def test_working_version_cannot_take_the_address_of_another_trend(client, editor):
    trend, other = make_trend(), make_trend("other")
    working = keep(client, trend, title_en="Waiting")
    data = form_data(client, trend_url(working))
    response = send(client, trend_url(working), data, slug="other", related=[str(trend.pk)])
    assert set(errors(response)) == {"slug", "related"}
    response = send(client, trend_url(working), data, related=[str(other.pk)])
    assert response.status_code == 302


def test_page_asks_which_of_two_changes_holds(client, editor):
    trend = make_trend()
    working = keep(client, trend, title_en="Mine")
    data = form_data(client, trend_url(trend))
    send(client, trend_url(trend), data, title_en="Theirs", subtitle_en="Also theirs")
    page = client.get(publishing_url(working)).content.decode()
    assert "1 change that was published since this was begun is kept." in page
    assert "Mine" in page
    assert "Theirs" in page
    response = client.post(publishing_url(working), {"action": "publish", **LANGUAGES})
    assert response.status_code == 200
    assert Trend.objects.get(pk=trend.pk).title_en == "Theirs"
    client.post(
        publishing_url(working), {"action": "publish", "choice title:en": "mine", **LANGUAGES}
    )
    assert Trend.objects.get(pk=trend.pk).title_en == "Mine"


# What is typed


@pytest.mark.parametrize("state", ["new", "draft", "published", "working"])
def test_preview_of_what_is_typed_shows_the_page_and_stores_nothing(client, editor, state):
    url = "/admin/trends/trend/add/"
    if state == "new":
        data = form_data(client, url)
        data |= {"slug": "typed", "status": "growing", "confidence": "low", "since": "2025"}
    else:
        trend = make_trend(published=None if state == "draft" else yesterday())
        trend = keep(client, trend, title_en="Waiting") if state == "working" else trend
        url = trend_url(trend)
        data = form_data(client, url)
    before = list(Trend.everything.values())
    response = send(client, url, data, title_en="Typed now", _preview="")
    assert "Typed now" in response.content.decode()
    assert "Nothing was saved" in response.content.decode()
    assert list(Trend.everything.values()) == before


def test_preview_of_what_cannot_be_saved_names_what_is_wrong(client, editor):
    trend = make_trend()
    data = form_data(client, trend_url(trend))
    page = send(client, trend_url(trend), data, since="soon", _preview="").content.decode()
    assert "Since" in page
    assert "soon" in page


def test_who_may_not_change_trends_sees_no_working_version(client, editor):
    working = keep(client, make_trend(), title_en="Waiting")
    client.force_login(make_staff("view_source"))
    for page in ("change", "publishing", "preview/en", "history"):
        assert client.get(f"/admin/trends/trend/{working.pk}/{page}/").status_code == 403
    assert client.get(f"/admin/trends/trend/{working.pk}/change/").status_code == 403
    client.logout()
    assert client.get(publishing_url(working)).status_code == 302


# Review, and one language alone


def test_draft_is_submitted_in_a_language_sent_back_with_a_note_and_published(client, editor):
    trend = make_trend(published=None)
    writer = make_staff("change_trend", "view_trend")
    client.force_login(writer)
    client.post(
        publishing_url(trend), {"action": "submit", "languages": ["en"], "note": "Please check"}
    )
    client.force_login(editor)
    listed = client.get("/admin/trends/trend/?state=submitted").content.decode()
    assert "in review: en" in listed
    assert "Please check" in client.get(publishing_url(trend)).content.decode()
    client.post(publishing_url(trend), {"action": "return", "note": "A source is missing"})
    assert "A source is missing" in client.get(trend_url(trend)).content.decode()
    assert "Title of" not in client.get("/admin/trends/trend/?state=submitted").content.decode()
    client.post(
        publishing_url(trend),
        {"action": "publish", "languages": ["en", "ja"], "reason": "As agreed"},
    )
    assert Trend.objects.get().is_published()
    assert not Trend.everything.filter(working_of=trend).exists()


def test_one_language_is_published_while_another_waits(client, editor):
    trend = make_trend(published=None, drivers=1)
    client.post(
        publishing_url(trend), {"action": "publish", "languages": ["en"], "reason": "As agreed"}
    )
    assert Trend.objects.get().languages == ["en"]
    page = client.get("/ja/trends/example-trend/").content.decode()
    assert "example-trendの題" not in page
    assert "要因0" not in page
    assert "Driver 0" in page
    working = Trend.everything.get(working_of=trend)
    assert working.title_ja == "example-trendの題"
    page = client.get(publishing_url(working)).content.decode()
    assert "<td>published</td>" in page
    assert "<td>draft</td>" in page
    client.post(
        publishing_url(working),
        {"action": "publish", "languages": ["en", "ja"], "reason": "As agreed"},
    )
    assert Trend.objects.get().languages == ["en", "ja"]
    assert "要因0" in client.get("/ja/trends/example-trend/").content.decode()
    assert not Trend.everything.filter(working_of=trend).exists()


def test_changes_in_one_language_are_published_and_the_others_go_on_waiting(client, editor):
    trend = make_trend()
    working = keep(client, trend, title_en="New title", title_ja="新しい題")
    client.post(
        publishing_url(working), {"action": "publish", "languages": ["en"], "reason": "As agreed"}
    )
    published = Trend.objects.get()
    assert (published.title_en, published.title_ja) == ("New title", "example-trendの題")
    assert Trend.everything.get(working_of=trend).title_ja == "新しい題"


def test_a_language_is_withdrawn_and_the_last_one_is_not(client, editor):
    trend = make_trend()
    assert "Withdraw 日本語" in " ".join(client.get(publishing_url(trend)).content.decode().split())
    client.post(publishing_url(trend), {"action": "withdraw", "language": "ja"})
    assert Trend.objects.get().languages == ["en"]
    working = Trend.everything.get(working_of=trend)
    client.post(publishing_url(working), {"action": "discard"})
    for forged in ({"action": "withdraw", "language": "fr"}, {"action": "submit"}):
        assert client.post(publishing_url(trend), forged).status_code == 404
    response = client.post(publishing_url(trend), {"action": "withdraw", "language": "en"})
    assert "There is no title in the languages that you chose." in response.content.decode()
    assert Trend.objects.get().languages == ["en"]


def test_publishing_in_no_language_is_refused(client, editor):
    trend = make_trend(published=None)
    response = client.post(publishing_url(trend), {"action": "publish"})
    assert "Choose at least one language." in response.content.decode()
    assert Trend.objects.get().published is None
