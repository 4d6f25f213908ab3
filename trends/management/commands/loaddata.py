"""Django's loaddata, whose files know of each other while it runs, and which says what is lost."""

from typing import Any

from django.core.management.commands import loaddata

from trends.fixture_format.serializer import one_run
from trends.search.index import indexed_once


class Command(loaddata.Command):
    def loaddata(self, fixture_labels: Any) -> None:
        with one_run() as run, indexed_once():
            super().loaddata(fixture_labels)
        if self.verbosity >= 1:
            for notice in run.notices:
                self.stderr.write(notice)
