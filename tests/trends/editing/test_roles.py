"""Who may do what: the groups of a desk, and translators who change one language alone."""

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.core.management import call_command

from tests.support.editing import filled, make_staff, trend_url
from tests.support.make import make_expert, make_trend
from trends.editing.publishing.roles import EDITORS, WRITERS, translators_of
from trends.models import Driver, Trend

pytestmark = pytest.mark.django_db


def log_in(client, group: str) -> User:
    user = make_staff(username=group.lower().replace(" ", "-"))
    user.groups.add(Group.objects.get(name=group))
    client.force_login(user)
    return user


def rendered(client, url: str) -> dict[str, str]:
    """Return what a browser would send of a form: the fields that are on the page."""
    response = client.get(url)
    page = response.content.decode()
    return {name: value for name, value in filled(response).items() if f'name="{name}"' in page}


def test_migrate_makes_the_groups_once_and_leaves_them_as_they_are():
    names = set(Group.objects.values_list("name", flat=True))
    assert names >= {
        *("Writers", "Editors", "Administrators"),
        *("Translators (en)", "Translators (ja)"),
    }
    Group.objects.get(name=WRITERS).permissions.clear()
    call_command("migrate", verbosity=0, interactive=False)
    assert not Group.objects.get(name=WRITERS).permissions.exists()


def test_who_could_publish_before_there_was_a_permission_still_can():
    staff = make_staff("change_trend")
    Group.objects.all().delete()
    call_command("migrate", verbosity=0, interactive=False)
    assert User.objects.get(pk=staff.pk).has_perm("trends.publish_trend")


def test_what_a_writer_saves_of_a_published_trend_waits_for_an_editor(client):
    trend = make_trend()
    log_in(client, WRITERS)
    page = client.get(trend_url(trend)).content.decode()
    assert "Save as working version" in page
    assert "Publish now" not in page
    data = rendered(client, trend_url(trend))
    assert "published" not in data
    client.post(trend_url(trend), {**data, "title_en": "Proposed"})
    assert Trend.objects.get().title_en == "Title of example-trend"
    working = Trend.everything.get(working_of=trend)
    publishing = f"/admin/trends/trend/{working.pk}/publishing/"
    assert "Publish now" not in client.get(publishing).content.decode()
    assert (
        client.post(
            publishing, {"action": "publish", "languages": ["en", "ja"], "reason": "As agreed"}
        ).status_code
        == 403
    )
    action = {"action": "retire_selected", "_selected_action": [trend.pk], "_do": "on"}
    client.post("/admin/trends/trend/", action)
    assert Trend.objects.get().retired is None
    log_in(client, EDITORS)
    client.post(publishing, {"action": "publish", "languages": ["en", "ja"], "reason": "As agreed"})
    assert Trend.objects.get().title_en == "Proposed"


def test_a_writer_cannot_publish_a_draft_by_a_forged_day(client):
    trend = make_trend(published=None)
    log_in(client, WRITERS)
    data = rendered(client, trend_url(trend))
    client.post(trend_url(trend), {**data, "title_en": "Mine", "published": "2020-01-01"})
    trend.refresh_from_db()
    assert (trend.title_en, trend.published) == ("Mine", None)


def test_a_translator_changes_the_texts_of_one_language(client):
    trend = make_trend(drivers=2, published=None, tags=["strategy"])
    log_in(client, translators_of("ja"))
    data = rendered(client, trend_url(trend))
    assert {name.rpartition("_")[2] for name in data if "title" in name} == {"ja"}
    response = client.post(
        trend_url(trend), {**data, "title_ja": "新しい題", "drivers-0-heading_ja": "新しい要因"}
    )
    assert response.status_code == 302
    trend.refresh_from_db()
    assert (trend.title_ja, trend.title_en) == ("新しい題", "Title of example-trend")
    headings = list(Driver.objects.values_list("heading_ja", "heading_en", "order"))
    assert headings == [("新しい要因", "Driver 0", 0), ("要因1", "Driver 1", 1)]


@pytest.mark.parametrize(
    "forged",
    [
        {"title_en": "Forged"},
        {"status": "declining"},
        {"published": "2020-01-01"},
        {"drivers-0-heading_en": "Forged"},
        {"drivers-0-order": "2"},
        {"implications-0-audience": "1"},
    ],
    ids=lambda forged: next(iter(forged)),
)
def test_a_forged_request_of_a_translator_is_refused(client, forged):
    trend = make_trend(drivers=2, implications=1, published=None)
    log_in(client, translators_of("ja"))
    data = rendered(client, trend_url(trend))
    response = client.post(trend_url(trend), {**data, "title_ja": "新しい題", **forged})
    assert response.status_code == 403
    trend.refresh_from_db()
    assert trend.title_ja == "example-trendの題"


def test_a_translator_neither_adds_nor_deletes_nor_restores(client):
    trend = make_trend(drivers=1)
    log_in(client, translators_of("ja"))
    data = rendered(client, trend_url(trend))
    data |= {"drivers-TOTAL_FORMS": "2", "drivers-1-heading_ja": "勝手な要因"}
    client.post(trend_url(trend), {**data, "drivers-0-DELETE": "on"})
    assert Driver.objects.filter(trend=trend).count() == 1
    assert client.get("/admin/trends/trend/add/").status_code == 403
    assert client.post(f"/admin/trends/trend/{trend.pk}/delete/").status_code == 403
    restoring = client.post(f"/admin/trends/trend/{trend.pk}/history/restore/", {"version": "1"})
    assert restoring.status_code == 403


def test_a_translator_translates_what_trends_share(client):
    expert = make_expert()
    log_in(client, translators_of("ja"))
    url = f"/admin/quotes/expert/{expert.pk}/change/"
    data = rendered(client, url)
    assert client.post(url, {**data, "role_ja": "研究者"}).status_code == 302
    expert.refresh_from_db()
    assert (expert.role_ja, expert.role_en) == ("研究者", "analyst")
    assert client.post(url, {**data, "role_en": "Forged"}).status_code == 403
    assert client.get("/admin/quotes/source/").status_code == 200
    assert client.get("/admin/auth/user/").status_code == 403


def test_each_language_has_a_permission():
    assert set(
        Permission.objects.filter(
            codename__startswith="translate_", content_type__app_label="trends"
        ).values_list("codename", flat=True)
    ) == {"translate_en", "translate_ja"}
