"""What the scripts of forms ask: who is logged in, who else has a form open."""

import datetime

import pytest
from django.test import Client
from django.utils import timezone

from tests.support.editing import filled, form_data, make_editor, make_staff, send, trend_url
from tests.support.make import make_expert, make_trend
from trendsite.kept.triggers import content_tables
from trendsite.shared.presence import Presence

pytestmark = pytest.mark.django_db

URL = "/admin/editing/"


@pytest.fixture
def trend():
    return make_trend()


def logged_in(name: str) -> Client:
    client = Client()
    client.force_login(make_editor(name))
    return client


def note(client, row, **data) -> str:
    values = {"model": row._meta.label_lower, "pk": row.pk, "version": row.version, **data}
    response = client.post(URL, values)
    assert response.status_code == 200
    return response.json()["note"]


def test_stranger_is_told_that_nobody_is_logged_in(client, trend):
    for answer in (client.get(URL), client.post(URL, {"model": "trends.trend", "pk": trend.pk})):
        assert answer.json()["user"] is None
        assert answer.json()["token"]
        assert "no-store" in answer["Cache-Control"]
    assert not Presence.objects.exists()


def test_each_is_told_of_the_other_while_the_form_is_open(trend):
    one, two = logged_in("one"), logged_in("two")
    assert note(one, trend) == ""
    assert note(two, trend).startswith("one has this form open, too.")
    assert note(one, trend).startswith("two has this form open, too.")
    assert note(two, make_expert()) == ""
    note(two, trend, closed="1")
    assert note(one, trend) == ""


def test_form_that_is_not_heard_of_counts_as_closed(trend):
    note(logged_in("one"), trend)
    Presence.objects.update(seen_at=timezone.now() - datetime.timedelta(minutes=5))
    assert note(logged_in("two"), trend) == ""
    assert Presence.objects.count() == 1


def test_save_of_another_is_told(trend):
    one, two = logged_in("one"), logged_in("two")
    data = filled(two.get(trend_url(trend)))
    assert send(two, trend_url(trend), data, subtitle_en="New").status_code == 302
    assert note(one, trend).startswith("two saved this trend after you opened it.")


@pytest.mark.parametrize(
    "data",
    [{}, {"model": "x"}, {"model": "auth.user", "pk": "1"}, {"model": "trends.trend", "pk": "x"}],
    ids=str,
)
def test_what_is_no_form_is_not_found(data):
    assert logged_in("one").post(URL, data).status_code == 404


def test_who_may_not_see_a_row_is_told_nothing_of_it(client, trend):
    client.force_login(make_staff("view_expert"))
    data = {"model": "trends.trend", "pk": trend.pk}
    assert client.post(URL, data).status_code == 404
    assert not Presence.objects.exists()


def test_saying_so_takes_few_queries_and_renews_no_page(trend, django_assert_max_num_queries):
    one = logged_in("one")
    note(one, trend)
    with django_assert_max_num_queries(6):
        note(one, trend)
    assert Presence._meta.db_table not in content_tables()


@pytest.mark.parametrize(("typed", "told"), [("abc123", True), ("a b", False), ("", False)])
def test_saved_form_tells_the_browser_to_forget_its_copy(trend, typed, told):
    client, url = logged_in("one"), trend_url(trend)
    data = form_data(client, url) | {"typed_id": typed}
    assert f"typed-{typed}" not in send(client, url, data, since="soon").cookies
    cookies = send(client, url, data, subtitle_en="New").cookies
    assert (f"typed-{typed}" in cookies) is told
    if told:
        assert cookies[f"typed-{typed}"]["path"] == "/admin/"


def test_what_a_browser_kept_is_shown_and_not_saved(trend):
    client, url = logged_in("one"), trend_url(trend)
    data = form_data(client, url) | {"subtitle_en": "Kept"}
    response = send(client, url, data, _restored="1")
    assert "This is what you typed. It has not been saved yet." in response.content.decode()
    assert response.context["adminform"].form["subtitle_en"].value() == "Kept"
    trend.refresh_from_db()
    assert trend.subtitle_en != "Kept"
    assert send(client, url, filled(response)).status_code == 302
    trend.refresh_from_db()
    assert trend.subtitle_en == "Kept"
