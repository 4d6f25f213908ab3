"""Pictures of videos in the storage: written with a row, deleted with the last row that has them.

The master, which cannot be made again, is written before the row is committed. The derivatives are
made from it after the commit, and `draw_cards` makes those that are missing.

A file's name holds a digest of the picture's pixels. The content under a name never changes, so
browsers may cache it for ever. `trendsite.shared.images.uploads` encodes and checks the files.
"""

import logging
import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

from django import forms
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import models, transaction
from django.db.models.signals import post_delete, post_save, pre_save
from django.utils.translation import gettext as _

from trendsite.shared.images import uploads

logger = logging.getLogger(__name__)

FOLDER = "thumbnails/"


@dataclass(frozen=True)
class Picture:
    """The files of one picture: a lossless master, and derivatives for a `picture` element."""

    digest: str
    master_width: int

    @classmethod
    def named(cls, master: str, master_width: int = 0) -> Self:
        """Return the picture whose master has this name. The row knows the master's width."""
        return cls(master.removeprefix(FOLDER).removesuffix(".webp"), master_width)

    @property
    def master(self) -> str:
        """The name of the lossless original."""
        return f"{FOLDER}{self.digest}.webp"

    @cached_property
    def sources(self) -> list[dict[str, str]]:
        """The `type` and `srcset` of each format, the best format first and JPEG last."""
        return [
            {
                "type": mime_type,
                "srcset": ", ".join(
                    f"{default_storage.url(FOLDER + name)} {width}w" for name, width in files
                ),
            }
            for mime_type, files in uploads.sources(self.digest, self.master_width)
        ]

    @property
    def fallback(self) -> str:
        """The address of a JPEG for a browser that chooses none of the sources."""
        _mime_type, files = uploads.sources(self.digest, self.master_width)[-1]
        return default_storage.url(FOLDER + files[min(1, len(files) - 1)][0])

    def read_master(self) -> uploads.CleanImage:
        """Return the image in the stored master.

        Raises ValueError where the file is damaged, FileNotFoundError where there is none.
        """
        with default_storage.open(self.master) as file:
            return uploads.read_master(file.read(), self.digest)

    def store(self, master: bytes) -> None:
        """Write the master and the derivatives, except those that are stored completely."""
        self.store_master(master)
        self.mend()

    def store_master(self, master: bytes) -> bool:
        """Write the master unless it is stored completely. Return whether it was written."""
        try:
            with default_storage.open(self.master) as file:
                if file.read() == master:  # which costs less than to decode it
                    return False
            self.read_master()
        except (ValueError, FileNotFoundError):
            default_storage.save(self.master, ContentFile(master))
            return True
        return False

    def mend(self) -> int:
        """Make missing and truncated derivatives from the master, and return their number.

        Raises ValueError where the master is truncated, FileNotFoundError where there is none.
        """
        names = uploads.file_names(self.digest, self.master_width)
        broken = [name for name in names if not is_stored(FOLDER + name)]
        if broken or not is_stored(self.master):
            for name, content in uploads.derivatives(self.read_master(), broken):
                default_storage.save(FOLDER + name, ContentFile(content))
        return len(broken)

    def delete(self) -> None:
        """Delete all files of the picture."""
        for name in uploads.file_names(self.digest, self.master_width):
            default_storage.delete(FOLDER + name)
        default_storage.delete(self.master)


def is_stored(name: str) -> bool:
    """Return whether the storage has a complete image under this name."""
    try:
        with default_storage.open(name) as file:
            return uploads.is_whole(file)
    except FileNotFoundError:
        return False


def stored_picture(name: str, master_width: int) -> Picture | None:
    """Return the picture whose master has this name in the storage; None for an empty name."""
    return Picture.named(name, master_width) if name else None


def broken_master(video: Any) -> str:
    """Return what is wrong with the stored master of a video's picture; empty where it is sound."""
    try:
        video.picture.read_master()
    except FileNotFoundError:
        problem = _("“%(video)s”: its picture %(file)s is missing; upload it again")
    except ValueError:
        problem = _("“%(video)s”: its picture %(file)s is damaged; upload it again")
    else:
        return ""
    return problem % {"video": video, "file": video.thumbnail.name}


class ThumbnailFormField(forms.FileField):
    """An upload whose content is an image, whatever its name says; see `uploads.clean_image`."""

    def clean(self, data: Any, initial: Any = None) -> Any:
        upload = super().clean(data, initial)
        return uploads.clean_image(upload) if data and data is not initial else upload


