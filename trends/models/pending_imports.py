"""Uploads for an import, between the check and the confirmation."""

import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

KEPT = datetime.timedelta(hours=24)
"""How long an upload waits to be confirmed."""


class PendingImportQuerySet(models.QuerySet["PendingImport"]):
    """The queryset of uploads."""

    def of(self, user_pk: int | None) -> "PendingImportQuerySet":
        """Return the uploads that an account can still confirm."""
        return self.filter(user=user_pk, uploaded_at__gt=timezone.now() - KEPT)

    def keep(self, user_pk: int, name: str, content: bytes) -> "PendingImport":
        """Store an upload instead of the account's earlier one, and delete expired ones."""
        expired = models.Q(uploaded_at__lte=timezone.now() - KEPT)
        self.filter(expired | models.Q(user=user_pk)).delete()
        return self.create(user_id=user_pk, name=name[:200], content=content)


PendingImportManager = models.Manager.from_queryset(PendingImportQuerySet)


class PendingImport(models.Model):
    """An upload. It is in the database, which all servers share and which has no public address."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    name = models.CharField(max_length=200)
    content = models.BinaryField()
    uploaded_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar["PendingImportManager[PendingImport]"] = PendingImportManager()

    class Meta:
        verbose_name = _("pending import")
        verbose_name_plural = _("pending imports")
        default_permissions = ()  # each account has access to its own uploads only

    def __str__(self) -> str:
        return self.name
