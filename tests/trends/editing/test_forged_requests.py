"""Requests that no form of ours sends: an answer that says so, and no error of the server."""

import pytest
from django.test import Client

from quotes.models import Expert
from tests.support.editing import (
    ADD_TREND,
    add_row,
    errors,
    form_data,
    make_editor,
    send,
    trend_url,
)
from tests.support.make import make_expert, make_mention, make_source, make_tag, make_trend
from trends.models import Driver, Trend

pytestmark = pytest.mark.django_db

HUGE = "99999999999999999999"
NO_KEYS = ["x", "\0", HUGE, "1,2"]
no_keys = pytest.mark.parametrize("value", NO_KEYS, ids=ascii)


@pytest.fixture(autouse=True)
def editor(client):
    user = make_editor()
    client.force_login(user)
    return user


@no_keys
def test_what_is_no_row_is_refused_beside_each_field(client, value):
    trend = make_trend()
    data = form_data(client, trend_url(trend))
    names = ["shift_sources", "related", "successors"]
    for prefix, field in [
        ("tagged", "tag"),
        ("drivers", "sources"),
        ("trend_mentions", "mention"),
        ("implications", "audience"),
        ("timeline", "source"),
        ("assessments", "sources"),
        ("readings", "source"),
    ]:
        add_row(data, prefix, **{field: value})
        names.append(f"{prefix}-0-{field}")
    changes = {name: [value] for name in names}
    found = errors(send(client, trend_url(trend), data, **changes))
    assert not set(names) - set(found)


@no_keys
def test_what_is_no_row_is_refused_for_a_mention(client, value):
    mention = make_mention()
    url = f"/admin/quotes/mention/{mention.pk}/change/"
    changes = dict.fromkeys(["expert", "video", "source"], value)
    assert errors(send(client, url, form_data(client, url), **changes)).keys() == changes.keys()


@no_keys
def test_forged_address_gives_a_page_or_an_error_of_the_client(client, value):
    for url in [
        "/admin/trends/trend/add/?tags={0}&related={0}&shift_sources={0}&successors={0},{0}",
        "/admin/quotes/mention/add/?expert={0}&video={0}&source={0}",
        "/admin/trends/trend/{0}/change/",
        "/admin/trends/trend/{0}/history/",
        "/admin/trends/trend/{0}/delete/",
        "/admin/quotes/expert/{0}/change/?_popup=1",
        "/admin/trends/trend/?tagged__tag__id__exact={0}&p={0}&o={0}",
        "/admin/trends/trend/?q={0}&state={0}&incomplete={0}&status__exact={0}",
        "/admin/trends/trend/?published__year={0}&published__month={0}&published__day={0}",
        "/admin/trends/trend/?published__gte={0}",
        "/admin/trends/trend/?id__in={0}&related__id__in={0}",
        "/admin/quotes/mention/?language={0}&tagged__tag__id__exact={0}",
        "/admin/autocomplete/?app_label=trends&model_name=trend&field_name=related"
        "&term={0}&page={0}",
    ]:
        response = client.get(url.format(value.replace("\0", "%00")))
        assert response.status_code in (200, 302, 400, 403, 404), url


@pytest.mark.parametrize("model", ["trends/trend", "quotes/source", "trendsite/tag"])
@pytest.mark.parametrize("lookup", ["regex", "iregex"])
def test_regular_expressions_are_no_filters(client, model, lookup):
    column = "key" if model == "quotes/source" else "slug"
    assert client.get(f"/admin/{model}/?{column}__{lookup}=(").status_code == 400


@pytest.mark.parametrize("total", [5000, 10**9, "x", ""])
@pytest.mark.parametrize("prefix", ["drivers", "tagged"])
def test_more_rows_than_there_are_is_refused_unread(client, prefix, total):
    trend = make_trend(drivers=1)
    data = form_data(client, trend_url(trend))
    response = send(client, trend_url(trend), data, **{f"{prefix}-TOTAL_FORMS": str(total)})
    assert prefix in errors(response)
    # Django would read 2,000 rows, which takes 20 s.
    rows = [inline.formset.forms for inline in response.context["inline_admin_formsets"]]
    assert max(map(len, rows)) <= 1
    assert Trend.objects.get().version == 0


