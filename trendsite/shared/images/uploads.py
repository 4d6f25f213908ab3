"""Thumbnails: from any file somebody uploads to small, clean 16:9 images.

Nothing here knows of models or HTTP. `clean_image` judges a file and makes its master,
`encode` makes the files that are stored, `sources` and `file_names` say what those are called.

What may come in is one still JPEG, PNG, WebP or AVIF image and nothing else. The pixels are
decoded and encoded anew, so that no byte of the upload is ever stored or served; the refusal of
files that are an image and something else besides is there for the editor, who should know.
"""

import hashlib
import io
import re
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple

from django.core.exceptions import ValidationError
from django.core.files import File
from django.utils.translation import gettext_lazy as _
from PIL import ExifTags, Image, ImageCms, ImageOps

WIDTHS = (320, 640, 960)
MASTER_WIDTH = 1280
MIN_WIDTH = 160  # half of the narrowest derivative: below, a card shows nothing but squares
MAX_BYTES = 10 * 1024 * 1024
MAX_PIXELS = 40_000_000

# Of a picture that is too high the upper part is kept, since faces and titles are there:
# three tenths of what is cut go at the top. What is too wide loses the same at both sides.
CROP_CENTRE = (0.5, 0.3)

# Behind transparent parts: light, and yet neither a black nor a white logo drowns in it.
GROUND = (224, 224, 224)

# Each scan of a progressive JPEG costs time for every pixel, however few bytes it has. Encoders
# write about ten.
MAX_JPEG_SCANS = 40


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
_MASTER = {"format": "WEBP", "lossless": True, "quality": 20, "method": 1}


@dataclass(frozen=True)
class CleanImage:
    """A 16:9 picture without a past: RGB, in sRGB, at most MASTER_WIDTH pixels wide.

    `digest` names its files: twenty hexadecimal digits that follow from the pixels alone,
    whatever file they came from. Who draws a picture may name it by what it was drawn from.
    """

    image: Image.Image
    digest: str = ""

    def __post_init__(self) -> None:
        if not self.digest:
            pixels = hashlib.sha256(f"{self.width}x{self.height}:".encode())
            pixels.update(self.image.tobytes())
            object.__setattr__(self, "digest", pixels.hexdigest()[:20])

    @property
    def width(self) -> int:
        return self.image.width

    @property
    def height(self) -> int:
        return self.image.height

    @property
    def widths(self) -> tuple[int, ...]:
        """The widths of the derivatives, in pixels, ascending."""
        return _widths(self.width)


class Source(NamedTuple):
    """What one `<source>` or `<img>` needs: the type, and each file with its width in pixels."""

    mime: str
    files: list[tuple[str, int]]


def clean_image(file: File | BinaryIO) -> CleanImage:
    """Return what the site keeps of an uploaded image: upright, cropped, small, sRGB, bare.

    `file` is read from its start and left there. The content alone decides what it is; its name
    and declared type are never looked at. Raises ValidationError, with a message for the editor
    and one of the codes empty, too_large, unsupported_format, not_only_an_image, animated,
    too_many_pixels, too_small, damaged; never another exception.

    An animation is refused rather than reduced to its first frame, which is often blank and
    never the editor's choice. After the image's logical end nothing but NUL padding may follow:
    the second picture or film that some phones append (MPF, motion photo) is refused as well.
    """
    data = _read(file)
    container = _container(data)
    try:
        _refuse_passengers(data, container)
        return CleanImage(_master(_open(data, container)))
    except ValidationError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels() from error
    except Exception as error:
        # Bytes made to hurt find ever new exceptions in a decoder: struct.error, SyntaxError,
        # KeyError … All of them mean the same to whoever uploaded the file.
        raise ValidationError(
            _(
                "This image cannot be read: the file is cut off, damaged or oddly built. Open it "
                "in an image editor and export it anew as JPEG, PNG, WebP or AVIF."
            ),
            code="damaged",
        ) from error


