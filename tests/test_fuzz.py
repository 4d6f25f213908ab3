"""Hostile input at all addresses, forms and files: no 5xx, nothing reflected, no page of another.

`make test` tries some 500 cases, `make fuzz` 20,000 (FUZZ_CASES).
"""

import json
import re
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.cases import CASES
from tests.support.editing import filled, make_editor, send, trend_url
from tests.support.loading import MINIMAL, VOCABULARY, load_texts, snapshot
from tests.support.make import make_expert, make_trend
from tests.support.readers import Reader
from tests.support.validity import check_json_feed
from trends.editing.translating.exchange.po import write_po
from trends.editing.translating.exchange.translation_files import exported
from trends.editing.translating.exchange.xliff import write_xliff
from trends.models import Trend
from trendsite.backups.archive import BackupError, checked_archive
from trendsite.backups.making import make_backup
from trendsite.shared.translated import languages

pytestmark = pytest.mark.django_db


def many(share: float) -> settings:
    """Return how a test tries its share of the cases: the slower each is, the smaller."""
    return settings(
        max_examples=max(5, round(CASES * share)),
        # A database and what it holds are shared by the cases of a test.
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
        database=None,
    )


MARK = "<fuzz'\">"
NASTY = st.sampled_from(
    [
        *("", " ", "\0", "\x1b", "\ud7ff", "\ufeff", "\u202e", "　", "a" * 5000, "9" * 40, "-1"),
        *(MARK, f"javascript:{MARK}", "{{7*7}}", "%00", "%ff", "%", "..", "../../etc/passwd"),
        *("' OR 1=1 --", '"', "(", "[", "*", "^a:b", "a AND NEAR(", "\\", "//evil.example"),
        *("\r\nSet-Cookie: a=b", "2025-99", "9999-12-31", "0000", "１２", "ＡＩ", "🏳️‍🌈", "é" * 300),
        *("[^x]: /y", "[" * 200, "*" * 500, "> " * 100, "`" * 99, "&#0;", "<!--", "1e999", "NaN"),
    ]
)
TEXT = NASTY | st.text(max_size=40) | st.integers().map(str)

WORDS = st.sampled_from(
    [
        *("trends", "tags", "experts", "audiences", "videos", "sources", "a-z", "search"),
        *("changes", "forecasts", "feed.atom", "feed.json", "card.jpg", "example-trend"),
        *("example-trend.md", "example-trend.json", "mina-example", "product", "media", "static"),
        *("cards", "thumbnails", "api", "trends.json", "admin", "healthz", "robots.txt"),
    ]
)
NAMES = st.sampled_from(
    [
        *("q", "status", "confidence", "tag", "audience", "page", "p", "sort", "order", "moved"),
        *("kind", "outcome", "year", "letter", "since", "next", "language", "_popup", "e", "o"),
        *("tagged__tag__id__exact", "published__year", "slug__regex", "title_en__icontains"),
        *("related", "tags", "expert", "source", "who", "until", "from", "to", "version"),
    ]
)
PARAMETERS = st.lists(st.tuples(NAMES | TEXT, TEXT), max_size=4)


@pytest.fixture
def site():
    """A trend with a part of each kind, and an expert."""
    make_expert("other-expert")
    return make_trend(
        tags=["product"], drivers=2, implications=1, timeline=2, mentions=1, assessments=1
    )


def check(response, address: str) -> None:
    """Fail unless an answer is one that a stranger may get, whatever was asked."""
    assert response.status_code < 500, address
    place = response.get("Location", "")
    assert not urlsplit(place).netloc or urlsplit(place).netloc == "testserver", place
    assert not re.match(r"[/\\]{2}", place), place  # another host, as browsers read it
    assert "\n" not in place
    if "html" in response.get("Content-Type", ""):
        page = response.content.decode()
        assert MARK not in page, address
        language = address.split("/")[1]
        if language in languages():
            assert re.search(rf'<html lang="{language}"', page), address


