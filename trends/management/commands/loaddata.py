"""Django's loaddata with one run for all files, and with notices on what is given up."""

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
