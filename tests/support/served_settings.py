"""The settings of the server in test_server, which needs no collected static files."""

import os

from trendsite.settings import *  # noqa: F403

STORAGES["staticfiles"] = {  # noqa: F405
    "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
REQUEST_BODY_SECONDS = int(os.environ["REQUEST_BODY_SECONDS"])