@many(0.3)
@given(
    st.lists(WORDS | TEXT, max_size=4), PARAMETERS, st.sampled_from(["en", "ja", "EN", "fr", ""])
)
def test_addresses_of_readers(client, site, parts, parameters, language):
    names = [language, *(part.replace("/", "%2F") for part in parts), ""]
    # Two slashes at the beginning would name a host to the test client.
    address = re.sub("^/+", "/", "/" + "/".join(names))
    check(client.get(address, parameters), address)


PAGES = [
    *("", "search/", "a-z/", "changes/", "forecasts/", "tags/product/", "experts/"),
    *("trends/example-trend/", "audiences/enterprises/", "trends/example-trend.json"),
]


@many(0.15)
@given(st.sampled_from(languages()), st.sampled_from(PAGES), PARAMETERS)
def test_parameters_of_pages(client, site, language, page, parameters):
    address = f"/{language}/{page}"
    check(client.get(address, parameters), address)


@pytest.fixture
def editor(client):
    client.force_login(make_editor())
    return client


ADMIN_PAGES = [
    *("trends/trend/", "quotes/expert/", "quotes/mention/", "quotes/source/", "trendsite/tag/"),
    *("trends/trend/add/", "quotes/mention/add/", "accounts/loginevent/", "auth/user/"),
    *("autocomplete/", "trends/trend/bin/", "accounts/editorsession/", "second-step/"),
]


@many(0.1)
@given(st.sampled_from(ADMIN_PAGES), PARAMETERS)
def test_parameters_of_the_admin(editor, site, page, parameters):
    address = f"/admin/{page}"
    check(editor.get(address, parameters), address)


@many(0.05)
@given(st.data())
def test_forms_of_the_admin(editor, site, forms, data):
    url = data.draw(st.sampled_from(sorted(forms)))
    names = st.sampled_from(sorted(forms[url]))
    changes = data.draw(st.dictionaries(names, TEXT | st.lists(TEXT, max_size=3), max_size=4))
    response = send(editor, url, forms[url], **changes)
    assert response.status_code in (200, 302, 400, 403, 404), changes
    assert MARK not in response.content.decode(), changes


@pytest.fixture
def forms(editor, site):
    urls = [trend_url(site), "/admin/quotes/expert/add/", "/admin/trendsite/tag/add/"]
    return {url: filled(editor.get(url)) for url in urls}


LINES = MINIMAL.splitlines(keepends=True)


@many(0.1)
@given(
    st.lists(
        st.tuples(st.integers(0, len(LINES) - 1), TEXT, st.sampled_from(["value", "line", "cut"])),
        min_size=1,
        max_size=4,
    )
)
def test_files(tmp_path_factory, mutations):
    lines = list(LINES)
    for number, text, way in mutations:
        line = lines[number]
        key, colon, _value = line.partition(":")
        lines[number] = {
            "value": f"{key}{colon} {text}\n",
            "line": f"{line.rstrip()}{text}\n",
            "cut": text,
        }[way]
    with suppress(CommandError):  # which names what is wrong, a line each
        load_texts(tmp_path_factory.mktemp("fuzz"), vocabulary=VOCABULARY, a="".join(lines))


# What importers read: a file of a translator, a backup


PIECES = [
    *('<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>', "&b;", "<unit>", "</file>"),
    *(
        "<![CDATA[",
        "<segment state='final'/>",
        "<source/>",
        "xml:lang='zz'",
        "<?xml encoding='a'?>",
    ),
    *('msgctxt "example-trend/trend.shift"\n', 'msgid ""\n', 'msgstr[0] "a"\n', '"', "\\x"),
    *("#, fuzzy\n", "charset=utf-7", "Language: ../..\\n", "trend.published", "driver.0.body"),
]
DAMAGE = st.lists(
    st.tuples(
        st.floats(0, 1),
        st.sampled_from([0, 1, 7, 200, 10**9]),
        TEXT | st.sampled_from(PIECES),
    ),
    min_size=1,
    max_size=3,
)


def damaged(content: bytes, damage: list[tuple[float, int, str]]) -> bytes:
    """A file that was changed in a few places, as by a tool or by somebody who means harm."""
    for place, length, text in damage:
        start = int(place * len(content))
        new = text.encode(errors="surrogatepass")
        content = content[:start] + new + content[start + length :]
    return content


