"""The table of versions."""

import datetime
import hashlib
import zlib
from collections.abc import Collection
from typing import ClassVar

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Exists, Max, OuterRef
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from trendsite.shared.translated import active_language, languages
from trendsite.shared.writes import Action

FOUND = "found"
"""The action of a version that shows a row as it was when its versions began: nobody's write."""


class RevisionQuerySet(models.QuerySet["Revision"]):
    """The queryset of versions."""

    def of(self, model: type[models.Model], pks: Collection[int]) -> "RevisionQuerySet":
        """Return the versions of rows of a model, the latest first."""
        content_type = ContentType.objects.get_for_model(model)
        return self.filter(content_type=content_type, object_id__in=pks).order_by("-pk")

    def without_content(self) -> "RevisionQuerySet":
        """Defer the content, for lists."""
        return self.defer("content")

    def last_of(self, model: type[models.Model], pks: Collection[int]) -> "RevisionQuerySet":
        """Return the last version of each row."""
        rows = self.of(model, pks).order_by().values("object_id")
        return self.filter(pk__in=rows.annotate(last=Max("pk")).values("last"))

    def deleted(self) -> "RevisionQuerySet":
        """Return the last versions of deleted rows, the latest first."""
        later = Revision.objects.filter(
            content_type=OuterRef("content_type"),
            object_id=OuterRef("object_id"),
            pk__gt=OuterRef("pk"),
        )
        return self.filter(~Exists(later), action=Action.DELETED).order_by("-pk")

    def in_bin(self, model: type[models.Model]) -> "RevisionQuerySet":
        """Return the last versions of a model's deleted rows that can still be restored."""
        content_type = ContentType.objects.get_for_model(model)
        return self.deleted().filter(content_type=content_type, stored_at__gte=_bin_begins())

    def delete_expired(self) -> None:
        """Delete all versions of rows that were deleted more than `BIN_DAYS` ago."""
        expired = Revision.objects.deleted().filter(
            content_type=OuterRef("content_type"),
            object_id=OuterRef("object_id"),
            stored_at__lt=_bin_begins(),
        )
        self.filter(Exists(expired.order_by())).delete()


def _bin_begins() -> datetime.datetime:
    return timezone.now() - datetime.timedelta(days=settings.BIN_DAYS)


RevisionManager = models.Manager.from_queryset(RevisionQuerySet)


class Revision(models.Model):
    """A version of a row, with all parts that are edited with it, and the write that made it.

    It has no foreign key to the row, since versions stay when the row is deleted.
    """

    content_type = models.ForeignKey(ContentType, models.CASCADE, related_name="+")
    object_id = models.BigIntegerField()
    action = models.CharField(max_length=10)
    origin = models.CharField(max_length=10, blank=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    username = models.CharField(max_length=150, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)
    stored_at = models.DateTimeField(default=timezone.now)
    # When it was exported to a file, or loaded again from one. A file may then replace it.
    exported_at = models.DateTimeField(null=True)
    # The name of the row by language.
    names = models.JSONField(default=dict)
    # What the kind needs beside the text to restore the row.
    extra = models.JSONField(default=dict)
    digest = models.CharField(max_length=64)
    content = models.BinaryField()

    objects: ClassVar["RevisionManager[Revision]"] = RevisionManager()

    class Meta:
        verbose_name = _("version")
        verbose_name_plural = _("versions")
        default_permissions = ()  # those of the row apply
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["content_type", "object_id", "id"], name="trendsite_revision_of"),
            models.Index(
                fields=["content_type", "action", "stored_at"], name="trendsite_revision_bin"
            ),
        ]

    def __str__(self) -> str:
        for code in [active_language(), *languages()]:
            if name := self.names.get(code):
                return str(name)
        return ""

    @property
    def text(self) -> str:
        """Return the row as YAML."""
        return zlib.decompress(self.content).decode()

    @text.setter
    def text(self, text: str) -> None:
        self.content = zlib.compress(text.encode())
        self.digest = digest_of(text)


def digest_of(text: str) -> str:
    """Return a digest of a text, to compare versions."""
    return hashlib.sha256(text.encode()).hexdigest()
