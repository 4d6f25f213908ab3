"""What editors do with drafts and working versions: begin, publish, schedule, throw away.

Each is one write, or nothing. `Preparation` says what the rows hold.
"""

import datetime
from collections.abc import Collection, Mapping
from dataclasses import replace

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from trends.editing.actions import publish as publish_draft
from trends.editing.publishing.checklist import Finding, check, refuse_errors
from trends.editing.publishing.chosen_languages import in_languages
from trends.editing.publishing.copies import TrendCopy
from trends.editing.publishing.present_names import with_present_names
from trends.models import Preparation, Trend
from trendsite.shared.revisions.kinds import Document, RevisedKind, VersionText, kind_of
from trendsite.shared.revisions.merging import Choice, Merged, merged
from trendsite.shared.revisions.models import Revision
from trendsite.shared.translated import active_language
from trendsite.shared.translated import languages as all_languages
from trendsite.shared.writes import Action, Origin, Provenance, Write, writing


def trend_kind() -> RevisedKind:
    """Return how trends become texts, and texts trends."""
    kind = kind_of(Trend)
    assert kind is not None  # the app registers it when it is ready
    return kind


def text_of(trend: Trend) -> VersionText:
    """Return all that is saved of a trend or a working version."""
    return trend_kind().texts([trend.pk])[trend.pk]


def preparation_of(trend: Trend) -> Preparation:
    """Return the state of a draft or working version, an unsaved one where nothing was done yet."""
    # Without a query where it was fetched with the trend; Django raises an AttributeError.
    found: Preparation | None = getattr(trend, "preparation", None)
    return found or Preparation(trend=trend)


def begin(trend: Trend, user: AbstractBaseUser | None) -> Trend:
    """Return the working version of a published trend, begun from what readers see if need be."""
    with transaction.atomic():
        saved = Trend.locked(trend.pk)
        if working := Trend.everything.filter(working_of=saved).first():
            return working
        return keep_as_working_version(TrendCopy.of(saved), text_of(saved).text, user)


def keep_as_working_version(what: TrendCopy, base: str, user: AbstractBaseUser | None) -> Trend:
    """Save a copy of a trend as its working version. `base` is the text that readers see."""
    with writing(Provenance(Origin.ADMIN, user)):
        working = what.save_as_working_version()
        preparation = Preparation(trend=working, slug=what.trend.slug)
        preparation.begun_by_id = user.pk if user else None
        preparation.base_text = base
        preparation.save()
    return working


def discard(working: Trend) -> None:
    """Throw a working version away, with the list of its own versions."""
    with writing(Provenance(Origin.ADMIN)):
        Trend.locked(working.pk)
        Revision.objects.of(Trend, [working.pk]).delete()
        working.delete()


def combined(
    preparation: Preparation, choices: Mapping[str, Choice] | None = None
) -> tuple[Merged, VersionText]:
    """Return what a working version makes of the published trend, with what changed meanwhile.

    The text is that of the working version, which tells the images.
    """
    kind = trend_kind()
    working = preparation.trend
    assert working.working_of_id is not None
    published = kind.texts([working.working_of_id])[working.working_of_id].text
    version = text_of(working)
    theirs = kind.read(published)
    mine = _as_published(kind.read(version.text), preparation, theirs)
    base = kind.read(preparation.base_text or published)
    if base == theirs:
        return Merged(mine), version
    base = with_present_names(base, kind.layout)
    result = merged(base, mine, theirs, kind.layout, active_language(), choices)
    result.document.update(_formerly(result.document["trend"], theirs))
    return result, version


def _as_published(document: Document, preparation: Preparation, published: Document) -> Document:
    """Return the document of a working version with what only the published trend has."""
    slug = preparation.slug or published["trend"]
    document = {**document, "trend": slug, **_formerly(slug, published)}
    if "published" in published:
        document["published"] = published["published"]
    return document


def _formerly(slug: str, published: Document) -> Document:
    """Return the former addresses of a published trend that gets a slug, if there are any."""
    names = [*published.get("formerly", []), published["trend"]]
    former = [name for name in names if name != slug]
    return {"formerly": former} if former else {}


def findings_of(trend: Trend, languages: Collection[str] = ()) -> list[Finding]:
    """Return what the checklist finds in a trend that has just been written, the errors first.

    In some languages, or in all. It reads the version that the write stored; there is none where
    a trend that never had one was saved without a change.
    """
    kind = trend_kind()
    last = Revision.objects.of(Trend, [trend.pk]).first() or text_of(trend)
    return check(kind.read(last.text), kind.layout, languages)


class CollisionError(ValidationError):
    """The published trend was changed where the working version was, too."""

    def __init__(self, result: Merged) -> None:
        super().__init__(
            _("The published trend was changed at the same places meanwhile: choose what holds.")
        )
        self.result = result


def publish(
    trend: Trend,
    provenance: Provenance,
    choices: Mapping[str, Choice] | None = None,
    on: datetime.date | None = None,
    languages: Collection[str] | None = None,
) -> Trend:
    """Publish a draft, or bring what a working version holds to readers; return the trend.

    Of `languages` alone, if they are given; what is written in others waits in a working version.
    The reasons for which warnings were waived are in the note of the write. Raises ValidationError
    where this cannot be, or the checklist has errors; then nothing is changed.
    """
    with transaction.atomic():
        done = _publish(trend, provenance, choices, on, languages)
        refuse_errors(findings_of(done, languages or ()))
    return done


