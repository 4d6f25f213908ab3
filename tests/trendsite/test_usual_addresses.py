"""Addresses that a person takes to be the same lead to the page, by one redirect."""

import pytest

from tests.support.make import make_trend, make_video
from trends.models import Trend

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="class")
def site(rows_of_class):
    make_trend()
    make_video(video_id="dQw4w9WgXcQ")


@pytest.mark.usefixtures("site")
class TestForms:
    @pytest.mark.parametrize(
        ("asked", "page"),
        [
            ("/EN/", "/en/"),
            ("/EN", "/en/"),
            ("/Ja/trends/example-trend/", "/ja/trends/example-trend/"),
            ("/ja-JP/trends/example-trend/", "/ja/trends/example-trend/"),
            ("/ja_JP/trends/Example-Trend", "/ja/trends/example-trend/"),
            ("/en_GB/trends/example-trend", "/en/trends/example-trend/"),
            ("/en/Trends/Example-Trend", "/en/trends/example-trend/"),
            ("/en/trends/EXAMPLE-TREND/", "/en/trends/example-trend/"),
            ("/en/trends/example-trend", "/en/trends/example-trend/"),
            ("/EN/trends/example-trend/feed.atom", "/en/trends/example-trend/feed.atom"),
            ("/en/Tags", "/en/tags/"),
            ("/EN/videos/youtube/dQw4w9WgXcQ", "/en/videos/youtube/dQw4w9WgXcQ/"),
            ("/EN/trends/example-trend/?preview=x&a=b", "/en/trends/example-trend/?preview=x&a=b"),
            ("/Robots.txt", "/robots.txt"),
        ],
    )
    @pytest.mark.parametrize("method", ["get", "head"])
    def test_another_form_of_an_address_redirects_to_the_page(self, client, asked, page, method):
        response = getattr(client, method)(asked)
        assert (response.status_code, response["Location"]) == (301, page)
        assert client.get(page).status_code == 200


def test_a_former_slug_in_capitals_is_one_redirect_too(client):
    trend = make_trend()
    trend.slug = "renamed-trend"
    trend.save()
    for asked in ("/EN/trends/Example-Trend", "/en/trends/example-trend"):
        response = client.get(asked)
        assert (response.status_code, response["Location"]) == (301, "/en/trends/renamed-trend/")


@pytest.mark.parametrize(
    "asked", ["/EN/trends/no-such-trend/", "/de/", "/DE/trends/", "/en/Nothing/", "/media/A.jpg"]
)
def test_what_is_nowhere_is_not_found(client, asked):
    make_trend()
    assert client.get(asked).status_code == 404


def test_not_found_is_said_in_the_language_that_was_meant(client):
    response = client.get("/JA/trends/no-such-trend/")
    assert response.status_code == 404
    assert 'lang="ja"' in response.content.decode()


def test_a_draft_is_as_hidden_under_another_form_of_its_address(client):
    make_trend(published=None)
    assert Trend.objects.count() == 1
    assert client.get("/EN/trends/Example-Trend/").status_code == 404


def test_forms_are_not_redirected(client):
    assert client.post("/EN/").status_code in (404, 405)
