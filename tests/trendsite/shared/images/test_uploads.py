"""What may be uploaded as a thumbnail, and what the site keeps of it."""

import io
import random
import struct
import zipfile
import zlib
from functools import cache

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image, ImageCms, ImageStat, PngImagePlugin

from tests.support.cases import cases
from trendsite.shared.images.uploads import (
    GROUND,
    MASTER_WIDTH,
    MAX_BYTES,
    MAX_JPEG_SCANS,
    WIDTHS,
    CleanImage,
    clean_image,
    derivatives,
    file_names,
    is_whole,
    read_master,
    sources,
)

FORMATS = ["JPEG", "PNG", "WEBP", "AVIF"]
SECRET = "Secret Street 7"


@cache
def picture(width: int = 640, height: int = 360) -> Image.Image:
    """An RGB picture with a different colour in every place, which is made once."""
    ramp = Image.linear_gradient("L")
    bands = ramp, ramp.rotate(90), Image.radial_gradient("L")
    return Image.merge("RGB", [band.resize((width, height)) for band in bands])


def saved(image: Image.Image, image_format: str = "PNG", **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, image_format, **options)
    return buffer.getvalue()


def cleaned(data: bytes) -> CleanImage:
    return clean_image(io.BytesIO(data))


def files_of(clean: CleanImage) -> dict[str, bytes]:
    """The content of every file of an image, by name."""
    names = file_names(clean.digest, clean.width)
    return {"master": clean.master, **dict(derivatives(clean, names))}


def refusal(data: bytes) -> str:
    """The code with which a file is refused."""
    with pytest.raises(ValidationError) as caught:
        cleaned(data)
    return caught.value.code


def png_chunk(kind: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)


