"""What is done to many trends at once: tried and shown first, then done to each by itself."""

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
    """What an action does to a trend, in words, or why it is refused.

    `warnings` are those of the checklist that it goes past.
    """

    trend: Trend
    told: str = ""
    refused: str = ""
    warnings: list[str] = field(default_factory=list)


class BulkAction(ABC):
    """Something that is done to each of several trends, as one write each.

    `form` has what it needs to know, without which nothing can be tried if it `asks_first`.
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
        """Whether it cannot be done where there are warnings, as nobody wrote why."""
        return False

    @abstractmethod
    def act(self, outcome: BulkOutcome) -> None:
        """Do it to the trend of an outcome, and note what was done. Raises ValidationError."""

    def tried(self, trends: Iterable[Trend]) -> list[BulkOutcome]:
        """Return what would be done to each trend: does it, and undoes it."""
        self._is_tried = True
        with without_indexing():
            return list(map(self._outcome, trends))

    def done(self, trends: Iterable[Trend]) -> list[BulkOutcome]:
        """Do it to each trend that does not refuse it."""
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
    """Return what is on its way to readers, locked: the working version, or else the draft.

    Raises ValidationError with the message `otherwise` if there is none.
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
    """Asks for a review of drafts and working versions, in all languages that are written."""

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
    """Publishes drafts today, and brings working versions to readers.

    Warnings of the checklist need a reason, unless it is only tried.
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
