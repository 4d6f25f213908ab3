"""Audit pages with Lighthouse, as on a phone, and hold them to budgets.

    python -m bench.lighthouse [--pages trend search]

Needs npm, from which Lighthouse comes, and Chromium (or `CHROME_PATH`). The shipped site is served
with a temporary database; each page is audited in each language. Ends with status 1 if a page is
outside a budget. The performance depends on the machine: nothing else should run meanwhile.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.sites import ROOT, free_port, get, site_environment

ATTEMPTS = 3
LIGHTHOUSE = "lighthouse@12.8.2"
PAGES = {
    "index": "/",
    "trend": "/trends/application-over-training/",
    "expert": "/experts/sam-altman/",
    "search": "/search/",
    "results": "/search/?q=OpenAI",
}
LOWEST = {"performance": 95, "accessibility": 100, "best-practices": 100, "seo": 100}
MOST_BYTES = {"en": 35_000, "ja": 40_000}
"""The bytes transferred for the page of a trend, without pictures."""
# Results are excluded from search engines on purpose.
SKIPPED = {"results": "is-crawlable"}


def main() -> None:
    parser = argparse.ArgumentParser(description="Audit pages with Lighthouse, as on a phone.")
    parser.add_argument("--pages", nargs="+", choices=PAGES, default=list(PAGES))
    options = parser.parse_args()
    browsers = map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))
    chrome = os.environ.get("CHROME_PATH") or next(filter(None, browsers), None)
    if not chrome or not shutil.which("npx"):
        sys.exit("bench.lighthouse needs npm and Chromium: apt install npm chromium")
    faults = []
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        site = f"http://127.0.0.1:{port}"
        environment = {**os.environ, **site_environment(Path(folder)), "PORT": str(port)}
        environment |= {"SITE_URL": site, "LOG_LEVEL": "WARNING", "CHROME_PATH": chrome}
        command = [sys.executable, "manage.py", "serve"]
        server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
        try:
            get(f"{site}/healthz", {}, patience=120)
            for language in MOST_BYTES:
                for page in options.pages:
                    url = f"{site}/{language}{PAGES[page]}"
                    get(url, {})  # so that it is kept
                    report = _audited(url, SKIPPED.get(page, ""), environment)
                    print(f"{page:8} {language}  {_summary(report)}", flush=True)
                    most = MOST_BYTES[language] if page == "trend" else 0
                    faults += [f"{page} {language}: {text}" for text in faults_of(report, most)]
        finally:
            server.terminate()
            server.wait(timeout=20)
    sys.exit("\n".join(faults) or None)


def _audited(url: str, skipped: str, environment: dict[str, str]) -> dict[str, Any]:
    """Return the report of Lighthouse on a page."""
    options = ["--quiet", "--output=json", "--chrome-flags=--headless=new --no-sandbox"]
    options += [f"--only-categories={','.join(LOWEST)}", f"--skip-audits={skipped}"]
    command = ["npx", "--yes", LIGHTHOUSE, url, *options]
    # Now and then it misses the start of a navigation, and asks to be run again.
    for _ in range(ATTEMPTS):
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=False)
        if done.returncode == 0:
            break
    done.check_returncode()
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def faults_of(report: dict[str, Any], most_bytes: int = 0) -> list[str]:
    """Return what is outside a budget: scores, and the bytes transferred if there is a limit."""
    scores = _scores(report)
    faults = [
        f"{category} is {scores[category]}, below {lowest}"
        for category, lowest in LOWEST.items()
        if scores[category] < lowest
    ]
    if most_bytes and _bytes(report) > most_bytes:
        faults.append(f"{_bytes(report)} bytes are transferred, more than {most_bytes}")
    return faults


def _scores(report: dict[str, Any]) -> dict[str, int]:
    """Return the score of each category, from 0 to 100; 0 where an audit failed to run."""
    found = report["categories"]
    return {category: round(100 * (found[category]["score"] or 0)) for category in LOWEST}


def _bytes(report: dict[str, Any]) -> int:
    """Return the bytes transferred, headers included, for anything but pictures."""
    requests = report["audits"]["network-requests"]["details"]["items"]
    return sum(item["transferSize"] for item in requests if item["resourceType"] != "Image")


def _summary(report: dict[str, Any]) -> str:
    scores = "  ".join(f"{name} {score:3}" for name, score in _scores(report).items())
    return f"{scores}  {_bytes(report):6} bytes"


if __name__ == "__main__":
    main()
