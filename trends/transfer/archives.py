"""Reading uploads: one YAML file, or a zip of such files with their pictures."""

import lzma
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from itertools import chain, islice
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from trends.fixture_format.nodes import values_in

YAML_ENDINGS = (".yaml", ".yml")
_PICTURE_ENDINGS = (".webp", ".jpg", ".jpeg", ".png", ".avif", ".gif")

MOST_FILES = 200
MOST_BYTES = 64 * 1024**2
"""Of all files of a zip together, unpacked."""
MOST_VALUES = 300_000
"""Of all YAML files together. A long trend has 1,500; each value takes memory, and time twice."""
_LARGEST_FILE = 11 * 1024**2  # a picture may have 10 MB
_DEEPEST = 4  # some tools pack a folder within a folder
_LONGEST_NAME = 200  # bytes, of each part of a path

# The signature of entries in a zip's directory. They are counted before the zip is opened, since
# Python then reads the whole directory.
_ENTRY = b"PK\x01\x02"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")

# What Python raises for a zip that is damaged, or that uses an unsupported method.
_DAMAGES = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error),
    *(EOFError, OSError, RuntimeError, ValueError),
)

# Files that operating systems add to folders.
_LITTER = {"__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini"}


def read_upload(name: str, content: bytes) -> dict[str, bytes]:
    """Return the files of an upload by their paths.

    Raises ValidationError with all that is wrong with the upload.
    """
    files = _unzipped(content) if content.startswith(_ZIP) else _single(name, content)
    texts = [text for path, text in files.items() if path.lower().endswith(YAML_ENDINGS)]
    values = chain.from_iterable(map(values_in, texts))
    if next(islice(values, MOST_VALUES, None), None):
        text = _("There are more than %(count)d values in the YAML. Import fewer trends at once.")
        raise ValidationError(text % {"count": MOST_VALUES})
    return files


def _single(name: str, content: bytes) -> dict[str, bytes]:
    name = PurePosixPath(name.replace("\\", "/")).name
    if not name.lower().endswith(YAML_ENDINGS):
        raise ValidationError(_("Choose a YAML file (.yaml) or a zip of them."))
    if len(name.encode()) > _LONGEST_NAME:
        raise ValidationError(_("Give the file a shorter name."))
    return {name: content}


@contextmanager
def in_folder(files: Mapping[str, bytes]) -> Iterator[Path]:
    """Write files to a private folder, which is deleted at the end of the block."""
    with TemporaryDirectory() as place:
        folder = Path(place).resolve()
        for name, content in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        yield folder


def _unzipped(content: bytes) -> dict[str, bytes]:
    if content.count(_ENTRY) > MOST_FILES:
        text = _("The zip has more than %(count)d files and folders. Import fewer at once.")
        raise ValidationError(text % {"count": MOST_FILES})
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            return _files_of(archive)
    except _DAMAGES as error:
        raise ValidationError(_("The zip is damaged, or packed in an unusual way.")) from error


def _files_of(archive: zipfile.ZipFile) -> dict[str, bytes]:
    faults: list[str] = []
    entries: dict[str, zipfile.ZipInfo] = {}
    for entry in archive.infolist():
        path = PurePosixPath(name := _name_of(entry))
        if entry.is_dir() or _LITTER.intersection(path.parts):
            continue
        fault = _fault_of(entry, name)
        if name in entries:
            fault = _("is in the zip twice")
        if fault:
            faults.append(f"{name[:_LONGEST_NAME]}: {fault}")
        entries[name] = entry
    folders = {str(parent) for name in entries for parent in PurePosixPath(name).parents}
    faults += [f"{name}: {_('is a file and a folder')}" for name in entries if name in folders]
    if not faults and not any(name.lower().endswith(YAML_ENDINGS) for name in entries):
        faults.append(_("The zip has no YAML file."))
    if faults:
        raise ValidationError(faults)
    files: dict[str, bytes] = {}
    left = MOST_BYTES
    for name, entry in entries.items():
        # Sizes in the directory may be wrong, so no more than the limit is unpacked.
        with archive.open(entry) as file:
            files[name] = file.read(min(left, _LARGEST_FILE) + 1)
        if len(files[name]) > _LARGEST_FILE:
            raise ValidationError(f"{name}: {_('is too large')}")
        left -= len(files[name])
        if left < 0:
            text = _("Unpacked, the zip has more than %(size)d MB. Import fewer files at once.")
            raise ValidationError(text % {"size": MOST_BYTES // 1024**2})
    return files


def _name_of(entry: zipfile.ZipInfo) -> str:
    """Return the path of an entry. Tools that state no encoding write UTF-8 or Shift JIS."""
    is_utf8 = entry.flag_bits & 0x800
    if is_utf8 or entry.filename.isascii():
        return entry.filename
    raw = entry.filename.encode("cp437")  # Python has decoded it with this encoding
    for encoding in ("utf-8", "cp932"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return entry.filename


def _fault_of(entry: zipfile.ZipInfo, name: str) -> str:
    """Return why a file of a zip is refused, "" if it is not."""
    parts = name.split("/")
    if "\\" in name or ":" in name or not name.isprintable() or {"", ".", ".."} & set(parts):
        return _("has a name that is no plain path")
    if stat.S_IFMT(entry.external_attr >> 16) not in (0, stat.S_IFREG):
        return _("is a link or a special file")
    if entry.flag_bits & 1:
        return _("has a password")
    if len(parts) > _DEEPEST or any(len(part.encode()) > _LONGEST_NAME for part in parts):
        return _("is nested too deeply, or has too long a name")
    if not name.lower().endswith((*YAML_ENDINGS, *_PICTURE_ENDINGS)):
        return _("is neither YAML nor a picture")
    return ""
