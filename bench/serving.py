"""Measure how fast a kept page is served, compared with a minimal WSGI application and nginx.

    python -m bench.serving [--rounds 5] [--seconds 4] [--path /en/trends/…/] [--json FILE]
        [--plot FILE.svg]

Needs `wrk`, and `nginx` for the comparison with a compressed file (both are Debian packages). The
servers run on one core and the load on another, all variants in turn in every round. Medians are
printed. `CPU` is the processor time of all processes of a server for one request, which is the
more reliable figure on a busy machine.

The page of a trend is kept in memory, compressed with gzip, and nothing is edited. Before and
after, its bytes are compared with those of a rendered page.
"""

import argparse
import gzip
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from bench.plot import bars
from bench.sites import ROOT, free_port, get, site_environment
from trendsite.management.commands.serve import granian_options

TICK = os.sysconf("SC_CLK_TCK")
GZIP = {"Accept-Encoding": "gzip"}
# A request with a session is not answered from the cache of pages.
RENDERED = {**GZIP, "Cookie": "sessionid=of-a-benchmark"}


@dataclass
class Variant:
    """One way of serving the page, and its measurements."""

    name: str
    url: str
    process: int
    headers: dict[str, str] = field(default_factory=lambda: GZIP)
    rates: list[float] = field(default_factory=list)
    costs: list[float] = field(default_factory=list)
    """Microseconds of processor time for one request."""

    def measure(self, seconds: int) -> None:
        """Put load on the server for some seconds, and store the results."""
        before = _cpu_seconds(self.process)
        options = [f"--header={name}: {value}" for name, value in self.headers.items()]
        done = subprocess.run(
            [*_on_core(1), "wrk", "-t1", "-c8", f"-d{seconds}s", *options, self.url],
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
        requests = re.search(r"(\d+) requests in", done.stdout)
        rate = re.search(r"Requests/sec:\s*([\d.]+)", done.stdout)
        if not requests or not rate or "Non-2xx" in done.stdout:
            raise SystemExit(f"{self.name}: {done.stdout}")
        self.rates.append(float(rate[1]))
        self.costs.append((_cpu_seconds(self.process) - before) * 1e6 / int(requests[1]))


def main() -> None:
    parser = argparse.ArgumentParser(description="Compare how quickly a kept page is served.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--path", default="/en/trends/application-over-training/")
    parser.add_argument("--json", type=Path, metavar="FILE", help="where results are written")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="where the rates are drawn")
    options = parser.parse_args()
    if not shutil.which("wrk"):
        sys.exit("bench.serving needs wrk: apt install wrk nginx-light")
    with tempfile.TemporaryDirectory() as folder, _variants(Path(folder), options.path) as found:
        for _ in range(options.rounds):
            for variant in found:
                variant.measure(options.seconds)
    bare = found[0]
    print(f"{'':34} {'req/s':>8} {'÷':>5} {'CPU µs':>8} {'÷':>5}")
    results = []
    for variant in found:
        rate, cost = statistics.median(variant.rates), statistics.median(variant.costs)
        ratio = statistics.median(
            mine / theirs for mine, theirs in zip(variant.rates, bare.rates, strict=True)
        )
        dearer = statistics.median(
            mine / theirs for mine, theirs in zip(variant.costs, bare.costs, strict=True)
        )
        print(f"{variant.name:34} {rate:8.0f} {ratio:5.2f} {cost:8.1f} {dearer:5.2f}")
        results.append(
            {
                "variant": variant.name,
                "requests_per_second": round(rate),
                "of_bare": round(ratio, 3),
                "cpu_microseconds": round(cost, 1),
                "cpu_of_bare": round(dearer, 3),
            }
        )
    if options.json:
        options.json.parent.mkdir(exist_ok=True)
        machine = {"python": platform.python_version(), "machine": platform.machine()}
        when = datetime.now(UTC).isoformat(timespec="seconds")
        report = {"when": when, **machine, "cores": os.cpu_count(), "variants": results}
        options.json.write_text(json.dumps(report, indent=1) + "\n")
    if options.plot:
        rates = [(variant.name, statistics.median(variant.rates)) for variant in found]
        options.plot.write_text(bars("Requests a second on one core", rates))


