"""What crawlers and monitors ask of the site, whatever the language."""

from urllib.robotparser import RobotFileParser

import pytest
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder

from tests.support.make import make_trend
from tests.support.reading import read
from trendsite.shared.translated import languages


def robots(client) -> RobotFileParser:
    response = client.get("/robots.txt")
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    found = RobotFileParser()
    found.parse(response.content.decode().splitlines())
    return found


def test_robots_may_read_all_but_the_admin_and_results_of_the_search(client):
    found = robots(client)
    for address in ("/en/trends/example-trend/", "/en/", "/ja/?status=growing", "/llms.txt"):
        assert found.can_fetch("*", f"http://testserver{address}")
    for address in ("/admin/", "/admin/trends/trend/1/preview/en/"):
        assert not found.can_fetch("*", f"http://testserver{address}")
    for language in languages():
        assert not found.can_fetch("*", f"http://testserver/{language}/search/?q=x")
        assert found.can_fetch("*", f"http://testserver/{language}/search/")
        assert found.can_fetch("*", f"http://testserver/{language}/opensearch.xml")
    assert found.site_maps() == ["http://testserver/sitemap.xml"]


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["?q=title", "?q=nothing", "?q=", "?kind=title"])
def test_results_are_not_indexed_by_those_who_read_them_all_the_same(client, query):
    make_trend()
    for language in languages():
        head = read(client, f"/{language}/search/{query}").find("head")
        [found] = [meta for meta in head.iter("meta") if meta.get("name") == "robots"]
        assert found.get("content") == "noindex"


@pytest.mark.django_db
def test_the_search_itself_may_be_indexed_and_is_described(client):
    for language, description in (("en", "Search titles"), ("ja", "タイトル、本文")):
        head = read(client, f"/{language}/search/").find("head")
        named = {meta.get("name"): meta.get("content") for meta in head.iter("meta")}
        assert "robots" not in named
        assert named["description"].startswith(description)


@pytest.mark.django_db
def test_healthy_site_says_so(client):
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok\n")
    assert "no-store" in response["Cache-Control"]
    assert not response.cookies


def test_site_without_its_database_says_so(client, monkeypatch):
    def fail():
        raise OperationalError("gone")

    monkeypatch.setattr(connection, "cursor", fail)
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (503, b"The database does not answer.\n")
    assert "no-store" in response["Cache-Control"]


@pytest.mark.django_db
def test_monitor_is_not_sent_to_tls(client, settings):
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
    assert client.get("/healthz").status_code == 200
    assert client.get("/en/").status_code == 301


@pytest.mark.parametrize("address", ["/robots.txt", "/healthz"])
def test_machines_only_read(client, address):
    assert client.post(address).status_code == 405


# Whether it can do all its work


def readiness(client) -> tuple[int, dict[str, str]]:
    response = client.get("/readyz")
    lines = response.content.decode().splitlines()
    return response.status_code, dict(line.split(": ", 1) for line in lines)


@pytest.mark.django_db
def test_site_that_can_do_all_its_work_is_ready(client, django_assert_num_queries):
    readiness(client)
    with django_assert_num_queries(3):
        assert readiness(client) == (
            200,
            dict.fromkeys(["database", "migrations", "static files", "media", "disk"], "ok"),
        )


@pytest.mark.django_db
def test_site_with_a_migration_to_come_is_not_ready(client):
    MigrationRecorder.Migration.objects.filter(app="quotes").latest("name").delete()
    status, found = readiness(client)
    assert status == 503
    assert found["migrations"].startswith("not applied: quotes.0")
    assert found["database"] == "ok"


@pytest.mark.django_db
def test_site_that_cannot_store_pictures_is_not_ready(client, settings, tmp_path):
    (tmp_path / "file").touch()
    settings.MEDIA_ROOT = tmp_path / "file" / "media"
    status, found = readiness(client)
    assert status == 503
    assert "Not a directory" in found["media"]


@pytest.mark.django_db
def test_site_whose_disk_is_nearly_full_is_not_ready(client, settings):
    settings.MIN_FREE_MEGABYTES = 10**9
    status, found = readiness(client)
    assert status == 503
    assert found["disk"].endswith("MB free, fewer than 1000000000")


def test_site_without_its_database_is_not_ready(client, monkeypatch):
    def fail():
        raise OperationalError("gone")

    monkeypatch.setattr(connection, "cursor", fail)
    status, found = readiness(client)
    assert (status, found["database"]) == (503, "the database does not answer")


def test_metrics_are_nowhere_unless_a_folder_for_them_is_set(client, monkeypatch):
    monkeypatch.delenv("PROMETHEUS_MULTIPROC_DIR", raising=False)
    assert client.get("/metrics").status_code == 404