def _publish(
    trend: Trend,
    provenance: Provenance,
    choices: Mapping[str, Choice] | None = None,
    on: datetime.date | None = None,
    languages: Collection[str] | None = None,
) -> Trend:
    waivers = Preparation.objects.filter(trend=trend).values_list("waivers", flat=True).first()
    reasons = dict.fromkeys(waiver["reason"] for waiver in (waivers or {}).values())
    note = " · ".join(filter(None, [provenance.note, *reasons]))
    provenance = replace(provenance, note=note[:300])
    with writing(provenance) as write:
        saved = Trend.locked(trend.pk)
        if saved.working_of_id is not None:
            return _bring(preparation_of(saved), write, choices, languages)
        Preparation.objects.filter(trend=saved).delete()
        if languages is not None:
            version = text_of(saved)
            _split(saved, trend_kind().read(version.text), {}, version, languages, write)
        return publish_draft(saved, provenance, on)


def _bring(
    preparation: Preparation,
    write: Write,
    choices: Mapping[str, Choice] | None,
    languages: Collection[str] | None,
) -> Trend:
    working = preparation.trend
    assert working.working_of_id is not None
    published = Trend.locked(working.working_of_id)
    result, version = combined(preparation, choices)
    if result.collisions:
        raise CollisionError(result)
    discard(working)
    kind = trend_kind()
    if languages is None:
        kind.restore(
            published.pk, result.document, version.extra, write.provenance, Action.PUBLISHED
        )
    else:
        present = kind.read(text_of(published).text)
        _split(published, result.document, present, version, languages, write)
    return Trend.objects.get(pk=published.pk)


def _split(
    trend: Trend,
    document: Document,
    present: Document,
    version: VersionText,
    languages: Collection[str],
    write: Write,
) -> None:
    """Give a trend what a document says in some languages; the rest waits in a working version."""
    if not set(document.get("title", {})) & set(languages):
        raise ValidationError(_("There is no title in the languages that you chose."))
    kind = trend_kind()
    part = in_languages(document, present, kind.layout, languages)
    provenance = write.provenance
    with transaction.atomic():
        kind.restore(trend.pk, document, version.extra, provenance)
        whole = TrendCopy.of(trend)
        transaction.set_rollback(True)
    kind.restore(trend.pk, part, version.extra, provenance, Action.PUBLISHED)
    if part != document:
        keep_as_working_version(whole, text_of(trend).text, provenance.user)


def withdraw(trend: Trend, language: str, provenance: Provenance) -> None:
    """Take the texts of a published trend in a language from readers, into a working version.

    Raises ValidationError if there is one already, or no other language is left.
    """
    with writing(provenance) as write:
        saved = Trend.locked(trend.pk)
        if Trend.everything.filter(working_of=saved).exists():
            raise ValidationError(_("There is a working version: publish it or throw it away."))
        version = text_of(saved)
        others = [code for code in all_languages() if code != language]
        _split(saved, trend_kind().read(version.text), {}, version, others, write)


def schedule(
    trend: Trend,
    at: datetime.datetime,
    user: AbstractBaseUser | None,
    languages: Collection[str] | None = None,
) -> Preparation:
    """Set when a draft or working version is published. Raises ValidationError if it is past.

    `trends.editing.publishing.schedule` does it then.
    """
    if at <= timezone.now():
        raise ValidationError(_("This time is past. Choose a later one, or publish now."))
    with transaction.atomic():
        preparation = preparation_of(Trend.locked(trend.pk))
        if preparation.trend.is_published():
            raise ValidationError(_("This trend is already published."))
        preparation.publish_at = at
        preparation.languages = list(languages or [])
        preparation.scheduled_by_id = user.pk if user else None
        preparation.problem = ""
        preparation.save()
    return preparation


def submit(
    trend: Trend, languages: Collection[str], user: AbstractBaseUser | None, note: str = ""
) -> None:
    """Submit a draft or working version for review in some languages; with none, take it back.

    `note` is shown to the reviewer, or to the author who gets it back.
    """
    with transaction.atomic():
        preparation = preparation_of(Trend.locked(trend.pk))
        preparation.in_review = [code for code in all_languages() if code in languages]
        preparation.submitted_at = timezone.now() if preparation.in_review else None
        if preparation.in_review:
            preparation.submitted_by_id = user.pk if user else None
        preparation.note = note
        preparation.save()


def waive(
    trend: Trend, findings: Collection[str], reason: str, user: AbstractBaseUser | None
) -> None:
    """Let warnings of the checklist, by their names, not count. Raises ValidationError."""
    if not (reason := reason.strip()):
        raise ValidationError(_("There are warnings: write why it is published all the same."))
    with transaction.atomic():
        preparation = preparation_of(Trend.locked(trend.pk))
        waiver = {
            "reason": reason[:200],
            "by": user.get_username() if user else "",
            "at": timezone.now().isoformat(timespec="minutes"),
        }
        preparation.waivers |= {name[:200]: waiver for name in findings}
        preparation.save()


def unschedule(trend: Trend) -> None:
    """Take back that a draft or working version is published at a time."""
    Preparation.objects.filter(trend=trend).update(publish_at=None, problem="")


def published_for_preview(working: Trend) -> Trend:
    """Publish a working version, for a transaction that is rolled back; return the trend.

    Where two editors changed one value, that of the working version is shown.
    """
    result, _text = combined(preparation_of(working))
    mine: dict[str, Choice] = {collision.path: "mine" for collision in result.collisions}
    return _publish(working, Provenance(Origin.ADMIN), mine)
