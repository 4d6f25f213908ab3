"""What a worker loads before it is asked for anything that needs it."""

import json
import subprocess
import sys

from django.conf import settings

# Each of them takes megabytes, and most workers never need it.
SELDOM_NEEDED = {
    "PIL": "pictures that are uploaded or drawn",
    "cryptography": "passkeys",
    "joyokanji": "the search",
    "lxml": "translations as XLIFF",
    "polib": "translations as PO",
    "prometheus_client": "/metrics",
    "sentry_sdk": "SENTRY_DSN",
    "snowballstemmer": "the search",
    "webauthn.registration": "passkeys",
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


def test_passkeys_are_checked_by_the_library_itself():
    """It is loaded where it is used, after its enumerations were loaded without it."""
    program = (
        "import trendsite.wsgi, webauthn\n"
        "from django_otp_webauthn import models\n"
        "from webauthn.helpers import structs\n"
        "assert callable(webauthn.verify_registration_response)\n"
        "assert models.AttestationObject is structs.AttestationObject\n"
        "print(models.parse_attestation_object.__name__)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout.strip("\n _")) == (0, "parse_attestation_object")
