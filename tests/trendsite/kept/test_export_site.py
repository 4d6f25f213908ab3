"""`manage.py export_site`: the public site as files, the same bytes as the live site sends."""

import gzip
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import brotli
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import Client

from tests.support.make import make_trend
from tests.support.readers import open_connection
from tests.support.reading import parse
from trends.models import Trend

pytestmark = pytest.mark.django_db

KINDS = [
    "en/index.html",
    "ja/index.html",
    "en/trends/example-trend/index.html",
    "ja/trends/example-trend/index.html",
    "en/trends/example-trend.md",
    "en/trends/example-trend.json",
    "en/trends/example-trend/feed.atom",
    "en/tags/product/index.html",
    "en/tags/product/feed.json",
    "en/audiences/enterprises/index.html",
    "en/experts/mina-example/index.html",
    "en/a-z/index.html",
    "en/forecasts/index.html",
    "en/changes/index.html",
    "en/feed.atom",
    "en/card.jpg",
    "en/opensearch.xml",
    "robots.txt",
    "llms.txt",
    "sitemap.xml",
    "sitemap-trends.xml",
    "api/trends.json",
    "speculation-rules.json",
    "static/css/site.css",
]


@pytest.fixture(autouse=True)
def _static_files_are_collected() -> None:
    shutil.copytree(settings.BASE_DIR / "static", settings.STATIC_ROOT, dirs_exist_ok=True)


@pytest.fixture
def site() -> Trend:
    return make_trend(
        tags=["product"], drivers=1, implications=1, timeline=1, mentions=1, assessments=1
    )


@pytest.fixture
def two_trends() -> Trend:
    make_trend("another")
    return make_trend()


def export(folder: Path) -> dict[str, bytes]:
    """Export into a folder; return its files, the compressed ones and the manifest left out."""
    with open_connection():
        call_command("export_site", str(folder), verbosity=0)
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.suffix not in {".br", ".gz"} and path.name != ".export.json"
    }


def address_of(name: str) -> str:
    path = "/" + name.removesuffix("index.html")
    stem, mark, query = path.rpartition("@")
    return f"{stem}?{query}" if mark else path


def test_files_are_what_the_live_site_sends_and_their_links_lead_to_files(site, tmp_path):
    files = export(tmp_path)
    assert set(KINDS) <= set(files)
    client = Client()
    for name, content in files.items():
        if name != "redirects.map" and not name.startswith("static/"):
            address = f"/{name[:2]}/404/" if "404" in name else address_of(name)
            assert content == client.get(address).content, name
        if name.endswith(".html"):
            assert [link for link in links_of(content) if link not in files] == [], name
    for name in [*KINDS, "en/404.html"]:
        if name.endswith(".jpg"):
            assert not (tmp_path / f"{name}.gz").exists()
            continue
        assert gzip.decompress((tmp_path / f"{name}.gz").read_bytes()) == files[name]
        assert brotli.decompress((tmp_path / f"{name}.br").read_bytes()) == files[name]


def links_of(page: bytes) -> Iterator[str]:
    """Yield the files that the links of a page should lead to; cards are not drawn in tests."""
    for element in parse(page.decode()).iter():
        link = urlsplit(element.get("href") or element.get("src") or "")
        if link.netloc in ("", "testserver") and link.path and not link.query:
            path = link.path.lstrip("/") + ("index.html" if link.path.endswith("/") else "")
            if "/search/" not in path and "media/cards" not in path:
                yield path


def test_pages_of_a_list_are_files_of_their_own(tmp_path, monkeypatch):
    monkeypatch.setattr("trends.pages.index.TRENDS_A_PAGE", 1)
    make_trend("first")
    make_trend("second")
    files = export(tmp_path)
    assert "second" in files["en/index@page=2.html"].decode()
    assert not [name for name in files if "status" in name]


def test_renamed_trend_is_redirected_in_every_form(two_trends, tmp_path):
    two_trends.slug = "renamed"
    two_trends.save()
    files = export(tmp_path)
    assert "en/trends/renamed/index.html" in files
    lines = files["redirects.map"].decode().splitlines()
    for end in ("/", ".md", ".json", "/feed.atom"):
        assert f'"/ja/trends/example-trend{end}" "/ja/trends/renamed{end}";' in lines


def test_second_export_writes_nothing(two_trends, tmp_path, capsys):
    before = export(tmp_path)
    times = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.html*")}
    assert export(tmp_path) == before
    assert times == {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.html*")}
    assert " 0 files written, " in capsys.readouterr().out.splitlines()[-1]


@pytest.mark.django_db(transaction=True)
def test_edit_writes_the_pages_that_show_it(two_trends, tmp_path):
    before = export(tmp_path)
    Trend.objects.filter(slug="another").update(subtitle_en="Edited")
    after = export(tmp_path)
    changed = {name for name in after if after[name] != before[name]}
    assert "en/trends/another/index.html" in changed
    assert not [name for name in changed if "example-trend" in name or name.startswith("static")]


@pytest.mark.django_db(transaction=True)
def test_what_is_no_longer_published_is_deleted_and_nothing_else(two_trends, tmp_path):
    export(tmp_path)
    own = tmp_path / "en" / "notes.txt"
    own.write_text("the operator's")
    Trend.objects.filter(slug="another").update(published=None)
    files = export(tmp_path)
    assert not [name for name in files if "trends/another" in name]
    assert not (tmp_path / "en" / "trends" / "another").exists()
    assert own.read_text() == "the operator's"


def test_folder_that_cannot_be_written_is_named(tmp_path):
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(CommandError, match=str(file)):
        call_command("export_site", str(file))
