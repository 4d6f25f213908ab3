"""The metadata of a page, for `base.html`."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from django.utils.functional import Promise

SITE_NAME = "Trendsite"


@dataclass(frozen=True)
class FeedLinks:
    """The addresses of a page's feeds. `title` is the title of the feeds."""

    title: str
    atom: str
    json: str


@dataclass(frozen=True, kw_only=True)
class Head:
    """The title of a page, its addresses, and its metadata for search engines and social media.

    Args:
        title, description: texts without markup.
        path: the path of the canonical address.
        query: the query string of links to other languages, without `?`.
        offered_languages: the languages in which the page is offered, None for all.
        card: the address of a picture of 1200 × 630 pixels that was drawn for the page.
        picture: the address of another picture, for pages without a card.
    """

    title: str | Promise
    path: str
    description: str | Promise = ""
    query: str = ""
    offered_languages: Collection[str] | None = None
    type: Literal["article", "profile", "website"] = "website"
    card: str = ""
    picture: str = ""
    feed: FeedLinks | None = None
    structured_data: str = ""
