"""Rows that are there already are offered where somebody adds them again."""

import pytest

from tests.support.editing import make_staff
from tests.support.make import make_expert, make_mention, make_source, make_tag, make_video

pytestmark = pytest.mark.django_db

POPUP = {"_popup": "1"}
NO_TAGS = {"tagged-TOTAL_FORMS": "0", "tagged-INITIAL_FORMS": "0"}

# What makes a row, and what an editor sends to add it again.
ROWS = {
    "quotes/source": (
        lambda: make_source("report", url="https://example.org/report"),
        {"url": "http://www.example.org/report/?utm_source=x", "title": "Again"},
    ),
    "quotes/video": (make_video, {"video_id": "https://youtu.be/abcdefghijk"}),
    "quotes/expert": (make_expert, {"name_en": "Mina Example", "slug": "mina-example"}),
    "trendsite/tag": (make_tag, {"label_en": "Strategy", "slug": "strategy"}),
}


@pytest.mark.parametrize("name", ROWS)
def test_what_is_there_is_chosen_with_one_button(client, editor, name):
    make, data = ROWS[name]
    row = make()
    address = f"/admin/{name}/add/"
    response = client.post(address, {**data, **POPUP})
    assert response.context["existing_row"] == row
    page = response.content.decode()
    assert f'name="_use" value="{row.pk}"' in page
    chosen = client.post(address, {**data, **POPUP, "_use": row.pk})
    assert f"&quot;value&quot;: &quot;{row.pk}&quot;" in chosen.content.decode()
    assert type(row).objects.count() == 1
    page = client.post(address, data).content.decode()
    assert f'<a href="/admin/{name}/{row.pk}/change/">' in page
    assert 'name="_use"' not in page


def test_a_quotation_that_is_there_is_offered(client, editor):
    mention = make_mention("It works.")
    data = {"expert": mention.expert_id, "original": "It  works.", "language": "en"}
    response = client.post("/admin/quotes/mention/add/", {**data, **NO_TAGS, **POPUP})
    assert response.context["existing_row"] == mention


def test_nothing_is_offered_for_other_mistakes(client, editor):
    make_source("report")
    response = client.post("/admin/quotes/source/add/", {"url": "nonsense", **POPUP})
    assert response.context["existing_row"] is None
    assert client.post("/admin/quotes/video/add/", POPUP).context["existing_row"] is None


def test_who_may_not_see_a_row_does_not_get_it(client):
    client.force_login(make_staff("add_source"))
    source = make_source("report")
    address = "/admin/quotes/source/add/"
    assert client.post(address, {**POPUP, "_use": source.pk}).status_code == 403
