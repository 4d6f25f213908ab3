"""Measure the time and memory that `loaddata` takes for a synthetic corpus.

    python -m bench.load [--trends 250 1000] [--experts 20]

Each size runs in a separate process, with its own database and media folder.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.sites import site_environment
from bench.synthetic import write_corpus


def main() -> None:
    parser = argparse.ArgumentParser(description="Time loaddata on a synthetic corpus.")
    parser.add_argument("--trends", type=int, nargs="+", default=[250, 1000])
    parser.add_argument("--experts", type=int, default=20)
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(_measured(options.measure)))
        return
    columns = "{:>7} {:>9} {:>12} {:>10} {:>12} {:>10} {:>10}"
    print(
        columns.format(
            "trends", "corpus", "vocabulary", "load", "load again", "export", "peak memory"
        )
    )
    for trends in options.trends:
        with tempfile.TemporaryDirectory() as folder:
            found = _run(Path(folder), trends, options.experts)
        print(
            columns.format(
                trends,
                f"{found['corpus'] / 1e6:.1f} MB",
                f"{found['vocabulary']:.1f} s",
                f"{found['load']:.1f} s",
                f"{found['again']:.1f} s",
                f"{found['export']:.1f} s",
                f"{found['peak'] / 1e3:.0f} MB",
            )
        )


def _run(folder: Path, trends: int, experts: int) -> dict[str, float]:
    corpus = folder / "corpus"
    write_corpus(corpus, trends=trends, experts=experts)
    done = subprocess.run(
        [sys.executable, "-m", "bench.load", "--measure", str(corpus)],
        env={**os.environ, **site_environment(folder)},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _measured(corpus: Path) -> dict[str, float]:
    import resource

    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    vocabulary = [corpus / "vocabulary.yaml", corpus / "experts.yaml"]
    trends = sorted(corpus.glob("synthetic-trend-*.yaml"))

    def seconds(command: str, *args: object, **options: object) -> float:
        start = time.perf_counter()
        call_command(command, *args, verbosity=0, **options)
        return time.perf_counter() - start

    found = {
        "corpus": sum(file.stat().st_size for file in trends),
        "vocabulary": seconds("loaddata", *vocabulary),
        "load": seconds("loaddata", *trends),
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
    }
    found["again"] = seconds("loaddata", *trends)
    found["export"] = seconds("export_trends", output=corpus.parent / "export")
    return found


if __name__ == "__main__":
    main()
