"""Files imported in the admin: checked, looked at, agreed to, and written as loaddata writes."""

import datetime
import io
import textwrap
from functools import partial

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from PIL import Image

from tests.support.connections import at_once, refuse_a_commit
from tests.support.editing import make_editor, make_staff
from tests.support.importing import PAGE, agree, messages, upload
from tests.support.loading import (
    MINIMAL,
    VOCABULARY,
    WHOLE,
    changed,
    export,
    export_to,
    load,
    load_texts,
    refusal,
    snapshot,
    write,
)
from tests.support.make import make_trend
from tests.support.reading import read, words
from tests.support.zips import zip_of
from trends.editing.actions import retire
from trends.models import PendingImport, Trend
from trendsite.shared.models import Tag
from trendsite.shared.revisions.models import Revision
from trendsite.shared.writes import Origin, Provenance

WAITING = "trends.PendingImport"

pytestmark = pytest.mark.django_db


def yaml(text: str) -> bytes:
    return textwrap.dedent(text).lstrip("\n").encode()


def content_of_site() -> dict:
    """All rows but those that wait for an import."""
    found = snapshot()
    del found[WAITING]
    return found


def test_a_zip_is_checked_shown_and_imported_as_it_would_be_loaded(client, editor, tmp_path):
    files = {"vocabulary.yaml": yaml(VOCABULARY), "whole.yaml": yaml(WHOLE)}
    files["minimal.yaml"] = yaml(MINIMAL)
    before = content_of_site()
    response = upload(client, zip_of(files), "trends.zip")
    proposal = response.context["proposal"]
    assert content_of_site() == before
    assert {(row.slug, row.is_new) for row in proposal.rows} >= {("whole", True), ("minimal", True)}
    done = agree(client, response)
    assert messages(done)[0] == "trends.zip was imported: 8 rows were added or changed."
    text = export("whole", "minimal")
    assert not PendingImport.objects.exists()
    revision = Revision.objects.of(Trend, [Trend.objects.get(slug="whole").pk]).get()
    assert (revision.origin, revision.username, revision.note) == (
        Origin.IMPORT,
        "editor",
        "trends.zip",
    )
    assert text.startswith("trend: minimal\n")


def test_import_and_load_write_the_same(client, editor, tmp_path):
    files = {"v.yml": yaml(VOCABULARY), "w.yml": yaml(WHOLE)}
    agree(client, upload(client, zip_of(files), "a.zip"))
    before = content_of_site()
    load_texts(tmp_path, vocabulary=VOCABULARY, whole=WHOLE)
    after = content_of_site()
    for revision in after["trendsite.Revision"]:
        revision["exported_at"] = None  # which tells that a file on the server has it now
    assert after == before


def test_every_mistake_is_told_with_file_line_and_field_and_nothing_is_kept(client, editor):
    bad = changed(MINIMAL, ("growing", "emergent"), ("2025", "2024-13"))
    files = {"a.yaml": yaml(bad), "more/b.yaml": yaml("trend: b\nstatus: growing\ttabs")}
    before = snapshot()
    response = upload(client, zip_of(files), "a.zip")
    assert snapshot() == before
    shown = [(m.file, m.line, m.path) for m in response.context["mistakes"]]
    assert shown[:2] == [("a.yaml", 2, "status"), ("a.yaml", 4, "since")]
    assert {file for file, _line, _path in shown} == {"a.yaml", "more/b.yaml"}
    page = response.content.decode()
    assert "<td>a.yaml</td>" in page
    assert "<code>status</code>" in page


def test_a_file_that_is_no_yaml_and_no_zip_is_refused_beside_the_field(client, editor):
    response = upload(client, b"%PDF", "a.pdf")
    assert response.context["form"].errors == {
        "file": ["Choose a YAML file (.yaml) or a zip of them."]
    }
    response = client.post(PAGE, {})
    assert response.context["form"].errors == {"file": ["This field is required."]}


def test_the_difference_is_shown_and_only_what_differs_changes(client, editor, tmp_path):
    load_texts(tmp_path, vocabulary=VOCABULARY, whole=WHOLE)
    text = changed(WHOLE, ("subtitle: {en: All parts", "subtitle: {en: Every part"))
    response = upload(client, yaml(text))
    (row,) = response.context["proposal"].rows
    assert (row.slug, row.is_new, row.overwrites) == ("whole", False, None)
    assert [part.label for part in row.parts] == ["Subtitle"]
    page = response.content.decode()
    assert "<del>All parts</del>" in page
    assert "<ins>Every part</ins>" in page
    agree(client, response)
    assert Trend.objects.get(slug="whole").subtitle_en == "Every part"


