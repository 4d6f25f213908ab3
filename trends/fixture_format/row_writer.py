"""Making saved rows equal to those of a file."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any, TypeVar

from django.db import models
from django.db.models.fields.related_descriptors import ManyToManyDescriptor

from quotes.models import Source
from trends.models import Trend
from trends.queries.compiled import CompiledRows, listed
from trends.queries.inserting import create
from trendsite.shared.translated import translated_fields
from trendsite.shared.versions import VersionedModel

_Row = TypeVar("_Row", bound=models.Model)

# Any: rows of any of the models that link two others.
_links: CompiledRows[Any] = CompiledRows(
    lambda through, owner: through._default_manager.filter(
        **{f"{owner}__in": listed("owners")}
    ).order_by("pk")
)


@cache
def own_columns(model: type[models.Model], *without: str) -> tuple[str, ...]:
    """Return the columns that a file sets: no primary key, relations or unsuffixed texts."""
    skipped = {*without, *translated_fields(model), "updated_at", "version", "compared_url"}
    return tuple(
        field.name
        for field in model._meta.concrete_fields
        if not field.primary_key and not field.is_relation and field.name not in skipped
    )


def update(row: models.Model, wanted: models.Model, names: Iterable[str]) -> bool:
    """Copy columns from an unsaved row to a saved one.

    Saves the row if any value differs, and returns whether it did.
    """
    changed = [name for name in names if getattr(row, name) != getattr(wanted, name)]
    for name in changed:
        setattr(row, name, getattr(wanted, name))
    if changed:
        # `TrendWriter.write()` counts all changes of a trend and its rows as one.
        if isinstance(row, VersionedModel) and not isinstance(row, Trend):
            row.count_change()
        row.save()
    return bool(changed)


class RowWriter:
    """Writes rows of any model. `changed` tells whether any saved row or set of rows differed."""

    def __init__(self) -> None:
        self.changed = False
        self._new: set[models.Model] = set()
        """Rows that were not saved before, to which no saved row can point."""

    def create(self, model: type[_Row], rows: Sequence[_Row]) -> None:
        """Save new rows. One query."""
        create(model, rows)
        self.note_created(*rows)
        self.changed |= bool(rows)

    def note_created(self, *rows: models.Model) -> None:
        """Note new rows that were saved elsewhere. They do not count as a change."""
        self._new.update(rows)

    def update(self, row: models.Model, wanted: models.Model, names: Iterable[str]) -> None:
        """Copy columns from an unsaved row to a saved one, and save it if any value differs."""
        self.changed |= update(row, wanted, names)

    def delete(self, model: type[models.Model], pks: Sequence[int]) -> None:
        """Delete rows by primary key."""
        if pks:
            model._default_manager.filter(pk__in=pks).delete()
            self.changed = True

    def sync_links(
        self,
        through: type[models.Model],
        owner: str,
        target: str,
        wanted: Sequence[tuple[models.Model, Sequence[models.Model]]],
        more: Callable[[models.Model], dict[str, object]] = lambda target: {},
    ) -> None:
        """Make the ordered links of several rows equal to the targets given for each.

        `more(target)` returns further values of the link to a target.
        """
        owners = [row.pk for row, _targets in wanted if row not in self._new]
        links = _links.fetch(through, owner, owners=owners) if owners else []
        before = {
            (getattr(link, f"{owner}_id"), getattr(link, f"{target}_id")): link for link in links
        }
        new = []
        for row, targets in wanted:
            for order, linked in enumerate(targets):
                values = {"order": order, **more(linked)}
                link = before.pop((row.pk, linked.pk), None)
                if link is None:
                    new.append(through(**{owner: row, target: linked}, **values))
                else:
                    self.update(link, through(**values), values)
        self.delete(through, [link.pk for link in before.values()])
        self.create(through, new)

    def sync_citations(
        self,
        # Any: Django makes the model of the links, a different one for each relation.
        relation: ManyToManyDescriptor[Source, Any],
        wanted: Sequence[tuple[models.Model, Sequence[Source]]],
    ) -> None:
        """Make the sources of several rows equal to those given for each, in order."""
        through: Any = relation.through
        owner = relation.field.m2m_field_name()
        before = defaultdict(list)
        owners = [row.pk for row, _sources in wanted if row not in self._new]
        for link in _links.fetch(through, owner, owners=owners) if owners else []:
            before[getattr(link, f"{owner}_id")].append(link)
        leaving, new = [], []
        for row, sources in wanted:
            links = before[row.pk]
            # Citations are ordered by the primary keys of links, so links from the first difference
            # on are created again.
            same = 0
            for link, source in zip(links, sources, strict=False):
                if link.source_id != source.pk:
                    break
                same += 1
            leaving += [link.pk for link in links[same:]]
            new += [through(**{f"{owner}_id": row.pk, "source": it}) for it in sources[same:]]
        self.delete(through, leaving)
        self.create(through, new)