@pytest.mark.parametrize("initial", ["-1", "0", "99", "x", ""])
def test_wrong_number_of_saved_rows_adds_none_twice(client, initial):
    mention = make_mention()
    mention.tags.add(make_tag())
    url = f"/admin/quotes/mention/{mention.pk}/change/"
    data = form_data(client, url)
    response = send(client, url, data, **{"tagged-INITIAL_FORMS": initial})
    assert response.status_code in (200, 302)
    assert mention.tags.count() == 1


@pytest.mark.parametrize("value", [*NO_KEYS, "other"], ids=ascii)
def test_row_of_something_else_is_not_changed(client, value):
    other = make_trend("other", drivers=1).drivers.get()
    trend = make_trend(drivers=1)
    data = form_data(client, trend_url(trend))
    key = str(other.pk) if value == "other" else value
    changes = {"drivers-0-id": key, "drivers-0-heading_en": "Taken"}
    assert send(client, trend_url(trend), data, **changes).status_code in (200, 302)
    assert not Driver.objects.filter(heading_en="Taken").exists()


@no_keys
def test_forged_version_is_refused(client, value):
    expert = make_expert()
    url = f"/admin/quotes/expert/{expert.pk}/change/"
    data = form_data(client, url) | {"began_with": value, "version_seen": value}
    response = send(client, url, data, role_en="Mine")
    assert response.status_code == 200
    assert Expert.objects.get().role_en == "analyst"


@pytest.mark.parametrize("action", ["delete_selected", "publish_selected", "x"])
def test_forged_selection_is_refused(client, action):
    make_trend()
    for value in NO_KEYS:
        data = {"action": action, "_selected_action": [value], "post": "yes"}
        assert client.post("/admin/trends/trend/", data).status_code in (302, 400)
    assert Trend.objects.get().version == 0


# A session that changed


@pytest.fixture
def strict(editor):
    client = Client(enforce_csrf_checks=True)
    client.force_login(editor)
    return client


@pytest.mark.parametrize(
    ("language", "told"), [("en", "Your session changed"), ("ja", "セッションが変わりました")]
)
def test_form_of_another_session_is_explained_and_its_texts_are_given_back(strict, language, told):
    strict.cookies["django_language"] = language
    typed = "A driver that took an hour to <write>."
    response = strict.post(ADD_TREND, {"drivers-0-body_en": typed, "status": "growing"})
    page = response.content.decode()
    assert response.status_code == 403
    assert told in page
    assert f'<html lang="{language}"' in page
    assert "A driver that took an hour to &lt;write&gt;." in page
    assert f'href="{ADD_TREND}"' in page
    assert ">growing<" not in page
    assert "DEBUG" not in page
    assert not Trend.objects.exists()


def test_nothing_is_given_back_to_strangers():
    client = Client(enforce_csrf_checks=True)
    response = client.post("/admin/login/", {"username": "a name of more than twenty letters"})
    assert response.status_code == 403
    assert "twenty letters" not in response.content.decode()


def test_password_is_not_given_back(strict):
    response = strict.post(
        "/admin/password_change/",
        {
            "old_password": "correct-horse-battery-staple",
            "new_password1": "another-long-secret-one",
        },
    )
    page = response.content.decode()
    assert response.status_code == 403
    assert "battery" not in page
    assert "secret" not in page


def test_good_choice_beside_a_forged_one_is_kept_on_the_page(client):
    trend, source = make_trend(), make_source()
    data = form_data(client, trend_url(trend))
    response = send(client, trend_url(trend), data, shift_sources=[source.pk, HUGE])
    assert list(errors(response)) == ["shift_sources"]
    assert f'<option value="{source.pk}" selected>' in response.content.decode()