def encode(clean: CleanImage) -> Iterator[tuple[str, bytes]]:
    """Yield the name and content of every file of an image: the lossless master, then derivatives.

    The same pixels give the same names and, with the same Pillow, the same bytes.
    """
    yield _master_name(clean.digest), _encoded(clean.image, _MASTER)
    for width in clean.widths:
        size = (width, width * 9 // 16)
        scaled = clean.image.resize(size, Image.Resampling.LANCZOS)
        for encoding in _ENCODINGS:
            name = _derivative_name(clean.digest, width, encoding)
            yield name, _encoded(scaled, encoding.options)


def sources(digest: str, master_width: int) -> list[Source]:
    """Return the derivatives of an image by type: the most compact first, JPEG for all last."""
    return [
        Source(
            encoding.mime,
            [(_derivative_name(digest, width, encoding), width) for width in _widths(master_width)],
        )
        for encoding in _ENCODINGS
    ]


def file_names(digest: str, width: int) -> list[str]:
    """Return the names of all files that `encode` made of an image whose master is `width` wide."""
    derivatives = [name for source in sources(digest, width) for name, _width in source.files]
    return [_master_name(digest), *derivatives]


def _widths(master_width: int) -> tuple[int, ...]:
    return tuple(width for width in WIDTHS if width <= master_width) or (master_width,)


def _master_name(digest: str) -> str:
    return f"{digest}.webp"


def _derivative_name(digest: str, width: int, encoding: _Encoding) -> str:
    return f"{digest}-{width}.{encoding.extension}"


def _encoded(image: Image.Image, options: dict[str, object]) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, **options)
    return buffer.getvalue()


# What a file is


def _read(file: File | BinaryIO) -> bytes:
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
    """Return Pillow's name of the one accepted format that the first bytes announce."""
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "WEBP"
    if data[4:8] == b"ftyp" and {b"avif", b"avis"} & set(_brands(data)):
        return "AVIF"
    raise ValidationError(
        _(
            "This is not a JPEG, PNG, WebP or AVIF image, whatever its name says. Export the "
            "picture in one of these formats; SVG, GIF and HEIC are not accepted."
        ),
        code="unsupported_format",
    )


def _brands(data: bytes) -> Iterator[bytes]:
    """Yield the four-letter kinds that an ISO media file says it is: AVIF, HEIC, MP4 …"""
    end = min(int.from_bytes(data[:4]), 256, len(data))
    return (data[start : start + 4] for start in range(8, end, 4))


def _refuse_passengers(data: bytes, container: str) -> None:
    """Refuse a file that carries anything after its image, or is a PDF or an archive as well.

    Raises ValidationError, or ValueError and its like where the image's own end is missing.
    """
    end = _LOGICAL_END[container](data)
    if data[end:].strip(b"\0") or b"%PDF-" in data[:1024] or _is_zip(data):
        raise ValidationError(
            _(
                "This file holds something besides one image, such as a second picture, a motion "
                "photo, a document or an archive. Export the picture alone, as JPEG, PNG, WebP or "
                "AVIF."
            ),
            code="not_only_an_image",
        )


def _is_zip(data: bytes) -> bool:
    """Tell whether an archiver would open the file: it looks for a record that ends the file."""
    record = data.rfind(b"PK\x05\x06", -(22 + 0xFFFF))
    if record == -1:
        return False
    comment_length = int.from_bytes(data[record + 20 : record + 22], "little")
    return record + 22 + comment_length == len(data)


# A marker of a JPEG that means something: neither a stuffed or a filling byte nor a restart.
_JPEG_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
_JPEG_START, _JPEG_END, _JPEG_SCAN, _JPEG_TEMPORARY = 0xD8, 0xD9, 0xDA, 0x01


def _jpeg_end(data: bytes) -> int:
    position = scans = 0
    while marker := _JPEG_MARKER.search(data, position):
        position = marker.end()
        kind = data[position - 1]
        if kind == _JPEG_END:
            return position
        scans += kind == _JPEG_SCAN
        if scans > MAX_JPEG_SCANS:
            raise ValueError("too many scans")
        if kind not in (_JPEG_START, _JPEG_TEMPORARY):  # all others say how long they are
            position += int.from_bytes(data[position : position + 2])
    raise ValueError("no end of image")


def _png_end(data: bytes) -> int:
    view = memoryview(data)
    position = 8
    while True:
        length, kind = struct.unpack_from(">I4s", data, position)
        checksum_at = position + 8 + length
        # Pillow leaves the checksums of the pixels' chunks unread.
        if struct.unpack_from(">I", data, checksum_at)[0] != zlib.crc32(
            view[position + 4 : checksum_at]
        ):
            raise ValueError("wrong checksum")
        position = checksum_at + 4
        if kind == b"IEND":
            return position


