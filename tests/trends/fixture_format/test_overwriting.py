"""A load does not overwrite what was changed on the site, and an export leaves nothing behind."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from quotes.models import Expert
from tests.support.editing import filled, send, trend_url
from tests.support.loading import export, export_to, load, snapshot, write
from trends.models import Trend

pytestmark = pytest.mark.django_db

VOCABULARY = """\
experts:
  mina-example:
    name: {en: Mina Example, ja: ミナ・エグザンプル}
"""
FILE = """\
trend: example
status: growing
confidence: medium
since: 2025
title: {en: Example, ja: 例}
subtitle: {en: As in the file., ja: ファイルのまま。}
"""


@pytest.fixture
def file(tmp_path):
    [path] = write(tmp_path, example=FILE)
    load(path)
    return path


def edit(client, **changes: str) -> None:
    url = trend_url(Trend.objects.get())
    assert send(client, url, filled(client.get(url)), **changes).status_code == 302


def refusal(*paths) -> str:
    with pytest.raises(CommandError) as refused:
        load(*paths)
    return str(refused.value)


def test_a_change_of_an_editor_is_not_overwritten_and_both_texts_are_shown(client, editor, file):
    edit(client, subtitle_en="As an editor wrote it.")
    said = refusal(file)
    assert "Nothing was loaded." in said
    assert "trend “Example”: changed, editor (admin), " in said
    assert "-subtitle: {en: As an editor wrote it." in said
    assert "+subtitle: {en: As in the file." in said
    assert "--overwrite" in said
    assert Trend.objects.get().subtitle_en == "As an editor wrote it."


def test_overwriting_is_asked_for_and_leaves_the_version_of_before(client, editor, file):
    edit(client, subtitle_en="As an editor wrote it.")
    call_command("loaddata", file, overwrite=True, verbosity=0)
    trend = Trend.objects.get()
    assert trend.subtitle_en == "As in the file."
    history = client.get(f"/admin/trends/trend/{trend.pk}/history/").content.decode()
    assert "editor (admin)" in history


def test_a_file_that_has_the_change_is_loaded(client, editor, file):
    edit(client, subtitle_en="As an editor wrote it.")
    file.write_text(FILE.replace("As in the file.", "As an editor wrote it."))
    load(file)
    file.write_text(FILE.replace("As in the file.", "Written after that."))
    load(file)
    assert Trend.objects.get().subtitle_en == "Written after that."


def test_what_was_exported_may_be_loaded_after_it_was_edited(client, editor, file, tmp_path):
    edit(client, subtitle_en="As an editor wrote it.")
    export("example")  # to look at it, which is no file
    refusal(file)
    export_to(tmp_path / "exported", "example")
    path = tmp_path / "exported" / "example.yaml"
    path.write_text(path.read_text().replace("As an editor", "As a contributor"))
    load(path)
    assert Trend.objects.get().subtitle_en == "As a contributor wrote it."
    edit(client, subtitle_en="Once more.")
    refusal(path)


def test_a_trend_made_on_the_site_is_not_replaced_by_a_file_of_its_name(client, editor, tmp_path):
    data = filled(client.get("/admin/trends/trend/add/"))
    values = {"slug": "example", "title_en": "Of an editor", "status": "growing"}
    values |= {"confidence": "low", "since": "2025"}
    assert send(client, "/admin/trends/trend/add/", data, **values).status_code == 302
    assert "“Of an editor”: added" in refusal(*write(tmp_path, example=FILE))


def test_experts_are_kept_as_trends_are(client, editor, tmp_path):
    [path] = write(tmp_path, experts=VOCABULARY)
    load(path)
    expert = Expert.objects.get()
    url = f"/admin/quotes/expert/{expert.pk}/change/"
    send(client, url, filled(client.get(url)), role_en="Analyst")
    assert "expert “Mina Example”: changed" in refusal(path)
    assert Expert.objects.get().role_en == "Analyst"


def test_check_tells_what_would_be_overwritten_and_writes_nothing(client, editor, file, tmp_path):
    [experts] = write(tmp_path, experts=VOCABULARY)
    load(experts)
    url = f"/admin/quotes/expert/{Expert.objects.get().pk}/change/"
    send(client, url, filled(client.get(url)), role_en="Analyst")
    edit(client, subtitle_en="As an editor wrote it.")
    before = snapshot()
    with pytest.raises(CommandError) as refused:
        call_command("loaddata", file, experts, check=True, verbosity=0)
    said = str(refused.value)
    assert "expert “Mina Example”: changed, editor (admin), " in said
    assert "-subtitle: {en: As an editor wrote it." in said
    assert said.count("trend “Example”") == 1
    assert snapshot() == before
    call_command("loaddata", file, experts, check=True, overwrite=True, verbosity=0)
    assert snapshot() == before


def test_edit_that_a_file_does_not_undo_is_no_conflict(client, editor, file):
    edit(client, subtitle_en="As an editor wrote it.")
    edit(client, subtitle_en="As in the file.")
    load(file)


def test_what_was_deleted_on_the_site_comes_back_only_when_asked(client, editor, file):
    trend = Trend.objects.get()
    client.post(f"/admin/trends/trend/{trend.pk}/delete/", {"post": "yes"})
    assert not Trend.objects.exists()
    for options in ({}, {"check": True}):
        with pytest.raises(CommandError) as refused:
            call_command("loaddata", file, verbosity=0, **options)
        said = str(refused.value)
        assert "trend “Example”: deleted, editor (admin), " in said
        assert "The files would bring it back." in said
        assert not Trend.objects.exists()
    call_command("loaddata", file, overwrite=True, verbosity=0)
    assert Trend.objects.get().slug == "example"
    load(file)


def test_loading_a_file_twice_and_a_change_of_the_file_need_nothing(file):
    load(file)
    file.write_text(FILE.replace("As in the file.", "Changed in the file."))
    load(file)
    assert Trend.objects.get().subtitle_en == "Changed in the file."


# What an export leaves behind


def exported(folder, **options) -> str:
    out = StringIO()
    call_command("export_trends", output=folder, stdout=out, **options)
    return out.getvalue()


def test_files_of_trends_that_are_gone_are_named_and_deleted_when_asked(file, tmp_path):
    folder = tmp_path / "folder"
    exported(folder)
    (folder / "notes.yaml").write_text("# of the team\n")
    (folder / "youtube-abc.webp").write_bytes(b"x")
    Trend.objects.update(slug="renamed")
    said = exported(folder)
    left = [folder / "example.yaml", folder / "youtube-abc.webp"]
    assert all(f"{path} belongs to no trend; --prune deletes it." in said for path in left)
    assert "notes.yaml" not in said
    assert "was deleted" in exported(folder, prune=True)
    assert {path.name for path in folder.iterdir()} == {"renamed.yaml", "notes.yaml"}
    assert "no trend" not in exported(folder)
