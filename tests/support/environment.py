"""The environment that the tests run in, whatever the machine's own says."""

import gc
import os
import sys
import tempfile

import _pytest.runner

from trendsite.shared.call_stack import roomy

# To look for garbage so seldom takes some memory, and saves a tenth of the time of all tests.
gc.set_threshold(50_000, 20, 20)

# Where a machine forbids compiled files, as many images of Python do, each process would compile
# the site and all tests anew: 1 of 3 seconds of a command, 8 of 14 of the start of a worker.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# What runs a test and its fixtures.
roomy(_pytest.runner.runtestprotocol)

os.environ["SECRET_KEY"] = "for-the-tests-alone-" * 3
os.environ["DEBUG"] = "False"
os.environ["SITE_URL"] = "http://testserver"
os.environ["ALLOWED_HOSTS"] = "testserver,localhost,127.0.0.1"
os.environ["MEDIA_ROOT"] = tempfile.mkdtemp(prefix="trendsite-media-")
os.environ["TIME_ZONE"] = "UTC"
# Tests of the look-up turn it on, and play the platforms.
os.environ["VIDEO_LOOKUP"] = "False"
# DATABASE_URL is the one that is let through: CI names its PostgreSQL there.
os.environ.setdefault("DATABASE_URL", "")
if not os.environ["DATABASE_URL"]:
    del os.environ["DATABASE_URL"]
