"""Pages as a reader meets them: fetched, and read as a tree of elements."""

import re
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from xml.etree.ElementTree import Element, TreeBuilder

from django.test import Client
from django.utils import translation
from django.utils.translation import gettext

_VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
_HOLDS_WORDS = {"a", "dd", "dt", "figcaption", "h1", "h2", "h3", "li", "p", "td", "th", "title"}
_ROLES = {
    "article": "article",
    "form": "form",
    "li": "listitem",
    "main": "main",
    "nav": "navigation",
    "ol": "list",
    "section": "region",
    "table": "table",
    "ul": "list",
}


class _Builder(HTMLParser):
    """Fails on an end tag that closes another element than the last one opened."""

    def __init__(self) -> None:
        super().__init__()
        self.tree = TreeBuilder()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tree.start(tag, {name: value or "" for name, value in attrs})
        if tag in _VOID:
            self.tree.end(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tree.start(tag, {name: value or "" for name, value in attrs})
        self.tree.end(tag)

    def handle_endtag(self, tag: str) -> None:
        self.tree.end(tag)

    def handle_data(self, data: str) -> None:
        self.tree.data(data)


def parse(html: str) -> Element:
    builder = _Builder()
    builder.feed(html)
    builder.close()
    return builder.tree.close()


def read(client: Client, address: str, status: int = 200, **options: Any) -> Element:
    """The page at an address, which answers with `status`."""
    response = client.get(address, **options)
    assert response.status_code == status, f"{address} answers {response.status_code}"
    return parse(response.content.decode())


def words(element: Element | None) -> str:
    """The text of an element as it is read out, in one line: without what is hidden from that."""
    assert element is not None
    return " ".join("".join(_texts(element)).split())


def _texts(element: Element) -> Iterator[str]:
    if element.get("aria-hidden") == "true" or element.tag == "script":
        return
    yield element.text or ""
    for child in element:
        yield from _texts(child)
        yield child.tail or ""


def by_id(page: Element, anchor: str) -> Element | None:
    return page.find(f".//*[@id='{anchor}']")


def by_class(page: Element, name: str) -> list[Element]:
    """Return the elements of a CSS class, for what has neither a role nor an id of its own."""
    return [element for element in page.iter() if name in element.get("class", "").split()]


def by_ids(page: Element, pattern: str) -> list[Element]:
    """Return the elements whose whole id matches a regular expression, in order."""
    return [element for element in page.iter() if re.fullmatch(pattern, element.get("id", ""))]


def by_role(page: Element, role: str, name: str = "") -> list[Element]:
    """Return the elements of an ARIA role whose accessible name has `name` in it, in order.

    A name is read from `aria-label`, or from the element of `page` that `aria-labelledby` names.
    """
    return [
        element
        for element in page.iter()
        if (element.get("role") or _ROLES.get(element.tag)) == role
        and name in _accessible_name(page, element)
    ]


def _accessible_name(page: Element, element: Element) -> str:
    label = element.get("aria-labelledby")
    named = by_id(page, label) if label else None
    return element.get("aria-label", "") if named is None else words(named)


def main(page: Element) -> Element:
    """Return what a page has for itself, without the frame of the site."""
    [found] = by_role(page, "main")
    return found


def page_header(page: Element) -> Element:
    """Return the header of a page's own part."""
    found = main(page).find(".//header")
    assert found is not None
    return found


def pagination(page: Element) -> list[Element]:
    """Return the navigations between the pages of lists."""
    return [
        element
        for element in by_role(page, "navigation")
        if any(link.get("rel") in {"prev", "next"} for link in element.iter("a"))
    ]


def says(page: Element, message: str) -> bool:
    """Return whether a page says a message of the interface, in its own language."""
    with translation.override(page.get("lang")):
        return gettext(message) in words(main(page))


def trend_rows(page: Element) -> list[Element]:
    """Return the articles whose headings link to a trend."""
    return [
        article
        for article in by_role(page, "article")
        if (link := article.find("./*/a")) is not None
        and re.fullmatch(r"/\w+/trends/[^/]+/", link.get("href", ""))
    ]


def mention_cards(page: Element) -> list[Element]:
    """Return the articles that quote somebody."""
    return [
        article for article in by_role(page, "article") if article.find(".//blockquote") is not None
    ]


def form_to(page: Element, address: str) -> Element:
    """Return the one form that is sent to an address."""
    [found] = [form for form in page.iter("form") if form.get("action") == address]
    return found


def links(element: Element) -> dict[str, str]:
    """What the links of an element say, by address."""
    return {link.get("href"): words(link) for link in element.iter("a")}


def headings(page: Element) -> list[str]:
    return [words(heading) for heading in page.iter() if re.fullmatch("h[1-6]", heading.tag)]


def numbered_sources(page: Element) -> list[Element]:
    """Return the notes of a trend's page: list items, each with the source that it is of."""
    return by_ids(page, r"source-\d+")


def parts(page: Element) -> dict[str, str]:
    """The heading of each part of a trend's page by its anchor, in order."""
    return {
        part.get("id"): words(part.find(".//h2")) for part in page.iterfind(".//article//section")
    }


def notes(page: Element) -> list[str]:
    """The notes that say what is not translated."""
    return [words(note) for note in by_class(page, "fallback-note")]


def alternates(page: Element) -> dict[str, str]:
    """The addresses of the page for machines, by language; those of `canonical` under its name."""
    return {
        link.get("hreflang", "canonical"): link.get("href")
        for link in page.iterfind("head/link")
        # One with a type is another form of the page, not the page in another language.
        if link.get("rel") in {"alternate", "canonical"} and not link.get("type")
    }


def language_switch(page: Element) -> dict[str, str | None]:
    """The languages that a reader may choose, with the address of each that is a link."""
    with translation.override(page.get("lang")):
        [switch] = by_role(page, "navigation", gettext("Language"))
    chosen = {}
    for item in switch.iter("li"):
        link = item.find("a")
        chosen[words(item)] = None if link is None else link.get("href")
    return chosen


def spoken(page: Element, pattern: str) -> set[str]:
    """The languages under which those texts of the page stand that match a pattern.

    Code aside, such as a citation for a program to read.
    """
    found = set()

    def walk(element: Element, language: str) -> None:
        if element.tag in ("pre", "script"):
            return
        language = element.get("lang", language)
        if re.search(pattern, element.text or ""):
            found.add(language)
        for child in element:
            walk(child, language)
            if re.search(pattern, child.tail or ""):
                found.add(language)

    walk(page.find("body"), page.get("lang"))
    return found


def blanks(page: Element) -> list[str]:
    """The elements that should say something and do not."""
    return [
        f"{element.tag} {element.attrib}"
        for element in page.iter()
        if element.tag in _HOLDS_WORDS and not words(element) and element.find(".//img") is None
    ]


def broken_anchors(page: Element) -> list[str]:
    """The ids that are there twice, and the links within the page that lead nowhere."""
    ids = Counter(element.get("id") for element in page.iter() if element.get("id"))
    return [anchor for anchor, times in ids.items() if times > 1] + [
        target for target in _anchors(page) if target[1:] not in ids
    ]


def _anchors(page: Element) -> Iterator[str]:
    for link in page.iter("a"):
        if link.get("href", "").startswith("#"):
            yield link.get("href")
