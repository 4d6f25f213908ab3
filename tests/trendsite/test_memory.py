"""What a worker loads before it is asked for anything that needs it."""

import json
import subprocess
import sys

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
