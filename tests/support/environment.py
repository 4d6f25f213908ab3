"""The environment that the tests run in, whatever the machine's own says."""

import gc
import os
import tempfile

# To look for garbage so seldom takes some memory, and saves a tenth of the time of all tests.
gc.set_threshold(50_000, 20, 20)

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
