"""What the page of a draft or working version shows: state, time, changes, collisions."""

import datetime
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone, translation
from django.utils.translation import gettext, gettext_noop, pgettext

from trends.editing.publishing.checklist import Finding, check
from trends.editing.publishing.chosen_languages import in_languages
from trends.editing.publishing.publication import combined, preparation_of, text_of, trend_kind
from trends.models import Preparation, Trend
from trendsite.shared.revisions.differences import differences
from trendsite.shared.revisions.kinds import Document
from trendsite.shared.revisions.merging import Choice, Merged
from trendsite.shared.revisions.models import Revision
from trendsite.shared.revisions.shown import moment, shown_differences
from trendsite.shared.translated import active_language, languages

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

    def __init__(
        self,
        trend: Trend,
        choices: Mapping[str, Choice] | None = None,
        chosen: Collection[str] | None = None,
    ) -> None:
        self.trend = trend
        self._choices = choices
        self._chosen = chosen

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
        """What the trend will be: of a draft, what it is."""
        if self.trend.working_of_id is None:
            return Merged(trend_kind().read(text_of(self.trend).text))
        return combined(self.preparation, self._choices)[0]

    @cached_property
    def present(self) -> Document:
        """What readers see; nothing of a draft."""
        if self.trend.working_of is not None:
            return trend_kind().read(text_of(self.trend.working_of).text)
        return self.merged.document if self.trend.is_published() else {}

    @cached_property
    def collisions(self) -> list[dict[str, Any]]:
        """What both the working version and the published trend changed since it was begun."""
        return [
            {"collision": found, "mine": _as_text(found.mine), "theirs": _as_text(found.theirs)}
            for found in self.merged.collisions
        ]

    @cached_property
    def changes(self) -> Any:
        """What publishing will change for readers, part by part."""
        if not self.trend.working_of_id:
            return []
        layout = trend_kind().layout
        found = differences(self.present, self.merged.document, layout, active_language())
        return shown_differences(found)

    @cached_property
    def findings(self) -> list[dict[str, Any]]:
        """What it lacks, each with the waiver that there is for it."""
        chosen = self.preparation.languages if self._chosen is None else self._chosen
        found = check(self.merged.document, trend_kind().layout, chosen)
        waivers = self.preparation.waivers
        return [{"finding": finding, "waiver": waivers.get(finding.name)} for finding in found]

    @property
    def open_warnings(self) -> list[Finding]:
        """The warnings that nobody waived."""
        return [
            item["finding"]
            for item in self.findings
            if not (item["finding"].is_error or item["waiver"])
        ]

    @property
    def written(self) -> list[str]:
        """The codes of the languages in which there is enough to publish it."""
        return [code for code in languages() if _is_offered(self.merged.document, code)]

    @cached_property
    def languages(self) -> list["LanguageState"]:
        """Where each language of the site is on its way to readers."""
        return [self._state_in(code) for code in languages()]

    def _state_in(self, code: str) -> "LanguageState":
        document, present = self.merged.document, self.present
        others = [other for other in languages() if other != code]
        layout = trend_kind().layout
        is_live = _is_offered(present, code)
        is_changed = in_languages(document, present, layout, others) != document
        shown = self.trend.working_of or self.trend
        if code in self.preparation.in_review:
            state = pgettext("state", "in review")
        elif is_live and is_changed:
            state = pgettext("state", "published, changes wait")
        elif is_live and shown.is_retired():
            state = pgettext("state", "retired")
        elif is_live:
            state = pgettext("state", "published")
        elif _is_offered(document, code):
            state = pgettext("state", "draft")
        else:
            state = pgettext("state", "title or shift is missing")
        name = translation.get_language_info(code)["name_local"]
        can_leave = is_live and any(_is_offered(present, other) for other in others)
        return LanguageState(code, name, state, _is_offered(document, code), can_leave)


@dataclass(frozen=True)
class LanguageState:
    """A language of a trend: its state, whether it can be published, and be withdrawn."""

    code: str
    name: str
    state: str
    is_written: bool
    can_leave: bool


def _is_offered(document: Document, language: str) -> bool:
    """Tell whether a document would be offered in a language; the rule of `Trend.languages`."""
    shift = document.get("shift", {})
    return language in document.get("title", {}) and (language in shift or not shift)


def waiting_of(trend: Trend) -> str:
    """Return what waits of a trend, in a few words: a working version, a review, a time."""
    working: Trend | None = getattr(trend, "working_version", None)
    if working is None and trend.is_published():
        return ""
    preparation = preparation_of(working or trend)
    found = [pgettext("state", "working version")] if working else []
    if preparation.in_review:
        codes = ", ".join(preparation.in_review)
        found.append(pgettext("state", "in review: %(languages)s") % {"languages": codes})
    if preparation.problem:
        found.append(pgettext("state", "could not be published"))
    elif preparation.publish_at:
        found.append(gettext("scheduled for %(day)s") % {"day": shown_time(preparation.publish_at)})
    return pgettext("between items of a list", ", ").join(found)


def _as_text(value: Any) -> str:
    """Return a value of a document as an editor can read it."""
    if value is None:
        return ""
    if isinstance(value, dict):
        return "\n".join(filter(None, map(_as_text, value.values())))
    if isinstance(value, list):
        return "\n".join(map(_as_text, value))
    return str(value)
