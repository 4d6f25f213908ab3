"""Describing versions and their differences in the editor's language, for the admin."""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import get_language_info, gettext, pgettext
from django_stubs_ext import StrOrPromise

from trendsite.shared import days
from trendsite.shared.partial_dates import PartialDate
from trendsite.shared.revisions.differences import (
    PartDifference,
    RowDifference,
    ValueDifference,
    differences,
)
from trendsite.shared.revisions.kinds import RevisedKind
from trendsite.shared.revisions.layout import Item, Value
from trendsite.shared.revisions.models import FOUND, Revision
from trendsite.shared.revisions.wording import Piece, compared, compared_lists
from trendsite.shared.text.enumerations import enumerated
from trendsite.shared.translated import active_language
from trendsite.shared.writes import Action, Origin

# The most parts that a summary names.
_NAMED_PARTS = 6


@dataclass(frozen=True)
class ShownVersion:
    """A line of the list of versions."""

    revision: Revision
    number: int
    summary: str = ""

    @property
    def when(self) -> str:
        return moment(self.revision.stored_at)

    @property
    def who(self) -> str:
        """Return the account and where the write came from; empty if no write made the version."""
        if self.revision.action == FOUND:
            return ""
        who = self.revision.username or gettext("no account")
        if not self.whence:
            return who
        return gettext("%(who)s (%(whence)s)") % {"who": who, "whence": self.whence}

    @property
    def what(self) -> str:
        """Return what was done, in a word or two."""
        names: dict[str, str] = {
            FOUND: pgettext("version", "as it was before"),
            Action.ADDED: pgettext("version", "added"),
            Action.CHANGED: pgettext("version", "changed"),
            Action.PUBLISHED: pgettext("version", "published"),
            Action.RETIRED: pgettext("version", "retired"),
            Action.DELETED: pgettext("version", "deleted"),
            Action.RESTORED: pgettext("version", "restored"),
        }
        return names.get(self.revision.action, self.revision.action)

    @property
    def label_from(self) -> str:
        return gettext("From version %(number)s") % {"number": self.number}

    @property
    def label_to(self) -> str:
        return gettext("To version %(number)s") % {"number": self.number}

    @property
    def whence(self) -> str:
        """Return where the write came from."""
        names: dict[str, str] = {
            Origin.ADMIN: pgettext("origin of a version", "admin"),
            Origin.FILE: pgettext("origin of a version", "file"),
            Origin.IMPORT: pgettext("origin of a version", "import"),
            Origin.CLOCK: pgettext("origin of a version", "at its time"),
        }
        return names.get(self.revision.origin, "")

    @property
    def leaves_bin(self) -> str:
        """Return the last day on which a deleted row can be restored."""
        day = self.revision.stored_at + datetime.timedelta(days=settings.BIN_DAYS)
        return PartialDate.from_date(days.day_of(day)).display()


def moment(when: datetime.datetime) -> str:
    """Return a day and time as the site writes them."""
    local = timezone.localtime(when)
    return gettext("%(day)s, %(time)s") % {
        "day": PartialDate.from_date(local.date()).display(),
        "time": date_format(local, "H:i"),
    }


def summary(kind: RevisedKind, before: Revision | None, after: Revision) -> str:
    """Return the names of the parts that differ from the version before."""
    if before is None or before.digest == after.digest:
        return ""
    found = differences(
        kind.read(before.text), kind.read(after.text), kind.layout, active_language()
    )
    names = [str(capfirst(part.label)) for part in found]
    left_out = len(names) - _NAMED_PARTS
    names = names[:_NAMED_PARTS]
    if left_out > 0:
        names.append(gettext("%(count)d more") % {"count": left_out})
    return enumerated(names)


@dataclass(frozen=True)
class ShownValue:
    """A value that differs: its name, its language, and what was removed and added."""

    label: str
    path: str
    language: str
    language_name: str
    pieces: Sequence[Piece]


@dataclass(frozen=True)
class ShownRow:
    """A row that differs."""

    kind: str
    title: str
    path: str
    is_moved: bool
    values: Sequence[ShownValue]

    @property
    def what(self) -> str:
        if self.kind == "added":
            return pgettext("row of a version", "added")
        if self.kind == "removed":
            return pgettext("row of a version", "removed")
        if self.kind == "moved":
            return pgettext("row of a version", "moved")
        if self.is_moved:
            return pgettext("row of a version", "changed and moved")
        return pgettext("row of a version", "changed")


