"""Updating the references of a version of a trend to present rows."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from quotes.models import Expert
from trends.fixture_format.row_revisions import pointed_to
from trends.models import Audience, Trend
from trendsite.shared.former_slugs import former_rows
from trendsite.shared.models import Tag
from trendsite.shared.revisions.kinds import Document
from trendsite.shared.writes import Write


def settle_references(document: Document, write: Write) -> list[str]:
    """Make a document refer to existing rows; return notices for the editor.

    Renamed rows get their present names. Deleted tags, audiences and experts are restored from the
    bin. Links to deleted trends are removed. Raises ValidationError if a row is not in the bin. The
    number of queries is constant if nothing was deleted.
    """
    places = _places(document)
    notices: list[str] = []
    missing: list[str] = []
    for model in (Tag, Audience, Expert, Trend):
        slugs = {slug for holder, name in places[model] for slug in _slugs(holder[name])}
        names = _present_names(model, slugs)
        for slug in sorted(slugs - names.keys()):
            if model is Trend:
                notices.append(
                    _("The link to “%(slug)s” was left out: the trend was deleted.")
                    % {"slug": slug}
                )
                continue
            try:
                row: Any = pointed_to(model, slug, None, write, notices)
            except ValidationError as error:
                missing += error.messages
            else:
                names[slug] = row.slug
        for holder, name in places[model]:
            _rename(holder, name, names)
    if missing:
        raise ValidationError(missing)
    return notices


# Any: a mapping of a document, whose values are of any shape.
_Places = list[tuple[dict[str, Any], str]]


def _places(document: Document) -> dict[type[models.Model], _Places]:
    """Return the places of references to each model: a mapping of the document, and its key."""
    places: dict[type[models.Model], _Places] = {Tag: [], Audience: [], Expert: [], Trend: []}
    for name in ("related", "successors"):
        if name in document:
            places[Trend].append((document, name))
    for row in [document, *document.get("mentions", [])]:
        if "tags" in row:
            places[Tag].append((row, "tags"))
    for row in document.get("implications", []):
        places[Audience].append((row, "audience"))
    for row in [*document.get("mentions", []), *document.get("timeline", [])]:
        if "expert" in row:
            places[Expert].append((row, "expert"))
    return places


def _slugs(value: str | list[str]) -> list[str]:
    return value if isinstance(value, list) else [value]


def _present_names(model: Any, slugs: Iterable[str]) -> dict[str, str]:
    """Map slugs, present or former, to present ones. At most three queries."""
    slugs = set(slugs)
    if not slugs:
        return {}
    rows = model._default_manager
    names = {slug: slug for slug in rows.filter(slug__in=slugs).values_list("slug", flat=True)}
    if former := former_rows(model, slugs - names.keys()):
        present = dict(rows.filter(pk__in=former.values()).values_list("pk", "slug"))
        names |= {slug: present[pk] for slug, pk in former.items() if pk in present}
    return names


def _rename(holder: dict[str, Any], name: str, names: dict[str, str]) -> None:
    if isinstance(holder[name], list):
        # A row that is named by its present and its former name is kept once.
        found = dict.fromkeys(names[slug] for slug in holder[name] if slug in names)
        holder[name] = list(found)
    else:
        holder[name] = names.get(holder[name], holder[name])
