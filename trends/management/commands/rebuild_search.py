"""`manage.py rebuild_search`: rebuild the search index."""

from typing import Any

from django.core.management import BaseCommand
from django.utils.translation import ngettext

from trends.search.index import rebuild


class Command(BaseCommand):
    help = (
        "Make the search index anew from the rows, in one transaction. It follows every save and "
        "load by itself; this is for what was written past them, in SQL."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        count = rebuild()
        if options["verbosity"]:
            message = ngettext("Indexed %(count)d trend.", "Indexed %(count)d trends.", count)
            self.stdout.write(message % {"count": count})
