"""Zips as editors upload them."""

import io
import zipfile
from collections.abc import Mapping
from typing import Any


def zip_of(files: Mapping[Any, bytes | str]) -> bytes:
    """Return a zip of files, by their names or entries."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()
