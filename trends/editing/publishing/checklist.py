"""The checklist: what a trend lacks before it is published, found in its document.

Errors prevent publication. Warnings have to be waived by an editor, with a reason.
"""

import datetime
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.urls import Resolver404, resolve
from django.utils import timezone, translation
from django.utils.text import capfirst
from django.utils.translation import get_language_from_path, gettext, ngettext
from django.utils.translation import gettext_lazy as _

from quotes.links.models import CheckedLink, LinkState
from quotes.models import Expert, Source
from trends.levels import EntryKind, Outcome
from trends.models import Audience, Driver, Implication, TimelineEntry, Trend
from trends.queries.links_in_texts import links_elsewhere
from trendsite.shared.former_slugs import former_rows
from trendsite.shared.models import Tag
from trendsite.shared.partial_dates import PartialDate
from trendsite.shared.permanent_keys import KeyedModel
from trendsite.shared.revisions.kinds import Document
from trendsite.shared.revisions.layout import Item, Layout, Rows, Value, get
from trendsite.shared.text.facts import lost_facts
from trendsite.shared.text.marks import marks_in_words
from trendsite.shared.translated import active_language, languages

_CITING = ("drivers", "implications", "assessments")
_LINK = re.compile(r"\]\(\s*<?([^\s()<>]+)|^\[[^\]]+\]:\s*(\S+)", re.MULTILINE)
_ANCHORED: dict[str, type[KeyedModel]] = {
    "drivers": Driver,
    "implications": Implication,
    "timeline": TimelineEntry,
}
# The models whose slugs or keys are in addresses, by the name of the view.
_NAMED: dict[str, tuple[Any, str]] = {
    "tag": (Tag, "slug"),
    "audience": (Audience, "slug"),
    "expert": (Expert, "slug"),
    "source": (Source, "key"),
}
_NOWHERE, _ELSEWHERE = "nowhere", "elsewhere"
_PARTS = {
    *("shift", "drivers", "implications", "voices", "timeline", "assessments"),
    *("reading", "mentions", "sources", "related", "levels"),
}


@dataclass(frozen=True)
class Finding:
    """Something that is wrong or missing. `name` identifies it from one check to the next."""

    name: str
    text: str
    is_error: bool = False
    link: str = ""
    """The link that leads nowhere, where it is that."""


@dataclass(frozen=True)
class _Text:
    """A translated text of a document, with its label and its place as part of a finding's name.

    `part` and `row` are those of a text of a row.
    """

    texts: dict[str, str]
    label: str
    path: str
    part: Rows | None = None
    row: Item = field(default_factory=dict)

    @property
    def place(self) -> str:
        """The place in words, which few texts are asked for."""
        if self.part is None:
            return str(capfirst(self.label))
        return f"{_title(self.part, self.row)} ({self.label})"


KnownNames = Mapping[str, Collection[str] | None]
"""The slugs or keys for which a view has a page, by its name; None if the view needs none."""


def check(
    document: Document,
    layout: Layout,
    chosen: Collection[str] = (),
    known: KnownNames | None = None,
) -> list[Finding]:
    """Return the findings for a document, errors first.

    `chosen` are the languages to check, by default all in which the trend is written. `known` is
    what `names_linked_to()` returns for several documents; without it, at most eight queries.
    """
    known = names_linked_to([document], layout) if known is None else known
    written = [code for code in languages() if code in document.get("title", {})]
    if chosen:
        written = [code for code in written if code in chosen]
    texts = list(_texts(document, layout))
    found = [
        *_languages(document, written),
        *_links(document, texts, written, known),
        *_missing(document, texts, written),
        *_without_source(document, layout),
        *_gone(texts, written, known),
        *_overdue(document, layout),
        *_different_numbers(texts, written),
    ]
    return sorted(found, key=lambda finding: not finding.is_error)


def refuse_errors(findings: Iterable[Finding]) -> None:
    """Raise ValidationError if there are errors among the findings."""
    errors = [finding.text for finding in findings if finding.is_error]
    if errors:
        raise ValidationError(errors)


def _texts(document: Document, layout: Layout) -> Iterator[_Text]:
    """Yield the translated texts of a document, also of mentions, in the order of the page."""
    for part in layout:
        if isinstance(part, Value):
            value = get(document, part.name)
            if isinstance(value, dict):
                yield _Text(value, str(part.label), part.name)
            continue
        for key, row in _rows(document, part):
            for column in part.values:
                value = get(row, column.name)
                if isinstance(value, dict):
                    if column.name == "translation":  # the original is one of the texts
                        value = {row["language"]: row["original"], **value}
                    path = f"{part.name}={key}:{column.name}"
                    yield _Text(value, str(column.label), path, part, row)


