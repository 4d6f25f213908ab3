"""Exporting the public site as files, for a web server without Django."""

import hashlib
import json
import os
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.files.storage import default_storage

from trendsite.kept.crawling import Crawl, styles_of
from trendsite.kept.encodings import as_brotli, as_gzip, is_text
from trendsite.kept.entries import Address, KeptAnswer
from trendsite.kept.front import Front
from trendsite.shared.translated import languages

MANIFEST = ".export.json"
REDIRECTS = "redirects.map"
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "text/xml", ".json": "json"}


@dataclass
class SiteFiles:
    """A folder with the files of the site, brought up to date by `write()`.

    Each file is replaced atomically, and files are deleted after all others were written. The
    manifest has the digest of each file that was written, so that unchanged files are left alone
    and files of others are never deleted.
    """

    folder: Path
    front: Front
    written: int = 0
    same: int = 0
    deleted: int = 0
    crawl: Crawl = field(init=False)
    _before: dict[str, str] = field(default_factory=dict)
    _now: dict[str, str] = field(default_factory=dict)

    def write(self) -> None:
        """Write the files that changed, and delete those that are no longer part of the site."""
        self.crawl = Crawl(self.front)
        self._before = self._read_manifest()
        paths = set()
        for address, kept in self.crawl.pages():
            paths.add(address.path)
            self._write_page(address, kept)
        self._write_not_found()
        self._copy_linked_files()
        moved = self.crawl.redirects | self.crawl.former_addresses(paths)
        lines = [f"{_quoted(old)} {_quoted(new)};\n" for old, new in sorted(moved.items())]
        self._write_file(REDIRECTS, "".join(lines).encode(), compress=False)
        for name in sorted(set(self._before) - set(self._now)):
            self._delete(name)
        _replace(self.folder / MANIFEST, json.dumps(self._now, indent=0, sort_keys=True).encode())

    def _read_manifest(self) -> dict[str, str]:
        try:
            found: Any = json.loads((self.folder / MANIFEST).read_bytes())
        except (OSError, ValueError):
            return {}
        return {name: digest for name, digest in found.items() if (self.folder / name).is_file()}

    def _write_page(self, address: Address, kept: KeptAnswer) -> None:
        name = file_name(address)
        if self._is_new(name, kept.digest):
            self._replace_file(name, kept.body("identity"))
            if kept.is_compressed:
                self._replace_file(f"{name}.br", kept.body("br"))
                self._replace_file(f"{name}.gz", kept.body("gzip"))

    def _write_not_found(self) -> None:
        for code in languages():
            response = self.front.render(self.crawl.address(f"/{code}/404/"))
            self._write_file(f"{code}/404.html", response.content)

    def _copy_linked_files(self) -> None:
        """Copy the pictures, styles and fonts that pages link to, and the files of these styles."""
        waiting = set(self.crawl.files)
        seen: set[str] = set()
        while waiting - seen:
            path = min(waiting - seen)
            seen.add(path)
            content = _stored(path)
            if content is None:
                self.crawl.broken[path] = "no file"
                continue
            kind = _TYPES.get(Path(path).suffix, "")
            self._write_file(path.lstrip("/"), content, compress=is_text(kind))
            if kind == "text/css":
                waiting |= styles_of(path, content.decode())

    def _write_file(self, name: str, content: bytes, compress: bool = True) -> None:
        if self._is_new(name, hashlib.blake2b(content, digest_size=12).hexdigest()):
            self._replace_file(name, content)
            if compress:
                self._replace_file(f"{name}.br", as_brotli(content, 9))
                self._replace_file(f"{name}.gz", as_gzip(content, 9))

    def _is_new(self, name: str, digest: str) -> bool:
        is_new = self._before.get(name) != digest
        self._now[name] = digest
        if is_new:
            self.written += 1
        else:
            self.same += 1
        return is_new

    def _replace_file(self, name: str, content: bytes) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, content)

    def _delete(self, name: str) -> None:
        self.deleted += 1
        for path in (self.folder / f"{name}{end}" for end in ("", ".br", ".gz")):
            path.unlink(missing_ok=True)
        _remove_empty(path.parents, self.folder)


def file_name(address: Address) -> str:
    """Return the name of the file of an address, such as `en/index@page=2.html`."""
    name = address.path.lstrip("/")
    if address.path.endswith("/"):
        name += "index.html"
    if address.query:
        stem, dot, extension = name.rpartition(".")
        name = f"{stem}@{address.query}{dot}{extension}"
    return name


def _stored(path: str) -> bytes | None:
    """Return the content of a static file or picture, None if there is none."""
    if path.startswith(settings.STATIC_URL):
        storage, name = staticfiles_storage, path.removeprefix(settings.STATIC_URL)
    else:
        storage, name = default_storage, path.removeprefix(settings.MEDIA_URL)
    try:
        with storage.open(name) as file:
            content: bytes = file.read()
            return content
    except OSError:
        return None


def _quoted(address: str) -> str:
    return json.dumps(address, ensure_ascii=False)


def _replace(path: Path, content: bytes) -> None:
    """Replace a file atomically, so that it is never read half written."""
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".export-", delete=False) as file:
        file.write(content)
    os.chmod(file.name, 0o644)
    os.replace(file.name, path)


def _remove_empty(folders: Iterable[Path], top: Path) -> None:
    for folder in folders:
        if folder == top or any(folder.iterdir()):
            return
        folder.rmdir()
