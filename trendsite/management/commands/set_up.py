"""`manage.py set_up`: prepare database, media and static files. Safe to run at every start."""

import os
import secrets
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
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
        names = list(uncollected())
        for name in names:
            # Otherwise collectstatic keeps the copy, if the file is older than it: the time of a
            # file is often that of its commit.
            (settings.STATIC_ROOT / name).unlink(missing_ok=True)
        if names:
            call_command("collectstatic", verbosity=0, interactive=False)

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