class ThumbnailField(models.FileField):
    """A 16:9 image and its derivatives, named by the digest of its pixels.

    Assign an `uploads.CleanImage` with `assign()`, as forms do. Saving the row then sets the
    model's `<field>_width` and writes the files. Assigning the image that the row has changes no
    row, and makes missing or damaged files again.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["upload_to"] = FOLDER
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("upload_to", None)
        return name, path, args, kwargs

    def save_form_data(self, instance: models.Model, data: Any) -> None:
        if isinstance(data, uploads.CleanImage):
            self.assign(instance, data)
        elif data is False:
            setattr(instance, self.name, "")
            setattr(instance, f"{self.name}_width", 0)

    def assign(self, instance: models.Model, clean: uploads.CleanImage) -> None:
        """Set the instance's image to `clean`. Saving the row writes the files."""
        setattr(instance, self.name, Picture(clean.digest, clean.width).master)
        setattr(instance, f"{self.name}_width", clean.width)
        instance.__dict__[f"_{self.name}_pixels"] = clean

    def restore(self, instance: models.Model, stored: str) -> bool:
        """Set the instance's image to one in the storage, or to none for "".

        Returns whether the storage has the image. Changes nothing where it has not.
        """
        if stored == str(getattr(instance, self.name)):
            return True
        if not stored:
            self.save_form_data(instance, False)
            return True
        try:
            self.assign(instance, Picture.named(stored).read_master())
        except (FileNotFoundError, ValueError):
            return False
        return True

    def store(self, instance: models.Model) -> None:
        """Write the master of an assigned image now, and the derivatives on commit.

        Raises OSError where the master cannot be written; the row is then not saved either.
        """
        clean = instance.__dict__.pop(f"_{self.name}_pixels", None)
        if clean is not None:
            transaction.on_commit(_NewPicture(Picture(clean.digest, clean.width), clean).complete)

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        self.store(model_instance)
        return super().pre_save(model_instance, add)

    def formfield(self, **kwargs: Any) -> forms.Field | None:
        # The name of an upload is not stored, so it may be of any length.
        return super().formfield(**{"form_class": ThumbnailFormField, "max_length": None, **kwargs})


class _NewPicture:
    """A picture whose master has been written, and whose transaction may still be rolled back.

    Django holds this object until the commit, and calls `complete()` then. On a rollback Django
    drops the object, and its finalizer deletes the master.
    """

    def __init__(self, picture: Picture, clean: uploads.CleanImage) -> None:
        self._picture = picture
        self._undo = None
        if picture.store_master(clean.master):
            self._undo = weakref.finalize(self, default_storage.delete, picture.master)

    def complete(self) -> None:
        """Keep the master, and make the derivatives from it."""
        if self._undo:
            self._undo.detach()
        try:
            self._picture.mend()
        except OSError as error:  # the row is saved, and `draw_cards` makes them later
            logger.error("Sizes of %s are missing: %s", self._picture.master, error)


# Signals delete files, not `save()` and `delete()`: Django's own fixtures skip these methods.


def connect() -> None:
    """Connect the signals that delete the files of pictures that videos no longer have."""
    pre_save.connect(_remember_picture, sender="quotes.Video")
    post_save.connect(_replace_picture, sender="quotes.Video")
    post_delete.connect(_remove_picture, sender="quotes.Video")


# Any: the sender is a video, whose module imports this one.
def _remember_picture(sender: Any, instance: Any, **kwargs: Any) -> None:
    before = sender._default_manager.filter(pk=instance.pk).first() if instance.pk else None
    instance.__dict__["_picture_before"] = before and before.picture


def _replace_picture(sender: type[models.Model], instance: Any, **kwargs: Any) -> None:
    before = instance.__dict__.pop("_picture_before")
    if before and before != instance.picture:
        _delete_on_commit(sender, before)


def _remove_picture(sender: type[models.Model], instance: Any, **kwargs: Any) -> None:
    if instance.picture:
        _delete_on_commit(sender, instance.picture)


def _delete_on_commit(model: type[models.Model], picture: Picture) -> None:
    # Robust: the save has succeeded, so a file that cannot be deleted must not raise an error.
    transaction.on_commit(lambda: _delete_unless_used(model, picture), robust=True)


def _delete_unless_used(model: type[models.Model], picture: Picture) -> None:
    """Delete the files of a picture unless another video has it too. At most two queries."""
    users = model._default_manager.filter(thumbnail=picture.master)
    if users.exists():
        return
    try:
        with default_storage.open(picture.master) as file:
            master = file.read()
    except FileNotFoundError:
        return
    picture.delete()
    # A save committed since the first query has not written the files if it found them there.
    if users.exists():
        picture.store(master)
