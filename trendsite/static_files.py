"""Static files: collected under names that hold a digest, and whether all of them are.

After an update without `manage.py set_up` files are missing or old. Pages are shown all the same,
with what is missing from where it is in the code, and the log and `/readyz` say what to do.
"""

import filecmp
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage, staticfiles_storage
from whitenoise.storage import CompressedManifestStaticFilesStorage


class CollectedFilesStorage(CompressedManifestStaticFilesStorage):
    """Addresses a file that is not collected by its own name, instead of failing.

    WhiteNoise serves it from its source (WHITENOISE_USE_FINDERS). A name that no file has is still
    an error.
    """

    def stored_name(self, name: str) -> str:
        try:
            stored: str = super().stored_name(name)
        except ValueError:
            if finders.find(name) is None:
                raise
            return name
        return stored


def uncollected() -> Iterator[str]:
    """Yield the names of static files that are not collected, or in another version.

    Nothing without the storage of collected files, as with DEBUG.
    """
    if not isinstance(staticfiles_storage, ManifestStaticFilesStorage):
        return
    # As they are stored now: another process may have collected them.
    stored: Any = staticfiles_storage.load_manifest()  # the stubs have another type
    manifest, _hash = stored
    for finder in finders.get_finders():
        for name, storage in finder.list([]):
            copy = settings.STATIC_ROOT / name
            hashed = settings.STATIC_ROOT / manifest.get(name, name)
            is_collected = name in manifest and hashed.is_file() and copy.is_file()
            if not is_collected or not filecmp.cmp(storage.path(name), copy):
                yield name
