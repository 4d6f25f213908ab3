"""What a worker loads before it is asked for anything that needs it."""

import json
import subprocess
import sys
from typing import Any

from django.conf import settings

# Each of them takes megabytes, and most workers never need it.
SELDOM_NEEDED = {
    "PIL": "pictures that are uploaded or drawn",
    "joyokanji": "the search",
    "lxml": "translations as XLIFF",
    "polib": "translations as PO",
    "prometheus_client": "/metrics",
    "sentry_sdk": "SENTRY_DSN",
    "snowballstemmer": "the search",
    "urllib3": "titles of videos that are fetched",
}


def in_worker(program: str) -> Any:
    """Run a program that prints JSON in a process of its own, and return what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def test_worker_starts_without_what_is_seldom_needed():
    loaded = in_worker(
        "import json, sys, trendsite.wsgi\n"
        "from django.urls import reverse\n"
        "reverse('admin:index')\n"  # which loads every view
        "print(json.dumps(list(sys.modules)))"
    )
    assert set(loaded) & SELDOM_NEEDED.keys() == set()


def test_server_looks_for_garbage_among_what_it_makes_alone():
    enabled, frozen = in_worker(
        "import gc, json, granian.cli\n"
        "from trendsite import server\n"
        "found = lambda: [gc.isenabled(), gc.get_freeze_count()]\n"
        "granian.cli.entrypoint = lambda: print(json.dumps(found()))\n"
        "server.main()"
    )
    assert enabled
    assert frozen > 100_000
