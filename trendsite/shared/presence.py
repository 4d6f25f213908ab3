"""Presence: which accounts have the form of a row open. A script of the form reports it."""

import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils import timezone

SECONDS = 60
"""The seconds between two reports of an open form."""

# A form counts as closed after two missing reports.
_EXPIRES = datetime.timedelta(seconds=2.5 * SECONDS)


class PresenceQuerySet(models.QuerySet["Presence"]):
    """The queryset of open forms."""

    def open(self) -> "PresenceQuerySet":
        """Return the forms that were reported recently."""
        return self.filter(seen_at__gte=timezone.now() - _EXPIRES)

    def of(self, row: models.Model) -> "PresenceQuerySet":
        content_type = ContentType.objects.get_for_model(row)
        return self.filter(content_type=content_type, object_id=row.pk)

    def note(self, row: models.Model, user: Any) -> None:
        """Store that an account has a form open. One query, three the first time."""
        now = timezone.now()
        if self.of(row).filter(user=user).update(seen_at=now):
            return
        self.filter(seen_at__lt=now - _EXPIRES).delete()
        content_type = ContentType.objects.get_for_model(row)
        presence = Presence(content_type=content_type, object_id=row.pk, user=user, seen_at=now)
        self.bulk_create([presence], ignore_conflicts=True)


PresenceManager = models.Manager.from_queryset(PresenceQuerySet)


class Presence(models.Model):
    """An open form and its account. Other editors see the name of the account only."""

    content_type = models.ForeignKey(ContentType, models.CASCADE, related_name="+")
    object_id = models.BigIntegerField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    seen_at = models.DateTimeField()

    objects: ClassVar["PresenceManager[Presence]"] = PresenceManager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["content_type", "object_id", "user"], name="trendsite_presence_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} at {self.content_type_id}/{self.object_id}"
