"""Thumbnails in the storage: written once, when a row is saved; deleted with the last row.

A file's name holds a digest of its pixels, so what stands under a name never changes and
browsers may keep it for ever. The pixels themselves are the business of `thumbnails` and
`drawn`.
"""

import dataclasses
import hashlib
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

from django import forms
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import models, transaction
from django.db.models.signals import post_delete, post_save, pre_save

from trendsite.shared.images import patterns as drawn
from trendsite.shared.images import uploads as thumbnails

UPLOADED = "thumbnails/"
DRAWN = "drawn/"
# Part of a drawn picture's name: raise it when `drawn` draws otherwise.
_DRAWN_EDITION = 1


@dataclass(frozen=True)
class Picture:
    """The files of one thumbnail, for a `picture` element."""

    folder: str
    digest: str
    master_width: int

    @property
    def master(self) -> str:
        """The name of the lossless original."""
        return f"{self.folder}{self.digest}.webp"

    @cached_property
    def sources(self) -> list[dict[str, str]]:
        """`type` and `srcset` of each format, the best first; the last one is JPEG."""
        return [
            {
                "type": mime_type,
                "srcset": ", ".join(
                    f"{default_storage.url(self.folder + name)} {width}w" for name, width in files
                ),
            }
            for mime_type, files in thumbnails.sources(self.digest, self.master_width)
        ]

    @property
    def fallback(self) -> str:
        """The address of a JPEG for a browser that chooses none of the sources."""
        _mime_type, files = thumbnails.sources(self.digest, self.master_width)[-1]
        return default_storage.url(self.folder + files[min(1, len(files) - 1)][0])

    def store(self, clean: thumbnails.CleanImage) -> None:
        """Write the files that are not there yet."""
        if default_storage.exists(self.master):
            return
        # The master last: where it stands, the others do too.
        for name, content in sorted(
            thumbnails.encode(clean), key=lambda file: file[0] == f"{self.digest}.webp"
        ):
            if not default_storage.exists(self.folder + name):
                default_storage.save(self.folder + name, ContentFile(content))

    def delete(self) -> None:
        """Remove all its files."""
        for name in thumbnails.file_names(self.digest, self.master_width):
            default_storage.delete(self.folder + name)


def stored_picture(name: str, master_width: int) -> Picture | None:
    """The picture whose master stands under a name in the storage; None for no name."""
    if not name:
        return None
    return Picture(UPLOADED, name.removeprefix(UPLOADED).removesuffix(".webp"), master_width)


def drawn_picture(slug: str, name: str) -> Picture:
    """The picture drawn for an expert under one name."""
    identity = f"{_DRAWN_EDITION}\n{slug}\n{name}"
    digest = hashlib.sha256(identity.encode()).hexdigest()[:20]
    return Picture(DRAWN, digest, drawn.WIDTH)


def draw_picture(slug: str, name: str) -> None:
    """Draw and store the picture of an expert under one name, unless it is there."""
    picture = drawn_picture(slug, name)
    if not default_storage.exists(picture.master):
        clean = thumbnails.CleanImage(drawn.draw(slug, name))
        picture.store(dataclasses.replace(clean, digest=picture.digest))


class ThumbnailFormField(forms.FileField):
    """An upload that is an image, whatever it calls itself; see `thumbnails.clean_image`."""

    widget = forms.ClearableFileInput(
        attrs={"accept": "image/jpeg,image/png,image/webp,image/avif"}
    )

    def clean(self, data: Any, initial: Any = None) -> Any:
        upload = super().clean(data, initial)
        return thumbnails.clean_image(upload) if data and data is not initial else upload


class ThumbnailField(models.FileField):
    """A 16:9 image and its derivatives, named by the digest of its pixels.

    Assign a `thumbnails.CleanImage` (or let a form do so): saving writes the files and sets
    the model's `<field>_width`. Assigning what is there already changes no row.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["upload_to"] = UPLOADED
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("upload_to", None)
        return name, path, args, kwargs

    def save_form_data(self, instance: models.Model, data: Any) -> None:
        if isinstance(data, thumbnails.CleanImage):
            self.assign(instance, data)
        elif data is False:
            setattr(instance, self.name, "")
            setattr(instance, f"{self.name}_width", 0)

    def assign(self, instance: models.Model, clean: thumbnails.CleanImage) -> None:
        """Make `clean` the instance's image. Its files are written when the row is."""
        setattr(instance, self.name, Picture(UPLOADED, clean.digest, clean.width).master)
        setattr(instance, f"{self.name}_width", clean.width)
        instance.__dict__[f"_{self.name}_pixels"] = clean

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        clean = model_instance.__dict__.pop(f"_{self.name}_pixels", None)
        if clean is not None:
            Picture(UPLOADED, clean.digest, clean.width).store(clean)
        return super().pre_save(model_instance, add)

    def formfield(self, **kwargs: Any) -> forms.Field:
        return super().formfield(**{"form_class": ThumbnailFormField, **kwargs})


def connect() -> None:
    """Let the files follow the rows, Django's own fixtures included, which skip `save()`."""
    from quotes.models import Expert, Video

    for model in (Expert, Video):
        pre_save.connect(_remember_pictures, sender=model)
        post_save.connect(_replace_pictures, sender=model)
        post_delete.connect(_remove_pictures, sender=model)


def _pictures(instance: models.Model) -> set[Picture]:
    """The pictures that belong to a video or an expert."""
    if hasattr(instance, "drawn_names"):
        return {drawn_picture(instance.slug, name) for name in instance.drawn_names()}
    return {instance.picture} - {None}


def _remember_pictures(sender: type[models.Model], instance: models.Model, **_: Any) -> None:
    before = sender._default_manager.filter(pk=instance.pk).first() if instance.pk else None
    instance.__dict__["_pictures_before"] = _pictures(before) if before else set()


def _replace_pictures(sender: type[models.Model], instance: models.Model, **_: Any) -> None:
    if hasattr(instance, "drawn_names"):
        for name in instance.drawn_names():
            draw_picture(instance.slug, name)
    for picture in instance.__dict__.pop("_pictures_before") - _pictures(instance):
        transaction.on_commit(partial(_delete_unless_used, sender, picture))


def _remove_pictures(sender: type[models.Model], instance: models.Model, **_: Any) -> None:
    for picture in _pictures(instance):
        transaction.on_commit(partial(_delete_unless_used, sender, picture))


def _delete_unless_used(model: type[models.Model], picture: Picture) -> None:
    """Two videos may share an image. A drawn picture is one expert's alone."""
    if (
        picture.folder == UPLOADED
        and model._default_manager.filter(thumbnail=picture.master).exists()
    ):
        return
    picture.delete()
