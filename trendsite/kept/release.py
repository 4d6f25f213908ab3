"""The release of the site: what, beside content and day, decides what a page looks like."""

import hashlib
import json
from functools import cache

from django.conf import settings

_FOLDERS = ("quotes", "templates", "trends", "trendsite")
_KINDS = {".html", ".mo", ".py", ".txt", ".xml"}
_SECRET = {"DATABASES", "SECRET_KEY"}


@cache
def release() -> str:
    """Return a digest of code, templates, catalogues, pinned libraries and settings. 40 ms once.

    What static files are called stands in the manifest that `collectstatic` writes.
    """
    digest = hashlib.blake2b(digest_size=12)
    files = [settings.BASE_DIR / "requirements.txt", settings.STATIC_ROOT / "staticfiles.json"]
    for folder in _FOLDERS:
        files += (settings.BASE_DIR / folder).rglob("*")
    for path in sorted(files):
        if path.suffix in {*_KINDS, ".json"} and path.is_file():
            digest.update(f"{path.name} {path.stat().st_size}\n".encode())
            digest.update(path.read_bytes())
    for name in dir(settings):
        if name.isupper() and name not in _SECRET:
            try:
                digest.update(f"{name} {json.dumps(getattr(settings, name))}\n".encode())
            except TypeError:  # a path or a function, of which no page shows anything
                continue
    return digest.hexdigest()