def test_links_between_trends_and_former_names_alone_are_changes_too(client, editor, tmp_path):
    load_texts(tmp_path, vocabulary=VOCABULARY, minimal=MINIMAL, b=MINIMAL.replace("minimal", "b"))
    response = upload(client, yaml(MINIMAL + "    related: [b]\n"))
    (row,) = response.context["proposal"].rows
    assert [part.label for part in row.parts] == ["Related trends"]
    agree(client, response)
    response = upload(client, yaml("tags: {strategy: {en: strategy, ja: 戦略, formerly: [plan]}}"))
    (row,) = response.context["proposal"].rows
    assert (row.slug, row.is_new) == ("strategy", False)
    agree(client, response)
    assert Tag.objects.get(slug="strategy").former_names() == ["plan"]


def test_a_file_that_changes_nothing_says_so(client, editor, tmp_path):
    load_texts(tmp_path, minimal=MINIMAL)
    response = upload(client, yaml(MINIMAL))
    assert response.context["proposal"].rows == []
    assert "The file changes nothing" in response.content.decode()
    assert 'name="_import"' not in response.content.decode()


@pytest.fixture
def edited(client, editor, tmp_path) -> Trend:
    """A trend that was loaded, and then changed on the site."""
    load_texts(
        tmp_path, minimal=MINIMAL + "    published: 2025-01-01\n", b=MINIMAL.replace("minimal", "b")
    )
    trend = Trend.objects.get(slug="minimal")
    retire(trend, Provenance(Origin.ADMIN, editor))
    return trend


BOTH = {
    "minimal.yaml": yaml(changed(MINIMAL, ("en: Minimal", "en: Less"))),
    "b.yaml": yaml(changed(MINIMAL.replace("minimal", "b"), ("en: Minimal", "en: B"))),
}


def test_what_was_changed_on_the_site_stays_unless_it_is_ticked(client, edited):
    response = upload(client, zip_of(BOTH), "a.zip")
    rows = {row.slug: row for row in response.context["proposal"].rows}
    assert rows["b"].overwrites is None
    assert rows["minimal"].overwrites.who == "editor (admin)"
    token = rows["minimal"].token
    done = agree(client, response, overwritable=token)
    assert messages(done) == ["a.zip was imported: 1 row was added or changed."]
    edited.refresh_from_db()
    assert (edited.title_en, edited.retired is None) == ("Minimal", False)
    assert Trend.objects.get(slug="b").title_en == "B"

    response = upload(client, zip_of(BOTH), "a.zip")
    (row,) = response.context["proposal"].rows
    agree(client, response, overwritable=row.token, overwrite=row.token)
    edited.refresh_from_db()
    assert (edited.title_en, edited.retired) == ("Less", None)


def test_nothing_is_overwritten_that_the_editor_has_not_seen(client, edited, editor):
    response = upload(client, zip_of(BOTH), "a.zip")
    seen = {row.slug: row for row in response.context["proposal"].rows}["minimal"].token
    other = Trend.objects.get(slug="b")
    other.published = datetime.date(2025, 1, 1)
    other.save()
    retire(other, Provenance(Origin.ADMIN, editor))
    before = snapshot()
    again = agree(client, response, overwritable=seen, overwrite=seen)
    assert snapshot() == before
    assert again.context["problem"].startswith("Nothing was imported: somebody changed something")
    rows = {row.slug: row for row in again.context["proposal"].rows}
    assert rows["b"].overwrites is not None


def test_what_was_exported_or_imported_is_known_to_the_next_import(client, edited, tmp_path):
    response = upload(client, zip_of(BOTH), "a.zip")
    assert {row.slug for row in response.context["proposal"].rows if row.overwrites} == {"minimal"}
    export_to(tmp_path / "out", "minimal")
    response = upload(client, zip_of(BOTH), "a.zip")
    assert [row for row in response.context["proposal"].rows if row.overwrites] == []
    agree(client, response)
    response = upload(client, yaml(changed(MINIMAL, ("en: Minimal", "en: Least"))))
    assert [row for row in response.context["proposal"].rows if row.overwrites] == []


def test_a_load_on_the_server_does_not_overwrite_an_import(client, editor, tmp_path):
    paths = write(tmp_path, minimal=MINIMAL)
    load(*paths)
    agree(client, upload(client, yaml(changed(MINIMAL, ("en: Minimal", "en: Less")))))
    shown = refusal(*paths)
    assert "editor (import)" in shown[1]


def test_what_readers_would_see_must_pass_the_checklist(client, editor):
    text = (
        MINIMAL + "    published: 2025-01-01\n    shift: {en: 'See [this](/en/tags/nowhere/).'}\n"
    )
    before = content_of_site()
    response = upload(client, yaml(text))
    (row,) = response.context["proposal"].rows
    assert row.errors
    assert 'name="_import"' not in response.content.decode()
    again = agree(client, response)
    assert row.errors[0].text in again.context["problem"]
    assert content_of_site() == before