def _rows(document: Document, part: Rows) -> Iterator[tuple[str, Item]]:
    rows = get(document, part.name) or []
    return zip(part.keys(rows), rows, strict=True)


def _title(part: Rows, row: Item) -> str:
    return gettext("%(part)s: %(row)s") % {
        "part": capfirst(part.label),
        "row": part.title(row, active_language()),
    }


def _name(code: str) -> str:
    name: str = translation.get_language_info(code)["name_local"]
    return name


def _languages(document: Document, written: Collection[str]) -> Iterator[Finding]:
    shift = document.get("shift", {})
    if shift and not any(code in shift for code in written):
        text = _("No language has both a title and the text of the shift.")
        yield Finding("offered", str(text), is_error=True)
    if not shift:
        yield Finding("shift", gettext("There is no text of the shift."))


def _missing(
    document: Document, texts: Collection[_Text], written: Collection[str]
) -> Iterator[Finding]:
    points = document.get("key_points", {})
    for code in written:
        if code not in points:
            text = gettext("There are no key points in %(language)s.") % {"language": _name(code)}
            yield Finding(f"key_points:{code}", text)
        lacking = [
            text
            for text in texts
            if text.path not in ("key_points", "title_reading") and code not in text.texts
        ]
        if lacking:
            places = [text.place for text in lacking[:5]] + ["…"] * (len(lacking) > 5)
            shown = "; ".join(places)
            message = ngettext(
                "%(count)d text is missing in %(language)s: %(places)s",
                "%(count)d texts are missing in %(language)s: %(places)s",
                len(lacking),
            )
            values = {"count": len(lacking), "language": _name(code), "places": shown}
            yield Finding(f"texts:{code}:{len(lacking)}", message % values)


def _without_source(document: Document, layout: Layout) -> Iterator[Finding]:
    shift = document.get("shift", {})
    if shift and not (document.get("shift_sources") or _are_marked(shift)):
        yield Finding("source:shift", gettext("The shift has no source."))
    for part in layout:
        if not isinstance(part, Rows):
            continue
        for key, row in _rows(document, part):
            name = f"source:{part.name}={key}"
            if part.name == "mentions":
                if not (row.get("video") or row.get("source")):
                    text = gettext("Neither video nor source: %(row)s")
                    yield Finding(name, text % {"row": _title(part, row)})
            elif (part.name in _CITING and not (row.get("sources") or _is_marked(row))) or (
                part.name == "timeline" and not (row.get("source") or row.get("made_by"))
            ):
                text = gettext("No source: %(row)s")
                yield Finding(name, text % {"row": _title(part, row)})


def _is_marked(row: Item) -> bool:
    return any(_are_marked(value) for value in row.values() if isinstance(value, dict))


def _are_marked(texts: dict[str, str]) -> bool:
    return any(marks_in_words(text) for text in texts.values() if isinstance(text, str))


def _overdue(document: Document, layout: Layout) -> Iterator[Finding]:
    today = timezone.localdate()
    for part in layout:
        if not isinstance(part, Rows) or part.name != "timeline":
            continue
        for key, row in _rows(document, part):
            is_open = row.get("kind") == EntryKind.FORECAST and row.get("outcome") in (
                None,
                Outcome.PENDING,
            )
            if is_open and _is_past(row["date"], today):
                text = gettext("The forecast is due: %(row)s")
                yield Finding(f"overdue:{key}", text % {"row": _title(part, row)})


def _is_past(text: str, today: datetime.date) -> bool:
    return PartialDate.parse(text).last_day < today


def _different_numbers(texts: Collection[_Text], written: Collection[str]) -> Iterator[Finding]:
    """Find texts whose numbers or dates differ in value between two languages.

    Both texts must have one that the other lacks: a number that is only in one of them may be a
    word in the other.
    """
    for text in texts:
        there = [code for code in written if code in text.texts]
        for pair in combinations(there if text.path != "title_reading" else [], 2):
            lost = {
                one: [
                    fact.shown
                    for fact in lost_facts(text.texts[one], one, text.texts[other], other)
                    if fact.kind in ("number", "date")
                ]
                for one, other in (pair, pair[::-1])
            }
            if all(lost.values()):
                shown = [f"{_name(code)} {', '.join(numbers)}" for code, numbers in lost.items()]
                message = gettext("%(place)s: numbers differ: %(numbers)s") % {
                    "place": text.place,
                    "numbers": " / ".join(shown),
                }
                yield Finding(f"number:{text.path}:{'/'.join(shown)}", message)


# Links to other sites


