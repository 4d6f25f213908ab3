"""The table of checked addresses."""

import datetime

from django.db import models
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from trendsite.shared.fetch_errors import Problem
from trendsite.shared.web_addresses import ADDRESS_LENGTH

FAILURES_OF_GONE, DAYS_OF_GONE = 4, 7
"""An address counts as gone after so many failed checks in a row, over at least so many days."""


class LinkState(models.TextChoices):
    """The result of the last check of an address."""

    GONE = "gone", pgettext_lazy("link", "gone")
    MOVED = "moved", pgettext_lazy("link", "moved")
    UNREACHABLE = "unreachable", pgettext_lazy("link", "unreachable for now")
    REFUSED = "refused", pgettext_lazy("link", "refuses programs")
    ALIVE = "alive", pgettext_lazy("link", "alive")


PROBLEMS = {
    Problem.NAME: _("there is no such host"),
    Problem.TIMEOUT: _("no answer in time"),
    Problem.CONNECTION: _("no connection"),
    Problem.CERTIFICATE: _("the certificate is not valid"),
    Problem.PRIVATE: _("not on the public internet"),
    Problem.REDIRECTS: _("too many redirects"),
    Problem.ADDRESS: _("leads to something that is not a web address"),
}


class CheckedLinkQuerySet(QuerySet["CheckedLink"]):
    def due(self, before: datetime.datetime, again: datetime.datetime) -> "CheckedLinkQuerySet":
        """Return the links never checked, then those checked before `before`, the oldest first.

        Links that did not answer are due if they were checked before `again`.
        """
        is_due = Q(checked_at__isnull=True) | Q(checked_at__lt=before)
        is_due |= Q(state=LinkState.UNREACHABLE, checked_at__lt=again)
        return self.filter(is_due).order_by(F("checked_at").asc(nulls_first=True), "pk")


_LONGEST_QUESTION = datetime.timedelta(minutes=10)


class CheckedLink(models.Model):
    """An address that evidence links to, and what the last check found there.

    `failing_since` is the moment of the first of the failed checks in a row. `asked_at` is the
    moment at which a run began to check the address, while its result is not saved.
    """

    address = models.CharField(max_length=ADDRESS_LENGTH, unique=True)
    state = models.CharField(max_length=12, choices=LinkState, blank=True)
    status = models.PositiveSmallIntegerField(null=True)
    problem = models.CharField(max_length=12, blank=True)
    moved_to = models.TextField(blank=True)
    checked_at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(null=True)
    failing_since = models.DateTimeField(null=True)
    failures = models.PositiveSmallIntegerField(default=0)
    archived_copy = models.TextField(blank=True)

    objects = CheckedLinkQuerySet.as_manager()

    class Meta:
        indexes = [
            # Lists and the start page of the admin filter by state.
            models.Index(fields=["state"], name="quotes_link_state"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="", checked_at__isnull=True)
                | Q(state__in=LinkState.values, checked_at__isnull=False),
                name="quotes_link_state_known",
            )
        ]

    def __str__(self) -> str:
        return self.address

    def take(self) -> bool:
        """Reserve the address for a run. Returns False if another run checks it, or has by now."""
        self.asked_at = timezone.now()
        is_free = Q(asked_at=None) | Q(asked_at__lt=self.asked_at - _LONGEST_QUESTION)
        rows = CheckedLink.objects.filter(is_free, pk=self.pk, checked_at=self.checked_at)
        return rows.update(asked_at=self.asked_at) == 1

    def found(self, state: LinkState, status: int | None = None, moved_to: str = "") -> None:
        """Set the state after an answer, without saving."""
        self.state, self.status, self.moved_to, self.problem = state, status, moved_to, ""
        self.failures = 0
        if state != LinkState.GONE:
            self.failing_since, self.archived_copy = None, ""
        elif self.failing_since is None:
            self.failing_since = self.checked_at

    def failed(self, problem: str = "", status: int | None = None) -> None:
        """Set the state after no answer, or after a server error, without saving."""
        self.status, self.moved_to, self.problem = status, "", problem
        self.failures = min(self.failures + 1, 1000)
        assert self.checked_at is not None
        self.failing_since = self.failing_since or self.checked_at
        is_long = self.checked_at - self.failing_since >= datetime.timedelta(days=DAYS_OF_GONE)
        is_gone = self.failures >= FAILURES_OF_GONE and is_long
        if self.state != LinkState.GONE:
            self.state = LinkState.GONE if is_gone else LinkState.UNREACHABLE

    @property
    def reason(self) -> str:
        """Why the address is gone or unreachable, in words; empty where no reason is known."""
        if self.problem:
            return str(PROBLEMS[Problem(self.problem)])
        return f"HTTP {self.status}" if self.status else ""
