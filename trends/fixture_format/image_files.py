"""Reading the images beside a file."""

import unicodedata
from pathlib import Path, PurePosixPath

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from trends.fixture_format.nodes import Node
from trendsite.shared.images.uploads import CleanImage, clean_image


def read_image(node: Node, folder: Path | None) -> CleanImage | None:
    """Return the image that a file names, or None if a mistake was found."""
    name = node.text()
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts:
        node.mistake(_("write the name of an image beside the file, without “..”"))
        return None
    try:
        found = folder and _as_spelt(folder / path).resolve(strict=True)
        if folder and found and not found.is_relative_to(folder):
            node.mistake(_("“%(name)s” is a link that leads elsewhere") % {"name": name})
        elif found and found.is_file():
            with open(found, "rb") as file:
                return clean_image(file)
        else:
            node.mistake(_no_image(name, folder))
    except ValidationError as error:
        node.mistake(" ".join(error.messages))
    except (OSError, RuntimeError):  # missing, unreadable, or a circle of links
        node.mistake(_no_image(name, folder))
    return None


def _as_spelt(path: Path) -> Path:
    """Return a path with its last part in the Unicode form that it has in the folder.

    macOS writes が as two characters into a zip, while a YAML file has one.
    """
    if path.exists() or not path.parent.is_dir():
        return path
    name = unicodedata.normalize("NFC", path.name)
    same = (p for p in path.parent.iterdir() if unicodedata.normalize("NFC", p.name) == name)
    return next(same, path)


def _no_image(name: str, folder: Path | None) -> str:
    """Return the message on a missing image, with the name that was probably meant."""
    message = _("there is no file “%(name)s” beside this one") % {"name": name}
    place = folder and (folder / name).parent
    if place is None or not place.is_dir():
        return message
    for path in sorted(place.iterdir()):
        if path.name != Path(name).name and path.name.casefold() == Path(name).name.casefold():
            return message + _("; did you mean “%(near)s”?") % {"near": path.name}
    return message
