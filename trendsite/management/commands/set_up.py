"""`manage.py set_up`: prepare database, media and static files. Safe to run at every start."""

import hashlib
import os
import secrets
from contextlib import suppress
from importlib.metadata import version
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.finders import get_finders
from django.core.management import BaseCommand, call_command

from trendsite.static_files import uncollected


class Command(BaseCommand):
    help = (
        "Migrate the database and collect static files. Where nobody has an account yet, load "
        "the shipped fixtures and make an editor’s login."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", verbosity=0, interactive=False)
        # Fixtures are loaded once, since loading them again would undo what editors changed.
        if not get_user_model().objects.exists():
            self._load_fixtures()
            self._make_editor()
        # For cards drawn by an earlier version, and for files that were lost.
        call_command("draw_cards", verbosity=0)
        if not settings.DEBUG:
            self._collect_static()

    def _collect_static(self) -> None:
        """Collect static files, unless nothing has changed: to compress them takes seconds."""
        noted = settings.STATIC_ROOT.with_name("collected-static.txt")
        with suppress(OSError):
            if noted.read_text() == _static_digest():
                return
        for name in uncollected():
            # Otherwise collectstatic keeps the copy, if the file is older than it: the time of a
            # file is often that of its commit.
            (settings.STATIC_ROOT / name).unlink(missing_ok=True)
        call_command("collectstatic", verbosity=0, interactive=False)
        noted.write_text(_static_digest())

    def _load_fixtures(self) -> None:
        files = sorted(str(path) for path in (settings.BASE_DIR / "fixtures").glob("*.yaml"))
        self.stdout.write(f"Loading {len(files)} fixtures …")
        call_command("loaddata", *files, verbosity=0)

    def _make_editor(self) -> None:
        name = os.environ.get("DJANGO_SUPERUSER_USERNAME") or "editor"
        chosen = os.environ.get("DJANGO_SUPERUSER_PASSWORD")
        password = chosen or secrets.token_urlsafe(12)
        get_user_model().objects.create_superuser(username=name, password=password)
        shown = "the password of DJANGO_SUPERUSER_PASSWORD" if chosen else f"password {password}"
        self.stdout.write(f"Editor’s login (shown this once): {name}, {shown}")


def _static_digest() -> str:
    """Return a digest of the static files: their contents, and the names and sizes of the copies.

    It differs as well after an update of what makes the copies.
    """
    digest = hashlib.blake2b(digest_size=16)
    digest.update(" ".join(map(version, ("django", "whitenoise", "brotli"))).encode())
    for finder in get_finders():
        for path, storage in finder.list([]):
            with storage.open(path) as file:
                digest.update(f"\n{path} ".encode() + hashlib.blake2b(file.read()).digest())
    for copy in sorted(settings.STATIC_ROOT.rglob("*")):
        digest.update(f"\n{copy} {copy.stat().st_size}".encode())
    return digest.hexdigest()
