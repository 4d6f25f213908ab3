"""What is kept of lists: their orders, and how many trends, changes or forecasts have what.

No form and no file writes these rows; see docs/decisions/0034 and `trends.queries.kept_lists`.
"""

from typing import Any

from django.db import models
from django.db.models import F

from trendsite.shared.partial_dates import PartialDateField


class ByteOrderedField(models.TextField[str, str]):
    """A text that every database sorts by code point, as Python does."""

    def db_parameters(self, connection: Any) -> Any:
        collation = "C" if connection.vendor == "postgresql" else "BINARY"
        return {**super().db_parameters(connection), "collation": collation}


class ListedTrend(models.Model):
    """A trend with a day of publication, as lists in a language order and filter it on one day.

    It stays true from `valid_from` until the day before `until`.
    """

    # Without a constraint: a deleted trend is taken out of lists like one that was changed.
    trend = models.ForeignKey(
        "trends.Trend", models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    language = models.CharField(max_length=35)
    # Numbers, 0 or 1: SQLite uses no index for a condition that is a bare column.
    is_public = models.PositiveSmallIntegerField()
    in_force = models.PositiveSmallIntegerField()
    slug = ByteOrderedField()
    published = models.DateField()
    status = models.CharField(max_length=20)
    confidence = models.CharField(max_length=20)
    rank = models.PositiveSmallIntegerField()
    """The place of the confidence, the highest first."""
    since = PartialDateField()
    reviewed = ByteOrderedField()
    """The column of the date of the newest assessment; empty without one."""
    letter = models.PositiveSmallIntegerField()
    title_key = ByteOrderedField()
    counted = models.JSONField()
    """What `ListCount` counts of it."""
    valid_from = models.DateField(null=True)
    until = models.DateField(null=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["trend", "language"], name="trends_listed_once"),
        ]
        indexes = [
            # One for each order. What filters ask for comes last, so that none reads the table.
            models.Index(
                "language", "in_force", F("reviewed").desc(), F("published").desc(), "slug",
                "trend", "status", "confidence", "since", name="trends_listed_changed",
            ),
            models.Index(
                "language", "in_force", F("since").desc(), "slug", "trend", "status", "confidence",
                name="trends_listed_since",
            ),
            models.Index(
                "language", "in_force", "rank", F("reviewed").desc(), F("published").desc(), "slug",
                "trend", "status", "confidence", "since", name="trends_listed_confidence",
            ),
            models.Index(
                "language", "in_force", "title_key", "slug", "trend", "status", "confidence",
                "since", name="trends_listed_title",
            ),
            models.Index(
                "language", "is_public", "letter", "title_key", "slug", "trend",
                name="trends_listed_a_z",
            ),
            models.Index("valid_from", name="trends_listed_from"),
            models.Index("until", name="trends_listed_until"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.slug} ({self.language})"


class ListedChange(models.Model):
    """What changed on a trend that readers see, as lists of changes order it on one day.

    It is true as long as the `ListedTrend` of its trend.
    """

    trend = models.ForeignKey(
        "trends.Trend", models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    table = models.CharField(max_length=10)
    """Where it comes from; see `trends.queries.changes`."""
    row_id = models.BigIntegerField()
    dated = PartialDateField()
    # A number, as in `ListedTrend`.
    is_a_day = models.PositiveSmallIntegerField()
    what = models.CharField(max_length=10)

    class Meta:
        default_permissions = ()
        indexes = [
            models.Index(
                F("dated").desc(), "table", F("row_id").desc(), name="trends_listed_changes"
            ),
            models.Index(
                "trend", F("dated").desc(), "table", F("row_id").desc(), "what",
                name="trends_listed_trend_changes",
            ),
            models.Index(
                "what", "is_a_day", F("dated").desc(), F("row_id").desc(), "trend",
                name="trends_listed_changes_of_kind",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.what} ({self.dated})"


class ListedForecast(models.Model):
    """A forecast on a trend that readers see, as lists of forecasts order it on one day.

    It is true as long as the `ListedTrend` of its trend.
    """

    entry = models.OneToOneField(
        "trends.TimelineEntry",
        models.DO_NOTHING,
        db_constraint=False,
        primary_key=True,
        related_name="+",
    )
    trend = models.ForeignKey(
        "trends.Trend", models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    place = models.PositiveSmallIntegerField()
    """That of its state among the states."""
    soonest = PartialDateField(null=True)
    """Its date if it is open."""
    date = PartialDateField()
    counted = models.JSONField()
    """What `ListCount` counts of it."""

    class Meta:
        default_permissions = ()
        indexes = [
            models.Index(
                "place", "soonest", F("date").desc(), "entry", name="trends_listed_forecasts"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entry_id} ({self.date})"


class ListCount(models.Model):
    """How many of what is `of` a list have a value of a facet; the sum of its rows.

    `of` is "in_force" or "published" for trends, or a facet and its value for those in force that
    have it: "tag:3". An empty facet counts all of them. Other lists are "changes" and "forecasts".
    """

    of = models.CharField(max_length=60)
    facet = models.CharField(max_length=20)
    value = models.CharField(max_length=40)
    number = models.IntegerField()
    is_pending = models.BooleanField(default=False)
    """Whether it is one of a write, which on PostgreSQL is added to the others after that."""

    class Meta:
        default_permissions = ()
        indexes = [
            models.Index("of", "facet", "value", "number", name="trends_list_count"),
            models.Index(
                "id", condition=models.Q(is_pending=True), name="trends_list_count_pending"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["of", "facet", "value"],
                condition=models.Q(is_pending=False),
                name="trends_list_count_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.of} {self.facet}:{self.value}"


class UnlistedChange(models.Model):
    """A trend, or a mention on trends, that was written since these were listed.

    Noted by triggers, which name no table but this one: SQLite would refuse to alter it.
    """

    kind = models.CharField(max_length=10)
    """"trend" or "mention"."""
    row_id = models.BigIntegerField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["kind", "row_id"], name="trends_unlisted_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.row_id}"


KEPT_LISTS = (ListedTrend, ListedChange, ListedForecast, ListCount, UnlistedChange)
"""All that follows from other rows."""
