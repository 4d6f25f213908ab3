"""The tables in which the order and the counts of lists are kept.

`trends.queries.kept_lists` maintains them; see decision 34.
"""

from typing import Any

from django.db import models
from django.db.models import F

from trendsite.shared.partial_dates import PartialDateField


class ByteOrderedField(models.TextField[str, str]):
    """A text that both databases sort by code point, as Python does."""

    def db_parameters(self, connection: Any) -> Any:
        collation = "C" if connection.vendor == "postgresql" else "BINARY"
        return {**super().db_parameters(connection), "collation": collation}


class ListedTrend(models.Model):
    """The sort keys and filter values of a published or scheduled trend in a language.

    They are valid from `valid_from` until the day before `until`.
    """

    # Without a constraint, since a deleted trend is removed from lists like one that was changed.
    trend = models.ForeignKey(
        "trends.Trend", models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    language = models.CharField(max_length=35)
    # 0 or 1, since SQLite does not use an index for a condition on a boolean column.
    is_public = models.PositiveSmallIntegerField()
    in_force = models.PositiveSmallIntegerField()
    slug = ByteOrderedField()
    published = models.DateField()
    status = models.CharField(max_length=20)
    confidence = models.CharField(max_length=20)
    rank = models.PositiveSmallIntegerField()
    """The place of the confidence, the highest first."""
    stage = models.PositiveSmallIntegerField()
    """The place of the status; that of retired trends is the last."""
    since = PartialDateField()
    reviewed = ByteOrderedField()
    """The column of the date of the newest assessment; empty without one."""
    letter = models.PositiveSmallIntegerField()
    title_key = ByteOrderedField()
    counted = models.JSONField()
    """The (of, facet, value) of each row of `ListCount` that counts the trend."""
    valid_from = models.DateField(null=True)
    until = models.DateField(null=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["trend", "language"], name="trends_listed_once"),
        ]
        indexes = [
            # One for each order. The columns of filters come last, so that no list reads the table.
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
            models.Index(
                "language", "is_public", F("in_force").desc(), F("published").desc(), "slug",
                "trend", name="trends_listed_published",
            ),
            models.Index(
                "language", "is_public", "stage", F("published").desc(), "slug", "trend",
                name="trends_listed_stage",
            ),
            models.Index("valid_from", name="trends_listed_from"),
            models.Index("until", name="trends_listed_until"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.slug} ({self.language})"


class ListedChange(models.Model):
    """A change of a trend that readers see, with the sort keys of lists of changes.

    It is valid as long as the `ListedTrend` of its trend.
    """

    trend = models.ForeignKey(
        "trends.Trend", models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    table = models.CharField(max_length=10)
    """The kind of row that the change is made from, one of `trends.queries.changes._TABLES`."""
    row_id = models.BigIntegerField()
    dated = PartialDateField()
    # 0 or 1, as in `ListedTrend`.
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
    """A forecast on a trend that readers see, with the sort keys of lists of forecasts.

    It is valid as long as the `ListedTrend` of its trend.
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
    """The (of, facet, value) of each row of `ListCount` that counts the forecast."""

    class Meta:
        default_permissions = ()
        indexes = [
            models.Index(
                "place", "soonest", F("date").desc(), "entry", name="trends_listed_forecasts"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entry_id} ({self.date})"


class ListedMention(models.Model):
    """A mention that has a tag, with the sort key of the mentions of a tag.

    Mentions on no published trend have rows as well.
    """

    # Without a constraint, as in `ListedTrend`.
    mention = models.ForeignKey(
        "quotes.Mention", models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    tag = models.ForeignKey(
        "trendsite.Tag", models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    dated = ByteOrderedField()
    """The column of the date of its video, or else of its source; empty without one."""

    class Meta:
        default_permissions = ()
        indexes = [
            models.Index("tag", F("dated").desc(), "mention", name="trends_listed_mentions"),
        ]

    def __str__(self) -> str:
        return f"{self.mention_id} ({self.dated})"


class ListCount(models.Model):
    """The number of items of a list (`of`) that have a value of a facet, as a sum of rows.

    `of` is "in_force" or "published" for trends; a facet and a value, such as "tag:3", for the
    trends in force with that value; "published:tag:3" for the published ones with a tag; "changes";
    or "forecasts". The row with an empty facet counts all items of the list.
    """

    of = models.CharField(max_length=60)
    facet = models.CharField(max_length=20)
    value = models.CharField(max_length=40)
    number = models.IntegerField()
    is_pending = models.BooleanField(default=False)
    """Whether a write added it on PostgreSQL. Such rows are added up after the commit."""

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
    """A trend or a mention that was written after it was listed, or a video or source of mentions.

    Triggers add these rows. They write to no other table, which SQLite could then not alter.
    """

    kind = models.CharField(max_length=10)
    """"trend", "mention", "video" or "source"."""
    row_id = models.BigIntegerField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["kind", "row_id"], name="trends_unlisted_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.row_id}"


KEPT_LISTS = (
    ListedTrend, ListedChange, ListedForecast, ListedMention, ListCount, UnlistedChange,
)  # fmt: skip
"""All that follows from other rows."""
