"""Django's loaddata as one write of all files, with notices on what is given up."""

from typing import Any

from django.core.management.commands import loaddata

from trends.fixture_format.serializer import one_run
from trendsite.shared.writes import Origin, Provenance, writing


class Command(loaddata.Command):
    def loaddata(self, fixture_labels: Any) -> None:
        provenance = Provenance(Origin.FILE, note=", ".join(map(str, fixture_labels)))
        with writing(provenance) as write, one_run(write) as run:
            super().loaddata(fixture_labels)
        if self.verbosity >= 1:
            for notice in run.notices:
                self.stderr.write(notice)