def test_pictures_come_with_the_zip_and_none_is_stored_before(client, editor, tmp_path):
    text = changed(WHOLE, ('start: "12:34"', 'start: "12:34"\n          thumbnail: talk.png'))
    files = {"x/v.yaml": yaml(VOCABULARY), "x/w.yaml": yaml(text), "x/talk.png": picture()}
    stored = stored_files()
    response = upload(client, zip_of(files), "a.zip")
    assert "proposal" in response.context, response.context.get("mistakes")
    assert stored_files() == stored
    agree(client, response)
    video = Trend.objects.get(slug="whole").mentions.exclude(video=None).get().video
    assert default_storage.exists(video.thumbnail.name)


def picture() -> bytes:
    file = io.BytesIO()
    Image.linear_gradient("L").resize((640, 360)).save(file, "PNG")
    return file.getvalue()


def stored_files() -> set[str]:
    def walk(folder: str):
        if not default_storage.exists(folder):
            return
        folders, files = default_storage.listdir(folder)
        yield from (f"{folder}/{name}" for name in files)
        for name in folders:
            yield from walk(f"{folder}/{name}")

    return set(walk("thumbnails"))


def test_an_upload_is_its_owners_and_not_for_ever(client, editor):
    response = upload(client, yaml(MINIMAL))
    address = response.request["PATH_INFO"]
    client.force_login(make_editor("other"))
    assert messages(client.get(address, follow=True)) == [
        "This file is not kept any more. Choose it again."
    ]
    client.force_login(editor)
    assert client.get(address).status_code == 200
    day = timezone.now() - datetime.timedelta(hours=25)
    PendingImport.objects.update(uploaded_at=day)
    assert client.get(address).status_code == 302
    upload(client, yaml(MINIMAL))
    assert PendingImport.objects.count() == 1


def test_a_second_click_imports_nothing_and_says_that_it_was_imported(client, editor):
    response = upload(client, yaml(MINIMAL))
    agree(client, response)
    before = content_of_site()
    assert messages(agree(client, response)) == ["It has already been imported."]
    assert content_of_site() == before
    Revision.objects.update(stored_at=timezone.now() - datetime.timedelta(hours=1))
    gone = ["This file is not kept any more. Choose it again."]
    assert messages(agree(client, response)) == gone


@pytest.mark.django_db(transaction=True)
def test_of_two_clicks_at_once_one_imports(editor):
    first = Client()
    first.force_login(editor)
    response = upload(first, yaml(MINIMAL))
    address = response.request["PATH_INFO"]
    clients = [Client(), Client()]
    for client in clients:
        client.force_login(editor)
    at_once(*(partial(client.post, address, {"_import": "on"}) for client in clients))
    answers = [messages(client.get("/admin/trends/trend/"))[0] for client in clients]
    assert sorted(answers) == [
        "It has already been imported.",
        "a.yaml was imported: 1 row was added or changed.",
    ]


@pytest.mark.django_db(transaction=True)
def test_an_import_that_the_commit_refuses_is_told_and_can_be_sent_again(
    client, editor, monkeypatch
):
    response = upload(client, yaml(MINIMAL))
    refused = refuse_a_commit(monkeypatch)
    again = agree(client, response)
    assert refused == [True]
    assert again.context["problem"].startswith("Nothing was imported: somebody changed something")
    assert not Trend.objects.exists()
    assert messages(agree(client, again)) == ["a.yaml was imported: 1 row was added or changed."]


def test_an_import_is_in_the_audit_list(client, editor):
    agree(client, upload(client, yaml(MINIMAL)))
    page = read(client, "/admin/accounts/loginevent/?who=editor&source=content")
    assert "Minimal" in words(page)
    assert "(import)" in words(page)


def test_nothing_is_imported_if_it_is_thrown_away(client, editor):
    response = upload(client, yaml(MINIMAL))
    done = client.post(response.request["PATH_INFO"], {"_discard": "on"}, follow=True)
    assert messages(done) == ["Nothing was imported."]
    assert not PendingImport.objects.exists()
    assert not Trend.objects.exists()


def test_only_those_who_may_write_all_that_files_hold_may_import(client, editor):
    address = upload(client, yaml(MINIMAL)).request["PATH_INFO"]
    client.force_login(make_staff("view_trend", "change_trend", "add_trend", "publish_trend"))
    assert client.get(PAGE).status_code == 403
    assert client.post(address, {"_import": "on"}).status_code == 403
    assert "import/" not in client.get("/admin/trends/trend/").content.decode()


def test_forged_tokens_are_refused(client, editor):
    response = upload(client, yaml(MINIMAL))
    again = agree(client, response, overwritable="auth.user x y")
    assert again.context["problem"] == "The form was not sent as it was shown."
    assert not Trend.objects.exists()


def test_the_page_of_a_proposal_takes_the_same_queries_for_any_length_of_a_trend(client, editor):
    counts = []
    short, long = (make_trend(f"with-{drivers}", drivers=drivers) for drivers in (2, 12))
    for trend in (short, long):
        text = export(trend.slug)
        response = upload(client, text.replace("Why 0.", "Because.").encode())
        with CaptureQueriesContext(connection) as queries:
            client.get(response.request["PATH_INFO"])
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 89
