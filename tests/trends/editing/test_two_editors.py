"""Two editors who change one row: the later one is told, and loses nothing."""

import pytest
from django.contrib.admin.models import LogEntry

from tests.support.editing import errors, filled, make_editor, send
from tests.support.make import (
    make_audience,
    make_expert,
    make_mention,
    make_source,
    make_tag,
    make_trend,
    make_video,
)

pytestmark = pytest.mark.django_db

# Of each kind that editors change: how to make one, and a text of it.
KINDS = {
    "trend": (make_trend, "subtitle_en"),
    "audience": (make_audience, "label_en"),
    "tag": (make_tag, "label_en"),
    "source": (make_source, "title"),
    "expert": (make_expert, "role_en"),
    "video": (make_video, "channel"),
    "mention": (make_mention, "occasion_en"),
}


@pytest.fixture(params=KINDS)
def row(request):
    return KINDS[request.param][0]()


@pytest.fixture
def name(row):
    return KINDS[row._meta.model_name][1]


@pytest.fixture
def url(client, row):
    client.force_login(make_editor())
    return f"/admin/{row._meta.app_label}/{row._meta.model_name}/{row.pk}/change/"


@pytest.mark.parametrize("query", ["", "?_popup=1"], ids=["page", "popup"])
def test_second_editor_does_not_overwrite_the_first(client, row, name, url, query):
    first, second = filled(client.get(url)), filled(client.get(url + query))
    assert send(client, url, first, **{name: "From the first"}).status_code == 302
    response = send(client, url + query, second, **{name: "From the second"})
    kind = row._meta.verbose_name
    assert f"editor saved this {kind} while you were editing it" in errors(response)[""][0]
    assert "From the second" in response.content.decode()
    row.refresh_from_db()
    assert (getattr(row, name), row.version) == ("From the first", 1)


def test_one_after_the_other_is_no_conflict(client, row, name, url):
    for n in range(3):
        response = send(client, url, filled(client.get(url)), **{name: f"Text {n}"})
        assert response.status_code == 302, errors(response)
    row.refresh_from_db()
    assert (getattr(row, name), row.version) == ("Text 2", 3)


def test_form_without_the_version_that_it_began_with_is_refused(client, row, name, url):
    data = filled(client.get(url))
    del data["version_seen"]
    assert "" in errors(send(client, url, data, **{name: "Mine"}))


def test_save_that_changes_nothing_counts_for_nothing(client, row, url):
    assert send(client, url, filled(client.get(url))).status_code == 302
    row.refresh_from_db()
    assert row.version == 0
    assert not LogEntry.objects.exists()


def test_tag_of_a_mention_is_a_change_of_it(client):
    client.force_login(make_editor())
    mention = make_mention()
    mention.tagged.create(tag=make_tag("one"))
    url = f"/admin/quotes/mention/{mention.pk}/change/"
    first, second = filled(client.get(url)), filled(client.get(url))
    assert send(client, url, first, **{"tagged-0-tag": make_tag("two").pk}).status_code == 302
    assert "" in errors(send(client, url, second, **{"tagged-0-tag": make_tag("three").pk}))
    assert [tag.slug for tag in mention.tags.all()] == ["two"]
