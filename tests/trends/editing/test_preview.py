"""What editors see before readers do, and who may see and change what."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.support.days import tomorrow
from tests.support.editing import errors, form_data, make_staff, send, trend_url
from tests.support.make import make_trend

pytestmark = pytest.mark.django_db


def preview(trend, language="en"):
    return f"/admin/trends/trend/{trend.pk}/preview/{language}/"


@pytest.mark.parametrize("day", [None, tomorrow], ids=["draft", "scheduled"])
@pytest.mark.parametrize(
    ("language", "title"), [("en", "Title of example-trend"), ("ja", "example-trendの題")]
)
def test_draft_is_shown_as_its_page_in_each_language(client, editor, language, title, day):
    trend = make_trend(published=day and day(), drivers=1)
    client.cookies["django_language"] = "ja" if language == "en" else "en"
    response = client.get(preview(trend, language))
    page = response.content.decode()
    assert response.status_code == 200
    assert response["Content-Language"] == language
    assert f'<html lang="{language}" dir="ltr">' in page
    assert title in page
    assert 'class="preview-banner"' in page
    for address in (preview(trend, "en"), preview(trend, "ja"), trend_url(trend)):
        assert f'href="{address}"' in page
    assert client.get(trend.get_absolute_url()).status_code == 404


def test_preview_is_kept_by_nobody(client, editor):
    response = client.get(preview(make_trend(published=None)))
    assert "no-store" in response["Cache-Control"]
    assert "private" in response["Cache-Control"]


def test_preview_of_nothing_is_not_found(client, editor):
    trend = make_trend(published=None)
    assert client.get("/admin/trends/trend/9999/preview/en/").status_code == 404
    assert client.get(preview(trend, "fr")).status_code == 404


def test_preview_only_reads(client, editor):
    assert client.post(preview(make_trend())).status_code == 405


def test_preview_asks_strangers_to_log_in(client):
    response = client.get(preview(make_trend(published=None)))
    assert response.status_code == 302
    assert response["Location"].startswith("/admin/login/")


@pytest.mark.parametrize(("permission", "status"), [("view_trend", 200), ("view_source", 403)])
def test_preview_needs_the_permission_to_view_trends(client, permission, status):
    client.force_login(make_staff(permission))
    assert client.get(preview(make_trend(published=None))).status_code == status


def test_form_links_to_previews_of_a_draft_and_to_the_pages_of_a_published_trend(client, editor):
    draft, published = make_trend("draft", published=None), make_trend("published")
    page = client.get(trend_url(draft)).content.decode()
    assert preview(draft, "en") in page
    assert preview(draft, "ja") in page
    assert "/ja/trends/draft/" not in page
    page = client.get(trend_url(published)).content.decode()
    assert 'href="/en/trends/published/"' in page
    assert 'href="/ja/trends/published/"' in page


def test_who_may_only_view_sees_the_trend_and_changes_nothing(client):
    client.force_login(make_staff("view_trend", "view_driver"))
    trend = make_trend(drivers=1)
    response = client.get(trend_url(trend))
    assert response.status_code == 200
    assert "Title of example-trend" in response.content.decode()
    assert client.post(trend_url(trend), {"title_en": "Mine"}).status_code == 403


def test_who_may_not_see_assessments_cannot_contradict_them(client):
    client.force_login(make_staff("view_trend", "change_trend"))
    trend = make_trend(assessments=1)
    data = form_data(client, trend_url(trend))
    response = send(client, trend_url(trend), data, status="declining")
    assert list(errors(response)) == ["status"]


# Markdown


def test_markdown_is_rendered_as_on_the_site(client, editor):
    text = "**太字。**次\n\n<script>alert(1)</script>"
    response = client.post(reverse("admin:markdown"), {"text": text, "language": "ja"})
    page = response.content.decode()
    assert "<strong>太字。</strong>" in page
    assert "<script" not in page


def test_markdown_of_an_unknown_language_is_refused(client, editor):
    response = client.post(reverse("admin:markdown"), {"text": "texte", "language": "fr"})
    assert response.status_code == 400


def test_markdown_is_rendered_for_editors_alone(client):
    response = client.post(reverse("admin:markdown"), {"text": "text"})
    assert response["Location"].startswith("/admin/login/")


def test_markdown_needs_a_token_against_forgery(editor, client):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(editor)
    assert strict.post(reverse("admin:markdown"), {"text": "text"}).status_code == 403
    assert client.get(reverse("admin:markdown")).status_code == 405
