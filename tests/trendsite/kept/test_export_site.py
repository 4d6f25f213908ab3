"""`manage.py export_site`: the public site as files, the same bytes as the live site sends."""

import gzip
import shutil
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
    make_trend("another", tags=["product"])
    return make_trend(
        tags=["product"], drivers=2, implications=2, timeline=3, mentions=2, assessments=2
    )


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


def test_site_is_there_in_all_its_forms(site, tmp_path):
    assert set(KINDS) <= set(export(tmp_path))


def test_files_are_what_the_live_site_sends(site, tmp_path):
    files = export(tmp_path)
    client = Client()
    for name, content in files.items():
        if name.startswith("static/") or name == "redirects.map":
            continue
        response = client.get(address_of(name) if "404" not in name else f"/{name[:2]}/404/")
        assert content == response.content, name


def test_compressed_files_hold_the_same(site, tmp_path):
    files = export(tmp_path)
    for name in [*KINDS, "en/404.html"]:
        if name.endswith(".jpg"):
            assert not (tmp_path / f"{name}.gz").exists()
            continue
        assert gzip.decompress((tmp_path / f"{name}.gz").read_bytes()) == files[name]
        assert brotli.decompress((tmp_path / f"{name}.br").read_bytes()) == files[name]


def test_each_link_of_a_page_leads_to_a_file(site, tmp_path):
    files = export(tmp_path)
    for name, content in files.items():
        if not name.endswith(".html"):
            continue
        for element in parse(content.decode()).iter():
            link = urlsplit(element.get("href") or element.get("src") or "")
            if link.netloc not in ("", "testserver") or link.query or not link.path:
                continue
            path = link.path.lstrip("/") + ("index.html" if link.path.endswith("/") else "")
            assert path in files or "/search/" in path or "media/cards" in path, (name, link.path)


def test_pages_of_a_list_are_files_of_their_own(tmp_path):
    for number in range(21):
        make_trend(f"trend-{number:02}")
    files = export(tmp_path)
    assert "trend-20" in files["en/index@page=2.html"].decode()
    assert not [name for name in files if "status" in name]


def test_renamed_trend_is_redirected_in_every_form(site, tmp_path):
    site.slug = "renamed"
    site.save()
    files = export(tmp_path)
    assert "en/trends/renamed/index.html" in files
    lines = files["redirects.map"].decode().splitlines()
    for end in ("/", ".md", ".json", "/feed.atom"):
        assert f'"/ja/trends/example-trend{end}" "/ja/trends/renamed{end}";' in lines


def test_second_export_writes_nothing(site, tmp_path, capsys):
    before = export(tmp_path)
    times = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.html*")}
    assert export(tmp_path) == before
    assert times == {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.html*")}
    assert " 0 files written, " in capsys.readouterr().out.splitlines()[-1]


@pytest.mark.django_db(transaction=True)
def test_edit_writes_the_pages_that_show_it(site, tmp_path):
    before = export(tmp_path)
    Trend.objects.filter(slug="another").update(subtitle_en="Edited")
    after = export(tmp_path)
    changed = {name for name in after if after[name] != before[name]}
    assert "en/trends/another/index.html" in changed
    assert not [name for name in changed if "example-trend" in name or name.startswith("static")]


@pytest.mark.django_db(transaction=True)
def test_what_is_no_longer_published_is_deleted_and_nothing_else(site, tmp_path):
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