@contextmanager
def _variants(folder: Path, path: str) -> Iterator[list[Variant]]:
    """Prepare the site and start a server of each kind; stop them at the end."""
    site = {**os.environ, **site_environment(folder), "LOG_LEVEL": "WARNING"}
    command = [sys.executable, "manage.py", "set_up"]
    subprocess.run(command, cwd=ROOT, env=site, check=True, stdout=subprocess.DEVNULL)
    started: list[subprocess.Popen[bytes]] = []

    def start(environment: dict[str, str], module: str, application: str) -> tuple[int, str]:
        port = free_port()
        command = [sys.executable, "-m", module, *granian_options(port)[:-1], application]
        server = subprocess.Popen(
            [*_on_core(0), *command], cwd=ROOT, env=environment, stderr=subprocess.DEVNULL
        )
        started.append(server)
        url = f"http://127.0.0.1:{port}"
        get(url + "/healthz", {}, patience=30)
        return server.pid, url

    of_site = "trendsite.server", "trendsite.wsgi:application"
    try:
        kept, kept_url = start(site, *of_site)
        logged, logged_url = start({**site, "LOG_LEVEL": "INFO"}, *of_site)
        for url in (kept_url, logged_url):
            get(url + path, GZIP)
        body, headers = get(kept_url + path, GZIP)
        if gzip.decompress(body) != gzip.decompress(get(kept_url + path, RENDERED)[0]):
            sys.exit("The kept page is not the page as it is rendered now.")
        (folder / "body").write_bytes(body)
        (folder / "headers.json").write_text(json.dumps(headers))
        of_bare = {"BENCH_BODY": f"{folder}/body", "BENCH_HEADERS": f"{folder}/headers.json"}
        bare, bare_url = start({**os.environ, **of_bare}, "granian", "bench.bare:application")
        etag = {**GZIP, "If-None-Match": dict(headers)["etag"]}
        found = [
            Variant("bare WSGI, the same bytes", bare_url + "/", bare),
            Variant("kept", kept_url + path, kept),
            Variant("kept, with its line in the log", logged_url + path, logged),
            Variant("kept, 304", kept_url + path, kept, etag),
            Variant("rendered (a request with a session)", kept_url + path, kept, RENDERED),
        ]
        if shutil.which("nginx"):
            server, url = _nginx(folder, body)
            started.append(server)
            found.append(Variant("nginx, a ready-compressed file", url, server.pid))
        yield found
    finally:
        for server in started:
            server.terminate()
        for server in started:
            server.wait(timeout=20)


def _nginx(folder: Path, body: bytes) -> tuple[subprocess.Popen[bytes], str]:
    port = free_port()
    (folder / "page.html.gz").write_bytes(body)
    (folder / "page.html").write_bytes(gzip.decompress(body))
    (folder / "nginx.conf").write_text(
        f"""
        daemon off; worker_processes 1; user root; pid {folder}/nginx.pid; error_log stderr;
        events {{ worker_connections 256; }}
        http {{
            access_log off; types {{ text/html html; }} sendfile on; tcp_nopush on;
            server {{ listen 127.0.0.1:{port}; root {folder}; gzip_static on; }}
        }}
        """
    )
    command = ["nginx", "-p", str(folder), "-c", f"{folder}/nginx.conf"]
    server = subprocess.Popen([*_on_core(0), *command], stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}/page.html"
    get(url, GZIP, patience=10)
    return server, url


def _on_core(number: int) -> list[str]:
    has_two = (os.cpu_count() or 1) > 1 and shutil.which("taskset")
    return ["taskset", "--cpu-list", str(number)] if has_two else []


def _cpu_seconds(process: int) -> float:
    """Return the processor time of a process and its descendants, in seconds."""
    total = 0.0
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and process in _with_parents(int(folder.name)):
            fields = _stat(int(folder.name))
            total += (int(fields[11]) + int(fields[12])) / TICK
    return total


def _with_parents(process: int) -> Iterator[int]:
    while process > 1:
        yield process
        process = int(_stat(process)[1])


def _stat(process: int) -> list[str]:
    """Return the fields of /proc/…/stat after the name; zeros for a process that has ended."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return ["0"] * 20


if __name__ == "__main__":
    main()
