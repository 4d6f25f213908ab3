"""Simulate many readers and some editors at once, and measure times, memory and lost updates.

    python -m bench.crowd [--readers 1000] [--editors 10] [--seconds 600]
                          [--database postgres://…] [--json FILE]

The shipped site is served by two workers on this machine. A reader opens a page, reads it for some
ten seconds, and opens another one. An editor opens the form of one of a few rows that all editors
share, adds one to a number in a text, and saves. If the form is refused, since another editor was
faster, it is opened again. At the end the numbers are compared with the saves that were confirmed:
a lower number is a lost update.

The database is SQLite in a temporary folder, or an empty PostgreSQL database. Exits with 1 after a
lost update, an answer with status 5xx, or a save that was refused for another reason.
"""

import argparse
import asyncio
import http.cookiejar
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.forms import errors, form_data
from bench.sites import ROOT, free_port, get, site_environment
from trendsite.management.commands.serve import granian_options

WORKERS = 2
PASSWORD = "of-a-benchmark-alone"
# The seconds after which a reader's request has failed.
PATIENCE = 60.0
# The average seconds for which a reader reads, and for which an editor thinks.
READING, THINKING = 10.0, 3.0

_counting = threading.Lock()

SHARED = [
    ("trends.trend", "subtitle_en"),
    ("quotes.expert", "role_en"),
    ("quotes.source", "title"),
    ("quotes.video", "title"),
    ("quotes.mention", "occasion_en"),
    ("trendsite.tag", "label_en"),
    ("trends.audience", "label_en"),
]
"""The model and the field of each row that all editors change."""


