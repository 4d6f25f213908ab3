"""The start page of the admin: what waits for an editor, and the latest changes by everyone."""

import datetime
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Window
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import get_language_info, ngettext
from django.utils.translation import gettext as _

from quotes.links.link_queries import LINKED, PARAMETER, dead_in_texts, dead_links
from quotes.links.models import LinkState
from quotes.models import Expert, Mention
from trends.editing.completeness import lacking_in, stale_in
from trends.levels import ForecastState
from trends.models import Assessment, Audience, ListedTrend, Preparation, Trend
from trends.queries.kept_lists.kept_forecasts import KeptForecasts
from trends.queries.lazy_lists import rows_of
from trends.queries.links_in_texts import trends_linking_to
from trendsite.shared.models import Tag
from trendsite.shared.partial_dates import PartialDate
from trendsite.shared.paths import admin_path, form_path
from trendsite.shared.revisions.kinds import kinds
from trendsite.shared.revisions.models import FOUND, Revision
from trendsite.shared.revisions.shown import ShownVersion, moment
from trendsite.shared.translated import languages, translated
from trendsite.shared.translations.conditions import lacking, stale
from trendsite.shared.translations.lists import MissingFilter, StaleFilter
from trendsite.shared.writes import Action, Origin

_SHOWN = 5
_EXAMINED = 500
"""Of how many rows of a kind the missing and stale texts are counted: those added last."""
_COUNTED = 500
"""Up to how many the trends are counted that wait for their number with many others."""
_LATEST = 10


@dataclass(frozen=True)
class WaitingRow:
    """A line of a list: its text, its link, and a note beside it."""

    text: str
    url: str
    note: str = ""


@dataclass(frozen=True)
class Waiting:
    """A list of what waits: its first rows, the number of all, and the page with all of them.

    `is_more` says that there are more than the number.
    """

    title: str
    items: list[WaitingRow]
    count: int
    url: str = ""
    is_more: bool = False

    @property
    def number(self) -> str:
        return _("more than %(count)d") % {"count": self.count} if self.is_more else str(self.count)


@dataclass(frozen=True)
class Latest:
    """A change, and the page that shows it."""

    version: ShownVersion
    kind: str
    url: str

    @property
    def files(self) -> str:
        """The names of the files of a load or an import, of which it is the last row."""
        is_load = self.version.revision.origin in (Origin.FILE, Origin.IMPORT)
        return self.version.revision.note if is_load else ""


@dataclass(frozen=True)
class Desk:
    """The data of the start page for one user."""

    waiting: list[Waiting]
    latest: list[Latest]

    @property
    def busy(self) -> list[Waiting]:
        """Return the lists that are not empty."""
        return [waiting for waiting in self.waiting if waiting.count]

    @property
    def idle(self) -> list[Waiting]:
        return [waiting for waiting in self.waiting if not waiting.count]


def desk_of(user: Any) -> Desk:
    """Return the data of the start page for a user. At most 23 queries."""
    today = timezone.localdate()
    waiting = []
    if _may_view(user, Trend):
        waiting = [
            _yours(user),
            _submitted(),
            _scheduled(today),
            _forecasts_due(today),
            _unreviewed(today),
            _under_review(),
        ]
    translated_models = (Trend, Mention, Expert, Audience, Tag)
    waiting += _translations(model for model in translated_models if _may_view(user, model))
    linked_models: tuple[type[models.Model], ...] = (*LINKED, Trend)
    if linked := [model for model in linked_models if _may_view(user, model)]:
        waiting.append(_links_that_died(linked))
    revised = (kind.model for kind in kinds())
    return Desk(waiting, _latest_changes([model for model in revised if _may_view(user, model)]))


def _may_view(user: Any, model: type[models.Model]) -> bool:
    label, name = model._meta.app_label, model._meta.model_name
    return any(user.has_perm(f"{label}.{verb}_{name}") for verb in ("view", "change"))


def review_is_due(today: datetime.date) -> Q:
    """Return a condition for trends that were not assessed for `REVIEW_DAYS`."""
    return Q(~Exists(_newer_assessments(today).filter(trend=OuterRef("pk"))))


def _newer_assessments(today: datetime.date) -> QuerySet[Assessment]:
    found = Assessment.objects.observed(today).exclude(date__ended_before=_reviewed_since(today))
    return found.order_by()


def _reviewed_since(today: datetime.date) -> datetime.date:
    return today - datetime.timedelta(days=settings.REVIEW_DAYS)


def is_submitted() -> Q:
    """Return a condition for trends that wait for review, or whose working version does."""
    return _has("preparation__submitted_at") | _has("working_version__preparation__submitted_at")


def is_scheduled(today: datetime.date) -> Q:
    """Return a condition for trends that are scheduled, or whose working version is."""
    return (
        Q(published__gt=today)
        | _has("preparation__publish_at")
        | _has("working_version__preparation__publish_at")
    )


