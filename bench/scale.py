"""Measure whether the time of pages grows with the number of trends.

    python -m bench.scale [--trends 1000 10000 100000] [--rounds 5] [--keep DIR]
        [--only search index] [--database postgres://user@host/postgres]
        [--json bench/results/scale-sqlite.json]

`bench.growing` makes a database of each size, on SQLite in a temporary folder or on a PostgreSQL
server. A process for each size answers requests. All of them are asked for a page in turn, so that
other work on the machine affects all equally. Pages are rendered and not kept. The time is the
least of all rounds: on SQLite the processor time of the process, which includes the database, on
PostgreSQL the elapsed time. `×` is the time divided by that at 1,000 trends.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypedDict, TypeVar
from urllib.parse import urlsplit

from bench.sites import site_environment
from bench.synthetic import mark

Result = TypeVar("Result")

BASIS = 1000
"""The number of trends whose time the others are divided by."""
LANGUAGES = ["en", "ja"]

# Paths below the language.
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
    "index, two of a kind": "?status=growing&status=declining",
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
    "source": "sources/synthetic-shared-154/",
    "video": "videos/youtube/synshare082/",
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
    "search, rare": f"search/?q={mark(17)}",
    "search, everywhere": "search/?q=synthetic",
    "search, everywhere, deep": "search/?q=synthetic&page=99999",
    "search, two everywhere": "search/?q=synthetic+%E5%90%88%E6%88%90",
    "search, narrowed": "search/?q=synthetic&status=growing&tag=synthetic-topic-3",
    "search, common": "search/?q=demand",
    "search, Japanese": "search/?q=%E5%A0%B1%E5%91%8A%E3%81%A7",
    "search, two characters": "search/?q=%E5%AE%89%E4%BB%A5",
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
# Paths without a language.
SHARED_PAGES = {
    "all as JSON": "/api/trends.json",
    "all as JSON, last page": "/api/trends.json?page=LAST_IN_FORCE",
    "all as JSON, narrowed": "/api/trends.json?status=growing&tag=synthetic-topic-3&sort=title",
    "map of the site": "/sitemap.xml",
    **{
        f"map of {name}": f"/sitemap-{name}.xml"
        for name in ("collections", "trends", "tags", "audiences", "experts", "sources", "videos")
    },
    "llms.txt": "/llms.txt",
}

# Paths below the admin.
EDITORS_PAGES = {
    "admin, start": "",
    "admin, trends": "trends/trend/",
    "admin, trends, last page": "trends/trend/?p=LAST",
    "admin, trends found": "trends/trend/?q=synthetic-trend-00007",
    "admin, trends found, rare": f"trends/trend/?q={mark(17)}",
    "admin, trends found, everywhere": "trends/trend/?q=synthetic",
    "admin, trends found, two": "trends/trend/?q=synthetic-trend+report",
    "admin, trends of a status": "trends/trend/?status__exact=growing",
    "admin, a trend": "trends/trend/7/change/",
    "admin, history of a trend": "trends/trend/7/history/",
    "admin, publishing a trend": "trends/trend/7/publishing/",
    "admin, translating a trend": "trends/trend/7/translate/ja/",
    "admin, preview of a trend": "trends/trend/7/preview/en/",
    "admin, forecasts due": "trends/trend/forecasts-due/",
    "admin, deleted trends": "trends/trend/bin/",
    "admin, sources": "quotes/source/",
    "admin, a source": "quotes/source/7/change/",
    "admin, mentions": "quotes/mention/",
    "admin, mentions found": "quotes/mention/?q=report",
    "admin, mentions found, rare": f"quotes/mention/?q={mark(17)}",
    "admin, a mention": "quotes/mention/7/change/",
    "admin, experts": "quotes/expert/",
    "admin, an expert": "quotes/expert/3/change/",
    "admin, videos": "quotes/video/",
    "admin, videos found": "quotes/video/?q=report",
    "admin, a video": "quotes/video/7/change/",
    "admin, tags": "trendsite/tag/",
    "admin, a tag": "trendsite/tag/3/change/",
    "admin, roles": "trends/audience/",
    "admin, audit list": "accounts/loginevent/",
    "admin, autocomplete of sources": "autocomplete/?app_label=trends&model_name=reading"
    "&field_name=source&term=report",
    "admin, autocomplete of mentions": "autocomplete/?app_label=trends&model_name=trendmention"
    "&field_name=mention&term=report",
    "admin, autocomplete of trends": "autocomplete/?app_label=trends&model_name=trend"
    "&field_name=related&term=synthetic-trend-00007",
}
EDIT = "edit"
"""Not a path: saves a trend, or reads a kept page after that."""
EDIT_STEPS = {
    "save": None,
    "next read of the trend": "/en/trends/synthetic-trend-00007/",
    "next read of another": "/en/trends/synthetic-trend-00008/",
    "next read of the index": "/en/",
    "next read of a tag": "/en/tags/synthetic-topic-3/",
    "next read of the forecasts": "/en/forecasts/",
    "next read of the changes": "/en/changes/",
    "next read of the feed": "/en/feed.atom",
    "next read of the map": "/sitemap.xml",
    "next read of A–Z": "/en/a-z/",
}


class Answer(TypedDict):
    """The cost of one request: elapsed and processor time, both in milliseconds, and queries."""

    status: int
    queries: int
    ms: float
    cpu_ms: float
    bytes: int


def main() -> None:
    parser = argparse.ArgumentParser(description="Time every kind of page at several sizes.")
    parser.add_argument("--trends", type=int, nargs="+", default=[100, 1000, 10_000, 100_000])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--keep", type=Path, metavar="DIR", help="where databases are kept")
    parser.add_argument("--only", nargs="+", default=[""], help="pages whose names begin so")
    parser.add_argument(
        "--database", metavar="URL", help="of a PostgreSQL server, instead of SQLite"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="where results are written")
    parser.add_argument("--work", choices=["grow", "answer"], help=argparse.SUPPRESS)
    parser.add_argument("--size", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work == "grow":
        _grow(options.size)
    elif options.work == "answer":
        _answer()
    else:
        with tempfile.TemporaryDirectory() as folder:
            _compare(options, options.keep or Path(folder))


def _compare(options: argparse.Namespace, folder: Path) -> None:
    sizes = []
    workers = []
    for trends in sorted(options.trends):
        environment = environment_for(folder, trends, options.database)
        sizes.append(build(folder, trends, environment))
        workers.append(Worker(trends, environment))
    basis = next((place for place, w in enumerate(workers) if w.trends == BASIS), 0)
    heads = [w.trends for w in workers]
    print(_row("page", "language", "status", "queries", "kB", *heads, "×"))
    pages = []
    for name, language, path in _addresses():
        if not name.startswith(tuple(options.only)):
            continue
        answers: list[list[Answer]] = [[] for _worker in workers]
        for turn in range(options.rounds + 1):
            for worker, found in zip(workers, answers, strict=True):
                answer = worker.ask(with_last_page(path, worker.trends))
                if answer["status"] >= 400:
                    raise SystemExit(f"{path} answers {answer['status']}")
                if turn:  # the first one fills caches
                    found.append(answer)
        times = [
            min(answer["ms"] if options.database else answer["cpu_ms"] for answer in found)
            for found in answers
        ]
        queries = {answer["queries"] for found in answers for answer in found}
        last = answers[-1][-1]
        page = {
            "page": name,
            "language": language,
            "status": last["status"],
            "queries": "–".join(map(str, sorted({min(queries), max(queries)}))),
            "kB": round(last["bytes"] / 1000),
            "ms": {w.trends: round(t, 2) for w, t in zip(workers, times, strict=True)},
            "growth": round(times[-1] / times[basis], 2),
        }
        pages.append(page)
        shown = [f"{milliseconds:.1f}" for milliseconds in times]
        print(
            _row(name, language, *(page[key] for key in ("status", "queries", "kB")), *shown)
            + f"{page['growth']:>10.1f}",
            flush=True,
        )
    for worker in workers:
        worker.end()
    if options.json:
        _write(options, sizes, pages)


def with_last_page(path: str, trends: int) -> str:
    """Return a path with the number of the last page of a hundred trends."""
    in_force = trends * 89 // 100  # `bench.synthetic` retires 11 of the hundred that are copied
    for name, number in (("LAST_IN_FORCE", in_force), ("LAST", trends)):
        path = path.replace(name, str(-(-number // 100)))
    return path


def _write(
    options: argparse.Namespace, sizes: list[dict[str, Any]], pages: list[dict[str, Any]]
) -> None:
    results = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python "
        f"{platform.python_version()}",
        "database": "PostgreSQL" if options.database else "SQLite",
        "rounds": options.rounds,
        "time": "least of the rounds, "
        + ("time that passes" if options.database else "processor time with the database in it"),
        "sizes": sizes,
        "pages": pages,
    }
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(results, ensure_ascii=False, indent=1) + "\n", "utf-8")


def _row(name: str, *values: object) -> str:
    return f"{name:28}" + "".join(f"{value!s:>10}" for value in values)


def _addresses() -> list[tuple[str, str, str]]:
    in_languages = [
        (name, language, f"/{language}/{path}")
        for name, path in PAGES.items()
        for language in LANGUAGES
    ]
    return [
        *in_languages,
        *((name, "", path) for name, path in SHARED_PAGES.items()),
        *((name, "", f"/admin/{path}") for name, path in EDITORS_PAGES.items()),
        *((f"edit, {step}", "", f"{EDIT} {step}") for step in EDIT_STEPS),
    ]


def environment_for(folder: Path, trends: int, database: str | None) -> dict[str, str]:
    name = f"bench_{trends}"
    url = f"sqlite:///{folder}/{name}.sqlite3"
    if database:
        url = urlsplit(database)._replace(path=f"/{name}").geturl()
    return {
        **os.environ,
        **site_environment(folder, url),
        "SITE_URL": "http://testserver",
    }


def build(folder: Path, trends: int, environment: dict[str, str]) -> dict[str, Any]:
    """Fill a database with `trends` trends, unless it has them; return its size."""
    url = environment["DATABASE_URL"]
    done = folder / f"{Path(urlsplit(url).path).name}.made"
    if not done.exists():
        folder.mkdir(parents=True, exist_ok=True)
        if url.startswith("postgres"):
            _make_database(url)
        start = time.perf_counter()
        command = [sys.executable, "-m", "bench.scale", "--work", "grow", "--size", str(trends)]
        subprocess.run(command, env=environment, check=True)
        done.write_text(str(round(time.perf_counter() - start)))
    seconds, size = int(done.read_text()), _bytes_on_disk(url)
    print(f"{trends} trends: made in {seconds} s, {size / 1e6:.0f} MB on disk", flush=True)
    return {"trends": trends, "made_in_seconds": seconds, "bytes_on_disk": size}


def _bytes_on_disk(url: str) -> int:
    if not url.startswith("postgres"):
        path = Path(url.removeprefix("sqlite:///"))
        return sum(file.stat().st_size for file in path.parent.glob(f"{path.name}*"))
    import psycopg

    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
    assert row
    size: int = row[0]
    return size


def _make_database(url: str) -> None:
    import psycopg

    parts = urlsplit(url)
    name = parts.path.removeprefix("/")
    with psycopg.connect(parts._replace(path="/postgres").geturl(), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name}")
        connection.execute(f"CREATE DATABASE {name}")


def _grow(trends: int) -> None:
    import django

    django.setup()
    from bench.growing import grow

    grow(trends)


class Worker:
    """A process that answers requests from one database."""

    def __init__(self, trends: int, environment: dict[str, str]) -> None:
        self.trends = trends
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.scale", "--work", "answer"],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
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
    from django.contrib.auth import get_user_model
    from django.db import connection
    from django.test import Client

    # So that pages can be rendered without `collectstatic`.
    settings.STORAGES["staticfiles"] = {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
    }
    reader, editor = Client(), Client()
    users = get_user_model().objects
    user = users.filter(username="bench").first() or users.create_superuser("bench")
    editor.force_login(user)
    edits = _Edits()
    for line in sys.stdin:
        queries = 0

        def count(execute: Callable[..., Result], *args: object) -> Result:
            nonlocal queries
            queries += 1
            return execute(*args)

        path = line.strip()
        client = editor if path.startswith("/admin/") else reader
        prepare, measured = (
            edits.step(path.removeprefix(EDIT).strip())
            if path.startswith(EDIT)
            else (None, lambda: client.get(path))  # noqa: B023
        )
        if prepare:
            prepare()
        with connection.execute_wrapper(count):
            start, cpu = time.perf_counter(), time.process_time()
            response = measured()
            ms, cpu_ms = 1000 * (time.perf_counter() - start), 1000 * (time.process_time() - cpu)
        answer: Answer = {
            "status": response.status_code if response else 0,
            "queries": queries,
            "ms": ms,
            "cpu_ms": cpu_ms,
            "bytes": len(response.content) if response else 0,
        }
        print(json.dumps(answer), flush=True)


class _Edits:
    """Saves a trend as the admin does, and reads pages through the cache of pages."""

    def __init__(self) -> None:
        from django.conf import settings
        from django.core.wsgi import get_wsgi_application

        from trendsite.kept.front import Front
        from trendsite.kept.store import Store

        django: Any = get_wsgi_application()
        self._front = Front(django, django, Store(16 * 1024**2))
        self._host = settings.SITE_URL.rpartition("/")[2]
        self._count = 0

    def step(self, name: str) -> tuple[Callable[[], Any], Callable[[], Any]]:
        """Return a function that prepares a step, and one that runs it."""
        path = EDIT_STEPS[name]
        if path is None:
            return lambda: None, self._save

        def prepare() -> None:
            self._read(path)  # so that the page is kept
            self._save()

        return prepare, lambda: self._read(path)

    def _read(self, path: str) -> None:
        from trendsite.kept.entries import Address

        self._front.answer(Address("http", self._host, path, ""))

    def _save(self) -> None:
        from trends.models import Trend
        from trendsite.shared.writes import Action, Origin, Provenance, writing

        self._count += 1
        trend = Trend.objects.get(slug="synthetic-trend-00007")
        with writing(Provenance(Origin.ADMIN)) as write:
            write.announce([trend])
            title: Any = trend  # modeltranslation adds the attributes of languages
            title.title_en = f"Synthetic edit {self._count}"
            trend.count_change()
            trend.save()
            write.record(Action.CHANGED, trend)


if __name__ == "__main__":
    main()
