"""Finding what a load would overwrite: rows changed or deleted since the last load or export."""

from collections.abc import Iterator
from itertools import islice

from django.db import models, transaction
from django.utils.translation import gettext as _

from trends.fixture_format.known_rows import VOCABULARY
from trends.fixture_format.loader import Run
from trends.models import Trend
from trends.search.index import without_indexing
from trendsite.shared.revisions.kinds import kind_of
from trendsite.shared.revisions.models import Revision
from trendsite.shared.revisions.overwriting import edited, last_version, overwritten_since
from trendsite.shared.revisions.shown import ShownVersion
from trendsite.shared.writes import Origin, Provenance, writing

_SLUGS_AT_ONCE, _TRENDS_AT_ONCE = 500, 10


def conflicts(run: Run) -> list[list[str]]:
    """Return, for each row that the checked files of a run would overwrite, lines that describe it.

    Rows that somebody has changed are loaded in transactions that are rolled back, since only the
    loader can find out whether the files would change them. Without such rows nothing is written.
    """
    return [*_deleted(run), *_overwritten(run)]


def _slugs(run: Run, model: type[models.Model]) -> list[str]:
    """Return the present and former slugs that files give rows of a model."""
    return [slug for named, slug in run.agreement.named if named is model]


def _chunks(slugs: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(slugs), _SLUGS_AT_ONCE):
        yield slugs[start : start + _SLUGS_AT_ONCE]


def _deleted(run: Run) -> Iterator[list[str]]:
    """Yield lines on each row that somebody has deleted and that the files would restore."""
    for model in (*VOCABULARY, Trend):
        missing: set[str] = set()
        for slugs in _chunks(_slugs(run, model)):
            saved = model._default_manager.filter(slug__in=slugs)
            missing |= set(slugs).difference(saved.values_list("slug", flat=True))
        if not missing:
            continue
        kind = kind_of(model)
        for version in Revision.objects.in_bin(model).exclude(origin=Origin.FILE):
            document = kind.read(version.text)
            if document.get("trend" if model is Trend else "slug") in missing:
                shown = ShownVersion(version, 0)
                yield [
                    f"{model._meta.verbose_name} “{version}”: "
                    f"{shown.what}, {shown.who}, {shown.when}",
                    "    " + _("The files would bring it back."),
                ]


def _overwritten(run: Run) -> Iterator[list[str]]:
    vocabulary: set[int] = set()
    for model in VOCABULARY:
        for slugs in _chunks(_slugs(run, model)):
            rows = model._default_manager.filter(slug__in=slugs)
            vocabulary |= edited(model, list(rows.values_list("pk", flat=True)))
    trends: set[str] = set()
    for slugs in _chunks(_slugs(run, Trend)):
        saved = dict(Trend.objects.filter(slug__in=slugs).values_list("pk", "slug"))
        trends |= {saved[pk] for pk in edited(Trend, saved)}
    if not (vocabulary or trends or len(run.evidence)):
        return
    wanted = (
        pickled
        for pickled in run.spill.pickled()
        if not trends.isdisjoint(run.opened(pickled).slugs())
    )
    seen: set[str] = set()
    batch = list(islice(wanted, _TRENDS_AT_ONCE)) if trends else []
    while True:
        for lines in _tried(run, batch):
            if lines[0] not in seen:  # the vocabulary and evidence are written with each batch
                seen.add(lines[0])
                yield lines
        batch = list(islice(wanted, _TRENDS_AT_ONCE)) if trends else []
        if not batch:
            return


def _tried(run: Run, pickled: list[bytes]) -> list[list[str]]:
    """Load the vocabulary and some trends, return lines on what that overwrites, and roll back."""
    notices = len(run.notices)
    documents = [run.opened(document) for document in pickled]
    with transaction.atomic(), without_indexing():
        last = last_version()
        with writing(Provenance(Origin.FILE)) as write:
            run.write_vocabulary(write)
            run.link(run.write_trends(documents, write), write)
            run.write_evidence(write)
        found = [list(overwritten.lines()) for overwritten in overwritten_since(last)]
        transaction.set_rollback(True)
    del run.notices[notices:]
    run.rows.clear()
    return found