def _has(name: str) -> Q:
    return Q(**{f"{name}__isnull": False})


def _first(rows: QuerySet[Any], *order: Any) -> tuple[list[Any], int]:
    """Return the first rows in an order, and the number of all rows. One query."""
    counted = rows.annotate(of_all=Window(Count("pk"))).order_by(*order, "pk")
    found = list(counted[:_SHOWN])
    return found, found[0].of_all if found else 0


def _trends_in(state: str) -> str:
    return f"{admin_path(Trend, 'changelist')}?state={state}"


def _list_of_trends(title: str, pks: QuerySet[Any, int], *, state: str) -> Waiting:
    """Return a list of the trends with some primary keys, in their order. Two queries."""
    found = list(pks[: _COUNTED + 1])
    shown = rows_of(Trend.objects.all(), found[:_SHOWN])
    return Waiting(
        title,
        [WaitingRow(str(trend), form_path(trend)) for trend in shown],
        min(len(found), _COUNTED),
        _trends_in(state),
        is_more=len(found) > _COUNTED,
    )


def _yours(user: Any) -> Waiting:
    """Return the drafts and working versions that the user began or changed."""
    changed = Revision.objects.filter(
        content_type=ContentType.objects.get_for_model(Trend),
        object_id=OuterRef("pk"),
        user=user.pk,
    )
    rows = Trend.everything.select_related("working_of").filter(
        Q(published__isnull=True), Q(Exists(changed)) | Q(preparation__begun_by=user.pk)
    )
    found, count = _first(rows, "-updated_at")
    items = [
        WaitingRow(
            str(trend),
            form_path(trend),
            _("working version") if trend.working_of_id else _("draft"),
        )
        for trend in found
    ]
    return Waiting(_("Your drafts"), items, count, _trends_in("draft"))


def _submitted() -> Waiting:
    # By keys: with a join alone, SQLite would look for a preparation of each trend.
    submitted = Preparation.objects.filter(submitted_at__isnull=False).values("trend")
    rows = Trend.everything.select_related("preparation").filter(pk__in=submitted)
    found, count = _first(rows, "preparation__submitted_at")
    items = [
        WaitingRow(
            str(trend),
            form_path(trend),
            ", ".join(map(_name, trend.preparation.in_review)),
        )
        for trend in found
    ]
    return Waiting(_("Waiting for review"), items, count, _trends_in("submitted"))


def _scheduled(today: datetime.date) -> Waiting:
    later = Trend.everything.filter(published__gt=today).order_by().values("pk")
    prepared = Preparation.objects.filter(publish_at__isnull=False).order_by().values("trend")
    rows = Trend.everything.select_related("preparation").filter(pk__in=later.union(prepared))
    found, count = _first(rows, F("preparation__publish_at").asc(nulls_last=True), "published")
    items = []
    for trend in found:
        at = trend.preparation.publish_at if hasattr(trend, "preparation") else None
        note = moment(at) if at else PartialDate.from_date(trend.published).display()
        items.append(WaitingRow(str(trend), form_path(trend), note))
    return Waiting(_("Scheduled"), items, count, _trends_in("scheduled"))


def _forecasts_due(today: datetime.date) -> Waiting:
    due = KeptForecasts(today).listed(ForecastState.DUE)
    items = [
        WaitingRow(str(translated(entry, "text")), form_path(entry.trend), entry.date.display())
        for entry in due[:_SHOWN]
    ]
    url = admin_path(Trend, "due")
    return Waiting(_("Forecasts to settle"), items, len(due), url)


def _unreviewed(today: datetime.date) -> Waiting:
    title = ngettext(
        "Not assessed for %(days)d day", "Not assessed for %(days)d days", settings.REVIEW_DAYS
    ) % {"days": settings.REVIEW_DAYS}
    return _list_of_trends(title, unreviewed(today), state="unreviewed")


def unreviewed(today: datetime.date) -> QuerySet[Any, int]:
    """Return the keys of trends that were not assessed for `REVIEW_DAYS`, the longest ago first.

    One of the kept lists has the reverse order.
    """
    listed = ListedTrend.objects.filter(language=languages()[0], in_force=1)
    # What begins later has not ended before.
    listed = listed.filter(reviewed__lt=_reviewed_since(today).isoformat())
    # A column, since PostgreSQL would read all assessments for NOT EXISTS.
    newer = _newer_assessments(today).filter(trend=OuterRef("trend_id")).values("pk")
    listed = listed.alias(newer=Subquery(newer[:1])).filter(newer=None)
    return listed.order_by("reviewed", "published", "-slug").values_list("trend_id", flat=True)


