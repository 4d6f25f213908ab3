"""The audit list in the admin: who did what, and when."""

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from tests.support.editing import ADD_TREND, filled, make_editor, make_staff, send
from tests.support.make import make_expert
from tests.support.reading import parse, words
from trendsite.accounts.models import EditorSession, LoginEvent

pytestmark = pytest.mark.django_db

AUDIT = "/admin/accounts/loginevent/"


def listed(client: Client, query: str = "") -> list[list[str]]:
    """Return who, what and which row of each line, the latest first."""
    response = client.get(AUDIT + query)
    assert response.status_code == 200
    [*tables] = parse(response.content.decode()).iter("tbody")
    return [
        [words(cell) for cell in list(row.iter("td"))[1:]]
        for table in tables
        for row in table.iter("tr")
    ]


@pytest.fixture
def editor(client) -> User:
    user = make_editor()
    client.post("/admin/login/", {"username": "editor", "password": "wrong"})
    client.post("/admin/login/", {"username": "nobody", "password": "wrong"})
    client.post("/admin/login/", {"username": "editor", "password": "a-long-password"})
    return user


def test_all_that_was_done_is_listed_with_its_author(client, editor):
    data = filled(client.get("/admin/quotes/expert/add/"))
    send(client, "/admin/quotes/expert/add/", data, name_en="Mina Example", slug="mina")
    client.post("/admin/auth/group/add/", {"name": "Translators"})
    assert listed(client) == [
        ["editor", "Addition", "Group: Translators"],
        ["editor (admin)", "added", "Expert: Mina Example"],
        ["editor", "logged in", ""],
        ["no such account", "failed to log in", ""],
        ["editor", "failed to log in", ""],
    ]
    group = Group.objects.get(name="Translators")
    page = client.get(AUDIT).content.decode()
    assert f'href="/admin/auth/group/{group.pk}/change/"' in page
    client.post("/admin/logout/")
    assert LoginEvent.objects.latest("pk").kind == LoginEvent.Kind.LOGOUT


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ("?source=login", 3),
        ("?source=content", 0),
        ("?who=edit", 2),
        ("?who=edit&source=admin", 0),
        ("?since=2020-01-01", 3),
        ("?since=2100-01-01", 0),
        ("?until=2020-01-01", 0),
        ("?since=0001-01-01&until=9999-12-31", 3),
        ("?source=x", 3),
        ("?since=x", 3),
        ("?p=99", 3),
        ("?p=x", 3),
    ],
)
def test_list_is_narrowed_and_a_forged_filter_is_told(client, editor, query, number):
    assert len(listed(client, query)) == number
    if query in ("?source=x", "?since=x"):
        assert "errorlist" in client.get(AUDIT + query).content.decode()


def test_pages_keep_the_filters_and_cost_the_same(client, editor, django_assert_num_queries):
    make_expert()
    for number in (1, 300):
        LoginEvent.objects.bulk_create(
            LoginEvent(kind=LoginEvent.Kind.LOGIN, username="other") for _ in range(number)
        )
        with django_assert_num_queries(5):  # session, user; number, page, logins
            client.get(f"{AUDIT}?who=o")
    page = client.get(f"{AUDIT}?who=other&p=2").content.decode()
    assert "?p=1&amp;who=other" in page


def test_list_is_for_those_who_may_see_it(client):
    client.force_login(make_staff("change_trend", "view_trend"))
    assert client.get(AUDIT).status_code == 403
    assert "audit list" not in client.get("/admin/").content.decode().lower()
    client.force_login(make_staff("view_loginevent", username="auditor"))
    assert client.get(AUDIT).status_code == 200
    assert client.get(ADD_TREND).status_code == 403


@pytest.mark.parametrize("page", ["add/", "1/change/", "1/delete/", "1/history/"])
def test_an_entry_can_be_neither_forged_nor_deleted(client, editor, page):
    assert client.get(AUDIT + page).status_code == 404


def test_superuser_sees_and_ends_the_sessions_of_others(client, editor):
    other = Client()
    other.force_login(make_staff(username="other"))
    page = client.get("/admin/accounts/editorsession/").content.decode()
    assert "other" in page
    key = other.session.session_key
    assert key not in page
    reference = EditorSession.objects.get(pk=key).reference
    assert reference in page
    client.force_login(make_staff("view_editorsession", username="looker"))
    assert reference not in client.get("/admin/accounts/editorsession/").content.decode()
    ending = {"session": reference}
    assert client.post("/admin/accounts/editorsession/", ending).status_code == 403
    client.force_login(editor)
    client.post("/admin/accounts/editorsession/", ending)
    assert other.get("/admin/").status_code == 302
    assert client.get("/admin/").status_code == 200
