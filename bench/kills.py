"""Kill processes that write, at random moments, and check what they leave.

    python -m bench.kills [--kills 100] [--seed 1] [--only save load …] [--database postgres://…]

For each kill the site is reset, and a process that does one operation gets `SIGKILL` at a random
moment. A load that was killed is undone, as by the next `loaddata`. Then these conditions are
checked:

- each changed text is the one before or the one after; after a restore, all of them together
- the search index is equal to a rebuilt one, and the database passes its own integrity check
- after `draw_cards` and `sweep_media`, every picture and card of a row exists and is complete, and
  there is no other file

The database is SQLite in a temporary folder. With `--database`, the name of a PostgreSQL database,
two more databases are created on its server and dropped at the end. Exits with 1 if a condition is
not met.
"""

import argparse
import os
import random
import shutil
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bench.sites import site_environment

if TYPE_CHECKING:
    from bench.killed_site import KilledSite
    from bench.killed_writes import Operation

# Kills are up to this factor of an operation's duration, so that some operations end before.
_BEYOND = 1.1


@dataclass
class Outcome:
    """The results of the kills of one operation."""

    seconds: float = 0.0
    counts: Counter[str] = field(default_factory=Counter)
    undone: int = 0
    swept: int = 0
    faults: list[str] = field(default_factory=list)


def main() -> None:
    parser = argparse.ArgumentParser(description="Kill writers at random moments.")
    parser.add_argument("--kills", type=int, default=100, help="of all operations together")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="+", metavar="OPERATION")
    parser.add_argument("--database", help="of a PostgreSQL server, instead of SQLite")
    parser.add_argument(
        "--migrated", type=Path, metavar="FILE", help="an SQLite database to begin with, for tests"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kills-") as folder:
        environment(Path(folder), options.database)
        import django
        from django.conf import settings

        # So that pages can be rendered without `collectstatic`.
        settings.STORAGES["staticfiles"] = {
            "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        }
        django.setup()
        from bench.killed_site import KilledSite

        site = KilledSite(Path(folder))
        if options.migrated:
            shutil.copy(options.migrated, site.file)
        try:
            faults = _run(site, options.kills, random.Random(options.seed), options.only)
        finally:
            site.close()
    sys.exit(bool(faults))


def environment(folder: Path, database: str | None) -> None:
    """Set environment variables for a database and a media folder of the benchmark."""
    url = urlsplit(database)._replace(path="/trendsite_kills").geturl() if database else None
    os.environ |= {
        **site_environment(folder, url),
        "SITE_URL": "http://testserver",
        "LOG_LEVEL": "ERROR",
    }


def _run(
    site: "KilledSite", kills: int, chance: random.Random, only: list[str] | None
) -> list[str]:
    from bench.killed_writes import OPERATIONS

    operations = {name: do for name, do in OPERATIONS.items() if not only or name in only}
    site.make()
    faults: list[str] = []
    columns = ("kills", "old", "new", "parts", "undone", "swept", "s")
    print(f"{'operation':12} {' '.join(f'{column:>6}' for column in columns)}")
    for number, (name, operation) in enumerate(operations.items()):
        share = kills // len(operations) + (number < kills % len(operations))
        outcome = _kill(site, name, operation, share, chance)
        counts = outcome.counts
        print(
            f"{name:12} {share:6} {counts['old']:6} {counts['new']:6} {counts['parts']:6}"
            f" {outcome.undone:6} {outcome.swept:6} {outcome.seconds:6.2f}",
            flush=True,
        )
        for fault in outcome.faults:
            print(f"  {fault}", flush=True)
        faults += outcome.faults
    print(f"{kills} kills, {len(faults)} faults")
    return faults


def _kill(
    site: "KilledSite", name: str, operation: "Operation", kills: int, chance: random.Random
) -> Outcome:
    """Run an operation once to its end, then `kills` times until it is killed."""
    outcome = Outcome()
    site.reset()
    before = site.state()
    # Once in this process, so that children need not import the modules again.
    operation(site.folder, lambda: None)
    site.reset()
    outcome.seconds = site.do(operation, None)
    after = site.state()
    if before == after or site.faults():
        raise SystemExit(f"{name} does not work, unkilled: {site.faults()}")
    for _number in range(kills):
        site.reset()
        moment = chance.uniform(0, _BEYOND * outcome.seconds)
        site.do(operation, moment)
        outcome.undone += site.undo()
        found = site.state()
        label = f"{name}, killed after {moment:.3f} s"
        outcome.faults += [
            f"{label}: {about} is neither old nor new"
            for about, text in found.items()
            if text not in (before[about], after[about])
        ]
        if found in (before, after):
            outcome.counts["old" if found == before else "new"] += 1
        else:
            outcome.counts["parts"] += 1
            outcome.faults.append(f"{label}: some is old, some is new")
        problems, swept = site.faults(), site.heal()
        outcome.swept += swept
        outcome.faults += [f"{label}: {problem}" for problem in problems + site.file_faults()]
    return outcome


if __name__ == "__main__":
    main()