@dataclass(frozen=True)
class ShownPart:
    """A part of the page in which something differs."""

    label: str
    path: str
    values: Sequence[ShownValue]
    rows: Sequence[ShownRow]
    are_cited: bool = False

    @property
    def has_order(self) -> bool:
        """Return whether rows were moved, so that the order can be restored."""
        return any(row.is_moved for row in self.rows)


def shown_differences(parts: Sequence[PartDifference]) -> list[ShownPart]:
    """Return descriptions of differences. One query for each model to which values refer."""
    names = _names(parts)
    return [
        ShownPart(
            str(capfirst(part.label)),
            part.path,
            [_shown(value, names) for value in part.values],
            [_shown_row(row, names) for row in part.rows],
            part.are_cited,
        )
        for part in parts
    ]


def _shown_row(row: RowDifference, names: "_Names") -> ShownRow:
    return ShownRow(
        row.kind, row.title, row.path, row.is_moved, [_shown(value, names) for value in row.values]
    )


def _shown(difference: ValueDifference, names: "_Names") -> ShownValue:
    value = difference.value
    before, after = (_called(side, value, names) for side in (difference.before, difference.after))
    language = difference.language
    if isinstance(before, list) or isinstance(after, list) or value.choices or value.names:
        pieces = compared_lists(_as_list(before), _as_list(after))
    elif language == "ja" or not {" ", "\n"}.isdisjoint([*difference.before, *difference.after]):
        pieces = compared(before, after, language)
    else:
        pieces = compared_lists(_as_list(before), _as_list(after))
    return ShownValue(
        str(capfirst(value.label)),
        difference.path,
        language,
        get_language_info(language)["name_translated"] if difference.is_translation else "",
        pieces,
    )


def _as_list(value: str | list[str]) -> list[str]:
    return value if isinstance(value, list) else [value] if value else []


def _called(value: str | list[str], of: Value, names: "_Names") -> str | list[str]:
    """Return the label of a choice or the name of a row instead of its value."""
    if isinstance(value, list):
        if of.described:
            return [of.described(cast(Item, item)) for item in value]
        return [str(_called(item, of, names)) for item in value]
    if value in of.choices:
        return str(of.choices[value])
    if of.names:
        return names[of.names].get(value, value)
    if value == "true":
        return gettext("yes")
    return _date_display(value) if value else value


def _date_display(text: str) -> str:
    try:
        return PartialDate.parse(text).display()
    except ValidationError:
        return text


_Names = Mapping[type[models.Model], Mapping[str, str]]


def _names(parts: Sequence[PartDifference]) -> _Names:
    """Return the names of all rows to which differing values refer, by model and slug."""
    wanted: dict[type[models.Model], set[str]] = defaultdict(set)
    for difference in _every_value(parts):
        if difference.value.names:
            for side in (difference.before, difference.after):
                wanted[difference.value.names].update(_as_list(side))
    found: dict[type[models.Model], dict[str, str]] = {}
    for model, slugs in wanted.items():
        field = getattr(model, "address_field", "slug")
        rows: Iterable[Any] = model._default_manager.filter(**{f"{field}__in": slugs})
        found[model] = {getattr(row, field): str(row) for row in rows}
    return found


def _every_value(parts: Sequence[PartDifference]) -> Iterator[ValueDifference]:
    for part in parts:
        yield from part.values
        for row in part.rows:
            yield from row.values


def label_of(revision: Revision, number: int) -> StrOrPromise:
    """Return the name of a version for headings."""
    return gettext("version %(number)d of %(when)s") % {
        "number": number,
        "when": moment(revision.stored_at),
    }


def last_writer(row: models.Model) -> str:
    """Return who wrote a row last: an account, or a load with the names of its files. One query."""
    last = Revision.objects.of(type(row), [row.pk]).without_content().first()
    if last and last.origin == Origin.FILE:
        return gettext("A load of %(files)s") % {"files": last.note}
    return (last.username if last else "") or gettext("Somebody")
