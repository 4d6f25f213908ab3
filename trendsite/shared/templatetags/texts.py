"""Template tags and filters for texts, dates and addresses.

A page has hundreds of them. So what is escaped becomes a `SafeString` directly: `mark_safe()` and
Django's `escape()` ask first whether each text is lazy.
"""

import datetime
from collections.abc import Iterable, Sequence
from functools import lru_cache
from html import escape
from itertools import zip_longest
from typing import Any, Protocol

from django import template
from django.conf import settings
from django.db.models import Model
from django.template.loader import render_to_string
from django.urls import translate_url
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import (
    get_language,
    get_language_bidi,
    get_language_info,
    gettext,
    gettext_noop,
    to_locale,
)

from trendsite.shared.head import Head
from trendsite.shared.language_codes import direction_of
from trendsite.shared.partial_dates import PartialDate
from trendsite.shared.paths import path_to
from trendsite.shared.text.enumerations import enumerated_links
from trendsite.shared.text.japanese import gap_after, with_breaks, with_numbers
from trendsite.shared.text.markdown import marks_in_markdown, split_markdown
from trendsite.shared.text.marks import (
    SourceMark,
    marks_in_words,
    put_marks,
    with_places,
    without_places,
)
from trendsite.shared.translated import TranslatedText, record_fallback, shown, translated

register = template.Library()


class HasPermanentLink(Protocol):
    """A row with a permanent anchor on a page; `link_label` is what its link is called."""

    @property
    def anchor(self) -> str: ...

    @property
    def link_label(self) -> str: ...


class Citation(Protocol):
    """A mark at which a text cites a source: the number of its note, and its own id."""

    @property
    def number(self) -> int: ...

    @property
    def anchor(self) -> str: ...

    @property
    def source(self) -> Any: ...  # a model of an app that imports this one


# Here for our catalogues: in some languages, those of Django call it American English.
gettext_noop("English")


@register.simple_tag
def text(obj: Model, field: str, phrases: bool = False) -> SafeString:
    """Show a translated field, with `lang` where it falls back to another language.

    With `phrases`, Japanese breaks between phrases: for headings and cards.
    """
    value = shown(obj, field)
    if phrases:
        content = with_breaks(value.text, value.language)
    else:
        content = with_numbers(escape(value.text), value.language)
    return _marked("span", value, content)


@register.simple_tag
def rendered(component: str, **inputs: Any) -> SafeString:
    """Include a component whose inputs are plain values, such as texts, numbers and dates.

    It is rendered once for each set of values in a language, and stored in memory. Its file
    must not show a translated field, since that would not be recorded.
    """
    if settings.DEBUG:
        return SafeString(render_to_string(component, inputs))
    return _rendered(component, get_language(), tuple(inputs), *inputs.values())


# Typed, since a safe text equals the same text unescaped.
@lru_cache(maxsize=1024, typed=True)
def _rendered(
    component: str, _language: str | None, names: tuple[str, ...], *values: Any
) -> SafeString:
    return SafeString(render_to_string(component, dict(zip(names, values, strict=True))))


@register.simple_tag
def tag_list(tags: Sequence[Any]) -> SafeString | str:
    """Link to the pages of tags."""
    if not tags:
        return ""
    links = "\n".join(
        f'<li><a href="{tag.get_absolute_url()}">{text(tag, "label")}</a></li>' for tag in tags
    )
    label = escape(gettext("Tags"))
    return SafeString(f'<ul class="tag-list" aria-label="{label}">{links}</ul>')


@register.simple_tag
def marked_text(obj: Model, field: str, marks: Sequence[Citation | None] = ()) -> SafeString:
    """Show a translated field without markup, with what its marks cite, or else without marks."""
    value = shown(obj, field)
    found = marks_in_words(value.text)
    content = escape(with_places(without_places(value.text), found) if found else value.text)
    content = put_marks(content, _drawn(marks, value.text, found))
    return _marked("span", value, with_numbers(content, value.language))


@register.simple_tag
def linked_titles(rows: Iterable[Any]) -> SafeString:
    """Link to rows by their titles, in one line."""
    return enumerated_links(
        (row.get_absolute_url(), text(row, "title", phrases=True)) for row in rows
    )


@register.simple_tag
def prose_parts(
    obj: Model,
    field: str,
    blocks: int,
    below: int = 2,
    marks: Sequence[Citation | None] = (),
) -> dict[str, SafeString]:
    """Return the first blocks of a translated Markdown field as `lead`, the others as `rest`.

    `below` is the level of the heading above them, `marks` what the marks of the text cite.
    """
    value = shown(obj, field)
    drawn = _drawn(marks, value.text, marks_in_markdown(value.text))
    lead, rest = split_markdown(value.text, value.language, blocks=blocks, below=below, marks=drawn)
    lead, rest = (with_numbers(part, value.language) for part in (lead, rest))
    return {"lead": _marked("div", value, lead), "rest": rest and _marked("div", value, rest)}


@register.simple_tag
def lines(obj: Model, field: str) -> list[SafeString]:
    """Return the lines of a translated field, each as `text` gives a whole one."""
    value = shown(obj, field)
    return [
        _marked("span", value, with_numbers(escape(line), value.language))
        for line in value.text.split("\n")
        if line
    ]


def _marked(element: str, value: TranslatedText, content: SafeString) -> SafeString:
    if not value.is_fallback:
        return content
    return format_html("<{0}{1}>{2}</{0}>", element, in_language(value.language), content)


@register.simple_tag
def in_language(code: str) -> SafeString:
    """Return the attributes of an element whose text is in a language; empty for an unknown one.

    That is `lang`, and `dir` unless it runs as the page does.
    """
    return _in_language(code, get_language())


