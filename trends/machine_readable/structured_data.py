"""Pages as schema.org data: only what they show, in the words in which they show it.

Forecasts have no type here. A ClaimReview rates what others claim, with a rating that a forecast
which is pending does not have.
"""

import json
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.core.paginator import Page
from django.db.models import Model
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from quotes.models import Expert, Mention, Source
from trends.machine_readable.card_files import card_address
from trends.models import Trend
from trends.pages import TrendPage
from trendsite.partial_dates import PartialDate
from trendsite.translated import translated

Data = dict[str, Any]

# As Django's json_script: nothing in a text ends the element, or begins a comment in it.
_ESCAPED = {ord(sign): f"\\u{ord(sign):04X}" for sign in "<>&"}


def trend_data(page: TrendPage, language: str) -> SafeString:
    """An article with its quotations and citations, and its place on the site."""
    trend = page.trend
    address = _absolute(trend.get_absolute_url())
    title = translated(trend, "title")
    article = {
        "@type": "Article",
        "@id": address,
        "url": address,
        "mainEntityOfPage": address,
        "headline": title.text,
        "description": _words(trend, "subtitle"),
        "image": card_address(trend, language),
        "inLanguage": title.language,
        "datePublished": trend.published and trend.published.isoformat(),
        "dateModified": trend.updated_at.isoformat(timespec="seconds"),
        "author": _site(),
        "publisher": _site(),
        "keywords": [_words(tag, "label") for tag in trend.tag_rows],
        "citation": [_work(note.source) for note in page.notes],
        "hasPart": [_quotation(item.row, language) for item in page.mentions],
    }
    return _script(article, _breadcrumb(title.text, address))


def expert_data(expert: Expert, mentions: Page, language: str) -> SafeString:
    """A person, and those of their words that stand on this page."""
    person = _person(expert)
    quotations = [_quotation(mention, language) for mention in mentions]
    return _script(person, *quotations, _breadcrumb(person["name"], person["@id"]))


def index_data(trends: Page, language: str) -> SafeString:
    """The trends of a page of the index."""
    address = _absolute(reverse("index"))
    return _script(
        {
            "@type": "CollectionPage",
            "@id": address,
            "url": address,
            "name": _("Trends that rest on evidence"),
            "inLanguage": language,
            "publisher": _site(),
            "mainEntity": {
                "@type": "ItemList",
                "numberOfItems": trends.paginator.count,
                "itemListElement": [
                    {
                        "@type": "ListItem",
                        "position": position,
                        "url": _absolute(trend.get_absolute_url()),
                        "name": _words(trend, "title"),
                    }
                    for position, trend in enumerate(trends, trends.start_index())
                ],
            },
        }
    )


def _script(*things: Data) -> SafeString:
    """A data block, which no browser runs."""
    graph = {
        "@context": "https://schema.org",
        "@graph": [_without_blanks(thing) for thing in things],
    }
    text = json.dumps(graph, ensure_ascii=False).translate(_ESCAPED)
    return mark_safe(f'<script type="application/ld+json">{text}</script>')  # escaped above


def _without_blanks(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _without_blanks(value) for key, value in data.items() if value}
    if isinstance(data, list):
        return [_without_blanks(value) for value in data]
    return data


def _site() -> Data:
    return {"@type": "Organization", "name": "Trendsite", "url": _absolute(reverse("index"))}


def _breadcrumb(title: str, address: str) -> Data:
    steps = [(_("Trends"), _absolute(reverse("index"))), (title, address)]
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": position, "name": name, "item": step}
            for position, (name, step) in enumerate(steps, 1)
        ],
    }


def _person(expert: Expert) -> Data:
    affiliation = _words(expert, "affiliation")
    address = _absolute(expert.get_absolute_url())
    return {
        "@type": "Person",
        "@id": address,
        "url": address,
        "name": _words(expert, "name"),
        "jobTitle": _words(expert, "role"),
        "affiliation": affiliation and {"@type": "Organization", "name": affiliation},
        "sameAs": expert.url,
    }


def _quotation(mention: Mention, language: str) -> Data:
    translation = translated(mention, "translation")
    shown = mention.language != language and translation.text
    return {
        "@type": "Quotation",
        "text": mention.original,
        "inLanguage": mention.language,
        "creator": _person(mention.expert),
        "workTranslation": shown
        and {
            "@type": "Quotation",
            "text": translation.text,
            "inLanguage": translation.language,
        },
        "isBasedOn": _recording(mention) if mention.video else _work(mention.source),
    }


def _recording(mention: Mention) -> Data:
    video = mention.video
    return {
        "@type": "VideoObject",
        "name": str(video),
        "url": mention.link,
        "thumbnailUrl": _absolute(mention.picture.fallback),
        "uploadDate": _date(video.date),
    }


def _work(source: Source | None) -> Data | None:
    return source and {
        "@type": "CreativeWork",
        "name": source.title or source.url,
        "url": source.url,
        "publisher": source.publisher and {"@type": "Organization", "name": source.publisher},
        "datePublished": _date(source.date),
        "inLanguage": source.language,
    }


def _date(date: PartialDate | None) -> str:
    """An ISO date; nothing for a quarter, which has none."""
    return date.html_datetime if date else ""


def _words(row: Model | Trend, field: str) -> str:
    return translated(row, field).text


def _absolute(path: str) -> str:
    return urljoin(settings.SITE_URL, path)