@dataclass
class Seen:
    """The answers and times that readers or editors got."""

    seconds: list[float] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def summary(self) -> dict[str, Any]:
        ordered = sorted(self.seconds) or [0.0]
        return {
            "requests": len(self.seconds),
            "answers": dict(sorted(self.answers.items())),
            "median_ms": round(1000 * ordered[len(ordered) // 2], 1),
            "p99_ms": round(1000 * ordered[int(len(ordered) * 0.99)], 1),
            "max_ms": round(1000 * ordered[-1], 1),
            "faults": self.faults[:20],
        }


def main() -> None:
    parser = argparse.ArgumentParser(description="Let many read and some edit at once.")
    parser.add_argument("--readers", type=int, default=1000)
    parser.add_argument("--editors", type=int, default=10)
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--database", help="an empty one of PostgreSQL, instead of SQLite")
    parser.add_argument("--json", type=Path, metavar="FILE", help="where results are written")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="crowd-") as folder:
        port = free_port()
        os.environ |= {
            **site_environment(Path(folder), options.database),
            "SITE_URL": f"http://127.0.0.1:{port}",
            "LOG_LEVEL": "ERROR",
        }
        addresses = _set_up(options.editors)
        report = _crowd(port, addresses, options.readers, options.editors, options.seconds)
        report = {
            "database": os.environ["DATABASE_URL"].split(":")[0],
            **{name: getattr(options, name) for name in ("readers", "editors", "seconds")},
            **report,
        }
    text = json.dumps(report, indent=1)
    print(text)
    if options.json:
        options.json.parent.mkdir(exist_ok=True)
        options.json.write_text(text + "\n")
    faults = report["reading"]["faults"] + report["editing"]["faults"] + report["lost_updates"]
    sys.exit(bool(faults))


def _set_up(editors: int) -> list[str]:
    """Make the site and its editors, and return the addresses that readers open."""
    command = [sys.executable, "manage.py", "set_up"]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    import django

    django.setup()
    from django.contrib.auth.models import User

    for number in range(editors):
        User.objects.create_superuser(f"editor-{number}", password=PASSWORD)
    for model, name in SHARED:
        row = _row(model)
        _set(row, name, "Number 0")
    from quotes.models import Expert, Source
    from trends.models import Trend

    paths = [
        *(row.get_absolute_url() for row in Trend.objects.published()),
        *(row.get_absolute_url() for row in Expert.objects.all()[:20]),
        *(row.get_absolute_url() for row in Source.objects.all()[:50]),
    ]
    rest = [re.sub(r"^/[a-z]+/", "", path) for path in paths]
    rest += ["", "", "", "forecasts/", "changes/", "experts/", "search/?q=AI", "feed.atom"]
    return [f"/{language}/{one}" for language in ("en", "ja") for one in rest]


def _row(label: str) -> Any:
    from django.apps import apps

    return apps.get_model(label).objects.order_by("pk").first()


def _number(text: str) -> int:
    """Return the number in a text that editors share."""
    [number] = re.findall(r"Number (\d+)", text)
    return int(number)


def _set(row: Any, name: str, text: str) -> None:
    type(row).objects.filter(pk=row.pk).update(**{name: text})


def _crowd(
    port: int, addresses: Sequence[str], readers: int, editors: int, seconds: int
) -> dict[str, Any]:
    rows = [(model, name, _row(model).pk) for model, name in SHARED]
    options = granian_options(port)
    command = [sys.executable, "-m", "trendsite.server", "--workers", str(WORKERS), *options]
    server = subprocess.Popen(command, cwd=ROOT)
    reading, editing = Seen(), Seen()
    confirmed: Counter[str] = Counter()
    memory: list[int] = []
    try:
        get(f"http://127.0.0.1:{port}/healthz", {}, patience=60)
        end = time.monotonic() + seconds
        threads = [
            threading.Thread(target=_edit, args=(port, n, rows, end, editing, confirmed))
            for n in range(editors)
        ]
        threads.append(threading.Thread(target=_watch, args=(server.pid, end, memory)))
        for thread in threads:
            thread.start()
        asyncio.run(_read_all(port, addresses, readers, end, reading))
        for thread in threads:
            thread.join()
    finally:
        server.terminate()
        server.wait(timeout=30)
    lost = []
    from django.apps import apps

    for model, name, pk in rows:
        text = apps.get_model(model).objects.values_list(name, flat=True).get(pk=pk)
        number = _number(text)
        if number != confirmed[model]:
            lost.append(f"{model}: {confirmed[model]} saves were confirmed, {number} are there")
    return {
        "reading": reading.summary(),
        "editing": editing.summary(),
        "saves": dict(confirmed),
        "lost_updates": lost,
        "memory_mb": {
            "after_a_quarter": memory[len(memory) // 4] if memory else 0,
            "at_the_end": memory[-1] if memory else 0,
            "most": max(memory, default=0),
        },
    }


def _watch(pid: int, end: float, memory: list[int]) -> None:
    """Append the memory of all workers, in MB, to `memory` every second."""
    while time.monotonic() < end:
        children = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True)
        total = 0
        for child in children.stdout.split():
            with suppress(OSError):
                total += int(Path(f"/proc/{child}/statm").read_text().split()[1])
        memory.append(total * os.sysconf("SC_PAGE_SIZE") // 1024**2)
        time.sleep(1)


# Readers


async def _read_all(
    port: int, addresses: Sequence[str], readers: int, end: float, seen: Seen
) -> None:
    await asyncio.gather(*(_read(port, addresses, end, seen, n) for n in range(readers)))


async def _read(port: int, addresses: Sequence[str], end: float, seen: Seen, number: int) -> None:
    chance = random.Random(number)
    # So that readers do not all begin at the same moment.
    await asyncio.sleep(chance.uniform(0, min(READING, end - time.monotonic())))
    while time.monotonic() < end:
        address = chance.choice(addresses)
        start = time.perf_counter()
        try:
            status = await asyncio.wait_for(_get(port, address), PATIENCE)
        except (OSError, TimeoutError, ValueError, asyncio.IncompleteReadError) as error:
            seen.faults.append(f"{address}: {type(error).__name__}")
            seen.answers["none"] += 1
        else:
            seen.seconds.append(time.perf_counter() - start)
            seen.answers[str(status)] += 1
            if status >= 500 or status == 404:
                seen.faults.append(f"{address}: {status}")
        left = end - time.monotonic()
        await asyncio.sleep(min(chance.expovariate(1 / READING), max(left, 0)))


async def _get(port: int, address: str) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        path = urllib.parse.quote(address, safe="/?=&%")
        head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept-Encoding: gzip\r\n"
        writer.write(f"{head}Connection: close\r\n\r\n".encode())
        await writer.drain()
        status = int((await reader.readline()).split()[1])
        while await reader.read(65536):
            pass
        return status
    finally:
        writer.close()


# Editors


def _edit(
    port: int,
    number: int,
    rows: Sequence[tuple[str, str, int]],
    end: float,
    seen: Seen,
    confirmed: Counter[str],
) -> None:
    chance = random.Random(number)
    jar = http.cookiejar.CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar), _NoRedirect())
    site = f"http://127.0.0.1:{port}"

    def ask(address: str, data: dict[str, Any] | None = None) -> tuple[int, str]:
        body = None if data is None else urllib.parse.urlencode(data, doseq=True).encode()
        request = urllib.request.Request(site + address, body, {"Referer": site + address})
        start = time.perf_counter()
        try:
            with opener.open(request, timeout=PATIENCE) as answer:
                status, page = answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            status, page = error.code, error.read().decode(errors="replace")
        except OSError as error:
            status, page = 0, ""
            seen.faults.append(f"{address}: {error}")
        if body is not None:
            seen.seconds.append(time.perf_counter() - start)
        if status >= 500:
            seen.faults.append(f"{address}: {status}")
        return status, page

    _status, page = ask("/admin/login/")
    [token] = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[:1]
    login = {"username": f"editor-{number}", "password": PASSWORD, "csrfmiddlewaretoken": token}
    ask("/admin/login/", {**login, "next": "/admin/"})
    while time.monotonic() < end:
        model, name, pk = chance.choice(rows)
        address = f"/admin/{model.replace('.', '/')}/{pk}/change/"
        status, page = ask(address)
        if status != 200:
            seen.faults.append(f"{address}: {status} where a form was")
            continue
        data: dict[str, Any] = form_data(page)
        # With the editor's number, since two editors who write the same text have no conflict.
        text = f"Number {_number(data[name][0]) + 1} of editor {number}"
        status, page = ask(address, {**data, name: [text]})
        if status == 302:
            seen.answers["saved"] += 1
            with _counting:
                confirmed[model] += 1
        elif status == 200 and "Number" in page:
            seen.answers["somebody was quicker"] += 1
            if "locked" in page:
                seen.faults.append(f"{address}: “locked” is shown: {errors(page)}")
        else:
            seen.faults.append(f"{address}: {status} {errors(page) if page else ''}")
        time.sleep(min(chance.expovariate(1 / THINKING), max(end - time.monotonic(), 0)))


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        """Do not follow the redirect."""


if __name__ == "__main__":
    main()
