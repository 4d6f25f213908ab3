"""`manage.py export_site DIR`: write the public site as files."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management import BaseCommand, CommandError
from django.core.wsgi import get_wsgi_application
from django.http.request import validate_host

from trends.editing.publishing.schedule import Schedule
from trendsite.kept.front import Front
from trendsite.kept.page_table import PageTable
from trendsite.kept.site_files import SiteFiles
from trendsite.kept.store import Store
from trendsite.shared.arguments import named_path


class Command(BaseCommand):
    help = (
        "Write the public site as files: pages, feeds, site maps, JSON and Markdown with their "
        "compressed forms, pictures and styles, and the redirects from former addresses. Again: "
        "only what changed is written, and what is no longer published is deleted."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", metavar="DIR", type=named_path)

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        allowed = [host for host in settings.ALLOWED_HOSTS if host]
        if not validate_host(urlsplit(settings.SITE_URL).hostname or "", allowed):
            raise CommandError("The host of SITE_URL is not in ALLOWED_HOSTS.")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            django = get_wsgi_application()
            site = SiteFiles(
                folder, Front(django, django, Store(2**20, PageTable(), due_work=Schedule()))
            )
            site.write()
        except OSError as error:
            raise CommandError(f"{folder} cannot be written: {error}") from error
        for path, reason in sorted(site.crawl.broken.items()):
            self.stderr.write(f"A link leads nowhere: {path} ({reason})")
        self.stdout.write(
            f"{folder}: {site.written} files written, {site.same} unchanged, "
            f"{site.deleted} deleted."
        )
