"""Template tags and filters for texts, dates and addresses.

A page has hundreds of them, so escaped text is made a `SafeString` directly: `mark_safe()` and
Django's `escape()` first check whether a text is lazy.
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
from django.utils.html import conditional_escape, format_html, format_html_join
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
    """A row with a permanent anchor on a page. `link_label` is the accessible name of its link."""

    @property
    def anchor(self) -> str: ...

    @property
    def link_label(self) -> str: ...


class Citation(Protocol):
    """A citation of a source in a text: the number of its note, and the id of the citation."""

    @property
    def number(self) -> int: ...

    @property
    def anchor(self) -> str: ...

    @property
    def source(self) -> Any: ...  # a model of an app that depends on this one


# For our catalogues: Django's call it American English in some languages.
gettext_noop("English")


@register.simple_tag
def text(obj: Model, field: str, phrases: bool = False) -> SafeString:
    """Show a translated field, with `lang` if it falls back to another language.

    With `phrases`, Japanese breaks between phrases only, for headings and cards.
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

    The result is cached for each language and set of values. The component must not show a
    translated field, since the fallback language would not be recorded.
    """
    if settings.DEBUG:
        return SafeString(render_to_string(component, inputs))
    return _rendered(component, get_language(), tuple(inputs), *inputs.values())


# `typed`, since a SafeString is equal to the same unsafe text.
@lru_cache(maxsize=1024, typed=True)
def _rendered(
    component: str, _language: str | None, names: tuple[str, ...], *values: Any
) -> SafeString:
    return SafeString(render_to_string(component, dict(zip(names, values, strict=True))))


@register.simple_tag
def tag_list(tags: Sequence[Any]) -> SafeString | str:
    """Show a list of links to the pages of tags."""
    if not tags:
        return ""
    links = "\n".join(
        f'<li><a href="{tag.get_absolute_url()}">{text(tag, "label")}</a></li>' for tag in tags
    )
    label = escape(gettext("Tags"))
    return SafeString(f'<ul class="tag-list" aria-label="{label}">{links}</ul>')


@register.simple_tag
def marked_text(obj: Model, field: str, marks: Sequence[Citation | None] = ()) -> SafeString:
    """Show a translated plain text with its citations; without `marks`, its marks are left out."""
    value = shown(obj, field)
    found = marks_in_words(value.text)
    content = escape(with_places(without_places(value.text), found) if found else value.text)
    content = put_marks(content, _drawn(marks, value.text, found))
    return _marked("span", value, with_numbers(content, value.language))


@register.simple_tag
def linked_titles(rows: Iterable[Any]) -> SafeString:
    """Show links to rows, with their titles, in one line."""
    return enumerated_links((row.get_absolute_url(), text(row, "title")) for row in rows)


@register.simple_tag
def prose_parts(
    obj: Model,
    field: str,
    blocks: int,
    below: int = 2,
    marks: Sequence[Citation | None] = (),
) -> dict[str, SafeString]:
    """Return the first blocks of a translated Markdown field as `lead`, the others as `rest`.

    `below` is the level of the heading above them. `marks` are the citations of the text, in order.
    """
    value = shown(obj, field)
    drawn = _drawn(marks, value.text, marks_in_markdown(value.text))
    lead, rest = split_markdown(value.text, value.language, blocks=blocks, below=below, marks=drawn)
    lead, rest = (with_numbers(part, value.language) for part in (lead, rest))
    return {"lead": _marked("div", value, lead), "rest": rest and _marked("div", value, rest)}


@register.simple_tag
def lines(obj: Model, field: str) -> list[SafeString]:
    """Return the lines of a translated field, each shown as `text` shows a whole field."""
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
    """Return the attributes `lang` and, if it differs from the page's, `dir` for a language.

    Empty for an unknown language.
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
    """Return the HTML of each mark found in a text. A mark that cites nothing is shown as typed."""
    if not marks:
        return None
    return [
        _citation(citation) if citation else escape(text[mark.start : mark.end])
        for mark, citation in zip_longest(found, marks[: len(found)])
    ]


