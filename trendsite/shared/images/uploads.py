"""Thumbnails: small 16:9 images without metadata, made from uploaded files.

This module does not depend on models, storage or HTTP. `clean_image()` validates a file and makes
its master. `CleanImage.master` and `derivatives()` are the files that are stored; `sources()` and
`file_names()` return their names. `read_master()` and `is_whole()` check stored files.

Pixels are decoded and encoded again, so that no byte of an upload is stored or served. Metadata is
dropped, and so are the further pictures and films that phones append.

Pillow is imported in functions: it takes 6 MB, and pages need the names of files only.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

from django.core.exceptions import ValidationError
from django.core.files import File
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from PIL import Image

WIDTHS = (320, 640, 960)
MASTER_WIDTH = 1280
MIN_WIDTH = 160  # half of the narrowest derivative: smaller pictures are shown as squares
MAX_BYTES = 10 * 1024 * 1024
MAX_PIXELS = 40_000_000

# How cropping is divided between left and right, and between top and bottom: 0.5 cuts the same on
# both sides. That is right for a film in a 4:3 frame with black bars, as YouTube has it.
MIDDLE = (0.5, 0.5)

# The colour behind transparent parts, on which black and white logos are both visible.
GROUND = (224, 224, 224)

# Each scan of a progressive JPEG costs time for every pixel, however few bytes it has. Encoders
# write about ten.
MAX_JPEG_SCANS = 40
# The header of a scan: its marker, length and number of components. These five bytes hardly occur
# by chance, so that a film after the picture does not count as scans.
_JPEG_SCAN = re.compile(rb"\xff\xda\x00(?:\x08\x01|\x0a\x02|\x0c\x03|\x0e\x04)")

# The limit of one inflated text or colour profile in a PNG. Pillow's default of 1 MB refuses
# pictures with a long editing history.
_MAX_PNG_TEXT = 8 * 1024 * 1024


class _Encoding(NamedTuple):
    extension: str
    mime: str
    options: dict[str, object]


# In the order in which a browser should be offered them. One thread and no tiles: libavif cuts
# tiles by the number of cores, and the same picture must give the same bytes everywhere. Speed 8
# takes a third of the time of 6, the default, for 5 % more bytes.
_ENCODINGS = (
    _Encoding(
        "avif",
        "image/avif",
        {"format": "AVIF", "quality": 55, "speed": 8, "max_threads": 1, "autotiling": False},
    ),
    _Encoding("webp", "image/webp", {"format": "WEBP", "quality": 72, "method": 4}),
    _Encoding(
        "jpg",
        "image/jpeg",
        {"format": "JPEG", "quality": 75, "optimize": True, "progressive": True},
    ),
)
# A master is encoded in the transaction that saves it, so speed counts: a quarter of the time for
# 14 % more bytes.
_MASTER = {"format": "WEBP", "lossless": True, "quality": 0, "method": 0}


@dataclass(frozen=True)
class CleanImage:
    """A 16:9 picture in sRGB without metadata, at most MASTER_WIDTH pixels wide.

    `of_animation` means that it is the first frame of an animation.
    """

    image: Image.Image
    of_animation: bool = False

    @cached_property
    def digest(self) -> str:
        """Return twenty hexadecimal digits derived from the pixels, by which files are named."""
        pixels = hashlib.sha256(f"{self.width}x{self.height}:".encode())
        pixels.update(self.image.tobytes())
        return pixels.hexdigest()[:20]

    @cached_property
    def master(self) -> bytes:
        """Return the lossless file, from which all others can be made again."""
        return _encoded(self.image, _MASTER)

    # Any: what pickle is given.
    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the master, a tenth of the size of the pixels, so that it is encoded once."""
        return read_master, (self.master, self.digest, self.of_animation)

    @property
    def width(self) -> int:
        return self.image.width

    @property
    def height(self) -> int:
        return self.image.height


class PictureSource(NamedTuple):
    """The data of a `<source>` or `<img>`: the type, and each file with its width in pixels."""

    mime: str
    files: list[tuple[str, int]]


def clean_image(file: File[bytes] | BinaryIO, centring: tuple[float, float] = MIDDLE) -> CleanImage:
    """Return an uploaded image upright, cropped to 16:9, scaled down and in sRGB.

    `file` is read from its start and left there. The format is recognised by the content; name and
    declared type are ignored. `centring` is how cropping is divided, as in `MIDDLE`. Only the first
    frame of an animation is used, and the first picture of a phone's JPEG (MPF, Ultra HDR).

    Raises ValidationError, and no other exception, with a message for the editor and one of the
    codes empty, too_large, unsupported_format, too_many_pixels, too_small and damaged.
    """
    from PIL import Image

    data = _read(file)
    container = _container(data)
    try:
        image = _open(data, container)
        # Further frames of a JPEG are additions of phones.
        is_animation = container != "JPEG" and getattr(image, "n_frames", 1) > 1
        return CleanImage(_master(image, centring), is_animation)
    except ValidationError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels() from error
    except Exception as error:
        # Hostile bytes raise many exceptions in a decoder: struct.error, SyntaxError, KeyError …
        # All of them mean that the file is damaged.
        raise ValidationError(
            _(
                "This image cannot be read: the file is cut off, damaged or not in a "
                "standard form. Open it in an image editor and export it again as JPEG, "
                "PNG, WebP or AVIF."
            ),
            code="damaged",
        ) from error


