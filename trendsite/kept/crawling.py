"""Finding all addresses of the public site by following links, as a crawler does."""

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from html import unescape
from urllib.parse import parse_qsl, urljoin, urlsplit

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse, translate_url
from django.utils import translation

from trendsite.kept.entries import Address, KeptAnswer
from trendsite.kept.front import Front
from trendsite.shared.former_slugs import FormerSlug
from trendsite.shared.translated import languages

PAGE_NUMBERS = {"forecasts", "mentions", "p", "page", "trends"}
"""The query parameters that number pages. Links with any other parameter are not followed."""

_IN_ATTRIBUTES = re.compile(r'="(/[^"/][^"]*|\?[^"]*)"')
_FILES = re.compile(r"/[\w-]+/[\w./-]+\.\w+")
_PATH = r"""(/[^\s"'<>()\[\]{}\\]*)"""
_IN_STYLES = re.compile(r"""url\(\s*["']?([^"')]+)""")


@dataclass
class Crawl:
    """Follows the links of the site from the index pages, the sitemap and a few other addresses.

    While `pages()` runs, `files` collects the paths of pictures, styles and fonts, `broken` the
    paths that are errors, with their status, and `redirects` the targets of redirected paths.
    """

    front: Front
    files: set[str] = field(default_factory=set)
    redirects: dict[str, str] = field(default_factory=dict)
    broken: dict[str, str] = field(default_factory=dict)

    def pages(self) -> Iterator[tuple[Address, KeptAnswer]]:
        """Yield each page once: its address and its answer."""
        waiting = deque(_start_addresses())
        seen = set(waiting)
        while waiting:
            path, query = waiting.popleft()
            address = self.address(path, query)
            found = self.front.answer(address)
            if not isinstance(found, KeptAnswer):
                self._note(path, found)
                continue
            yield address, found
            if found.is_compressed:
                new = set(self._links(found.body("identity").decode(), path)) - seen
                seen |= new
                waiting.extend(sorted(new))

    def address(self, path: str, query: str = "") -> Address:
        site = urlsplit(settings.SITE_URL)
        return Address(site.scheme, site.netloc, path, query)

    def former_addresses(self, paths: set[str]) -> dict[str, str]:
        """Map the former paths of renamed rows, in all languages and formats, to the present ones.

        `paths` are all paths of the site. One query, and one for each model of renamed rows.
        """
        found: dict[str, str] = {}
        for former in FormerSlug.objects.prefetch_related("row"):
            row = former.row
            if row is None:
                continue
            slug = getattr(row, row.address_field)
            for language in languages():
                with translation.override(language):
                    page = row.get_absolute_url()
                base = page.rstrip("/")
                if page not in paths or not base.endswith(f"/{slug}"):
                    continue
                old = base.removesuffix(slug) + former.slug
                for path in paths:
                    if path.startswith((f"{base}/", f"{base}.")):
                        found[old + path.removeprefix(base)] = path
        return found

    def _note(self, path: str, response: HttpResponse) -> None:
        if 300 <= response.status_code < 400:
            self.redirects[path] = response["Location"]
        elif response.status_code != 200:
            self.broken[path] = str(response.status_code)

    @cached_property
    def _file_prefixes(self) -> tuple[str, str]:
        return settings.STATIC_URL, settings.MEDIA_URL

    @cached_property
    def _not_followed(self) -> tuple[str, ...]:
        """Prefixes of paths that are not public, or have endless variants."""
        return (reverse("admin:index"), "/healthz", *search_paths())

    def _links(self, text: str, base: str) -> Iterator[tuple[str, str]]:
        """Yield path and query of the links in a text, and collect those to files.

        Links are paths in attributes, and absolute addresses of the site anywhere.
        """
        self.files |= {
            path for path in _FILES.findall(text) if path.startswith(self._file_prefixes)
        }
        absolute = re.findall(re.escape(settings.SITE_URL) + _PATH, text)
        for link in {*_IN_ATTRIBUTES.findall(text), *absolute}:
            path, _, query = unescape(link).rstrip(".,;").partition("#")[0].partition("?")
            path = path or base
            excluded = (*self._not_followed, *self._file_prefixes)
            if not path.startswith(excluded) and _is_page(query):
                yield path, query


def search_paths() -> list[str]:
    """Return the paths of the search in every language."""
    return [translate_url(reverse("search"), code) for code in languages()]


def styles_of(path: str, text: str) -> set[str]:
    """Return the paths of the files that a style sheet loads."""
    found = {urljoin(path, link) for link in _IN_STYLES.findall(text)}
    return {link for link in found if link.startswith(settings.STATIC_URL)}


def _is_page(query: str) -> bool:
    names = {name for name, _value in parse_qsl(query, keep_blank_values=True)}
    return names <= PAGE_NUMBERS if query else True


def _start_addresses() -> Iterator[tuple[str, str]]:
    for name in ("robots", "llms", "sitemap", "trends-json", "speculation-rules"):
        yield reverse(name), ""
    for code in languages():
        with translation.override(code):
            yield reverse("index"), ""
