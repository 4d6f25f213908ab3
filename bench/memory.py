"""Measure the memory of a worker after its start and after every page was read.

    python -m bench.memory [--rounds 3] [--database postgres://…] [--json FILE]

The shipped site is served with the options of `make run` and one worker, on a temporary database.
Four readers at once read every page that is found by following links; pages are rendered in the
first round and kept after that. The memory is the resident memory of the worker, without the
process that supervises it.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from pathlib import Path
from urllib.parse import urljoin, urlsplit
from urllib.request import urlopen

from bench.sites import ROOT, free_port, get, site_environment
from trendsite.management.commands.serve import granian_options

_LINKS = re.compile(r'(?:href|src)="([^"#]+)')
_APART = ("/admin", "/static", "/media", "/healthz")


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the memory of a worker.")
    parser.add_argument("--rounds", type=int, default=3, help="how often every page is read")
    parser.add_argument("--database", metavar="URL", help="an empty database, instead of SQLite")
    parser.add_argument("--json", type=Path, metavar="FILE", help="where results are written")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        site = {
            **os.environ,
            **site_environment(Path(folder), options.database),
            "LOG_LEVEL": "WARNING",
            # Write bytecode, as an installed site has it, since compiling takes memory as well.
            "PYTHONDONTWRITEBYTECODE": "",
            "PYTHONPYCACHEPREFIX": f"{folder}/compiled",
        }
        command = [sys.executable, "manage.py", "set_up"]
        subprocess.run(command, cwd=ROOT, env=site, check=True, stdout=subprocess.DEVNULL)
        found = _measure(site, options.rounds)
    for name, value in found.items():
        print(f"{name:34} {value:8.1f}")
    if options.json:
        options.json.parent.mkdir(exist_ok=True)
        options.json.write_text(json.dumps(found, indent=1) + "\n")


def _measure(site: dict[str, str], rounds: int) -> dict[str, float]:
    port = free_port()
    command = [sys.executable, "-m", "trendsite.server", *granian_options(port)]
    began = time.monotonic()
    server = subprocess.Popen(command, cwd=ROOT, env=site)
    try:
        url = f"http://127.0.0.1:{port}"
        get(url + "/en/", {}, patience=60)
        found = {"seconds to the first page": time.monotonic() - began}
        worker = _worker(server.pid)
        found["MB after the first page"] = _resident(worker)
        pages = _pages(url)
        found["pages"] = len(pages)
        found["MB after every page"] = _resident(worker)
        for number in range(2, rounds + 1):
            with ThreadPoolExecutor(4) as readers:
                list(readers.map(lambda path: _read(url + path), pages))
            found[f"MB after reading {number} times"] = _resident(worker)
        return found
    finally:
        server.terminate()
        server.wait(timeout=30)


def _pages(url: str) -> list[str]:
    """Read the pages of a site by following links, four at once, and return their addresses."""
    seen = {"/en/", "/ja/", "/sitemap.xml", "/llms.txt"}
    new = sorted(seen)
    with ThreadPoolExecutor(4) as readers:
        while new:
            texts = readers.map(lambda path: (path, _read(url + path)), new)
            links = {
                urljoin(path, unescape(link))
                for path, text in texts
                for link in _LINKS.findall(text)
            }
            paths = {link for link in links if not urlsplit(link).netloc}
            new = sorted(path for path in paths - seen if _is_page(path))
            seen |= set(new)
    return sorted(seen)


def _is_page(path: str) -> bool:
    return path.startswith("/") and not path.startswith(_APART) and "/search" not in path


def _read(url: str) -> str:
    with urlopen(url, timeout=60) as answer:
        body: bytes = answer.read()
    return body.decode(errors="replace")


def _worker(server: int) -> int:
    found = subprocess.run(["pgrep", "-P", str(server)], capture_output=True, check=True)
    return int(found.stdout.split()[-1])


def _resident(process: int) -> float:
    status = Path(f"/proc/{process}/status").read_text()
    [kilobytes] = re.findall(r"VmRSS:\s*(\d+)", status)
    return int(kilobytes) / 1024


if __name__ == "__main__":
    main()
