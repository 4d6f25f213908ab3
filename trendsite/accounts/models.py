"""The tables of sessions and of logins."""

import datetime
import hashlib

from django.conf import settings
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class EditorSession(AbstractBaseSession):
    """A session of the admin, with its user.

    `browser` names the browser and the system, such as “Firefox, Linux”, so that users recognise
    their sessions in a list.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        related_name="+",
        verbose_name=_("account"),
    )
    browser = models.CharField(_("browser"), max_length=60, blank=True)
    begun = models.DateTimeField(_("begun"), default=timezone.now)

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        default_permissions = ("view", "delete")
        ordering = ["-begun"]

    def __str__(self) -> str:
        return f"{self.user or '–'} ({self.browser or '–'})"

    @property
    def reference(self) -> str:
        """Return a digest that names the session on a page, which must not show its key."""
        return hashlib.sha256(self.session_key.encode()).hexdigest()[:32]

    @classmethod
    def get_session_store_class(cls) -> type:
        from trendsite.accounts.sessions import SessionStore

        return SessionStore


class LoginEvent(models.Model):
    """A login, failed login, logout or change of second factors.

    `username` is empty if there is no such account.
    """

    class Kind(models.TextChoices):
        LOGIN = "login", _("logged in")
        FAILED = "failed", _("failed to log in")
        REFUSED = "refused", _("was refused after too many failures")
        CODE_FAILED = "code", _("gave a wrong code")
        LOGOUT = "logout", _("logged out")
        FACTOR_ADDED = "added", _("added a second factor")
        FACTOR_REMOVED = "removed", _("removed a second factor")

    KEPT_DAYS = 365

    at = models.DateTimeField(_("when"), default=timezone.now, db_index=True)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    username = models.CharField(max_length=150, blank=True)

    class Meta:
        verbose_name = _("entry of the audit list")
        verbose_name_plural = _("audit list")
        default_permissions = ("view",)
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.username} {self.get_kind_display()}"

    @classmethod
    def delete_old(cls) -> None:
        """Delete the rows that are older than `KEPT_DAYS`. One query."""
        begins = timezone.now() - datetime.timedelta(days=cls.KEPT_DAYS)
        cls.objects.filter(at__lt=begins).delete()
