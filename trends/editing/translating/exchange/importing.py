"""Finding out what a file of translations would change, and importing it."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from django.db import transaction
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from trends.editing.translating.exchange.translation_files import TranslationFile
from trends.editing.translating.saving import (
    RefusedTranslationsError,
    save_translations,
    tidied,
)
from trends.editing.translating.side_by_side import pieces_as_html
from trends.editing.translating.trend_texts import TrendText, fetch_trend, texts_of_trend
from trends.models import Trend
from trendsite.shared.revisions.wording import compared
from trendsite.shared.text.facts import facts_in
from trendsite.shared.text.markdown import structure_of
from trendsite.shared.text.marks import marks_in_words
from trendsite.shared.writes import Origin, Provenance

MARKDOWN = {"shift", "body"}
"""The fields that are Markdown."""


@dataclass
class ProposedText:
    """A text of a file, with what it would change, or why it is refused."""

    slug: str
    name: str
    heading: str
    language: str
    before: str
    after: str
    is_still_right: bool = False
    is_of_older_source: bool = False
    problems: list[str] = field(default_factory=list)

    @property
    def html(self) -> SafeString:
        """Return the change as HTML."""
        return pieces_as_html(compared(self.before, self.after, self.language))


@dataclass(frozen=True)
class ProposedImport:
    """What a file would change. `unchanged` is the number of its texts that are saved already."""

    file: TranslationFile
    changes: list[ProposedText]
    refused: list[ProposedText]
    unchanged: int


def propose(
    file: TranslationFile, may_write: Callable[[TrendText], bool] = lambda text: True
) -> ProposedImport:
    """Compare a file with the saved texts. The number of queries grows with that of trends."""
    changes: list[ProposedText] = []
    refused: list[ProposedText] = []
    unchanged = 0
    known = {slug: _texts_by_name(slug, file.language) for slug in {t.slug for t in file.texts}}
    for exchanged in file.texts:
        text = known[exchanged.slug].get(exchanged.name)
        if text is None:
            heading = f"{exchanged.slug}: {exchanged.name}"
            gone = ProposedText(
                exchanged.slug, exchanged.name, heading, file.language, "", exchanged.target
            )
            gone.problems.append(_("This text is no longer there."))
            refused.append(gone)
            continue
        after = tidied(text, exchanged.target)
        is_same = after == text.state.text
        is_right = is_same and exchanged.is_done and text.state.status == "stale"
        if not after or (is_same and not is_right) or exchanged.is_fuzzy:
            unchanged += 1
            continue
        proposed = ProposedText(
            exchanged.slug,
            exchanged.name,
            f"{exchanged.slug}: {text.heading}",
            file.language,
            text.state.text,
            after,
            is_right,
            tidied(text, exchanged.source) != text.state.source,
            problems_of(text.state.field, exchanged.source, after),
        )
        if not may_write(text):
            proposed.problems.append(_("You may not change this text."))
        if is_right and proposed.is_of_older_source:
            unchanged += 1  # it is a translation of an earlier source
            continue
        (refused if proposed.problems else changes).append(proposed)
    return ProposedImport(file, changes, refused, unchanged)


def _texts_by_name(slug: str, language: str) -> dict[str, TrendText]:
    found = Trend.objects.filter(slug=slug).values_list("pk", flat=True).first()
    trend = fetch_trend(found) if found is not None else None
    return {text.name: text for text in texts_of_trend(trend, language)} if trend else {}


def problems_of(field_name: str, source: str, target: str) -> list[str]:
    """Return what a translation lacks of its source: links, marks, structure."""
    if field_name in MARKDOWN:
        wanted, there = structure_of(source), structure_of(target)
    else:
        wanted, there = _links_and_marks(source), _links_and_marks(target)
    problems = []
    names = {
        "heading_open": _("headings"),
        "list_item_open": _("items of lists"),
        "blockquote_open": _("quotations"),
        "table_open": _("tables"),
        "tr_open": _("rows of tables"),
        "fence": _("blocks of code"),
        "code_block": _("blocks of code"),
        "hr": _("lines between parts"),
    }
    for (kind, value), count in (wanted - there).items():
        if kind == "link_open":
            problems.append(_("The link to %(address)s is missing.") % {"address": value})
        elif kind == "mark":
            problems.append(_("The mark “[^%(key)s]” is missing.") % {"key": value})
        elif kind == "code_inline":
            problems.append(_("The code “%(code)s” is missing.") % {"code": value})
        else:
            problems.append(
                _("Missing: %(what)s (%(count)d).") % {"what": names[kind], "count": count}
            )
    for (kind, value), count in (there - wanted).items():
        if kind == "link_open":
            problems.append(_("The link to %(address)s is not in the source.") % {"address": value})
        elif kind == "mark":
            problems.append(_("The mark “[^%(key)s]” is not in the source.") % {"key": value})
        elif kind in names:
            problems.append(
                _("Not in the source: %(what)s (%(count)d).")
                % {"what": names[kind], "count": count}
            )
    if field_name == "key_points" and source.count("\n") != target.count("\n"):
        problems.append(_("The number of lines is not that of the source."))
    return problems


def _links_and_marks(text: str) -> Counter[tuple[str, str]]:
    found = Counter(("mark", mark.key) for mark in marks_in_words(text))
    for fact in facts_in(text, ""):
        if fact.kind == "link":
            found["link_open", str(fact.values[0])] += 1
    return found


def import_file(
    file: TranslationFile,
    provenance: Provenance,
    may_write: Callable[[TrendText], bool] = lambda text: True,
    *,
    writable: Callable[[Trend], Trend] = lambda trend: trend,
) -> int:
    """Save the texts of a file that `propose()` does not refuse; return their number.

    `writable` returns the row to write to, which is the trend or its working version. Raises
    RefusedTranslationsError, and saves nothing, if a text is invalid.
    """
    proposed = propose(file, may_write)
    sources = {(text.slug, text.name): text for text in file.texts}
    count = 0
    with transaction.atomic():
        for slug in dict.fromkeys(change.slug for change in proposed.changes):
            of_trend = [change for change in proposed.changes if change.slug == slug]
            trend = writable(Trend.objects.get(slug=slug))
            try:
                count += save_translations(
                    trend.pk,
                    file.language,
                    {c.name: c.after for c in of_trend if not c.is_still_right},
                    provenance,
                    still_right=[c.name for c in of_trend if c.is_still_right],
                    translated_from={
                        c.name: sources[slug, c.name].source
                        for c in of_trend
                        if c.is_of_older_source
                    },
                    may_write=may_write,
                )
            except RefusedTranslationsError as error:
                raise RefusedTranslationsError(
                    {f"{slug}: {name}": message for name, message in error.messages.items()}
                ) from error
    return count


def by_command(note: str) -> Provenance:
    """Return the provenance of an import by a command."""
    return Provenance(Origin.FILE, note=note)