def _gone(
    texts: Collection[_Text], written: Collection[str], known: KnownNames
) -> Iterator[Finding]:
    """Find links to other sites that were gone at the last check of links."""
    wanted: dict[str, _Text] = {}
    for text in texts:
        for code in written:
            for link in _links_elsewhere(text, text.texts.get(code, "")):
                wanted.setdefault(link, text)
    for link in sorted(set(known[_ELSEWHERE] or ()) & wanted.keys()):
        message = gettext("%(place)s: the link “%(address)s” is gone")
        yield Finding(f"gone:{link}", message % {"place": wanted[link].place, "address": link})


def _links_elsewhere(text: _Text, words: str) -> list[str]:
    is_markdown = text.path == "shift" or text.path.endswith(":body")
    return links_elsewhere(words) if is_markdown else []


def _dead_elsewhere(addresses: Collection[str]) -> set[str]:
    if not addresses:
        return set()
    dead = CheckedLink.objects.filter(state=LinkState.GONE, address__in=list(addresses))
    return set(dead.values_list("address", flat=True))


# Links within the site


def names_linked_to(documents: Collection[Document], layout: Layout) -> KnownNames:
    """Return what `check()` needs to know about links of documents. At most eight queries."""
    addresses: set[str] = set()
    elsewhere: set[str] = set()
    for document in documents:
        for text in _texts(document, layout):
            for words in text.texts.values():
                addresses.update(links_within(words))
                elsewhere.update(_links_elsewhere(text, words))
    named = _named(addresses)
    known: KnownNames = {view: _known(view, set(names.values())) for view, names in named.items()}
    return {**known, _ELSEWHERE: _dead_elsewhere(elsewhere)}


def _links(
    document: Document,
    texts: Collection[_Text],
    written: Collection[str],
    known: KnownNames,
) -> Iterator[Finding]:
    """Find links within the site that lead nowhere."""
    wanted: defaultdict[str, list[_Text]] = defaultdict(list)
    for text in texts:
        for code in written:
            for address in links_within(text.texts.get(code, "")):
                wanted[address].append(text)
    dead = _dead(wanted, document, known) if wanted else set()
    for address in sorted(dead):
        for text in wanted[address][:1]:
            message = gettext("%(place)s: the link “%(address)s” leads nowhere") % {
                "place": text.place,
                "address": address,
            }
            yield Finding(f"link:{address}", message, is_error=True, link=address)


def links_within(text: str) -> Iterator[str]:
    """Yield the paths of the links in a text that lead to the site itself."""
    for match in _LINK.finditer(text):
        address = (match[1] or match[2]).removeprefix(settings.SITE_URL)
        if address.startswith(("/", "#")) and not address.startswith("//"):
            yield address


def _dead(addresses: Collection[str], document: Document, known: KnownNames) -> set[str]:
    there = _anchors(document)
    dead = {address for address in addresses if address[0] == "#" and address[1:] not in there}
    for view, names in _named(addresses).items():
        if view == _NOWHERE:
            dead |= names.keys()
        elif (found := known[view]) is not None:
            own = {document["trend"]} if view == "trend" else set()
            dead |= {address for address, name in names.items() if name not in {*found, *own}}
    return dead


def _named(addresses: Iterable[str]) -> dict[str, dict[str, str]]:
    """Return the slugs or keys in paths of the site, by the name of the address and the path."""
    named: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for address in addresses:
        path = re.split("[?#]", address)[0]
        if not path:
            continue
        with translation.override(get_language_from_path(path) or settings.LANGUAGE_CODE):
            try:
                match = resolve(path)
            except Resolver404:
                if not path.startswith((settings.MEDIA_URL, settings.STATIC_URL)):
                    named[_NOWHERE][address] = ""
                continue
        name = match.kwargs.get("slug", match.kwargs.get("key", ""))
        named[match.view_name or ""][address] = name
    return named


def _known(view: str, names: Collection[str]) -> set[str] | None:
    """Return those of `names` for which a view has a page; None if the view needs no name."""
    if view == "trend":
        slugs = set(Trend.objects.published().filter(slug__in=names).values_list("slug", flat=True))
        return slugs | set(former_rows(Trend, names))
    if view not in _NAMED:
        return None
    model, field = _NAMED[view]
    found = set(model.objects.filter(**{f"{field}__in": names}).values_list(field, flat=True))
    return found | set(former_rows(model, names))


def _anchors(document: Document) -> set[str]:
    """Return the ids on the trend's page to which a text may link."""
    found = set(_PARTS)
    for part, model in _ANCHORED.items():
        found |= {f"{model.anchor_kind}-{row['key']}" for row in document.get(part, [])}
    return found | {f"quotation-{row['key']}" for row in document.get("mentions", [])}
