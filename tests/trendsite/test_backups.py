"""Backups: the whole state in one file and back, and files that are refused."""

import hashlib
import json
import os
import threading
import zipfile
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.db import connection, connections, transaction

from quotes.models import Video
from tests.support.loading import snapshot
from tests.support.make import date, give_picture, make_source, make_trend, make_video
from trends.models import ListedMention, Trend
from trends.queries.kept_lists.renewal import renew_lists
from trends.search.models import SearchDocument
from trendsite.backups import restoring
from trendsite.backups.archive import LIST

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def media(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"


@pytest.fixture
def backup(tmp_path) -> Path:
    """A backup of a site with a trend, a picture, an account and dates of every kind."""
    make_trend(drivers=2, mentions=1, timeline=2, assessments=1, tags=["strategy"], reading=1)
    give_picture(make_video())
    for number, text in enumerate(["2024-03/2024-06", "2024-H1", "2024~", "2024-Q3"]):
        make_source(f"dated-{number}", date=date(text))
    get_user_model().objects.create_superuser("editor", password="a long one to keep")
    path = tmp_path / "site.backup"
    call_command("backup", path, verbosity=0)
    return path


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def state(folder: Path) -> tuple:
    return snapshot(), files(folder), list(get_user_model().objects.values())


def refusal(path: Path, **options) -> str:
    """The line with which a file is refused; nothing is touched."""
    before = snapshot()
    with pytest.raises(CommandError) as caught:
        call_command("restore", path, verbosity=0, **options)
    assert snapshot() == before
    assert "\n" not in str(caught.value)
    return str(caught.value)


def changed(path: Path, **contents) -> Path:
    """A copy of a backup with other entries in its list."""
    copy = path.with_name("changed.backup")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(copy, "w") as new:
        for name in old.namelist():
            if name != LIST:
                new.writestr(name, old.read(name))
        new.writestr(LIST, json.dumps(json.loads(old.read(LIST)) | contents))
    return copy


def test_a_restore_puts_everything_back(backup, media, client):
    before = state(media)
    words = SearchDocument.objects.count()
    renew_lists()
    listed = set(ListedMention.objects.values_list("mention", "tag", "dated"))
    assert listed
    for path in media.rglob("*.*"):
        path.unlink()
    Trend.objects.all().delete()
    get_user_model().objects.all().delete()
    make_trend("later")
    call_command("restore", backup, replace=True, verbosity=0)
    assert state(media) == before
    assert SearchDocument.objects.count() == words
    assert set(ListedMention.objects.values_list("mention", "tag", "dated")) == listed
    assert client.get("/en/trends/example-trend/").status_code == 200
    assert client.get("/en/trends/later/").status_code == 404
    assert get_user_model().objects.get().check_password("a long one to keep")
    make_trend("new")  # its primary key is free


def test_a_backup_of_what_was_restored_has_the_same_members(backup, tmp_path):
    call_command("restore", backup, replace=True, verbosity=0)
    again = tmp_path / "again.backup"
    call_command("backup", again, verbosity=0)
    members = [json.loads(zipfile.ZipFile(path).read(LIST))["members"] for path in (backup, again)]
    assert members[0] == members[1]


def test_a_backup_is_made_while_others_write(tmp_path):
    """All rows are of one moment: a trend that is written meanwhile has all its parts or none."""
    make_trend("before", drivers=1)
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            with transaction.atomic():
                make_trend(f"meanwhile-{number}", drivers=1)
            number += 1
        connections.close_all()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(3):
            call_command("backup", tmp_path / f"{number}.backup", verbosity=0)
    finally:
        stop.set()
        writer.join()
    for number in range(3):
        with zipfile.ZipFile(tmp_path / f"{number}.backup") as archive:
            rows = [
                len(archive.read(f"rows/trends.{model}.jsonl").splitlines())
                for model in ("trend", "driver")
            ]
        assert rows[0] == rows[1] > 0


def test_a_site_that_holds_something_is_not_replaced_unasked(backup):
    assert "--replace" in refusal(backup)


def test_a_restore_that_fails_leaves_rows_and_files(backup, media, monkeypatch):
    def fail(*args, **options):
        raise ValueError("no room\nleft")

    make_trend("later")
    for path in media.rglob("*-320.jpg"):
        path.unlink()
    before = state(media)
    monkeypatch.setattr(restoring, "call_command", fail)
    assert refusal(backup, replace=True).endswith("nothing was restored: no room left")
    assert state(media) == before


def damaged(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 1
    path.write_bytes(content)


def cut_off(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def a_picture(path: Path) -> None:
    path.write_bytes(b"\x89PNG\r\n\x1a\n" * 100)


def another_archive(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("words.txt", "hello")


def nothing(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize("harm", [damaged, cut_off, a_picture, another_archive, nothing])
def test_a_file_that_is_damaged_or_foreign_is_refused_in_a_line(backup, harm):
    harm(backup)
    assert str(backup) in refusal(backup, replace=True)
    with pytest.raises(CommandError):
        call_command("backup", backup, verify=True, verbosity=0)


def test_every_byte_counts(backup):
    """A changed byte anywhere in the rows is found, whatever the archive's own sums say."""
    with zipfile.ZipFile(backup) as archive:
        name = "rows/trends.trend.jsonl"
        rows = archive.read(name).replace(b"example-trend", b"another-trend")
        members = {other: archive.read(other) for other in archive.namelist()}
    with zipfile.ZipFile(backup, "w") as archive:
        for other, content in {**members, name: rows}.items():
            archive.writestr(other, content)
    assert f"damaged, {name} is not what was written" in refusal(backup, replace=True)


@pytest.mark.parametrize(
    ("contents", "line"),
    [
        ({"version": 2}, "made by a newer version of the site"),
        ({"format": "another"}, "this is no backup of a Trendsite"),
        ({"migrations": None}, "its list of contents cannot be read"),
        ({"members": {}}, "its members are not those of its list"),
        ({"columns": {}}, "its tables are not those of this version"),
    ],
    ids=["newer", "foreign", "no migrations", "no members", "no tables"],
)
def test_a_file_that_does_not_fit_is_refused(backup, contents, line):
    assert line in refusal(changed(backup, **contents), replace=True)


def test_a_file_of_a_newer_or_an_older_version_is_told_apart(backup):
    migrations = json.loads(zipfile.ZipFile(backup).read(LIST))["migrations"]
    newer = changed(backup, migrations=[*migrations, "trends.9999_beyond"])
    assert "newer version of the site, which has trends.9999_beyond" in refusal(newer, replace=True)
    older = changed(backup, migrations=migrations[:-1])
    assert f"older version of the site, without {migrations[-1]}" in refusal(older, replace=True)


def test_no_file_gets_outside_of_the_media(backup, media):
    content = b"x"
    entry = {"size": 1, "sha256": hashlib.sha256(content).hexdigest()}
    members = json.loads(zipfile.ZipFile(backup).read(LIST))["members"]
    for name in ("media/../../escaped", "media//etc/escaped", "elsewhere/x"):
        copy = changed(backup, members={**members, name: entry})
        with zipfile.ZipFile(copy, "a") as archive:
            archive.writestr(name, content)
        assert name.rpartition("/")[2] in refusal(copy, replace=True)
    assert not list(media.parent.rglob("escaped"))


def test_a_whole_file_is_verified_and_a_missing_picture_named(backup, media, capsys):
    call_command("backup", backup, verify=True)
    assert f"{backup} is whole: " in capsys.readouterr().out
    master = media / Video.objects.exclude(thumbnail="").get().thumbnail.name
    master.unlink()
    call_command("backup", backup)
    assert f"thumbnails/{master.name} is named by a row, and not there" in capsys.readouterr().err


def test_a_backup_that_fails_leaves_the_one_before(backup, monkeypatch):
    before = backup.read_bytes()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE quotes_source RENAME TO quotes_source_gone")
    try:
        with pytest.raises(CommandError, match="quotes_source"):
            call_command("backup", backup, verbosity=0)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE quotes_source_gone RENAME TO quotes_source")
    assert backup.read_bytes() == before
    assert [path.name for path in backup.parent.iterdir() if path.is_file()] == [backup.name]


@pytest.mark.parametrize("kind", ["pipe", "folder", "empty"])
def test_what_is_no_file_is_not_replaced_by_a_backup(tmp_path, kind):
    path = tmp_path / "a"
    match kind:
        case "pipe":  # or a device, such as /dev/null
            os.mkfifo(path)
        case "folder":
            path.mkdir()
        case "empty":
            path = Path()
    with pytest.raises(CommandError, match="write the name of a file"):
        call_command("backup", path, verbosity=0)
    assert not path.is_file()


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(CommandError, match="there is no such folder"):
        call_command("backup", tmp_path / "nowhere" / "site.backup", verbosity=0)


def test_dates_are_written_as_in_files(backup):
    rows = zipfile.ZipFile(backup).read("rows/quotes.source.jsonl").decode()
    assert '"2024-03/2024-06"' in rows
