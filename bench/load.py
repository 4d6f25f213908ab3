"""Measure the time and memory that loading and exporting a synthetic corpus takes.

    python -m bench.load [--trends 250 1000] [--experts 20] [--cards]

Each size runs in a separate process, with its own database and media folder. Times are processor
time: on SQLite, a load also pauses between its transactions. The cards of new trends are drawn
only with `--cards`.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import nullcontext
from pathlib import Path

from bench.sites import site_environment
from bench.synthetic import write_corpus


def main() -> None:
    parser = argparse.ArgumentParser(description="Time loaddata on a synthetic corpus.")
    parser.add_argument("--trends", type=int, nargs="+", default=[250, 1000])
    parser.add_argument("--experts", type=int, default=20)
    parser.add_argument("--cards", action="store_true", help="draw the cards of new trends, too")
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(_measured(options.measure, with_cards=options.cards)))
        return
    columns = "{:>7} {:>9}" + 4 * " {:>16}" + " {:>12}"
    print(
        columns.format(
            "trends", "corpus", "load", "load again", "load changed", "export", "peak memory"
        )
    )
    for trends in options.trends:
        with tempfile.TemporaryDirectory() as folder:
            found = _run(Path(folder), trends, options.experts, ["--cards"] * options.cards)
        times = (found[phase] for phase in ("load", "again", "changed", "export"))
        print(
            columns.format(
                trends,
                f"{found['corpus'] / 1e6:.1f} MB",
                *(f"{seconds:.1f} s ({trends / seconds:.0f}/s)" for seconds in times),
                f"{found['peak'] / 1e3:.0f} MB",
            )
        )


def _run(folder: Path, trends: int, experts: int, more: list[str]) -> dict[str, float]:
    corpus = folder / "corpus"
    write_corpus(corpus, trends=trends, experts=experts)
    done = subprocess.run(
        [sys.executable, "-m", "bench.load", "--measure", str(corpus), *more],
        env={**os.environ, **site_environment(folder)},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _measured(corpus: Path, *, with_cards: bool) -> dict[str, float]:
    import resource

    import django
    from django.core.management import call_command

    django.setup()
    from trends.formats.card_files import without_cards

    call_command("migrate", verbosity=0)
    trends = sorted(corpus.glob("synthetic-trend-*.yaml"))

    def seconds(command: str, *args: object, **options: object) -> float:
        start = time.process_time()
        with nullcontext() if with_cards else without_cards():
            call_command(command, *args, verbosity=0, **options)
        return time.process_time() - start

    seconds("loaddata", corpus / "vocabulary.yaml", corpus / "experts.yaml")
    found = {
        "corpus": sum(file.stat().st_size for file in trends),
        "load": seconds("loaddata", *trends),
        "again": seconds("loaddata", *trends),
    }
    for file in trends:
        # The first of the texts in English is the title.
        file.write_text(file.read_text().replace("en: ", "en: Changed ", 1))
    found["changed"] = seconds("loaddata", *trends)
    found["export"] = seconds("export_trends", output=corpus.parent / "export")
    found["peak"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return found


if __name__ == "__main__":
    main()
