"""What a worker loads before it is asked for anything that needs it."""

import json
import subprocess
import sys

import pytest
from django.conf import settings
from django.db import connection

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


@pytest.mark.skipif(connection.vendor != "sqlite", reason="an option of SQLite")
def test_thread_keeps_few_prepared_statements():
    """With Python's default, the statements of 500 pages took 3.4 MB in each thread."""
    assert connection.get_connection_params()["cached_statements"] <= 32


def test_worker_starts_without_what_is_seldom_needed():
    program = (
        "import json, sys, trendsite.wsgi\n"
        "from django.urls import reverse\n"
        "reverse('admin:index')\n"  # which loads every view
        "print(json.dumps(list(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
    )
    assert set(json.loads(done.stdout)) & SELDOM_NEEDED.keys() == set()
