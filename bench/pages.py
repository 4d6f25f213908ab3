"""How long each kind of page takes, and whether that grows with the collection.

    python -m bench.pages [--trends 1000 10000] [--rounds 7] [--keep DIR] [--only search]
        [--server postgres://user:password@host]

A lean synthetic corpus of each size is loaded into a database of its own, on SQLite in a
temporary folder, or in databases that are made on a PostgreSQL server. A process for each
answers requests, and one page is asked of all sizes in turn, so that whatever else the machine
does falls on all alike. `×` is the largest collection's time through the smallest one's.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypedDict, TypeVar

from bench.synthetic import LEAN, write_corpus

Result = TypeVar("Result")

EXPERTS_A_HUNDRED = 4
LANGUAGES = ["en", "ja"]

# Below the language.
PAGES = {
    "index": "",
    "index, last page": "?page=99999",
    "index, page 40": "?page=40",
    "index, status": "?status=growing",
    "index, confidence": "?confidence=high",
    "index, tag": "?tag=synthetic-topic-3",
    "index, audience": "?audience=developers",
    "index, expert": "?expert=synthetic-speaker-003",
    "index, year": "?year=2021",
    "index, all kinds": "?status=growing&confidence=high&tag=synthetic-topic-3"
    "&audience=developers&year=2021&year=2022",
    "index, nothing": "?tag=unknown",
    "index by since": "?sort=since",
    "index by confidence": "?sort=confidence",
    "index by title": "?sort=title",
    "index, axis of time": "?view=time",
    "trend": "trends/synthetic-trend-00007/",
    "trend as JSON": "trends/synthetic-trend-00007.json",
    "trend as Markdown": "trends/synthetic-trend-00007.md",
    "tag": "tags/synthetic-topic-3/",
    "tag, deep": "tags/synthetic-topic-3/?page=99999&mentions=99999",
    "audience": "audiences/developers/",
    "audience, deep": "audiences/developers/?page=99999",
    "expert": "experts/synthetic-speaker-003/",
    "source": "sources/synthetic-shared-7/",
    "video": "videos/youtube/synshare007/",
    "experts": "experts/",
    "experts, deep": "experts/?page=99999",
    "tags": "tags/",
    "audiences": "audiences/",
    "a-z": "a-z/",
    "a-z, deep": "a-z/?page=99999",
    "forecasts": "forecasts/",
    "forecasts, deep": "forecasts/?page=99999",
    "forecasts, due": "forecasts/?outcome=due",
    "forecasts, pending": "forecasts/?outcome=pending",
    "forecasts, confirmed": "forecasts/?outcome=confirmed",
    "forecasts, missed": "forecasts/?outcome=missed",
    "changes": "changes/",
    "changes, deep": "changes/?page=99999",
    "changes between dates": "changes/?from=2024-03&to=2025-Q2",
    "changes of a trend": "changes/?trend=synthetic-trend-00007&from=2020",
    "search": "search/",
    "search, rare": "search/?q=%2217-0%22",
    "search, everywhere": "search/?q=synthetic",
    "search, everywhere, deep": "search/?q=synthetic&page=99999",
    "search, two everywhere": "search/?q=synthetic+%E5%90%88%E6%88%90",
    "search, narrowed": "search/?q=synthetic&status=growing&tag=synthetic-topic-3",
    "search, Japanese": "search/?q=%E5%AE%89%E4%BB%A5",
    "search, title": "search/?q=model+product",
    "search, misspelled": "search/?q=sinthetic",
    "search, mistaken kanji": "search/?q=%E5%AE%89%E7%8C%AB",
    "search, nothing": "search/?q=xyzzyq",
    "feed": "feed.atom",
    "feed as JSON": "feed.json",
    "feed of a tag": "tags/synthetic-topic-3/feed.atom",
    "feed of an audience": "audiences/developers/feed.atom",
    "feed of an expert": "experts/synthetic-speaker-003/feed.atom",
}
# Without a language.
SHARED_PAGES = {
    "all as JSON": "/api/trends.json",
    "all as JSON, last page": "/api/trends.json?page=LAST",
    "all as JSON, narrowed": "/api/trends.json?status=growing&tag=synthetic-topic-3&sort=title",
    "map of the site": "/sitemap.xml",
    "map of trends, one file": "/sitemap-trends.xml",
    "llms.txt": "/llms.txt",
}


class Answer(TypedDict):
    """What one request took; `ms` is in milliseconds."""

    status: int
    queries: int
    ms: float
    bytes: int


def main() -> None:
    parser = argparse.ArgumentParser(description="Time every kind of page.")
    parser.add_argument("--trends", type=int, nargs="+", default=[1000, 10_000])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--keep", type=Path, metavar="DIR", help="where databases are kept")
    parser.add_argument("--only", default="", help="pages whose names begin so")
    parser.add_argument("--server", default="", help="a PostgreSQL, as postgres://user@host:port")
    parser.add_argument("--work", choices=["load", "answer"], help=argparse.SUPPRESS)
    parser.add_argument("--corpus", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work == "load":
        _load(options.corpus)
    elif options.work == "answer":
        _answer()
    else:
        with tempfile.TemporaryDirectory() as folder:
            _compare(options, options.keep or Path(folder))


def _compare(options: argparse.Namespace, folder: Path) -> None:
    workers = []
    for trends in sorted(options.trends):
        environment = _environment(folder, trends, options.server)
        _build(folder, trends, environment)
        workers.append(_Worker(trends, environment))
    print(_row("page", "language", "status", "queries", "kB", *[w.trends for w in workers], "×"))
    for name, language, path in _addresses():
        if not name.startswith(options.only):
            continue
        answers: list[list[Answer]] = [[] for _worker in workers]
        for turn in range(options.rounds + 1):
            for worker, found in zip(workers, answers, strict=True):
                answer = worker.ask(path.replace("LAST", str(-(-worker.trends // 100))))
                if turn:  # the first one fills what the process keeps
                    found.append(answer)
        times = [statistics.median(answer["ms"] for answer in found) for found in answers]
        queries = {answer["queries"] for found in answers for answer in found}
        last = answers[-1][-1]
        print(
            _row(
                name,
                language,
                last["status"],
                "–".join(map(str, sorted({min(queries), max(queries)}))),
                f"{last['bytes'] / 1000:.0f}",
                *[f"{milliseconds:.1f}" for milliseconds in times],
                f"{times[-1] / times[0]:.1f}",
            ),
            flush=True,
        )
    for worker in workers:
        worker.end()


def _row(name: str, *values: object) -> str:
    return f"{name:28}" + "".join(f"{value!s:>10}" for value in values)


def _addresses() -> list[tuple[str, str, str]]:
    in_languages = [
        (name, language, f"/{language}/{path}")
        for name, path in PAGES.items()
        for language in LANGUAGES
    ]
    return in_languages + [(name, "", path) for name, path in SHARED_PAGES.items()]


def _environment(folder: Path, trends: int, server: str) -> dict[str, str]:
    name = f"bench_{trends}"
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "trendsite.settings",
        "SECRET_KEY": "for-a-benchmark-alone-" * 3,
        "DEBUG": "False",
        "SITE_URL": "http://testserver",
        "DATABASE_URL": f"{server}/{name}" if server else f"sqlite:///{folder}/{name}.sqlite3",
        "MEDIA_ROOT": str(folder / "media"),
    }


def _build(folder: Path, trends: int, environment: dict[str, str]) -> None:
    """Load so many trends into the database, unless they are there."""
    done = folder / f"{environment['DATABASE_URL'].rpartition('/')[2]}.loaded"
    if done.exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    if environment["DATABASE_URL"].startswith("postgres"):
        _make_database(environment["DATABASE_URL"])
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as corpus:
        experts = max(5, trends * EXPERTS_A_HUNDRED // 100)
        write_corpus(Path(corpus), trends=trends, experts=experts, shape=LEAN)
        command = [sys.executable, "-m", "bench.pages", "--work", "load", "--corpus", corpus]
        subprocess.run(command, env=environment, check=True)
    done.touch()
    print(f"{trends} trends loaded in {time.perf_counter() - start:.0f} s", flush=True)


def _make_database(url: str) -> None:
    import psycopg

    server, _slash, name = url.rpartition("/")
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name}")
        connection.execute(f"CREATE DATABASE {name}")


def _load(corpus: Path) -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from trends.formats.card_files import without_cards

    call_command("migrate", verbosity=0)
    names = ["vocabulary.yaml", "experts.yaml"]
    trends = sorted(corpus.glob("synthetic-trend-*.yaml"))
    # No page reads a card, and drawing them takes longer than all the rest.
    with without_cards():
        call_command("loaddata", *(corpus / name for name in names), *trends, verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


class _Worker:
    """A process that answers requests from one database."""

    def __init__(self, trends: int, environment: dict[str, str]) -> None:
        self.trends = trends
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.pages", "--work", "answer"],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._requests, self._answers = self._process.stdin, self._process.stdout

    def ask(self, path: str) -> Answer:
        self._requests.write(path + "\n")
        self._requests.flush()
        answer: Answer = json.loads(self._answers.readline())
        return answer

    def end(self) -> None:
        self._requests.close()
        self._process.wait()


def _answer() -> None:
    import django

    django.setup()
    from django.conf import settings
    from django.db import connection
    from django.test import Client

    # No page needs collectstatic to have run.
    settings.STORAGES["staticfiles"] = {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
    }
    client = Client()
    for line in sys.stdin:
        queries = 0

        def count(execute: Callable[..., Result], *args: object) -> Result:
            nonlocal queries
            queries += 1
            return execute(*args)

        with connection.execute_wrapper(count):
            start = time.perf_counter()
            response = client.get(line.strip())
            milliseconds = 1000 * (time.perf_counter() - start)
        answer: Answer = {
            "status": response.status_code,
            "queries": queries,
            "ms": milliseconds,
            "bytes": len(response.content),
        }
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