def _webp_end(data: bytes) -> int:
    end = 8 + int.from_bytes(data[4:8], "little")
    if end > len(data):
        raise ValueError("cut off")
    return end


# The boxes that stand at the top of a still or moving AVIF file, after the one `ftyp`.
_AVIF_BOXES = {b"meta", b"mdat", b"moov", b"free", b"skip", b"uuid"}


def _avif_end(data: bytes) -> int:
    position = int.from_bytes(data[:4])
    while data[position + 4 : position + 8] in _AVIF_BOXES:
        length = int.from_bytes(data[position : position + 4])
        if length == 1:  # the real length, in eight bytes, comes after the name
            length = int.from_bytes(data[position + 8 : position + 16])
        if length < 8:  # 0 would be "all that follows", which nothing could be told from
            raise ValueError("box without a length")
        position += length
    if position > len(data):
        raise ValueError("cut off")
    return position


_LOGICAL_END: dict[str, Callable[[bytes], int]] = {
    "JPEG": _jpeg_end,
    "PNG": _png_end,
    "WEBP": _webp_end,
    "AVIF": _avif_end,
}


# From the file to the master


def _open(data: bytes, container: str) -> Image.Image:
    """Return the image with its header read and its pixels not yet decoded."""
    image = Image.open(io.BytesIO(data), formats=[container])
    if image.width * image.height > MAX_PIXELS:
        raise _too_many_pixels()
    if getattr(image, "n_frames", 1) > 1:
        raise ValidationError(
            _("This image is animated. Export the one frame that should be shown."),
            code="animated",
        )
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


def _master(image: Image.Image) -> Image.Image:
    """Return the upright 16:9 middle of an image in sRGB, at most MASTER_WIDTH pixels wide."""
    profile = image.info.get("icc_profile")
    turn = _TURNS.get(_orientation(image))
    image.draft(None, (MASTER_WIDTH, MASTER_WIDTH))  # a large JPEG is decoded smaller
    image = _in_plain_mode(image)
    if turn is not None:
        image = image.transpose(turn)
    # Scaled before colours are converted: the same to the eye, and 40 megapixels take long.
    image = ImageOps.fit(
        image, _master_size(image), method=Image.Resampling.LANCZOS, centering=CROP_CENTRE
    )
    if image.mode == "RGBA":
        flat = Image.new("RGB", image.size, GROUND)
        flat.paste(_in_srgb(image.convert("RGB"), profile), mask=image.getchannel("A"))
    else:
        flat = _in_srgb(image, profile)
    # Of pixels alone: Pillow hands profiles, comments and XMP on to each copy and into its files.
    return Image.frombytes("RGB", flat.size, flat.tobytes())


def _master_size(image: Image.Image) -> tuple[int, int]:
    """Return the largest exact 16:9 size that fits into an image, in whole pixels."""
    unit = min(MASTER_WIDTH // 16, image.width // 16, image.height // 9)
    if unit < MIN_WIDTH // 16:
        raise ValidationError(
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
    return unit * 16, unit * 9


# What undoes each EXIF orientation.
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def _orientation(image: Image.Image) -> int:
    try:
        return image.getexif().get(ExifTags.Base.Orientation, 1)
    except Exception:
        # Broken EXIF is common and of every kind; browsers show such a picture as it lies.
        return 1


def _in_plain_mode(image: Image.Image) -> Image.Image:
    """Decode into one of the modes L, RGB, RGBA and CMYK, which scaling and profiles know."""
    if image.mode == "I;16":
        # convert() would clip instead of scale: every grey from 256 up would be white.
        return image.convert("I").point(lambda value: value * (1 / 257)).convert("L")
    if image.has_transparency_data:
        return image.convert("RGBA")
    return image if image.mode in {"L", "RGB", "CMYK"} else image.convert("RGB")


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Return the image in sRGB; without a profile, or with a broken one, it is taken as such."""
    if profile:
        try:
            return ImageCms.profileToProfile(
                image,
                ImageCms.ImageCmsProfile(io.BytesIO(profile)),
                ImageCms.createProfile("sRGB"),
                outputMode="RGB",
            )
        except (ImageCms.PyCMSError, OSError):
            pass
    return image.convert("RGB")
