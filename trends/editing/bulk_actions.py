"""Bulk actions on trends: judged and shown first, then run for each trend separately."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import get_language_info, gettext, pgettext
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from trends.editing.actions import changed_tags, retag, retire, set_retired
from trends.editing.publishing.checklist import refuse_errors
from trends.editing.publishing.publication import CollisionError, publish, submit, waive
from trends.editing.publishing.publishing_page import PublishingPage, pages_of
from trends.models import Trend
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
    effect: str = ""
    refused: str = ""
    warnings: list[str] = field(default_factory=list)


class BulkAction(ABC):
    """Base of actions on several trends, with one write for each.

    `form` has the values that the action needs. With `asks_first`, nothing can be judged before the
    form is filled in.
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

    @property
    def lacks_reason(self) -> bool:
        """Return whether the reason is missing that trends with warnings need."""
        return False

    # Any, here and below: each action needs to know something else of a trend.
    @abstractmethod
    def gather(self, pks: Collection[int]) -> Mapping[int, Any]:
        """Return what `judge()` and `act()` need to know of trends, by primary key.

        The number of queries does not depend on the trends.
        """

    @abstractmethod
    def judge(self, outcome: BulkOutcome, gathered: Any) -> None:
        """Describe in an outcome what the action does. Raises ValidationError if it is refused."""

    @abstractmethod
    def act(self, trend: Trend, gathered: Any) -> None:
        """Run the action for a trend that is locked and was judged. Raises ValidationError."""

    def foreseen(self, trends: Sequence[Trend]) -> list[BulkOutcome]:
        """Return what the action would do to each trend. Writes and locks nothing."""
        gathered = self.gather([trend.pk for trend in trends])
        return [
            _tried(trend, lambda outcome: self.judge(outcome, gathered.get(outcome.trend.pk)))
            for trend in trends
        ]

    def done(self, trends: Iterable[Trend], log: Callable[[Trend], object]) -> list[BulkOutcome]:
        """Run the action for each trend, and return the outcomes, refused ones too.

        `log` is called with each trend, in the transaction that changes it.
        """
        return [_tried(trend, lambda outcome: self._do(outcome, log)) for trend in trends]

    def _do(self, outcome: BulkOutcome, log: Callable[[Trend], object]) -> None:
        with transaction.atomic():
            # A working version is locked before its trend, as `publish()` does: two transactions
            # that lock the two in different orders could end in a deadlock.
            working = Trend._base_manager.filter(working_of=outcome.trend.pk)
            list(working.select_for_update(no_key=True).values_list("pk"))
            locked = Trend.locked(outcome.trend.pk)
            gathered = self.gather([locked.pk]).get(locked.pk)
            self.judge(outcome, gathered)
            self.act(locked, gathered)
            log(locked)


def _tried(trend: Trend, do: Callable[[BulkOutcome], None]) -> BulkOutcome:
    """Return the outcome of `do()` for a trend, with the reason if it is refused."""
    outcome = BulkOutcome(trend)
    try:
        do(outcome)
    except ValidationError as error:
        outcome.refused = " ".join(error.messages)
    except Trend.DoesNotExist:
        outcome.refused = gettext("Somebody else deleted it.")
    return outcome


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

    def gather(self, pks: Collection[int]) -> Mapping[int, PublishingPage]:
        return pages_of(pks)

    def judge(self, outcome: BulkOutcome, gathered: PublishingPage | None) -> None:
        if gathered is None:
            text = gettext("It is public as it is: nothing is waiting for review.")
            raise ValidationError(text)
        codes = gathered.written
        if not codes:
            raise ValidationError(gettext("Title or shift is missing."))
        if gathered.preparation.in_review == codes:
            raise ValidationError(gettext("It is already in review."))
        names = enumerated([get_language_info(code)["name_local"] for code in codes])
        outcome.effect = gettext("Goes into review: %(languages)s.") % {"languages": names}

    def act(self, trend: Trend, gathered: PublishingPage) -> None:
        note = self._values.get("note", "")
        submit(gathered.trend, gathered.written, self._provenance.user, note)


class _ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Why they are published with these warnings"), max_length=200, required=False
    )


class Publish(BulkAction):
    """Publishes drafts, with today as their day, and working versions.

    Trends with warnings of the checklist need a reason.
    """

    title = _("Publish")
    button = _("Publish them")
    logged = "Published"
    form = _ReasonForm

    @property
    def lacks_reason(self) -> bool:
        return not self._values.get("reason")

    def gather(self, pks: Collection[int]) -> Mapping[int, PublishingPage]:
        return pages_of(pks)

    def judge(self, outcome: BulkOutcome, gathered: PublishingPage | None) -> None:
        if gathered is None:
            raise ValidationError(gettext("This trend is already published."))
        refuse_errors(item["finding"] for item in gathered.findings)
        if gathered.merged.collisions:
            raise CollisionError(gathered.merged)
        outcome.warnings = [finding.text for finding in gathered.open_warnings]
        outcome.effect = (
            gettext("Readers see it from today on.")
            if gathered.trend.working_of_id is None
            else gettext("Readers see what its working version holds.")
        )

    def act(self, trend: Trend, gathered: PublishingPage) -> None:
        if names := [finding.name for finding in gathered.open_warnings]:
            waive(gathered.trend, names, self._values["reason"], self._provenance.user)
        publish(gathered.trend, self._provenance)


class Retire(BulkAction):
    """Retires trends today."""

    title = _("Retire")
    button = _("Retire them")
    logged = "Retired"

    def gather(self, pks: Collection[int]) -> Mapping[int, Trend]:
        return Trend.objects.in_bulk(pks)

    def judge(self, outcome: BulkOutcome, gathered: Trend | None) -> None:
        if gathered is None:
            raise Trend.DoesNotExist
        set_retired(gathered)
        outcome.effect = gettext("Keeps its page, which says from today on that it is retired.")

    def act(self, trend: Trend, gathered: Trend) -> None:
        retire(trend, self._provenance)


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

    def gather(self, pks: Collection[int]) -> Mapping[int, Trend]:
        return Trend.objects.prefetch_related("tagged__tag").in_bulk(pks)

    def judge(self, outcome: BulkOutcome, gathered: Trend | None) -> None:
        if gathered is None:
            raise Trend.DoesNotExist
        if gathered.published and not self._may_publish:
            raise ValidationError(gettext("You may not change what readers see."))
        there = [tagged.tag for tagged in gathered.tagged.all()]
        added, removed = changed_tags(there, self._values["add"], self._values["remove"])
        outcome.effect = " ".join(
            [
                *_named(pgettext("change of tags", "Added: %(tags)s."), added),
                *_named(pgettext("change of tags", "Removed: %(tags)s."), removed),
            ]
        )

    def act(self, trend: Trend, gathered: Trend) -> None:
        retag(trend, self._values["add"], self._values["remove"], self._provenance)


def _named(text: str, tags: Sequence[Tag]) -> list[str]:
    return [text % {"tags": enumerated([str(tag) for tag in tags])}] if tags else []