def png(width: int, height: int, *chunks: bytes, depth: int = 8, colour: int = 2, row=b"") -> bytes:
    """A PNG made by hand; `row` is one row of pixels, colour 2 is RGB and 0 is grey."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    pixels = zlib.compress((b"\0" + row) * (height if row else 1))
    body = png_chunk(b"IHDR", header) + b"".join(chunks) + png_chunk(b"IDAT", pixels)
    return b"\x89PNG\r\n\x1a\n" + body + png_chunk(b"IEND", b"")


def zip_file() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("index.html", "<script>alert(1)</script>")
    return buffer.getvalue()


def with_jpeg_comment(jpeg: bytes, comment: bytes) -> bytes:
    return jpeg[:2] + b"\xff\xfe" + struct.pack(">H", len(comment) + 2) + comment + jpeg[2:]


def colour_of(image: Image.Image, x: int, y: int) -> tuple[int, int, int]:
    """The mean of the 8 × 8 pixels from (x, y): what a lossy format leaves of a flat colour."""
    box = image.crop((x, y, x + 8, y + 8))
    return tuple(round(mean) for mean in ImageStat.Stat(box).mean)


def is_near(one: tuple[int, ...], other: tuple[int, ...], tolerance: int = 4) -> bool:
    return all(abs(a - b) <= tolerance for a, b in zip(one, other, strict=True))


@pytest.fixture(scope="module")
def clean() -> CleanImage:
    return cleaned(saved(picture(1920, 1080), "JPEG"))


class TestWhatIsAccepted:
    @pytest.mark.parametrize("image_format", FORMATS)
    def test_each_format_is_read(self, image_format):
        clean = cleaned(saved(picture(), image_format))

        assert (clean.image.mode, clean.width, clean.height) == ("RGB", 640, 360)
        for place in [(0, 0), (320, 180), (632, 352)]:
            assert is_near(colour_of(clean.image, *place), colour_of(picture(), *place))

    @pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP"])
    def test_each_kind_of_compression_is_read(self, image_format):
        options = {"progressive": True, "optimize": True, "lossless": True}

        assert cleaned(saved(picture(), image_format, **options)).width == 640

    @pytest.mark.parametrize("image_format", ["PNG", "WEBP", "AVIF", "GIF"])
    def test_of_an_animation_the_first_frame_is_taken(self, image_format):
        frames = [picture(), picture().rotate(180)]
        clean = cleaned(saved(frames[0], image_format, save_all=True, append_images=frames[1:]))

        assert clean.of_animation
        assert not cleaned(saved(frames[0], image_format)).of_animation
        for place in [(0, 0), (632, 352)]:
            assert is_near(colour_of(clean.image, *place), colour_of(frames[0], *place), 40)

    @pytest.mark.parametrize("size", [(480, 360), (640, 480)])
    def test_black_bars_of_a_film_in_a_4_3_frame_are_lost_and_nothing_else(self, size):
        width, height = size
        film = picture(width, width * 9 // 16)
        frame = Image.new("RGB", size)
        frame.paste(film, (0, (height - film.height) // 2))

        assert cleaned(saved(frame)).image.tobytes() == film.tobytes()

    @pytest.mark.parametrize(
        ("centring", "rows"), [((0.5, 0.0), 0), ((0.5, 0.5), 60), ((0.5, 1.0), 120)]
    )
    def test_another_part_of_a_picture_that_is_too_high_may_be_kept(self, centring, rows):
        high = picture(640, 480)
        clean = clean_image(io.BytesIO(saved(high)), centring)

        assert clean.image.tobytes() == high.crop((0, rows, 640, rows + 360)).tobytes()

    def test_name_and_declared_type_mean_nothing(self):
        upload = SimpleUploadedFile("notes.txt", saved(picture()), content_type="text/plain")

        assert clean_image(upload).width == 640

    def test_file_is_read_from_its_start_and_left_there(self):
        data = saved(picture())
        file = io.BytesIO(data)
        file.seek(100)

        clean_image(file)

        assert file.read() == data

    @pytest.mark.parametrize("image_format", FORMATS)
    def test_padding_after_the_image_is_let_pass(self, image_format):
        assert cleaned(saved(picture(), image_format) + b"\0" * 512).width == 640

    @pytest.mark.parametrize("image_format", FORMATS)
    def test_smallest_image_has_half_the_smallest_width(self, image_format):
        assert cleaned(saved(picture(160, 90), image_format)).width == 160

    def test_forty_megapixels_are_read(self):
        assert cleaned(saved(Image.new("L", (8000, 5000)), "JPEG")).width == MASTER_WIDTH


class TestWhatIsRefused:
    def test_empty_file(self):
        assert refusal(b"") == "empty"

    @pytest.mark.parametrize(
        "data",
        [
            pytest.param(b"Just some words.", id="text"),
            pytest.param(b'<svg xmlns="http://www.w3.org/2000/svg"/>', id="svg"),
            pytest.param(b'<?xml version="1.0"?><svg onload="alert(1)"/>', id="svg with prolog"),
            pytest.param(saved(picture(), "BMP"), id="bmp"),
            pytest.param(saved(picture(), "TIFF"), id="tiff"),
            pytest.param(saved(picture(), "ICO"), id="ico"),
            pytest.param(saved(picture(), "PDF"), id="pdf"),
            pytest.param(b"%!PS-Adobe-3.0 EPSF-3.0\n", id="postscript"),
            pytest.param(zip_file(), id="zip"),
            pytest.param(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(64), id="heic"),
            pytest.param(b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(64), id="mp4"),
            pytest.param(b"RIFF\x24\0\0\0WAVEfmt " + bytes(28), id="wav"),
            pytest.param(b"<?php ?>" + saved(picture(), "JPEG"), id="php before jpeg"),
            pytest.param(b"%PDF-1.7\n" + saved(picture(), "JPEG"), id="pdf before jpeg"),
        ],
    )
    def test_other_formats(self, data):
        assert refusal(data) == "unsupported_format"

    def test_svg_that_calls_itself_a_png(self):
        upload = SimpleUploadedFile("logo.png", b"<svg/>", content_type="image/png")

        with pytest.raises(ValidationError) as caught:
            clean_image(upload)
        assert caught.value.code == "unsupported_format"

    @pytest.mark.parametrize("size", [MAX_BYTES + 1, 11 * 1024 * 1024])
    def test_more_than_ten_megabytes(self, size):
        assert refusal(saved(picture(), "JPEG").ljust(size, b"\0")) == "too_large"

    def test_ten_megabytes_are_not_too_many(self):
        assert cleaned(saved(picture(), "JPEG").ljust(MAX_BYTES, b"\0")).width == 640

    @pytest.mark.parametrize(
        ("width", "height"), [(8200, 5000), (10_000, 10_000), (50_000, 50_000), (2**31 - 1, 1)]
    )
    def test_tiny_png_that_declares_too_many_pixels(self, width, height):
        data = png(width, height)

        assert len(data) < 100
        assert refusal(data) == "too_many_pixels"

    @pytest.mark.parametrize(("width", "height"), [(8200, 5000), (16_000, 16_000)])
    @pytest.mark.parametrize("image_format", ["JPEG", "WEBP", "AVIF"])
    def test_small_file_that_declares_too_many_pixels(self, image_format, width, height):
        data = bytearray(saved(picture(), image_format))
        if image_format == "JPEG":
            struct.pack_into(">HH", data, data.index(b"\xff\xc0") + 5, height, width)
        elif image_format == "WEBP":
            struct.pack_into("<HH", data, data.index(b"\x9d\x01\x2a") + 3, width, height)
        else:
            struct.pack_into(">II", data, data.index(b"ispe") + 8, width, height)

        assert refusal(bytes(data)) == "too_many_pixels"

    @pytest.mark.parametrize("size", [(159, 90), (160, 89), (3000, 60), (1, 1)], ids=str)
    def test_image_too_small_for_a_card(self, size):
        assert refusal(saved(picture(*size))) == "too_small"

    @pytest.mark.parametrize("image_format", FORMATS)
    @pytest.mark.parametrize("share", [0.2, 0.6, 0.99])
    def test_truncated_file(self, image_format, share):
        data = saved(picture(), image_format)

        assert refusal(data[: int(len(data) * share)]) == "damaged"

    @pytest.mark.parametrize("image_format", ["JPEG", "WEBP", "AVIF"])
    def test_file_without_its_last_byte(self, image_format):
        assert refusal(saved(picture(), image_format)[:-1]) == "damaged"

    @pytest.mark.parametrize("image_format", FORMATS)
    def test_signature_and_nothing_else(self, image_format):
        assert refusal(saved(picture(), image_format)[:16]) in {"damaged", "unsupported_format"}

    def test_png_with_a_wrong_checksum(self):
        data = bytearray(saved(picture()))
        data[data.index(b"IDAT") + 100] ^= 1

        assert refusal(bytes(data)) == "damaged"

    def test_png_with_too_few_pixels(self):
        assert refusal(png(640, 360)) == "damaged"

    def test_webp_that_says_it_is_longer_than_it_is(self):
        data = bytearray(saved(picture(), "WEBP"))
        struct.pack_into("<I", data, 4, len(data) + 100)

        assert refusal(bytes(data)) == "damaged"

    def test_progressive_jpeg_with_hundreds_of_scans(self):
        data = saved(picture(), "JPEG", progressive=True)
        last_scan = data[data.rindex(b"\xff\xda") : -2]

        assert refusal(data[:-2] + last_scan * 300 + data[-2:]) == "damaged"

    @pytest.mark.parametrize(
        "chunk",
        [
            pytest.param(b"zTXtComment\0\0", id="text"),
            pytest.param(b"iTXtComment\0\1\0\0\0", id="international text"),
            pytest.param(b"iCCPprofile\0\0", id="profile"),
        ],
    )
    def test_png_with_a_chunk_that_inflates_to_fifty_megabytes(self, chunk):
        bomb = png_chunk(chunk[:4], chunk[4:] + zlib.compress(bytes(50 * 1024 * 1024)))

        assert len(bomb) < 100_000
        assert refusal(png(640, 360, bomb, row=bytes(640 * 3))) == "damaged"

    @pytest.mark.parametrize(
        ("data", "says"),
        [
            pytest.param(b"", "JPEG, PNG, WebP or AVIF", id="empty"),
            pytest.param(b"BM", "Export the picture in one of these formats", id="format"),
            pytest.param(bytes(MAX_BYTES + 1), "larger than 10 MB", id="bytes"),
            pytest.param(png(8200, 5000), "more than 40 megapixels", id="pixels"),
            pytest.param(saved(picture(99, 66)), "99 × 66 pixels. It needs at least", id="small"),
            pytest.param(saved(picture())[:99], "export it again", id="damaged"),
        ],
    )
    def test_message_says_what_would_be_right(self, data, says):
        with translation.override("en"), pytest.raises(ValidationError) as caught:
            cleaned(data)

        with translation.override("en"):
            assert says in caught.value.messages[0]


class TestFilesThatHoldMore:
    """Phones append films and second pictures; whatever it is, nothing of it is kept."""

    @pytest.mark.parametrize("image_format", FORMATS)
    @pytest.mark.parametrize(
        "more",
        [
            pytest.param(zip_file(), id="zip"),
            pytest.param(b"<script>alert(1)</script>", id="html"),
            pytest.param(b"\0\0\0\0%PDF-1.7\n%%EOF", id="pdf"),
            pytest.param(b"\0\0\0\x18ftypmp42\0\0\0\0mp42" + SECRET.encode(), id="motion photo"),
            pytest.param(saved(picture().rotate(180), "JPEG"), id="second jpeg"),
            pytest.param(b"\xff" * 4096, id="padding"),
        ],
    )
    def test_what_follows_the_image_is_dropped(self, image_format, more):
        data = saved(picture(320, 180), image_format)
        clean = cleaned(data + more)

        assert clean.digest == cleaned(data).digest
        assert not [name for name, content in files_of(clean).items() if more[-20:] in content]

    @pytest.mark.parametrize("size", [(640, 360), (4000, 2250)], ids=str)
    def test_first_of_the_pictures_in_one_jpeg_is_taken(self, size):
        """Phones write depth and brightness maps so (MPF, Ultra HDR)."""
        first, second = picture(*size), picture(*size).rotate(180)
        alone = cleaned(saved(first, "JPEG"))
        clean = cleaned(saved(first, "MPO", save_all=True, append_images=[second, second]))

        assert (clean.width, clean.height) == (alone.width, alone.height)
        for place in [(0, 0), (320, 180), (632, 352)]:
            assert is_near(colour_of(clean.image, *place), colour_of(alone.image, *place))

    def test_photo_with_a_film_of_eight_megabytes_is_no_jpeg_with_many_scans(self):
        film = random.Random(7).randbytes(8 * 1024 * 1024)
        assert film.count(b"\xff\xda") > MAX_JPEG_SCANS

        assert cleaned(saved(picture(), "JPEG", progressive=True) + film).width == 640

    @pytest.mark.parametrize(
        "head",
        [
            pytest.param(b"zTXtComment\0\0", id="text"),
            pytest.param(b"iTXtXML:com.adobe.xmp\0\1\0\0\0", id="xmp"),
            pytest.param(b"iCCPprofile\0\0", id="profile"),
        ],
    )
    def test_png_with_a_long_editing_history_is_read(self, head):
        chunk = png_chunk(head[:4], head[4:] + zlib.compress(b"history " * 250_000))

        assert cleaned(png(640, 360, chunk, row=bytes(640 * 3))).width == 640

    def test_script_inside_a_comment_does_not_survive(self):
        files = files_of(
            cleaned(with_jpeg_comment(saved(picture(), "JPEG"), b"<?php system($_GET[0]); ?>"))
        )

        assert not [name for name, content in files.items() if b"<?php" in content]


class TestHeadersAreJudgedFirst:
    """What a header rules out is refused before its pixels take memory."""

    @pytest.mark.parametrize(
        ("size", "code"),
        [
            ((1, 40_000_000), "too_small"),
            ((40_000_000, 1), "too_small"),
            ((89, 400_000), "too_small"),
            ((8200, 5000), "too_many_pixels"),
        ],
        ids=str,
    )
    def test_png_of_few_bytes_and_many_pixels(self, monkeypatch, size, code):
        monkeypatch.setattr(PngImagePlugin.PngImageFile, "load", None)

        assert refusal(png(*size)) == code

    def test_high_picture_that_is_turned_is_not_judged_lying(self):
        exif = Image.Exif()
        exif[ExifTags.Base.Orientation] = 6

        assert cleaned(saved(picture(90, 160), exif=exif)).width == 160


class TestMetadata:
    def exif(self, orientation: int = 1) -> Image.Exif:
        exif = Image.Exif()
        exif[ExifTags.Base.Orientation] = orientation
        exif[ExifTags.Base.Artist] = SECRET
        exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSAreaInformation] = SECRET
        return exif

    @pytest.mark.parametrize("image_format", FORMATS)
    def test_place_author_profile_and_comments_are_in_no_file(self, image_format):
        options = {
            "exif": self.exif(),
            "xmp": f"<x:xmpmeta>{SECRET}</x:xmpmeta>".encode(),
            "icc_profile": ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(),
        }
        if image_format == "JPEG":
            options["comment"] = SECRET
        data = saved(picture(), image_format, **options)
        assert SECRET.encode() in data

        for name, content in files_of(cleaned(data)).items():
            with Image.open(io.BytesIO(content)) as image:
                assert not dict(image.getexif()), name
                assert not {"exif", "xmp", "icc_profile", "comment"} & set(image.info), name
            for trace in [SECRET.encode(), b"Exif", b"xmpmeta", b"acsp"]:
                assert trace not in content, name

    def test_text_of_a_png_is_in_no_file(self):
        text = png_chunk(b"tEXt", b"Comment\0" + SECRET.encode())
        clean = cleaned(png(640, 360, text, row=bytes(640 * 3)))

        assert not [name for name, content in files_of(clean).items() if SECRET.encode() in content]

    @pytest.mark.parametrize(
        ("orientation", "camera_held"),
        [
            (1, None),
            (2, Image.Transpose.FLIP_LEFT_RIGHT),
            (3, Image.Transpose.ROTATE_180),
            (4, Image.Transpose.FLIP_TOP_BOTTOM),
            (5, Image.Transpose.TRANSPOSE),
            (6, Image.Transpose.ROTATE_90),
            (7, Image.Transpose.TRANSVERSE),
            (8, Image.Transpose.ROTATE_270),
        ],
    )
    def test_picture_is_turned_upright(self, orientation, camera_held):
        upright = picture()
        lying = upright if camera_held is None else upright.transpose(camera_held)

        clean = cleaned(saved(lying, exif=self.exif(orientation)))

        assert clean.image.tobytes() == upright.tobytes()

    @pytest.mark.parametrize("image_format", ["JPEG", "WEBP", "AVIF"])
    def test_every_format_is_turned_upright(self, image_format):
        lying = picture().transpose(Image.Transpose.ROTATE_90)

        clean = cleaned(saved(lying, image_format, exif=self.exif(6)))

        assert (clean.width, clean.height) == (640, 360)
        assert is_near(colour_of(clean.image, 0, 0), colour_of(picture(), 0, 0))

    def test_broken_exif_is_passed_over(self):
        data = saved(picture(), exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff\0\0")

        assert cleaned(data).image.tobytes() == picture().tobytes()

    def test_embedded_profile_is_applied(self):
        """A profile with red and green exchanged makes red pixels mean green."""
        srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
        exchanged = (
            srgb.replace(b"rXYZ", b"\0tmp").replace(b"gXYZ", b"rXYZ").replace(b"\0tmp", b"gXYZ")
        )
        data = saved(Image.new("RGB", (640, 360), (255, 0, 0)), icc_profile=exchanged)

        assert is_near(colour_of(cleaned(data).image, 0, 0), (0, 255, 0))

    @pytest.mark.parametrize("profile", [b"no profile", bytes(200)], ids=["words", "zeros"])
    def test_broken_profile_is_passed_over(self, profile):
        assert cleaned(saved(picture(), icc_profile=profile)).image.tobytes() == picture().tobytes()


class TestColour:
    @pytest.mark.parametrize("image_format", ["PNG", "WEBP", "AVIF", "GIF"])
    def test_transparent_parts_lie_on_a_light_grey(self, image_format):
        image = Image.new("RGBA", (640, 360), (200, 0, 0, 0))
        image.paste((0, 0, 200, 255), (320, 0, 640, 360))

        clean = cleaned(saved(image, image_format))

        assert is_near(colour_of(clean.image, 100, 100), GROUND)
        assert is_near(colour_of(clean.image, 500, 100), (0, 0, 200))

    def test_half_transparent_colour_is_mixed_with_the_ground(self):
        clean = cleaned(saved(Image.new("RGBA", (640, 360), (0, 0, 0, 128))))

        assert is_near(colour_of(clean.image, 0, 0), (112, 112, 112))

    @pytest.mark.parametrize(
        ("image", "transparency"),
        [
            pytest.param(Image.new("L", (640, 360), 7), 7, id="grey"),
            pytest.param(Image.new("RGB", (640, 360), (7, 8, 9)), (7, 8, 9), id="rgb"),
            pytest.param(Image.new("P", (640, 360), 0), 0, id="palette"),
        ],
    )
    def test_one_transparent_colour_lies_on_the_ground_too(self, image, transparency):
        clean = cleaned(saved(image, transparency=transparency))

        assert colour_of(clean.image, 0, 0) == GROUND

    def test_grey_with_transparency(self):
        clean = cleaned(saved(Image.new("LA", (640, 360), (50, 255))))

        assert colour_of(clean.image, 0, 0) == (50, 50, 50)

    @pytest.mark.parametrize("image_format", FORMATS)
    def test_grey(self, image_format):
        clean = cleaned(saved(Image.new("L", (640, 360), 90), image_format))

        assert is_near(colour_of(clean.image, 0, 0), (90, 90, 90))

    def test_black_and_white(self):
        clean = cleaned(saved(Image.new("1", (640, 360), 1)))

        assert colour_of(clean.image, 0, 0) == (255, 255, 255)

    def test_palette(self):
        image = picture().quantize(64)

        assert cleaned(saved(image)).image.tobytes() == image.convert("RGB").tobytes()

    def test_printers_colours(self):
        clean = cleaned(saved(Image.new("CMYK", (640, 360), (0, 255, 255, 0)), "JPEG"))

        assert is_near(colour_of(clean.image, 0, 0), (254, 0, 0), tolerance=8)

    @pytest.mark.parametrize(("value", "grey"), [(0, 0), (257, 1), (0x8080, 0x80), (0xFFFF, 0xFF)])
    def test_sixteen_bits_of_grey_are_scaled_not_clipped(self, value, grey):
        clean = cleaned(saved(Image.new("I;16", (640, 360), value)))

        assert colour_of(clean.image, 0, 0) == (grey, grey, grey)

    def test_sixteen_bits_of_each_colour(self):
        row = struct.pack(">HHH", 0xC0C0, 0x8080, 0x4040) * 640

        clean = cleaned(png(640, 360, depth=16, row=row))

        assert colour_of(clean.image, 0, 0) == (0xC0, 0x80, 0x40)

    @pytest.mark.parametrize(("colour", "samples"), [(0, 1), (2, 3)], ids=["grey", "rgb"])
    def test_sixteen_bits_with_a_transparent_colour(self, colour, samples):
        transparent = png_chunk(b"tRNS", struct.pack(">H", 0x4040) * samples)
        row = struct.pack(">H", 0x8080) * samples * 640

        clean = cleaned(png(640, 360, transparent, depth=16, colour=colour, row=row))

        assert colour_of(clean.image, 0, 0) == (0x80, 0x80, 0x80)


class TestCrop:
    @pytest.mark.parametrize(
        ("size", "master"),
        [
            ((160, 90), (160, 90)),
            ((640, 360), (640, 360)),
            ((1000, 1000), (992, 558)),
            ((1280, 720), (1280, 720)),
            ((1920, 1080), (1280, 720)),
            ((4000, 3000), (1280, 720)),
            ((3000, 300), (528, 297)),
            ((300, 3000), (288, 162)),
        ],
        ids=str,
    )
    @pytest.mark.parametrize("image_format", ["JPEG", "PNG"])
    def test_master_is_exactly_16_to_9_and_never_enlarged(self, size, master, image_format):
        clean = cleaned(saved(picture(*size), image_format))

        assert (clean.width, clean.height) == master

    def test_wide_picture_loses_the_same_at_both_sides(self):
        image = Image.new("RGB", (1000, 360), (200, 0, 0))
        image.paste((0, 0, 200), (180, 0, 820, 360))

        assert set(cleaned(saved(image)).image.get_flattened_data()) == {(0, 0, 200)}

    def test_high_picture_loses_the_same_at_top_and_foot(self):
        image = Image.new("RGB", (640, 560), (200, 0, 0))
        image.paste((0, 0, 200), (0, 100, 640, 460))

        assert set(cleaned(saved(image)).image.get_flattened_data()) == {(0, 0, 200)}


class TestFiles:
    @pytest.mark.parametrize("image_format", FORMATS)
    @pytest.mark.parametrize("size", [(160, 90), (1000, 700), (1600, 1200)], ids=str)
    def test_exported_master_read_again_is_the_same_image(self, image_format, size):
        clean = cleaned(saved(picture(*size), image_format))
        master = clean.master

        again = cleaned(master)

        assert again.digest == clean.digest
        assert again.master == master

    def test_digest_names_the_pixels_not_the_file(self, clean):
        other_file = cleaned(saved(clean.image, "PNG"))
        other_pixels = clean.image.copy()
        other_pixels.putpixel((0, 0), (1, 2, 3))

        assert len(clean.digest) == 20
        assert set(clean.digest) <= set("0123456789abcdef")
        assert other_file.digest == clean.digest
        assert CleanImage(other_pixels).digest != clean.digest

    def test_pixels_in_another_shape_have_another_digest(self):
        assert CleanImage(Image.new("RGB", (320, 180))).digest != (
            CleanImage(Image.new("RGB", (180, 320))).digest
        )

    def test_encoding_twice_gives_the_same_bytes(self, clean):
        assert files_of(clean) == files_of(clean)

    def test_each_file_is_what_its_name_says(self, clean):
        files = files_of(clean)

        for width in WIDTHS:
            for extension, image_format in [("avif", "AVIF"), ("webp", "WEBP"), ("jpg", "JPEG")]:
                with Image.open(io.BytesIO(files[f"{clean.digest}-{width}.{extension}"])) as image:
                    assert (image.format, image.size) == (image_format, (width, width * 9 // 16))
                    for place in [(0, 0), (width // 2, width // 4)]:
                        shown = colour_of(image.convert("RGB"), *place)
                        assert is_near(shown, colour_of(clean.image.resize(image.size), *place))
        with Image.open(io.BytesIO(files["master"])) as master:
            assert master.convert("RGB").tobytes() == clean.image.tobytes()

    @pytest.mark.parametrize(
        ("master", "widths"),
        [
            (160, (160,)),
            (304, (304,)),
            (320, (320,)),
            (624, (320,)),
            (640, (320, 640)),
            (960, (320, 640, 960)),
            (1280, (320, 640, 960)),
        ],
    )
    def test_no_derivative_is_wider_than_the_master(self, master, widths):
        (source, *_others) = sources("digest", master)

        assert tuple(width for _name, width in source.files) == widths

    @pytest.mark.parametrize("width", [160, 304, 640, 1280])
    def test_names_for_deleting_are_the_names_that_were_written(self, width):
        clean = CleanImage(picture(width, width * 9 // 16))
        names = file_names(clean.digest, width)

        assert sorted(names) == sorted(dict(derivatives(clean, names)))

    def test_only_the_derivatives_that_are_wanted_are_made(self, clean):
        wanted = [f"{clean.digest}-320.webp", f"{clean.digest}-960.jpg"]

        assert [name for name, _content in derivatives(clean, wanted)] == wanted

    def test_file_is_whole_with_all_its_bytes_alone(self, clean):
        for name, content in files_of(clean).items():
            assert is_whole(io.BytesIO(content)), name
            end = len(content)
            for length in {*range(64), *range(0, end, 97), *range(end - 64, end)}:
                assert not is_whole(io.BytesIO(content[:length])), (name, length)

    def test_jpeg_of_zeros_at_its_end_is_not_whole(self, clean):
        content = files_of(clean)[f"{clean.digest}-320.jpg"]

        assert not is_whole(io.BytesIO(content[:-100] + bytes(100)))

    def test_master_is_read_as_it_was_written(self, clean):
        assert read_master(clean.master, clean.digest).digest == clean.digest

    def test_master_that_was_read_is_kept_as_it_is(self, clean):
        buffer = io.BytesIO()
        clean.image.save(buffer, "WEBP", lossless=True, quality=100)  # as another Pillow would
        content = buffer.getvalue()
        assert content != clean.master
        assert read_master(content, clean.digest).master == content

    @pytest.mark.parametrize("damage", ["cut", "zeros", "empty", "another"])
    def test_damaged_master_is_told(self, clean, damage):
        master = clean.master
        content = {
            "cut": master[: len(master) // 2],
            "zeros": master[: len(master) // 2] + bytes(len(master) // 2),
            "empty": b"",
            "another": CleanImage(picture(640, 360)).master,
        }[damage]

        with pytest.raises(ValueError, match="image"):
            read_master(content, clean.digest)

    def test_sources_list_each_type_with_its_files_and_widths(self):
        assert sources("0123", 640) == [
            ("image/avif", [("0123-320.avif", 320), ("0123-640.avif", 640)]),
            ("image/webp", [("0123-320.webp", 320), ("0123-640.webp", 640)]),
            ("image/jpeg", [("0123-320.jpg", 320), ("0123-640.jpg", 640)]),
        ]


BASES = [saved(picture(160, 90), image_format) for image_format in FORMATS] + [
    saved(picture(160, 90), "JPEG", progressive=True),
    saved(picture(160, 90), "WEBP", lossless=True),
    saved(picture(160, 90).convert("RGBA"), "AVIF"),
]
PNG_CHUNKS = [b"PLTE", b"tRNS", b"iCCP", b"eXIf", b"gAMA", b"zTXt", b"acTL", b"fcTL", b"IDAT"]


def signed_bytes() -> st.SearchStrategy[bytes]:
    """Anything, after the first bytes of an image."""
    beginnings = st.sampled_from([base[:length] for base in BASES for length in (12, 40)])
    return st.builds(bytes.__add__, beginnings, st.binary())


@st.composite
def damaged_images(draw: st.DrawFn) -> bytes:
    """An image with bytes exchanged, cut out and put in."""
    data = bytearray(draw(st.sampled_from(BASES)))
    for _ in range(draw(st.integers(1, 6))):
        position = draw(st.integers(0, len(data) - 1))
        removed = draw(st.sampled_from([0, 1, 1, 1, 4, 100]))
        data[position : position + removed] = draw(st.binary(max_size=4))
    return bytes(data)


@st.composite
def odd_pngs(draw: st.DrawFn) -> bytes:
    """A PNG whose chunks are whole, and their contents anything."""
    chunks = st.builds(png_chunk, st.sampled_from(PNG_CHUNKS), st.binary(max_size=64))
    depth, colour = draw(st.sampled_from([1, 2, 4, 8, 16])), draw(st.integers(0, 6))
    extra = draw(st.lists(chunks, max_size=4))
    return png(160, 90, *extra, depth=depth, colour=colour, row=bytes(160 * 8))


class TestAnyBytes:
    @given(st.one_of(st.binary(), signed_bytes(), damaged_images(), odd_pngs()))
    @settings(max_examples=cases(250))
    def test_either_give_an_image_or_a_refusal(self, data):
        try:
            clean = cleaned(data)
        except ValidationError:
            return
        assert clean.image.mode == "RGB"
        assert clean.width * 9 == clean.height * 16
        assert 160 <= clean.width <= MASTER_WIDTH
