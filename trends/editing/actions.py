"""Actions of editors on a trend other than saving its form, such as publishing and retiring.

Each function is one write. `trendsite.shared.writes` has the functions for rows of every kind.
"""

import datetime
from collections.abc import Collection, Iterable

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from trends.levels import Outcome
from trends.models import TaggedTrend, TimelineEntry, Trend
from trendsite.shared.models import Tag
from trendsite.shared.writes import Action, Provenance, writing


def publish(trend: Trend, provenance: Provenance, on: datetime.date | None = None) -> Trend:
    """Publish a draft or scheduled trend on a day, today by default. Returns the saved trend.

    Raises ValidationError if readers see it already.
    """
    with writing(provenance) as write:
        saved = Trend.locked(trend.pk)
        if saved.is_published():
            raise ValidationError(_("This trend is already published."), code="published")
        write.announce([saved])
        saved.published = on or timezone.localdate()
        _save(saved)
        write.record(Action.PUBLISHED, saved)
    return saved


def retire(trend: Trend, provenance: Provenance) -> Trend:
    """Retire a published trend today. Returns the saved trend.

    Raises ValidationError if it is not published, or is retired already.
    """
    with writing(provenance) as write:
        saved = Trend.locked(trend.pk)
        set_retired(saved)
        write.announce([saved])
        _save(saved)
        write.record(Action.RETIRED, saved)
    return saved


def set_retired(trend: Trend) -> None:
    """Set today as the day on which a trend is retired, without saving. Raises as `retire()`."""
    if trend.is_retired():
        raise ValidationError(_("This trend is already retired."), code="retired")
    trend.retired = timezone.localdate()
    trend.clean()


def retag(
    trend: Trend, add: Iterable[Tag], remove: Iterable[Tag], provenance: Provenance
) -> tuple[list[Tag], list[Tag]]:
    """Add tags after those of a trend, and remove others; return those added and removed.

    Raises ValidationError if nothing would change, or if a tag to add was deleted meanwhile.
    """
    add = list(add)
    with writing(provenance) as write:
        saved = Trend.locked(trend.pk)
        before = list(saved.tagged.select_related("tag"))
        there = [tagged.tag for tagged in before]
        # Locked, so that no tag is merged or deleted before the commit.
        wanted = Tag.objects.select_for_update(no_key=True).filter(pk__in=[tag.pk for tag in add])
        if len(wanted) < len(add):
            raise ValidationError(_("Somebody changed something meanwhile. Please try again."))
        new, gone = changed_tags(there, add, remove)
        write.announce([saved])
        saved.tagged.filter(tag__in=gone).delete()
        last = max((tagged.order for tagged in before), default=-1)
        for order, tag in enumerate(new, last + 1):
            TaggedTrend.objects.create(content_object=saved, tag=tag, order=order)
        _save(saved)
        write.record(Action.CHANGED, saved)
    return new, gone


def changed_tags(
    there: Collection[Tag], add: Iterable[Tag], remove: Iterable[Tag]
) -> tuple[list[Tag], list[Tag]]:
    """Return which tags are new to those there, and which of them go. Raises ValidationError."""
    new = [tag for tag in add if tag not in there]
    gone = [tag for tag in remove if tag in there]
    if not (new or gone):
        raise ValidationError(_("Nothing changes: it already has these tags."))
    return new, gone


def settle(entry: TimelineEntry, provenance: Provenance) -> Trend:
    """Save the outcome of a forecast, as a change of its trend. Returns the saved trend.

    Raises ValidationError if it has an outcome already, or was deleted.
    """
    with writing(provenance) as write:
        trend = Trend.locked(entry.trend_id)
        saved = trend.timeline.filter(pk=entry.pk).first()
        if saved is None or saved.outcome != Outcome.PENDING:
            raise ValidationError(_("Somebody else has settled or deleted this forecast."))
        write.announce([trend])
        entry.save()
        _save(trend)
        write.record(Action.CHANGED, trend)
    return trend


def _save(trend: Trend) -> None:
    """Validate and save a trend that is locked and was changed."""
    trend.clean()
    trend.count_change()
    trend.save()
