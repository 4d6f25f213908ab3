"""The file of a backup: a zip archive with rows, media, and a list of all members with digests.

A backup is used only after all of its members were read and compared with the list.
"""

import hashlib
import json
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

from django.db import connection
from django.db.migrations.loader import MigrationLoader

from trendsite.backups.tables import backed_up_models, fields_of

FORMAT = "trendsite-backup"
VERSION = 1
LIST = "contents.json"
ROWS = "rows/"
MEDIA = "media/"
_PIECE = 1024 * 1024
# What zipfile raises for damaged members, such as one with an unknown method of compression.
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError)


class BackupError(Exception):
    """A backup cannot be made, verified or restored. The message is one line for an operator."""


def known_migrations() -> list[str]:
    """Return the migrations that this version of the site has, as `app.name`."""
    return sorted(f"{app}.{name}" for app, name in MigrationLoader(None).graph.nodes)


def applied_migrations() -> list[str]:
    """Return the migrations of this version that the database has, as `app.name`."""
    loader = MigrationLoader(connection)
    applied = loader.graph.nodes.keys() & dict(loader.applied_migrations).keys()
    return sorted(f"{app}.{name}" for app, name in applied)


class ArchiveWriter:
    """Writes members to an archive, and the list of members at its end."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self.members: dict[str, dict[str, Any]] = {}

    def add(self, name: str, pieces: Iterable[bytes], *, compressed: bool) -> None:
        """Add a member with the content of `pieces`."""
        digest, size = hashlib.sha256(), 0
        info = zipfile.ZipInfo(name)
        info.compress_type = zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED
        with self._archive.open(info, "w", force_zip64=True) as member:
            for piece in pieces:
                member.write(piece)
                digest.update(piece)
                size += len(piece)
        self.members[name] = {"size": size, "sha256": digest.hexdigest()}

    def add_list(self, made: str) -> None:
        """Add the list of all members. Call it last. `made` is the time of the backup."""
        contents = {
            "format": FORMAT,
            "version": VERSION,
            "made": made,
            "migrations": applied_migrations(),
            "columns": {
                model._meta.label_lower: [field.column for field in fields_of(model)]
                for model in backed_up_models()
            },
            "members": self.members,
        }
        self._archive.writestr(LIST, json.dumps(contents, indent=1))


class Archive:
    """A verified archive: its members are those of its list, with the same digests."""

    def __init__(self, archive: zipfile.ZipFile, contents: dict[str, Any]) -> None:
        self._archive = archive
        self.contents = contents

    @property
    def media(self) -> list[str]:
        """Return the names that its files have in the storage."""
        members = self.contents["members"]
        return [name.removeprefix(MEDIA) for name in members if name.startswith(MEDIA)]

    def lines(self, label: str) -> Iterator[bytes]:
        """Yield the rows of the model with a label, as lines of JSON."""
        with self._archive.open(f"{ROWS}{label}.jsonl") as member:
            yield from member

    def pieces(self, name: str) -> Iterator[bytes]:
        """Yield the bytes of a file of the storage."""
        yield from _pieces(self._archive, MEDIA + name)

    def digest(self, name: str) -> str:
        """Return the digest of a file of the storage."""
        return str(self.contents["members"][MEDIA + name]["sha256"])


@contextmanager
def checked_archive(path: Path) -> Iterator[Archive]:
    """Verify all members of the archive in a file, and yield it.

    Raises BackupError for a file that is damaged, made by a newer version or not a backup.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            contents = _read_list(archive, path)
            _check_members(archive, contents, path)
            yield Archive(archive, contents)
    except FileNotFoundError as error:
        raise BackupError(f"{path}: there is no such file") from error
    except IsADirectoryError as error:
        raise BackupError(f"{path}: this is a folder") from error
    except (zipfile.BadZipFile, EOFError) as error:
        raise BackupError(f"{path}: this is no backup, or it is damaged ({error})") from error


def _read_list(archive: zipfile.ZipFile, path: Path) -> dict[str, Any]:
    if LIST not in archive.namelist():
        raise BackupError(f"{path}: this is no backup of a Trendsite")
    try:
        contents = json.loads(archive.read(LIST))
        is_ours = contents["format"] == FORMAT
        version = int(contents["version"])
    except (*_DAMAGE, KeyError, TypeError) as error:
        raise BackupError(f"{path}: its list of contents cannot be read") from error
    if not is_ours:
        raise BackupError(f"{path}: this is no backup of a Trendsite")
    if version > VERSION:
        raise BackupError(f"{path}: made by a newer version of the site, which can restore it")
    return dict(contents)


def _check_members(archive: zipfile.ZipFile, contents: dict[str, Any], path: Path) -> None:
    try:
        members = dict(contents["members"])
        columns = dict(contents["columns"])
        _migrations = [str(name) for name in contents["migrations"]]
    except (ValueError, KeyError, TypeError) as error:
        raise BackupError(f"{path}: its list of contents cannot be read") from error
    names = archive.namelist()
    rows = {f"{ROWS}{label}.jsonl" for label in columns}
    if sorted(names) != sorted([LIST, *members]) or not rows <= members.keys():
        raise BackupError(f"{path}: damaged, its members are not those of its list")
    for name, listed in members.items():
        if not name.startswith((ROWS, MEDIA)) or ".." in PurePosixPath(name).parts:
            raise BackupError(f"{path}: {name!r} has no place in a backup")
        digest, size = hashlib.sha256(), 0
        try:
            for piece in _pieces(archive, name):
                digest.update(piece)
                size += len(piece)
                if size > listed["size"]:
                    break
            is_whole = (size, digest.hexdigest()) == (listed["size"], listed["sha256"])
        except (*_DAMAGE, KeyError, TypeError):
            is_whole = False
        if not is_whole:
            raise BackupError(f"{path}: damaged, {name} is not what was written")


def _pieces(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    with archive.open(name) as member:
        while piece := member.read(_PIECE):
            yield piece
