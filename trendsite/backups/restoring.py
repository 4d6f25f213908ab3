"""Restoring a backup in place of the content of a site."""

import hashlib
from pathlib import Path

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.utils import validate_file_name
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import DatabaseError, connection, models, transaction

from trends.queries.kept_lists.renewal import renew_lists
from trendsite.backups.archive import (
    Archive,
    BackupError,
    applied_migrations,
    checked_archive,
    known_migrations,
)
from trendsite.backups.tables import backed_up_models, fields_of, write_rows

_CONTENT_APPS = ("auth", "quotes", "trends", "trendsite")


def restore(path: Path, *, replace: bool) -> dict[str, int]:
    """Replace all rows and files by those of a backup; return the number of each.

    Raises BackupError, before anything is changed, if the file is damaged, if it does not fit
    this version, or if the site holds something and `replace` is false. Files are restored first;
    their names are digests, so they replace nothing. Rows follow in one transaction: a restore
    that is cut off leaves the rows as they were.
    """
    with checked_archive(path) as archive:
        _check_fit(archive, path)
        if not replace and _holds_something():
            raise BackupError(
                "this site holds content or accounts; --replace deletes them all for the backup’s"
            )
        saved = _restore_media(archive)
        try:
            rows = _restore_rows(archive)
        except (DatabaseError, ValueError) as error:
            for name in saved:
                default_storage.delete(name)
            line = " ".join(str(error).split())
            raise BackupError(f"{path}: nothing was restored: {line}") from error
        return {"rows": rows, "files": len(archive.media)}


def _check_fit(archive: Archive, path: Path) -> None:
    """Raise BackupError unless backup, database and code have the same tables."""
    of_backup = set(archive.contents["migrations"])
    known, applied = set(known_migrations()), set(applied_migrations())
    if of_backup - known:
        names = ", ".join(sorted(of_backup - known)[:3])
        raise BackupError(f"{path}: made by a newer version of the site, which has {names}")
    if known - of_backup:
        names = ", ".join(sorted(known - of_backup)[:3])
        raise BackupError(
            f"{path}: made by an older version of the site, without {names}; restore it with "
            "that version, then run manage.py migrate with this one"
        )
    if known - applied:
        raise BackupError("the database is not up to date: run manage.py migrate first")
    columns = {
        model._meta.label_lower: [field.column for field in fields_of(model)]
        for model in backed_up_models()
    }
    if columns != archive.contents["columns"]:
        raise BackupError(f"{path}: its tables are not those of this version of the site")
    for name in archive.media:
        try:
            validate_file_name(name, allow_relative_path=True)
        except SuspiciousFileOperation as error:
            raise BackupError(f"{path}: {name!r} is no name of a file") from error


def _holds_something() -> bool:
    return any(
        model._base_manager.exists()
        for label in _CONTENT_APPS
        for model in apps.get_app_config(label).get_models()
        if model._meta.label_lower != "auth.permission" and model in backed_up_models()
    )


def _restore_media(archive: Archive) -> list[str]:
    """Store the files that are missing or differ; return the names of those that were missing."""
    saved = []
    for name in archive.media:
        is_there = default_storage.exists(name)
        if is_there:
            with default_storage.open(name) as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            if digest == archive.digest(name):
                continue
        default_storage.save(name, ContentFile(b"".join(archive.pieces(name))))
        if not is_there:
            saved.append(name)
    return saved


def _restore_rows(archive: Archive) -> int:
    """Replace all rows by those of a backup, in one transaction; return their number."""
    restored: list[type[models.Model]] = backed_up_models()
    with transaction.atomic():
        with connection.cursor() as cursor:
            for model in reversed(restored):
                cursor.execute(f"DELETE FROM {connection.ops.quote_name(model._meta.db_table)}")
        for model in restored:
            write_rows(model, archive.lines(model._meta.label_lower))
        ContentType.objects.clear_cache()
        call_command("rebuild_search", verbosity=0)
        renew_lists()
        connection.check_constraints()
        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_sql(no_style(), restored):
                cursor.execute(statement)
        return sum(model._base_manager.count() for model in restored)
