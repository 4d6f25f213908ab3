"""What a page says of itself outside of its content, for `base.html`."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from django.utils.functional import Promise

SITE_NAME = "Trendsite"


@dataclass(frozen=True)
class FeedLinks:
    """The addresses of the feeds of a page; `title` names what they are on."""

    title: str
    atom: str
    json: str


@dataclass(frozen=True, kw_only=True)
class Head:
    """The title of a page, its addresses, and what search engines and social media get.

    `title` and `description` are texts without markup. `path` is the canonical address without
    the site; `query` is the query string that the links to other languages keep, without `?`.
    `offered_languages` are those in which the page is offered, None for all. `card` is the
    address of a picture of 1200 × 630 drawn for the page, `picture` that of another one.
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