def _under_review() -> Waiting:
    title = _("What would change our mind is past its date")
    pks = Trend.objects.under_review().order_by("slug").values_list("pk", flat=True)
    return _list_of_trends(title, pks, state="review")


def _translations(shown: Iterable[type[models.Model]]) -> list[Waiting]:
    """Return the numbers of rows with missing and with stale texts, for each language.

    No index says what is missing. So of many rows of a kind only those that were added last are
    examined.
    """
    items: dict[str, list[WaitingRow]] = {code: [] for code in languages()}
    counts = dict.fromkeys(languages(), 0)
    for model in shown:
        rows = model._default_manager.order_by("-pk")
        numbers = model._default_manager.filter(pk__in=rows.values("pk")[:_EXAMINED]).aggregate(
            examined=Count("pk"),
            **{
                f"{kind}_{code}": Count("pk", filter=condition)
                for code in languages()
                for kind, condition in _standing(model, code).items()
            },
        )
        are_all = numbers["examined"] < _EXAMINED
        url = admin_path(model, "changelist")
        for code in languages():
            for kind, note in (
                (
                    MissingFilter,
                    _("%(count)d with texts missing")
                    if are_all
                    else _("%(count)d of the last %(most)d with texts missing"),
                ),
                (
                    StaleFilter,
                    _("%(count)d with texts out of date")
                    if are_all
                    else _("%(count)d of the last %(most)d with texts out of date"),
                ),
            ):
                if number := numbers[f"{kind.parameter_name}_{code}"]:
                    counts[code] += number
                    items[code].append(
                        WaitingRow(
                            capfirst(str(model._meta.verbose_name_plural)),
                            f"{url}?{kind.parameter_name}={code}",
                            note % {"count": number, "most": _EXAMINED},
                        )
                    )
    return [
        Waiting(
            _("To translate into %(language)s") % {"language": _name(code)},
            items[code],
            counts[code],
        )
        for code in languages()
    ]


def _links_that_died(models_with_links: Collection[type[models.Model]]) -> Waiting:
    """Return the numbers of dead links for each kind of row, and the first dead links in texts.

    One query for each kind, one for texts, and two more if a link in them is dead.
    """
    items, total = [], 0
    for model in models_with_links:
        if model in LINKED and (count := dead_links(model).count()):
            total += count
            name = capfirst(str(model._meta.verbose_name_plural))
            items.append(WaitingRow(name, _with_dead_links(model), str(count)))
    if Trend in models_with_links:
        in_texts = trends_linking_to(dead_in_texts())
        total += len(in_texts)
        if in_texts:
            name = _("Links in texts of trends")
            items.append(WaitingRow(name, _with_dead_links(Trend), str(len(in_texts))))
        for address, trend in list(in_texts.items())[:_SHOWN]:
            items.append(WaitingRow(str(trend), form_path(trend), address))
    return Waiting(_("Links that died"), items, total)


def _with_dead_links(model: type[models.Model]) -> str:
    return f"{admin_path(model, 'changelist')}?{PARAMETER}={LinkState.GONE}"


def _standing(model: type[models.Model], code: str) -> dict[str, Q]:
    """Return conditions for rows with missing and for rows with stale texts in a language."""
    if model is Trend:
        conditions = lacking_in(code), stale_in(code)
    else:
        conditions = lacking(model, code), Q(stale(model, code))
    return dict(
        zip((MissingFilter.parameter_name, StaleFilter.parameter_name), conditions, strict=True)
    )


def _latest_changes(shown: Iterable[type[models.Model]]) -> list[Latest]:
    """Return the latest changes by everyone, of a load or an import the last row. Two queries."""
    models_by_id = {kind.pk: model for model, kind in _content_types(shown).items()}
    versions = Revision.objects.without_content().exclude(action=FOUND)
    versions = versions.filter(content_type__in=list(models_by_id))
    later = versions.filter(
        pk__gt=OuterRef("pk"),
        origin=OuterRef("origin"),
        note=OuterRef("note"),
        username=OuterRef("username"),
        stored_at__lt=OuterRef("stored_at") + datetime.timedelta(minutes=1),
    )
    is_load = Q(origin__in=[Origin.FILE, Origin.IMPORT])
    latest = []
    for version in versions.exclude(is_load & Q(Exists(later.order_by())))[:_LATEST]:
        model = models_by_id[version.content_type_id]
        if version.action == Action.DELETED:
            url = admin_path(model, "bin")
        else:
            url = admin_path(model, "history", version.object_id)
        latest.append(Latest(ShownVersion(version, version.pk), str(model._meta.verbose_name), url))
    return latest


def _content_types(shown: Iterable[type[models.Model]]) -> dict[type[models.Model], ContentType]:
    found: dict[type[models.Model], ContentType] = ContentType.objects.get_for_models(*shown)
    return found


def _name(code: str) -> str:
    return str(get_language_info(code)["name_translated"])
