"""Finding what a file would overwrite: changes since it was last loaded or exported."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import unified_diff
from itertools import groupby

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from trendsite.shared.revisions.models import FOUND, Revision
from trendsite.shared.revisions.shown import ShownVersion
from trendsite.shared.writes import Origin

_MOST_ROWS, _MOST_LINES = 10, 40


@dataclass(frozen=True)
class Overwritten:
    """Two versions of a row: the one that somebody wrote, and the one from a file."""

    before: Revision
    after: Revision

    def lines(self) -> Iterator[str]:
        """Yield lines that say who wrote the row, and how the file differs."""
        kind = self.before.content_type.model_class()
        name = kind._meta.verbose_name if kind else ""
        shown = ShownVersion(self.before, self.before.pk)
        yield f"{name} “{self.before}”: {shown.what}, {shown.who}, {shown.when}"
        texts = (self.before.text.splitlines(), self.after.text.splitlines())
        lines = list(unified_diff(*texts, n=1, lineterm=""))[2:]
        yield from (f"    {line}" for line in lines[:_MOST_LINES])
        if (more := len(lines) - _MOST_LINES) > 0:
            yield "    " + _("… and %(count)d lines more") % {"count": more}


def last_version() -> int:
    """Return the primary key of the last version of any row, 0 if there is none."""
    return Revision.objects.aggregate(last=Max("pk"))["last"] or 0


def note_in_files(model: type[models.Model], pks: Iterable[int]) -> None:
    """Store that files have the last versions of rows. One query."""
    versions = Revision.objects.last_of(model, list(pks)).filter(exported_at=None)
    versions.exclude(origin=Origin.FILE).update(exported_at=timezone.now())


def overwritten_since(last: int, origin: Origin = Origin.FILE) -> list[Overwritten]:
    """Return what files overwrote with versions after `last`, in the order of rows.

    Files know a version that was loaded or exported, or that was found when versions were
    introduced, but not what was written later. A file that is imported in the admin also knows what
    was imported there before. Two queries, and one for each row that is returned.
    """
    rows = Revision.objects.filter(pk__gt=last, origin=origin)
    kinds = ContentType.objects.filter(pk__in=rows.order_by().values("content_type"))
    found = []
    for kind in kinds.order_by("pk"):
        keys = rows.filter(content_type=kind).order_by().values("object_id")
        versions = Revision.objects.without_content().filter(content_type=kind, object_id__in=keys)
        for _pk, history in groupby(
            versions.order_by("object_id", "-pk"), key=lambda version: version.object_id
        ):
            after, *earlier = history
            known = next((version for version in earlier if _is_known(version, origin)), None)
            if earlier and earlier[0].digest != (known and known.digest):
                found.append(Overwritten(earlier[0], after))
    return found


def _is_known(version: Revision, origin: Origin) -> bool:
    return (
        version.origin in (Origin.FILE, origin)
        or version.action == FOUND
        or version.exported_at is not None
    )


def edited(model: type[models.Model], pks: Collection[int]) -> set[int]:
    """Return the primary keys of rows whose text is in no file. One query."""
    versions = Revision.objects.of(model, pks).without_content().order_by("object_id", "-pk")
    found = set()
    for pk, history in groupby(versions, key=lambda version: version.object_id):
        last, *earlier = history
        known = next((v for v in [last, *earlier] if _is_known(v, Origin.FILE)), None)
        if known is None or last.digest != known.digest:
            found.add(pk)
    return found


def refusal(rows: Sequence[Iterable[str]]) -> str:
    """Return the message that refuses a load, with the lines of each row it would overwrite."""
    lines = [
        _("Nothing was loaded."),
        _(
            "What follows was changed on the site since it was last loaded or exported. Export it "
            "and change the export, or load with --overwrite; the versions of before remain."
        ),
    ]
    for row in rows[:_MOST_ROWS]:
        lines += row
    if (more := len(rows) - _MOST_ROWS) > 0:
        text = ngettext("… and %(count)d row more", "… and %(count)d rows more", more)
        lines.append(text % {"count": more})
    return "\n".join(lines)
