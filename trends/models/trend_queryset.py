"""The queryset of trends."""

import datetime
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from django.db import connection, models
from django.db.models import (
    Case,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Prefetch,
    Q,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Substr

from trends.models.assessments import Assessment
from trends.models.falsifiers import Falsifier
from trends.models.links import TaggedTrend
from trends.movement import recent_from
from trendsite.shared import days
from trendsite.shared.partial_dates import PartialDate, Precision
from trendsite.shared.translated import written, written_in

if TYPE_CHECKING:
    from trends.models.trends import Trend  # noqa: F401  named in the class below


# Any: years are numbers, all else is text.
def in_column(name: str, values: Collection[Any]) -> Q:
    """Return the condition of a filter by "status", "confidence" or "year"."""
    return _since_one_of(values) if name == "year" else Q(**{f"{name}__in": values})


def _since_one_of(years: Collection[int]) -> Q:
    """Return a condition on the first day of `since`, for which the column's index can be used."""
    condition = Q(pk__in=[])
    for year in years:
        condition |= Q(since__begins_in=PartialDate(datetime.date(year, 1, 1), Precision.YEAR))
    return condition


_BEGINNINGS = {"year": (4, "-01-01"), "month": (7, "-01"), "day": (10, "")}
"""How many characters of a date say its year, month or day, and what makes them the first day."""


class TrendQuerySet(models.QuerySet["Trend"]):
    """Trends in the selections that pages show. A date `at` defaults to today."""

    def published(self, at: datetime.date | None = None) -> "TrendQuerySet":
        """Return the trends that readers see. Trends without a date of publication are drafts."""
        return self.filter(published__lte=at or days.today())

    def in_force(self, at: datetime.date | None = None) -> "TrendQuerySet":
        """Return the published trends that are not retired."""
        at = at or days.today()
        return self.published(at).filter(Q(retired__isnull=True) | Q(retired__gt=at))

    def retired(self, at: datetime.date | None = None) -> "TrendQuerySet":
        """Return the published trends that are retired."""
        at = at or days.today()
        return self.published(at).filter(retired__lte=at)

    def with_successors(self, at: datetime.date | None = None) -> "TrendQuerySet":
        """Prefetch the `successors` that readers see, in the order of their slugs. One query."""
        return self.prefetch_related(
            Prefetch("successors", TrendQuerySet(self.model).published(at).order_by("slug"))
        )

    def offered_in(self, language: str) -> "TrendQuerySet":
        """Return the trends offered in a language; see `Trend.languages`."""
        return self.filter(
            written_in("title", language) & (written_in("shift", language) | ~written("shift"))
        )

    # Any: as Django's types have it.
    def dates(self, field_name: str, kind: Any, order: Any = "ASC") -> Any:
        """Return the dates of a field by year, month or day, as the admin's list asks for.

        On SQLite Django calls a function of Python for each row to truncate a date.
        """
        if kind not in _BEGINNINGS or connection.vendor != "sqlite":
            return super().dates(field_name, kind, order)
        length, rest = _BEGINNINGS[kind]
        dated = self.filter(**{f"{field_name}__isnull": False}).order_by()
        found = dated.values_list(Substr(field_name, 1, length), flat=True).distinct()
        days = [datetime.date.fromisoformat(beginning + rest) for beginning in found]
        return sorted(days, reverse=order == "DESC")

    def latest_first(self) -> "TrendQuerySet":
        """Order by date of publication, the latest first, drafts last."""
        return self.order_by(F("published").desc(nulls_last=True), "slug")

    def in_force_first(self, at: datetime.date | None = None) -> "TrendQuerySet":
        """Order the latest published first, retired trends last."""
        is_retired = Case(When(retired__lte=at or days.today(), then=1), default=0)
        return self.order_by(is_retired, F("published").desc(nulls_last=True), "slug")

    def with_movement(self, at: datetime.date | None = None) -> "TrendQuerySet":
        """Annotate what `Trend.movement` needs, by the rules of `trends.movement`.

        `reviewed` is the date of the newest assessment; `is_new` and `has_moved` are booleans.
        Reconstructed assessments do not count.
        """
        today = at or days.today()
        recent = recent_from(today)
        assessments = (
            Assessment.objects.filter(trend=OuterRef("pk")).observed(today).order_by("-date")
        )
        stays = Q(judged_status=F("status_before"), judged_confidence=F("confidence_before"))
        return self.annotate(
            reviewed=Subquery(assessments.values("date")[:1]),
            judged_status=Subquery(assessments.values("status")[:1]),
            judged_confidence=Subquery(assessments.values("confidence")[:1]),
            status_before=Subquery(assessments.values("status")[1:2]),
            confidence_before=Subquery(assessments.values("confidence")[1:2]),
            is_new=Case(
                When(
                    Exists(assessments) & ~Exists(assessments.filter(date__begins_before=recent)),
                    then=Value(True),
                ),
                default=Value(False),
            ),
            has_moved=Case(
                When(
                    Q(reviewed__begins_from=recent, status_before__isnull=False) & ~stays,
                    then=Value(True),
                ),
                default=Value(False),
            ),
        )

    def for_list(self, at: datetime.date | None = None) -> "TrendQuerySet":
        """Fetch what a list shows of trends: tags, movement, whether they are under review."""
        return (
            self.with_movement(at)
            .with_review(at)
            .prefetch_related(Prefetch("tagged", TaggedTrend.objects.select_related("tag")))
        )

    def under_review(self) -> "TrendQuerySet":
        """Return the trends in force that have a falsifier with a past date."""
        return self.filter(_is_under_review(days.today()))

    def with_review(self, at: datetime.date | None = None) -> "TrendQuerySet":
        """Annotate `is_under_review`, by the rule of `under_review()`."""
        condition = _is_under_review(at or days.today())
        return self.annotate(
            is_under_review=ExpressionWrapper(condition, output_field=models.BooleanField())
        )


def _is_under_review(today: datetime.date) -> Q:
    overdue = Falsifier.objects.filter(Q(date__ended_before=today), trend=OuterRef("pk"))
    return Q(Exists(overdue)) & (Q(retired__isnull=True) | Q(retired__gt=today))


# A separate name, for the type checker: at run time modeltranslation replaces the class.
TrendManager = models.Manager.from_queryset(TrendQuerySet)


class TrendsManager(TrendManager["Trend"]):
    """All trends without working versions, which only `Trend.everything` includes."""

    def get_queryset(self) -> TrendQuerySet:
        return self._with_working_versions().filter(working_of__isnull=True)

    # A working version is never published, so the condition of `get_queryset()` is not needed.
    # SQLite would take it for selective and not use the index for the query's filter.

    def published(self, at: datetime.date | None = None) -> TrendQuerySet:
        return self._with_working_versions().published(at)

    def in_force(self, at: datetime.date | None = None) -> TrendQuerySet:
        return self._with_working_versions().in_force(at)

    def retired(self, at: datetime.date | None = None) -> TrendQuerySet:
        return self._with_working_versions().retired(at)

    def _with_working_versions(self) -> TrendQuerySet:
        found: Any = super().get_queryset()  # a TrendQuerySet
        all_rows: TrendQuerySet = found
        return all_rows
