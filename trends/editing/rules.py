"""Validation rules for several rows together, used by the loader and the admin's forms."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from difflib import get_close_matches
from typing import Any, TypeVar

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from trends.models import Assessment, Trend
from trendsite.shared.text.marks import SourceMark

_Name = TypeVar("_Name", int, str)


def check_newest_assessment(trend: Trend, assessments: Iterable[Assessment]) -> None:
    """Check that a trend has the status and confidence of its newest assessment.

    Raises ValidationError with an error for each of `status` and `confidence` that differs.
    """
    newest = max(assessments, key=lambda assessment: assessment.date, default=None)
    if newest is None:
        return
    errors = {
        name: ValidationError(
            _("The latest assessment (%(date)s) says “%(value)s”. The two must match."),
            code="disagrees",
            params={"date": newest.date, "value": display},
        )
        for name, display in (
            ("status", newest.get_status_display()),
            ("confidence", newest.get_confidence_display()),
        )
        if getattr(trend, name) and getattr(newest, name) != getattr(trend, name)
        if getattr(newest, name)
    }
    if errors:
        raise ValidationError(errors)


def check_quotation(quotation: object, mentions: Collection[object]) -> None:
    """Check that the quotation of a forecast is among the mentions of the trend.

    Both are given as primary keys, or both as permanent keys. Raises ValidationError.
    """
    if quotation and quotation not in mentions:
        raise ValidationError(
            _("This quotation is not among the mentions of the trend: add it there, too."),
            code="elsewhere",
        )


def check_marks(marks: Iterable[SourceMark], known: Collection[str]) -> None:
    """Check that each mark of a text has one of the known keys.

    Raises ValidationError with a message for each unknown key, and one if a mark is written like
    the definition of a footnote.
    """
    marks = list(marks)
    errors = []
    if any(mark.is_definition for mark in marks):
        errors.append(
            ValidationError(
                _(
                    "A footnote is not defined in the text. Add its source, and write “[^key]” "
                    "with the key of the source at the claim."
                ),
                code="definition",
            )
        )
    for key in dict.fromkeys(mark.key for mark in marks if mark.key not in known):
        near = get_close_matches(key.lower(), known, n=1)
        message = (
            _("No source has the key “%(key)s”; did you mean “%(near)s”?")
            if near
            else _("No source has the key “%(key)s”.")
        )
        params = {"key": key, "near": "".join(near)}
        errors.append(ValidationError(message, code="unknown", params=params))
    if errors:
        raise ValidationError(errors)


def lock_successors() -> None:
    """Lock the links between trends and successors until the transaction ends. One query.

    Otherwise two editors at once could each add one half of a circle. There is no row that
    represents all links, so the content type of trends is locked, which nothing else locks.
    """
    trends = ContentType.objects.get_for_model(Trend)
    ContentType.objects.select_for_update(no_key=True).get(pk=trends.pk)


def check_successors(trend: Trend, successors: Iterable[Trend]) -> None:
    """Check that no trend becomes its own successor, directly or in a circle. One query.

    Raises ValidationError. Call `lock_successors()` before if others may write.
    """
    if trend._state.adding:
        return
    through: Any = Trend.successors.through
    links = through.objects.exclude(from_trend=trend)
    following = defaultdict(set)
    for before, after in links.values_list("from_trend", "to_trend"):
        following[before].add(after)
    for successor in successors:
        if successor == trend:
            raise ValidationError(_("A trend cannot replace itself."), code="itself")
        if leads_to(successor.pk, trend.pk, following):
            raise ValidationError(
                _("“%(title)s” is itself replaced by this trend, directly or through others."),
                code="circle",
                params={"title": successor},
            )


def leads_to(start: _Name, end: _Name, following: Mapping[_Name, Collection[_Name]]) -> bool:
    """Return whether `end` can be reached from `start`. `following` maps each name to the next."""
    seen: set[_Name] = set()
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name == end:
            return True
        if name not in seen:
            seen.add(name)
            waiting += following.get(name, ())
    return False


def check_not_related_to_itself(trend: Trend, related: Iterable[Trend]) -> None:
    """Check that a trend is not related to itself. Raises ValidationError."""
    if trend.pk is not None and trend in related:
        raise ValidationError(_("A trend cannot be related to itself."), code="itself")
