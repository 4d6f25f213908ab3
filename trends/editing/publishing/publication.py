"""Actions of editors on drafts and working versions: begin, publish, schedule, discard …

Each function is one write or changes nothing. `trends.models.preparations` explains the rows.
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
    """Return the kind of trends, which converts them to documents and back."""
    return kind_of(Trend)


Texts = Mapping[int, VersionText]
"""The texts of saved trends and working versions, by primary key."""


def text_of(trend: Trend) -> VersionText:
    """Return the saved trend or working version as a text."""
    return trend_kind().texts([trend.pk])[trend.pk]


def preparation_of(trend: Trend) -> Preparation:
    """Return the preparation of a draft or working version, unsaved if there is none yet."""
    # No query if it was fetched with the trend. If there is none, Django raises an AttributeError.
    found: Preparation | None = getattr(trend, "preparation", None)
    return found or Preparation(trend=trend)


def begin(trend: Trend, user: AbstractBaseUser | None) -> Trend:
    """Return the working version of a published trend. It is made if there is none."""
    with transaction.atomic():
        saved = Trend.locked(trend.pk)
        if working := Trend.everything.filter(working_of=saved).first():
            return working
        return keep_as_working_version(TrendCopy.of(saved), text_of(saved).text, user)


def keep_as_working_version(what: TrendCopy, base: str, user: AbstractBaseUser | None) -> Trend:
    """Save a copy of a trend as its working version. `base` is the text of the published trend."""
    with writing(Provenance(Origin.ADMIN, user)):
        working = what.save_as_working_version()
        preparation = Preparation(trend=working, slug=what.trend.slug)
        preparation.begun_by_id = user.pk if user else None
        preparation.base_text = base
        preparation.save()
    return working


def discard(working: Trend) -> None:
    """Delete a working version, with its list of versions."""
    with writing(Provenance(Origin.ADMIN)):
        Trend.locked(working.pk)
        Revision.objects.of(Trend, [working.pk]).delete()
        working.delete()


def combined(
    preparation: Preparation,
    choices: Mapping[str, Choice] | None = None,
    texts: Texts | None = None,
) -> tuple[Merged, VersionText]:
    """Merge a working version with changes of the published trend that were made meanwhile.

    Returns the merged document, and the text of the working version, which names the images.
    `texts` has the texts of both, if they are known.
    """
    kind = trend_kind()
    working = preparation.trend
    assert working.working_of_id is not None
    texts = texts or kind.texts([working.pk, working.working_of_id])
    published, version = texts[working.working_of_id].text, texts[working.pk]
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
    """Return the document of a working version with slugs and day of the published trend."""
    slug = preparation.slug or published["trend"]
    document = {**document, "trend": slug, **_formerly(slug, published)}
    if "published" in published:
        document["published"] = published["published"]
    return document


def _formerly(slug: str, published: Document) -> Document:
    """Return the key with former slugs for a published trend that gets `slug`, if it has any."""
    names = [*published.get("formerly", []), published["trend"]]
    former = [name for name in names if name != slug]
    return {"formerly": former} if former else {}


def findings_of(trend: Trend, languages: Collection[str] = ()) -> list[Finding]:
    """Return the findings of the checklist for a trend that has just been saved, errors first.

    `languages` are those to check, by default all. It reads the version that the write stored. If
    there is none, since a trend without versions was saved unchanged, nothing is found.
    """
    kind = trend_kind()
    last = Revision.objects.of(Trend, [trend.pk]).first() or text_of(trend)
    return check(kind.read(last.text), kind.layout, languages)


class CollisionError(ValidationError):
    """The published trend and its working version were both changed in the same place."""

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
    """Publish a draft or a working version; return the published trend.

    Args:
        choices: which side holds for each collision with the published trend.
        on: the day of publication, by default today.
        languages: the languages to publish, by default all. Texts in others stay in a working
            version.

    The note of the write has the reasons for which warnings were waived. Raises ValidationError,
    and changes nothing, if the trend cannot be published or the checklist has errors.
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
    """Publish a document in some languages, and keep the rest in a working version."""
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
    """Move the texts of a published trend in a language to a working version.

    Raises ValidationError if there is a working version already, or if no other language is left.
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
    """Set when a draft or working version is published. Raises ValidationError for a past time.

    `trends.editing.publishing.schedule` publishes it then.
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
    """Submit a draft or working version for review in some languages; without any, send it back.

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
    """Waive warnings of the checklist, given by their names.

    Raises ValidationError if the reason is empty.
    """
    if not (reason := reason.strip()):
        raise ValidationError(_("There are warnings: enter why it is published anyway."))
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
    """Cancel the scheduled publication of a draft or working version."""
    Preparation.objects.filter(trend=trend).update(publish_at=None, problem="")


def published_for_preview(working: Trend) -> Trend:
    """Publish a working version in a transaction that the caller rolls back; return the trend.

    In a collision the value of the working version is taken.
    """
    result, _text = combined(preparation_of(working))
    mine: dict[str, Choice] = {collision.path: "mine" for collision in result.collisions}
    return _publish(working, Provenance(Origin.ADMIN), mine)
