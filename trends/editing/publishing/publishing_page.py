"""What the page of a draft or working version shows: state, time, changes, collisions."""

import datetime
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop

from trends.editing.publishing.publication import combined, preparation_of, text_of, trend_kind
from trends.models import Preparation, Trend
from trendsite.shared.revisions.differences import differences
from trendsite.shared.revisions.merging import Choice, Merged
from trendsite.shared.revisions.models import Revision
from trendsite.shared.revisions.shown import moment, shown_differences
from trendsite.shared.translated import active_language

gettext_noop("Tokyo")


def shown_time(at: datetime.datetime) -> str:
    """Return a time with its place: “3 December 2026, 00:00, Tokyo”."""
    zone = timezone.get_current_timezone_name().rpartition("/")[2].replace("_", " ")
    return gettext("%(moment)s, %(zone)s") % {"moment": moment(at), "zone": gettext(zone)}


def read_moment(text: str) -> datetime.datetime | None:
    """Return the time, in the site's zone, that an input of a day and time gives.

    Raises ValidationError.
    """
    if not text:
        return None
    try:
        field = forms.DateTimeField(input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"])
        found: datetime.datetime = field.clean(text)
        return found
    except ValidationError as error:
        raise ValidationError(gettext("Enter a day and a time: 2026-12-03 00:00.")) from error


class PublishingPage:
    """A draft or working version on its way to readers."""

    def __init__(self, trend: Trend, choices: Mapping[str, Choice] | None = None) -> None:
        self.trend = trend
        self._choices = choices

    @cached_property
    def preparation(self) -> Preparation:
        return preparation_of(self.trend)

    @cached_property
    def working_version(self) -> Trend | None:
        """The working version of a published trend."""
        if self.trend.working_of_id:
            return None
        found: Trend | None = getattr(self.trend, "working_version", None)
        return found

    @cached_property
    def last(self) -> Revision | None:
        """The last version of the rows: who saved them, and when."""
        return Revision.objects.of(Trend, [self.trend.pk]).without_content().first()

    @property
    def begun(self) -> str:
        """When the working version was begun."""
        return moment(self.preparation.begun_at) if self.preparation.pk else ""

    @property
    def scheduled(self) -> str:
        """When it will be published."""
        at = self.preparation.publish_at
        return shown_time(at) if at and not self.preparation.problem else ""

    @cached_property
    def merged(self) -> Merged:
        return combined(self.preparation, self._choices)[0]

    @cached_property
    def collisions(self) -> list[dict[str, Any]]:
        """What both the working version and the published trend changed since it was begun."""
        if not self.trend.working_of_id:
            return []
        return [
            {"collision": found, "mine": _as_text(found.mine), "theirs": _as_text(found.theirs)}
            for found in self.merged.collisions
        ]

    @cached_property
    def changes(self) -> Any:
        """What publishing will change for readers, part by part."""
        if not self.trend.working_of_id:
            return []
        kind = trend_kind()
        assert self.trend.working_of is not None
        present = kind.read(text_of(self.trend.working_of).text)
        found = differences(present, self.merged.document, kind.layout, active_language())
        return shown_differences(found)


def _as_text(value: Any) -> str:
    """Return a value of a document as an editor can read it."""
    if value is None:
        return ""
    if isinstance(value, dict):
        return "\n".join(filter(None, map(_as_text, value.values())))
    if isinstance(value, list):
        return "\n".join(map(_as_text, value))
    return str(value)
