"""Finding and deleting files in the storage to which no row refers, as after a killed save."""

import datetime
from collections.abc import Iterator
from itertools import islice

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from quotes import pictures
from quotes.models import Video
from trends.formats import card_files
from trends.models import Trend
from trendsite.shared.images import uploads

AGE = datetime.timedelta(hours=1)
"""A younger file may belong to a row that is being saved."""
_AT_ONCE = 100


def orphans(age: datetime.timedelta = AGE) -> Iterator[str]:
    """Yield the names of pictures and cards older than `age` to which no row refers.

    Temporary files of ended processes are among them. Two queries, and one for each two hundred
    trends.
    """
    named = named_files()
    before = timezone.now() - age
    for folder in (card_files.FOLDER, pictures.FOLDER):
        try:
            _folders, names = default_storage.listdir(folder)
        except FileNotFoundError:
            continue
        for name in sorted(names):
            if f"{folder}{name}" not in named and _is_older(f"{folder}{name}", before):
                yield f"{folder}{name}"


def sweep(most: int, age: datetime.timedelta = AGE) -> list[str]:
    """Delete at most `most` orphans; return the names of those deleted.

    A save may meanwhile begin to use an old file: a file to which a row refers after the deletion
    is stored again.
    """
    swept: list[str] = []
    waiting = islice(orphans(age), most)
    while names := list(islice(waiting, _AT_ONCE)):
        contents = {name: content for name in names if (content := _read(name)) is not None}
        for name in contents:
            default_storage.delete(name)
        taken = contents.keys() & named_files()
        for name in taken:
            default_storage.save(name, ContentFile(contents[name]))
        swept += [name for name in contents if name not in taken]
    return swept


def named_files() -> set[str]:
    """Return the names of all files to which rows refer."""
    named = set()
    videos = Video.objects.exclude(thumbnail="").values_list("thumbnail", "thumbnail_width")
    for master, width in videos:
        named.add(master)
        digest = master.removeprefix(pictures.FOLDER).removesuffix(".webp")
        named.update(pictures.FOLDER + name for name in uploads.file_names(digest, width))
    for trend in Trend.objects.iterator(chunk_size=200):
        named.update(card_files.cards_of(trend).values())
    return named


def _is_older(name: str, before: datetime.datetime) -> bool:
    try:
        return default_storage.get_modified_time(name) < before
    except FileNotFoundError:  # deleted after it was listed
        return False


def _read(name: str) -> bytes | None:
    try:
        with default_storage.open(name) as file:
            content: bytes = file.read()
            return content
    except FileNotFoundError:
        return None
