"""Making a backup, while editors work."""

import zipfile
from collections.abc import Iterator
from pathlib import Path

from django.core.files.storage import Storage, default_storage
from django.db import models
from django.utils import timezone

from trendsite.backups.archive import MEDIA, ROWS, ArchiveWriter, BackupError
from trendsite.backups.tables import backed_up_models, read_rows
from trendsite.shared.files import replacing
from trendsite.shared.snapshots import snapshot

_TRIES = 3


def make_backup(path: Path) -> list[str]:
    """Write all rows and media to a file; return the names of media files that are missing.

    All rows are read in one snapshot. If a media file that they name is deleted before it is
    copied, since its row was changed meanwhile, the backup is made again, up to `_TRIES` times.
    `path` is replaced at the end: a backup that fails leaves the file before it.
    """
    if not path.parent.is_dir():
        raise BackupError(f"{path.parent}: there is no such folder")
    if path == Path() or (path.exists() and not path.is_file()):  # it would be replaced
        raise BackupError(f"{path}: write the name of a file")
    for _try in range(_TRIES):
        with replacing(path) as partial:
            missing = _write(partial)
        if not missing:
            break
    return missing


def _write(path: Path) -> list[str]:
    with zipfile.ZipFile(path, "w") as archive, snapshot():
        writer = ArchiveWriter(archive)
        made = timezone.now().isoformat()
        for model in backed_up_models():
            name = f"{ROWS}{model._meta.label_lower}.jsonl"
            writer.add(name, read_rows(model), compressed=True)
        for name in stored_files(default_storage):
            try:
                with default_storage.open(name) as file:
                    writer.add(MEDIA + name, file.chunks(), compressed=False)
            except FileNotFoundError:
                continue  # deleted after it was listed
        missing = sorted(name for name in _named_files() if MEDIA + name not in writer.members)
        writer.add_list(made)
    return missing


def stored_files(storage: Storage, folder: str = "") -> Iterator[str]:
    """Yield the names of all files in a storage, except temporary ones, which begin with a dot."""
    try:
        folders, files = storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in sorted(files):
        if not name.startswith("."):
            yield f"{folder}{name}"
    for name in sorted(folders):
        yield from stored_files(storage, f"{folder}{name}/")


def _named_files() -> set[str]:
    """Return the names of all files that rows refer to. One query for each FileField."""
    return {
        name
        for model in backed_up_models()
        for field in model._meta.local_concrete_fields
        if isinstance(field, models.FileField)
        for name in model._base_manager.values_list(field.attname, flat=True)
        if name
    }