def _citation(citation: Citation) -> SafeString:
    """Return the number of a note, as a button that opens its card and as a link to it.

    Browsers that support popovers show the button; other browsers and print show the link.
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
    """Return a placeholder for the note on texts in other languages.

    `render_page()` replaces it after rendering, when the languages are known. Texts cannot contain
    the placeholder, since they are escaped.
    """
    return SafeString(TRANSLATION_NOTE)


@register.filter
def plain(obj: Model, field: str) -> str:
    """Return a translated field as unmarked text, for attributes and conditions."""
    return translated(obj, field).text


@register.simple_tag
def gap(before: str) -> str:
    """Return a space if one is needed after a text that is followed by more on the same line."""
    return gap_after(before)


@register.filter
def phrases(interface_text: str) -> SafeString:
    """Return a text of the interface that breaks between phrases only, for headings."""
    return with_breaks(str(interface_text), get_language() or "")


@register.filter
def numbers(interface_text: str) -> SafeString:
    """Return a text of the interface in which no line breaks between a number and its counter."""
    return with_numbers(conditional_escape(interface_text), get_language() or "")


@register.filter
def partial_date(value: PartialDate | None) -> SafeString | str:
    """Show a partial date on one line, in a `time` element if HTML has a form for it."""
    if value is None:
        return ""
    shown = escape(value.display())
    if not value.html_datetime:
        return SafeString(f'<span class="number">{shown}</span>')
    return SafeString(f'<time datetime="{value.html_datetime}">{shown}</time>')


@register.filter
def language_name(code: str) -> str:
    """Return the name of a language in the active language, or its code if Django has no name."""
    try:
        return str(get_language_info(code)["name_translated"])
    except KeyError:
        return code


_LOCALES = {"en": "en_GB", "ja": "ja_JP"}
"""Open Graph names a language with a country."""


@register.simple_tag(takes_context=True)
def alternates(context: template.Context, head: Head | None) -> list[dict[str, Any]]:
    """Return links to the page in each language.

    They have the keys `code`, `name`, `locale`, `url`, `offered` and `current`. An error page,
    which has no head, links to the requested address in each language.
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
            url = f"/{code}/"  # an address without a page has no translations
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
    """Return the canonical `address` of a page, and the `default` address for other languages.

    A page that is not offered in its language, since too little is translated, has the address of
    a language in which it is offered. `links` are those of `alternates`.
    """
    offered = [link for link in links if link["offered"]] or links
    own = [link for link in offered if link["current"]] or offered
    return {"address": own[0]["absolute_url"], "default": offered[0]["absolute_url"]}


@register.simple_tag
def site_card() -> str:
    """Return the absolute address of the card for pages that have none of their own."""
    return settings.SITE_URL + path_to("site-card")


@register.filter(expects_localtime=True)
def day(value: datetime.date) -> str:
    """Show a day. A moment is shown as its day in the site's time zone."""
    date = value.date() if isinstance(value, datetime.datetime) else value
    return PartialDate.from_date(date).display()


@register.simple_tag
def permanent_link(row: HasPermanentLink) -> SafeString:
    """Link to the permanent anchor of a row on this page."""
    anchor, label = escape(row.anchor), escape(str(row.link_label))
    return SafeString(f'<a class="permanent-link" href="#{anchor}" aria-label="{label}">¶</a>')


@register.simple_tag
def marked_parts(parts: Iterable[Any], language: str = "") -> SafeString:
    """Join the parts of a text, with `mark` elements around those that a search found.

    `language` is the language of a text that falls back to another one.
    """
    if language and language != get_language():
        record_fallback(language)
    joined = format_html_join(
        "", "{}", ([_mark(part.text) if part.is_found else part.text] for part in parts)
    )
    return with_numbers(joined, language or get_language() or "")


def _mark(found: str) -> SafeString:
    return format_html("<mark>{}</mark>", found)
