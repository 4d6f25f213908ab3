"""Pictures of a video that is not saved yet: fetched ones, and uploads of a form that was refused.

Their masters are in the storage, named by their pixels, so that a form can name them when it is
sent again. Those that are never saved belong to no row, and `sweep_media` deletes them.
"""

import re

from django.core.files.storage import default_storage

from quotes.pictures import Picture
from trendsite.shared.images.uploads import CleanImage

_DIGEST = re.compile(r"[0-9a-f]{20}")


def keep_picture(clean: CleanImage) -> str:
    """Store a picture until its video is saved; return the name by which a form asks for it.

    Raises OSError where the storage does not take it.
    """
    Picture(clean.digest, clean.width).store_master(clean.master)
    return clean.digest


def kept_picture(name: str) -> CleanImage:
    """Return the picture of a name. Raises LookupError where there is none, or none any more."""
    if not _DIGEST.fullmatch(name):
        raise LookupError(name)
    try:
        return Picture(name, 0).read_master()
    except (FileNotFoundError, ValueError) as error:
        raise LookupError(name) from error


def kept_picture_url(name: str) -> str:
    """Return where a browser finds a kept picture; empty for what is no name of one."""
    return default_storage.url(Picture(name, 0).master) if _DIGEST.fullmatch(name) else ""
