"""What answers are compressed, and on what headers of a request they depend."""

import gzip

import pytest

from tests.support.make import give_picture, make_trend, make_video

pytestmark = pytest.mark.django_db

SAME_FOR_ALL = [
    "/robots.txt",
    "/llms.txt",
    "/sitemap.xml",
    "/sitemap-trends.xml",
    "/api/trends.json",
    "/healthz",
    "/en/",
    "/ja/trends/example-trend/",
    "/en/trends/example-trend.json",
    "/ja/trends/example-trend.md",
    "/en/feed.atom",
    "/en/card.jpg",
]
TEXTS = [
    "/llms.txt",
    "/sitemap-trends.xml",
    "/api/trends.json",
    "/en/",
    "/en/trends/example-trend.json",
    "/en/trends/example-trend.md",
    "/en/feed.atom",
    "/en/feed.json",
    "/en/opensearch.xml",
    "/admin/login/",
]


def varies(response) -> set[str]:
    return set(response.get("Vary", "").split(", ")) - {""}


@pytest.fixture
def trend():
    return make_trend(drivers=1)


def test_address_of_the_site_alone_varies_by_language(client):
    assert "Accept-Language" in varies(client.get("/"))


@pytest.mark.parametrize("address", ["/admin/login/", "/nothing", "/trends/example-trend/"])
def test_what_follows_the_reader_s_language_says_so(client, trend, address):
    assert "Accept-Language" in varies(client.get(address))


@pytest.mark.parametrize("address", SAME_FOR_ALL)
def test_what_is_the_same_in_every_language_of_a_reader_says_so(client, trend, address):
    answers = [client.get(address, headers={"accept-language": code}) for code in ("en", "ja")]
    assert varies(answers[0]) <= {"Accept-Encoding"}
    assert answers[0].content == answers[1].content
    assert answers[0].get("Content-Language") == answers[1].get("Content-Language")


@pytest.mark.parametrize("extension", ["avif", "webp", "jpg"])
def test_picture_is_the_same_for_everybody(client, extension, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        picture = give_picture(make_video()).picture
    response = client.get(
        f"/media/thumbnails/{picture.digest}-320.{extension}",
        headers={"accept-encoding": "gzip", "accept-language": "ja"},
    )
    sent = b"".join(response.streaming_content)
    assert varies(response) == set()
    assert "Content-Language" not in response
    assert "Content-Encoding" not in response
    assert response["Content-Length"] == str(len(sent))


def test_card_is_not_compressed_again(client, trend):
    response = client.get("/en/card.jpg", headers={"accept-encoding": "gzip"})
    assert "Content-Encoding" not in response
    assert response["Content-Length"] == str(len(response.content))


@pytest.mark.parametrize("address", TEXTS)
def test_text_is_compressed(client, trend, address):
    response = client.get(address, headers={"accept-encoding": "gzip"})
    assert response["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in varies(response)
    plain = client.get(address)
    assert "Content-Encoding" not in plain
    assert len(gzip.decompress(response.content)) == len(plain.content)


# Other sites


@pytest.mark.parametrize("address", ["/en/", "/ja/trends/example-trend/", "/en/nothing/"])
def test_page_is_kept_apart_from_other_sites(client, trend, address):
    response = client.get(address)
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    assert response["Cross-Origin-Embedder-Policy"] == "require-corp"
    assert "camera=()" in response["Permissions-Policy"]
    assert "X-Robots-Tag" not in response


@pytest.mark.parametrize("address", ["/en/card.jpg", "/en/feed.atom", "/api/trends.json"])
def test_what_programs_read_may_be_used_by_any_site(client, trend, address):
    response = client.get(address)
    assert response["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "Cross-Origin-Embedder-Policy" not in response


@pytest.mark.parametrize("address", ["/admin/login/", "/admin/", "/admin/jsi18n/"])
def test_admin_is_used_and_listed_by_nobody_else(client, address):
    response = client.get(address)
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    assert response["X-Robots-Tag"] == "noindex"
