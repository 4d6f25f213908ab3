"""Pictures of a video that is not saved yet: fetched ones, and uploads of a form with errors.

Their masters are in the storage under the digest of their pixels, and the form sends that digest
when it is submitted again. If the video is never saved, `sweep_media` deletes them.
"""

import re

from django.core.files.storage import default_storage

from quotes.pictures import Picture
from trendsite.shared.images.uploads import CleanImage

_DIGEST = re.compile(r"[0-9a-f]{20}")


def keep_picture(clean: CleanImage) -> str:
    """Store a picture until its video is saved, and return the digest that names it in the form.

    Raises OSError where the storage cannot be written.
    """
    Picture(clean.digest, clean.width).store_master(clean.master)
    return clean.digest


def kept_picture(name: str) -> CleanImage:
    """Return the stored picture of a name. Raises LookupError where the storage has none."""
    if not _DIGEST.fullmatch(name):
        raise LookupError(name)
    try:
        return Picture(name, 0).read_master()
    except (FileNotFoundError, ValueError) as error:
        raise LookupError(name) from error


def kept_picture_url(name: str) -> str:
    """Return the address of a stored picture; empty where the name is not a digest."""
    return default_storage.url(Picture(name, 0).master) if _DIGEST.fullmatch(name) else ""
