"""Bulk actions on trends: they are tried and shown first, then run for each trend separately."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import get_language_info, gettext, pgettext
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from trends.editing.actions import retag, retire
from trends.editing.publishing.checklist import refuse_errors
from trends.editing.publishing.publication import preparation_of, publish, submit, waive
from trends.editing.publishing.publishing_page import PublishingPage
from trends.models import Trend
from trends.search.index import without_indexing
from trendsite.shared.forms import RowsFormField
from trendsite.shared.models import Tag
from trendsite.shared.text.enumerations import enumerated
from trendsite.shared.writes import Provenance


@dataclass
class BulkOutcome:
    """The effect of an action on a trend, in words, or the reason why it is refused.

    `warnings` are warnings of the checklist that the action waives.
    """

    trend: Trend
    told: str = ""
    refused: str = ""
    warnings: list[str] = field(default_factory=list)


class BulkAction(ABC):
    """Base of actions on several trends, with one write for each.

    `form` has the values that the action needs. With `asks_first`, the action cannot be tried
    before the form is filled in.
    """

    title: StrOrPromise
    button: StrOrPromise
    logged: str  # the field that Django's history names, in English
    form: type[forms.Form] = forms.Form
    asks_first = False

    def __init__(
        self, provenance: Provenance, values: dict[str, Any], *, may_publish: bool
    ) -> None:
        self._provenance = provenance
        self._values = values
        self._may_publish = may_publish
        self._is_tried = False

    @property
    def lacks_reason(self) -> bool:
        """Return whether the reason is missing that trends with warnings need."""
        return False

    @abstractmethod
    def act(self, outcome: BulkOutcome) -> None:
        """Run the action for the trend of an outcome, and describe it there.

        Raises ValidationError if it is refused.
        """

    def tried(self, trends: Iterable[Trend]) -> list[BulkOutcome]:
        """Return what the action would do to each trend: runs it and rolls back."""
        self._is_tried = True
        with without_indexing():
            return list(map(self._outcome, trends))

    def done(self, trends: Iterable[Trend]) -> list[BulkOutcome]:
        """Run the action for each trend, and return the outcomes, refused ones too."""
        self._is_tried = False
        return list(map(self._outcome, trends))

    def _outcome(self, trend: Trend) -> BulkOutcome:
        outcome = BulkOutcome(trend)
        try:
            with transaction.atomic():
                self.act(outcome)
                transaction.set_rollback(self._is_tried)
        except ValidationError as error:
            outcome.refused = " ".join(error.messages)
        except Trend.DoesNotExist:
            outcome.refused = gettext("Somebody else deleted it.")
        return outcome


def _waiting(trend: Trend, otherwise: str) -> Trend:
    """Return the working version of a trend, or the trend if it is a draft, locked.

    Raises ValidationError with the message `otherwise` if there is neither.
    """
    working = Trend._base_manager.select_for_update(no_key=True).filter(working_of=trend.pk)
    found = working.first() or Trend.locked(trend.pk)
    if found.is_published():
        raise ValidationError(otherwise)
    return found


class _NoteForm(forms.Form):
    note = forms.CharField(
        label=_("Note to whoever reviews them"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "cols": 60}),
    )


class Submit(BulkAction):
    """Submits drafts and working versions for review, in all languages that they have."""

    title = _("Submit for review")
    button = _("Submit them")
    logged = "Submitted"
    form = _NoteForm

    def act(self, outcome: BulkOutcome) -> None:
        text = gettext("Readers see it as it is: nothing waits for a review.")
        trend = _waiting(outcome.trend, text)
        codes = PublishingPage(trend).written
        if not codes:
            raise ValidationError(gettext("Title or shift is missing."))
        if preparation_of(trend).in_review == codes:
            raise ValidationError(gettext("It is in review already."))
        submit(trend, codes, self._provenance.user, self._values.get("note", ""))
        names = enumerated([get_language_info(code)["name_local"] for code in codes])
        outcome.told = gettext("Goes into review: %(languages)s.") % {"languages": names}


class _ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Why they are published with these warnings"), max_length=200, required=False
    )


class Publish(BulkAction):
    """Publishes drafts, with today as their day, and working versions.

    Trends with warnings of the checklist need a reason, unless the action is only tried.
    """

    title = _("Publish")
    button = _("Publish them")
    logged = "Published"
    form = _ReasonForm

    @property
    def lacks_reason(self) -> bool:
        return not self._values.get("reason")

    def act(self, outcome: BulkOutcome) -> None:
        trend = _waiting(outcome.trend, gettext("This trend is already published."))
        page = PublishingPage(trend, chosen=[])
        refuse_errors(item["finding"] for item in page.findings)
        if warnings := page.open_warnings:
            outcome.warnings = [finding.text for finding in warnings]
            if not self._is_tried:
                names = [finding.name for finding in warnings]
                waive(trend, names, self._values["reason"], self._provenance.user)
        is_draft = trend.working_of_id is None
        publish(trend, self._provenance)
        outcome.told = (
            gettext("Readers see it from today on.")
            if is_draft
            else gettext("Readers see what its working version holds.")
        )


class Retire(BulkAction):
    """Retires trends today."""

    title = _("Retire")
    button = _("Retire them")
    logged = "Retired"

    def act(self, outcome: BulkOutcome) -> None:
        retire(outcome.trend, self._provenance)
        outcome.told = gettext("Keeps its page, which says from today on that it is retired.")


class _TagsForm(forms.Form):
    add = RowsFormField(Tag.objects.all(), label=_("Tags to add"), required=False)
    remove = RowsFormField(Tag.objects.all(), label=_("Tags to remove"), required=False)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        add, remove = set(cleaned.get("add", ())), set(cleaned.get("remove", ()))
        if not self.errors and not add | remove:
            self.add_error("add", _("Choose a tag to add or to remove."))
        if add & remove:
            self.add_error("remove", _("A tag cannot be added and removed."))
        return cleaned


class Retag(BulkAction):
    """Adds tags after those that trends have, and removes others."""

    title = _("Change tags")
    button = _("Change the tags")
    logged = "Tags"
    form = _TagsForm
    asks_first = True

    def act(self, outcome: BulkOutcome) -> None:
        trend = Trend.locked(outcome.trend.pk)
        if trend.published and not self._may_publish:
            raise ValidationError(gettext("You may not change what readers see."))
        added, removed = retag(trend, self._values["add"], self._values["remove"], self._provenance)
        outcome.told = " ".join(
            [
                *_named(pgettext("change of tags", "Added: %(tags)s."), added),
                *_named(pgettext("change of tags", "Removed: %(tags)s."), removed),
            ]
        )


def _named(text: str, tags: Sequence[Tag]) -> list[str]:
    return [text % {"tags": enumerated([str(tag) for tag in tags])}] if tags else []
