"""The data of the page “Publishing”: state, schedule, changes, collisions, checklist."""

import datetime
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone, translation
from django.utils.translation import gettext, gettext_noop, pgettext

from trends.editing.publishing.checklist import Finding, KnownNames, check, names_linked_to
from trends.editing.publishing.chosen_languages import in_languages
from trends.editing.publishing.publication import (
    Texts,
    combined,
    preparation_of,
    text_of,
    trend_kind,
)
from trends.models import Preparation, Trend
from trendsite.shared.revisions.differences import differences
from trendsite.shared.revisions.kinds import Document
from trendsite.shared.revisions.merging import Choice, Merged
from trendsite.shared.revisions.models import Revision
from trendsite.shared.revisions.shown import moment, shown_differences
from trendsite.shared.translated import active_language, languages

gettext_noop("Tokyo")


def shown_time(at: datetime.datetime) -> str:
    """Return a time with the place of the time zone: “3 December 2026, 00:00, Tokyo”."""
    zone = timezone.get_current_timezone_name().rpartition("/")[2].replace("_", " ")
    return gettext("%(moment)s, %(zone)s") % {"moment": moment(at), "zone": gettext(zone)}


def read_moment(text: str) -> datetime.datetime | None:
    """Parse the value of a `datetime-local` input, in the site's time zone.

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
    """A draft or working version, with what its page shows of its publication."""

    def __init__(
        self,
        trend: Trend,
        choices: Mapping[str, Choice] | None = None,
        chosen: Collection[str] | None = None,
        texts: Texts | None = None,
    ) -> None:
        self.trend = trend
        self._texts = texts
        self.known: KnownNames | None = None
        self._choices = choices
        self._chosen = chosen

    @cached_property
    def preparation(self) -> Preparation:
        return preparation_of(self.trend)

    @cached_property
    def working_version(self) -> Trend | None:
        """Return the working version of a published trend, or None."""
        if self.trend.working_of_id:
            return None
        found: Trend | None = getattr(self.trend, "working_version", None)
        return found

    @cached_property
    def last(self) -> Revision | None:
        """Return the last version, which says who saved the rows and when."""
        return Revision.objects.of(Trend, [self.trend.pk]).without_content().first()

    @property
    def begun(self) -> str:
        """Return when the working version was begun."""
        return moment(self.preparation.begun_at) if self.preparation.pk else ""

    @property
    def scheduled(self) -> str:
        """Return when it will be published, or an empty text."""
        at = self.preparation.publish_at
        return shown_time(at) if at and not self.preparation.problem else ""

    @cached_property
    def merged(self) -> Merged:
        """Return the document to publish, merged with later changes of the published trend."""
        if self.trend.working_of_id is None:
            return Merged(trend_kind().read(self._text_of(self.trend)))
        return combined(self.preparation, self._choices, self._texts)[0]

    def _text_of(self, trend: Trend) -> str:
        return (self._texts[trend.pk] if self._texts else text_of(trend)).text

    @cached_property
    def present(self) -> Document:
        """Return the document that readers see, empty for a draft."""
        if self.trend.working_of is not None:
            return trend_kind().read(self._text_of(self.trend.working_of))
        return self.merged.document if self.trend.is_published() else {}

    @cached_property
    def collisions(self) -> list[dict[str, Any]]:
        """Return the values that both the working version and the published trend changed."""
        return [
            {"collision": found, "mine": _as_text(found.mine), "theirs": _as_text(found.theirs)}
            for found in self.merged.collisions
        ]

    @cached_property
    def changes(self) -> Any:
        """Return what publishing will change for readers, by part."""
        if not self.trend.working_of_id:
            return []
        layout = trend_kind().layout
        found = differences(self.present, self.merged.document, layout, active_language())
        return shown_differences(found)

    @cached_property
    def findings(self) -> list[dict[str, Any]]:
        """Return the findings of the checklist, each with its waiver if there is one."""
        chosen = self.preparation.languages if self._chosen is None else self._chosen
        found = check(self.merged.document, trend_kind().layout, chosen, self.known)
        waivers = self.preparation.waivers
        return [{"finding": finding, "waiver": waivers.get(finding.name)} for finding in found]

    @property
    def open_warnings(self) -> list[Finding]:
        """Return the warnings that are not waived."""
        return [
            item["finding"]
            for item in self.findings
            if not (item["finding"].is_error or item["waiver"])
        ]

    @property
    def written(self) -> list[str]:
        """Return the codes of the languages in which it can be published."""
        return [code for code in languages() if _is_offered(self.merged.document, code)]

    @cached_property
    def languages(self) -> list["LanguageState"]:
        """Return the state of publication of each language of the site."""
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


def pages_of(pks: Collection[int]) -> dict[int, PublishingPage]:
    """Return the page of what waits of each trend: of its working version, or of a draft.

    By the primary key of the trend; none for what readers see as it is. Some 16 queries for each
    twenty trends, and up to ten for one that was changed since its working version was begun.
    """
    rows = Trend.everything.select_related("preparation", "working_of")
    waiting = {trend.pk: trend for trend in rows.filter(pk__in=pks) if not trend.is_published()}
    waiting |= {trend.working_of_id or 0: trend for trend in rows.filter(working_of__in=pks)}
    texts = trend_kind().texts({*waiting, *(trend.pk for trend in waiting.values())})
    pages = {pk: PublishingPage(trend, {}, [], texts) for pk, trend in waiting.items()}
    documents = [page.merged.document for page in pages.values()]
    known = names_linked_to(documents, trend_kind().layout)
    for page in pages.values():
        page.known = known
    return pages


@dataclass(frozen=True)
class LanguageState:
    """The state of a language of a trend, and whether it can be published or withdrawn."""

    code: str
    name: str
    state: str
    is_written: bool
    can_leave: bool


def _is_offered(document: Document, language: str) -> bool:
    """Return whether a document would be offered in a language, as `Trend.languages` has it."""
    shift = document.get("shift", {})
    return language in document.get("title", {}) and (language in shift or not shift)


def waiting_of(trend: Trend) -> str:
    """Return the state of what is not published yet in a few words, such as “working version”."""
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
    """Return a value of a document as text for editors."""
    if value is None:
        return ""
    if isinstance(value, dict):
        return "\n".join(filter(None, map(_as_text, value.values())))
    if isinstance(value, list):
        return "\n".join(map(_as_text, value))
    return str(value)