def read_master(content: bytes, digest: str, of_animation: bool = False) -> CleanImage:
    """Return the image with this `master`, which is not encoded again.

    Raises ValueError if the file is damaged or its pixels do not have this digest.
    """
    from PIL import Image

    try:
        with Image.open(io.BytesIO(content), formats=["WEBP"]) as image:
            clean = CleanImage(image.convert("RGB"), of_animation)
    except Exception as error:  # of any kind; see clean_image
        raise ValueError("not an image") from error
    if clean.digest != digest:
        raise ValueError("another image")
    vars(clean)["master"] = content
    return clean


def derivatives(clean: CleanImage, names: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of the derivatives of an image that are among `names`.

    The same pixels give the same names and, with the same version of Pillow, the same bytes.
    """
    from PIL import Image

    wanted = set(names)
    for width in _widths(clean.width):
        encodings = {
            name: encoding
            for encoding in _ENCODINGS
            if (name := _derivative_name(clean.digest, width, encoding)) in wanted
        }
        if encodings:
            size = (width, width * 9 // 16)
            scaled = clean.image.resize(size, Image.Resampling.LANCZOS)
            for name, encoding in encodings.items():
                yield name, _encoded(scaled, encoding.options)


def is_whole(file: File[bytes] | BinaryIO) -> bool:
    """Return whether a JPEG, WebP or AVIF that Pillow wrote is complete, without decoding it.

    A JPEG has an end marker. A WebP states its length, and an AVIF that of its boxes, of which
    `mdat` is the last.
    """
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    head = file.read(8)
    if head.startswith(b"\xff\xd8"):
        file.seek(-2, os.SEEK_END)
        return file.read() == b"\xff\xd9"
    if head.startswith(b"RIFF"):
        return int.from_bytes(head[4:], "little") + 8 == size
    end, kind = 0, b""
    while (length := int.from_bytes(head[:4])) >= 8:
        end, kind = end + length, head[4:]
        file.seek(end)
        head = file.read(8)
    return end == size and kind == b"mdat"


def sources(digest: str, master_width: int) -> list[PictureSource]:
    """Return the derivatives of an image by type, the most compact first, JPEG last."""
    return [
        PictureSource(
            encoding.mime,
            [(_derivative_name(digest, width, encoding), width) for width in _widths(master_width)],
        )
        for encoding in _ENCODINGS
    ]


def file_names(digest: str, width: int) -> list[str]:
    """Return the names of all derivatives of an image whose master is `width` pixels wide."""
    return [name for source in sources(digest, width) for name, _width in source.files]


def _widths(master_width: int) -> tuple[int, ...]:
    return tuple(width for width in WIDTHS if width <= master_width) or (master_width,)


def _derivative_name(digest: str, width: int, encoding: _Encoding) -> str:
    return f"{digest}-{width}.{encoding.extension}"


# Any: each format has options of its own.
def _encoded(image: Image.Image, options: dict[str, Any]) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, **options)
    return buffer.getvalue()


# The format of a file


def _read(file: File[bytes] | BinaryIO) -> bytes:
    file.seek(0)
    data = file.read(MAX_BYTES + 1)
    file.seek(0)
    if not data:
        raise ValidationError(
            _("This file is empty. Choose a JPEG, PNG, WebP or AVIF image."), code="empty"
        )
    if len(data) > MAX_BYTES:
        raise ValidationError(
            _(
                "This file is larger than %(megabytes)s MB. Scale the image down to about "
                "1280 × 720 pixels, which is all that is kept of it."
            ),
            code="too_large",
            params={"megabytes": MAX_BYTES // 1024**2},
        )
    return data


def _container(data: bytes) -> str:
    """Return Pillow's name of the format that the first bytes announce.

    Raises ValidationError if it is not an accepted one.
    """
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "WEBP"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "GIF"
    if data[4:8] == b"ftyp" and {b"avif", b"avis"} & set(_brands(data)):
        return "AVIF"
    raise ValidationError(
        _(
            "This is not a JPEG, PNG, WebP or AVIF image, whatever its name says. Export the "
            "picture in one of these formats; SVG and HEIC are not accepted."
        ),
        code="unsupported_format",
    )


def _brands(data: bytes) -> Iterator[bytes]:
    """Yield the four-letter brands of an ISO media file, which tell AVIF from HEIC and MP4."""
    end = min(int.from_bytes(data[:4]), 256, len(data))
    return (data[start : start + 4] for start in range(8, end, 4))


# From the file to the master


def _open(data: bytes, container: str) -> Image.Image:
    """Return the image with its header read and validated, and its pixels not yet decoded."""
    from PIL import Image, PngImagePlugin

    PngImagePlugin.MAX_TEXT_CHUNK = _MAX_PNG_TEXT
    if container == "JPEG" and len(_JPEG_SCAN.findall(data)) > MAX_JPEG_SCANS:
        raise ValueError("too many scans")
    image = Image.open(io.BytesIO(data), formats=[container])
    if image.width * image.height > MAX_PIXELS:
        raise _too_many_pixels()
    # In either orientation, since that of a PNG is known only after decoding.
    if max(_units(image.size), _units(image.size[::-1])) < MIN_WIDTH // 16:
        raise _too_small(image)
    if container == "PNG":  # its decoder does not check the checksums of the pixels
        image.verify()
        image = Image.open(io.BytesIO(data), formats=[container])
    return image


def _too_many_pixels() -> ValidationError:
    return ValidationError(
        _(
            "This image has more than %(megapixels)s megapixels. Scale it down to about "
            "1280 × 720 pixels, which is all that is kept of it."
        ),
        code="too_many_pixels",
        params={"megapixels": MAX_PIXELS // 1_000_000},
    )


def _master(image: Image.Image, centring: tuple[float, float]) -> Image.Image:
    """Return an image upright, cropped to 16:9, in sRGB and at most MASTER_WIDTH pixels wide."""
    from PIL import Image, ImageOps

    profile = image.info.get("icc_profile")
    turn = _TURNS.get(_orientation(image))
    image.draft(None, (MASTER_WIDTH, MASTER_WIDTH))  # decodes a large JPEG at a smaller size
    image = _in_plain_mode(image)
    if turn is not None:
        image = image.transpose(Image.Transpose[turn])
    # Scaled before colours are converted: it looks the same, and converting 40 megapixels is slow.
    image = ImageOps.fit(
        image, _master_size(image), method=Image.Resampling.LANCZOS, centering=centring
    )
    if image.mode == "RGBA":
        flat = Image.new("RGB", image.size, GROUND)
        flat.paste(_in_srgb(image.convert("RGB"), profile), mask=image.getchannel("A"))
    else:
        flat = _in_srgb(image, profile)
    # Made from pixels only: Pillow copies profiles, comments and XMP into copies and files.
    return Image.frombytes("RGB", flat.size, flat.tobytes())


def _master_size(image: Image.Image) -> tuple[int, int]:
    """Return the largest exact 16:9 size that fits into an image, in whole pixels."""
    unit = min(MASTER_WIDTH // 16, _units(image.size))
    if unit < MIN_WIDTH // 16:
        raise _too_small(image)
    return unit * 16, unit * 9


def _units(size: tuple[int, int]) -> int:
    """Return the largest n for which 16n × 9n pixels fit into a size."""
    return min(size[0] // 16, size[1] // 9)


def _too_small(image: Image.Image) -> ValidationError:
    return ValidationError(
        _(
            "This image is too small: %(width)s × %(height)s pixels. It needs at least "
            "%(min_width)s × %(min_height)s, and 1280 × 720 is best."
        ),
        code="too_small",
        params={
            "width": image.width,
            "height": image.height,
            "min_width": MIN_WIDTH,
            "min_height": MIN_WIDTH * 9 // 16,
        },
    )


# The Pillow operation that undoes each EXIF orientation.
_TURNS = {
    2: "FLIP_LEFT_RIGHT",
    3: "ROTATE_180",
    4: "FLIP_TOP_BOTTOM",
    5: "TRANSPOSE",
    6: "ROTATE_270",
    7: "TRANSVERSE",
    8: "ROTATE_90",
}


def _orientation(image: Image.Image) -> int:
    from PIL import ExifTags

    try:
        return int(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:
        # Broken EXIF is common and raises many exceptions; browsers ignore it.
        return 1


def _in_plain_mode(image: Image.Image) -> Image.Image:
    """Convert to one of the modes L, RGB, RGBA and CMYK, which scaling and profiles support."""
    if image.mode == "I;16":
        # convert() would clip values instead of scaling them.
        return image.convert("I").point(lambda value: value * (1 / 257)).convert("L")
    if image.has_transparency_data:
        return image.convert("RGBA")
    return image if image.mode in {"L", "RGB", "CMYK"} else image.convert("RGB")


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Convert an image to sRGB. Without a valid profile it is taken to be sRGB already."""
    from PIL import ImageCms

    if profile:
        try:
            converted = ImageCms.profileToProfile(
                image,
                ImageCms.ImageCmsProfile(io.BytesIO(profile)),
                ImageCms.createProfile("sRGB"),
                outputMode="RGB",
            )
            assert converted is not None  # None only if it is converted in place
            return converted
        except (ImageCms.PyCMSError, OSError):
            pass
    return image.convert("RGB")