TRANSLATIONS = "/admin/trends/trend/translation-files/"


@many(0.05)
@given(DAMAGE, st.sampled_from(["xlf", "po"]), st.sampled_from(["", "on"]))
def test_files_of_translators(editor, translated_files, damage, ending, confirmed):
    before = snapshot()
    content = damaged(translated_files[ending], damage)
    sent = {"file": SimpleUploadedFile(f"a.{ending}", content)}
    if confirmed:
        text = content.decode(errors="replace")
        sent = {"name": f"a.{ending}", "content": text, "_import": "on"}
    response = editor.post(TRANSLATIONS, sent)
    assert response.status_code in (200, 302, 400), content
    page = response.content.decode()
    assert MARK not in page
    assert "root:x:" not in page
    if response.status_code == 200:
        assert snapshot() == before


@pytest.fixture
def translated_files(editor, site) -> dict[str, bytes]:
    file = exported([site.pk], "ja", shows_all=True)
    return {"xlf": write_xliff(file), "po": write_po(file)}


@many(0.1)
@given(DAMAGE)
def test_backups(tmp_path_factory, backup, damage):
    """A damaged file is no backup; one that is taken for a backup says what the whole one said."""
    path = tmp_path_factory.mktemp("fuzz") / "backup"
    path.write_bytes(damaged(backup.read_bytes(), damage))
    with (
        suppress(BackupError),
        checked_archive(path) as archive,
        checked_archive(backup) as whole,
    ):
        assert archive.contents == whole.contents


@pytest.fixture
def backup(site, tmp_path) -> Path:
    make_backup(tmp_path / "backup")
    return tmp_path / "backup"


# JSON, whose keys the README names

JSON = st.sampled_from(
    ["/api/trends.json", "/{}/trends/example-trend.json", "/{}/trends/{}.json", "/{}/feed.json"]
)


@many(0.1)
@given(JSON, st.sampled_from(languages()), TEXT, PARAMETERS)
def test_json(client, site, address, language, name, parameters):
    address = address.format(language, name.replace("/", "%2F"))
    response = client.get(address, parameters)
    check(response, address)
    if response.status_code in (301, 302) or "html" in response["Content-Type"]:
        return  # another form of the address, or none of these
    assert response.status_code in (200, 400, 404)
    found = json.loads(response.content)
    if response.status_code != 200:
        assert set(found) == {"version", "error"}
    elif address == "/api/trends.json":
        assert {"version", "type", "count", "pages", "ignored", "trends"} <= set(found)
        assert len(found["trends"]) <= found["count"] <= Trend.objects.count()
        if not any(value for name, value in parameters):  # which nothing is filtered by
            assert found["count"] == Trend.objects.count()
    elif address.endswith("feed.json"):
        check_json_feed(response.content, f"http://testserver{address}")
    else:
        assert (found["type"], found["slug"]) == ("trend", "example-trend")


HOSTS = st.sampled_from(["testserver", "localhost", "TESTSERVER", "evil.example", "", "a b"])


@many(0.1)
@given(
    st.sampled_from(languages()),
    st.sampled_from(PAGES),
    PARAMETERS,
    HOSTS,
    st.sampled_from(["", "sessionid=x", "django_language=ja", "csrftoken=y; a=b"]),
)
def test_keys_of_kept_pages(site, shared_reader, language, page, parameters, host, cookie):
    """What the store sends is what Django says to the same request, and never another page."""
    address = f"/{language}/{page}"
    client = Client(headers={"host": host, "cookie": cookie})
    live = client.get(address, parameters)
    query = live.wsgi_request.META["QUERY_STRING"]
    environ = {"HTTP_HOST": host, "QUERY_STRING": query}
    if cookie:
        environ["HTTP_COOKIE"] = cookie
    kept = shared_reader.get(address, **environ)
    assert kept.status == live.status_code
    assert kept.status < 500
    if kept.status == 200:
        assert kept.body == live.content, (address, query)


@pytest.fixture
def shared_reader(site) -> Reader:
    return Reader()