@lru_cache(maxsize=1024)
def _in_language(code: str, _language: str | None) -> SafeString:
    direction = direction_of(code)
    lang = f' lang="{escape(code)}"' if code else ""
    is_as_the_page = direction == ("rtl" if get_language_bidi() else "ltr")
    return SafeString(lang if is_as_the_page else f'{lang} dir="{direction}"')


def _drawn(
    marks: Sequence[Citation | None], text: str, found: Sequence[SourceMark]
) -> list[str] | None:
    """Return what is shown for each mark found in a text: as typed where it cites nothing."""
    if not marks:
        return None
    return [
        _citation(citation) if citation else escape(text[mark.start : mark.end])
        for mark, citation in zip_longest(found, marks[: len(found)])
    ]


def _citation(citation: Citation) -> SafeString:
    """Return the number of a note, as a button that opens its card and as a link to it.

    Browsers that know popovers show the button, others and the printer the link.
    """
    number = citation.number
    name = escape(
        gettext("Source %(number)s: %(name)s")
        % {"number": number, "name": citation.source.credit or citation.source.host}
    )
    anchor = f' id="{citation.anchor}"' if citation.anchor else ""
    return SafeString(
        f'<sup class="mark"{anchor}>'
        f'<a href="#source-{number}" aria-label="{name}">{number}</a>'
        f'<button type="button" popovertarget="source-card-{number}" aria-label="{name}" hidden>'
        f"{number}</button></sup>"
    )


TRANSLATION_NOTE = "<!-- translation note -->"


@register.simple_tag
def translation_note() -> SafeString:
    """Mark the place of the note on what is shown in another language.

    Only after a page is rendered is it known what it showed: `render_page()` puts the note here.
    No text can contain the mark, since all are escaped.
    """
    return SafeString(TRANSLATION_NOTE)


@register.filter
def plain(obj: Model, field: str) -> str:
    """Return a translated field as text without markup: for attributes and conditions."""
    return translated(obj, field).text


@register.simple_tag
def gap(before: str) -> str:
    """Return the space between a text and what follows on the same line, if it needs one."""
    return gap_after(before)


@register.filter
def phrases(interface_text: str) -> SafeString:
    """Return a text of the interface that breaks between phrases only; for headings."""
    return with_breaks(str(interface_text), get_language() or "")


@register.filter
def partial_date(value: PartialDate | None) -> SafeString | str:
    """Show a partial date, in a `time` element where HTML has a form for it."""
    if value is None:
        return ""
    if not value.html_datetime:
        return value.display()
    shown = escape(value.display())
    return SafeString(f'<time datetime="{value.html_datetime}">{shown}</time>')


@register.filter
def language_name(code: str) -> str:
    """Return a language's name in the active language; its code if Django does not know it."""
    try:
        return str(get_language_info(code)["name_translated"])
    except KeyError:
        return code


_LOCALES = {"en": "en_GB", "ja": "ja_JP"}
"""Open Graph names a language with a country."""


@register.simple_tag(takes_context=True)
def alternates(context: template.Context, head: Head | None) -> list[dict[str, Any]]:
    """Return the page in each language: `code`, `name`, `locale`, `url`, `offered`, `current`.

    An error page has no head: it is the address asked for, in all languages.
    """
    request = context.get("request")
    path = head.path if head else request.path if request else "/"
    offered = head.offered_languages if head else None
    query = head.query if head else ""
    current = get_language()
    links = []
    for code, name in settings.LANGUAGES:
        url = translate_url(path, code)
        if not url.startswith(f"/{code}/"):
            url = f"/{code}/"  # an address that is no page has no other language
        links.append(
            {
                "code": code,
                "name": name,
                "locale": _LOCALES.get(code) or to_locale(code),
                "url": f"{url.partition('?')[0]}?{query}" if query else url,
                "absolute_url": settings.SITE_URL + url,
                "offered": offered is None or code in offered,
                "current": code == current,
            }
        )
    return links


@register.simple_tag
def canonical(links: list[dict[str, Any]]) -> dict[str, str]:
    """Return the canonical `address` of a page, and the `default` for all other languages.

    A page that is not offered in its own language, since too little of it is translated, has
    the address of one that is. `links` are those of `alternates`.
    """
    offered = [link for link in links if link["offered"]] or links
    own = [link for link in offered if link["current"]] or offered
    return {"address": own[0]["absolute_url"], "default": offered[0]["absolute_url"]}


@register.simple_tag
def site_card() -> str:
    """Return the absolute address of the picture for shared pages without one of their own."""
    return settings.SITE_URL + path_to("site-card")


@register.filter(expects_localtime=True)
def day(value: datetime.date) -> str:
    """Show a day; of a moment, the day in the site's time zone."""
    date = value.date() if isinstance(value, datetime.datetime) else value
    return PartialDate.from_date(date).display()


@register.simple_tag
def permanent_link(row: HasPermanentLink) -> SafeString:
    """Link to the permanent anchor of a row on this page."""
    anchor, label = escape(row.anchor), escape(str(row.link_label))
    return SafeString(f'<a class="permanent-link" href="#{anchor}" aria-label="{label}">¶</a>')


@register.simple_tag
def marked_parts(parts: Iterable[Any], language: str = "") -> SafeString:
    """Join the parts of a text, with those that a search found in `mark`.

    `language` is the one that the text is in, for a text that falls back to another language.
    """
    if language and language != get_language():
        record_fallback(language)
    return format_html_join(
        "", "{}", ([_mark(part.text) if part.is_found else part.text] for part in parts)
    )


def _mark(found: str) -> SafeString:
    return format_html("<mark>{}</mark>", found)
