"""Pages as schema.org data, with the same content and texts as the pages.

A text in another language than the page has its own `inLanguage`.

Forecasts are list items, not instances of ClaimReview, which rates the truth of a factual claim.
"""

import json
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.core.paginator import Page
from django.db.models import Model
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from quotes.models import Expert, Mention, Source, Video
from trends.content import TrendContent
from trends.formats.card_files import card_address
from trends.models import Audience, Trend
from trends.queries.changes import Change
from trends.queries.vocabularies import Directory
from trendsite.shared.head import SITE_NAME
from trendsite.shared.models import Tag
from trendsite.shared.partial_dates import PartialDate
from trendsite.shared.paths import path_to
from trendsite.shared.translated import translated

Data = dict[str, Any]
# A text, with its language if that differs from the language of the surrounding data.
Words = str | dict[str, str]

# Escaped as in Django's json_script, so that no text can end the element or begin a comment.
_ESCAPED = [(sign, f"\\u{ord(sign):04X}") for sign in "<>&"]


def trend_data(page: TrendContent, language: str) -> SafeString:
    """Return the article of a trend with its quotations and citations, and a breadcrumb."""
    trend = page.trend
    address = _absolute(trend.get_absolute_url())
    title = translated(trend, "title")
    brief = trend.in_brief()
    article = {
        "@type": "Article",
        "@id": address,
        "url": address,
        "mainEntityOfPage": address,
        "headline": title.text,
        "description": _in(brief.text, brief.language, title.language),
        "image": card_address(trend, language),
        "inLanguage": title.language,
        "datePublished": trend.published and trend.published.isoformat(),
        "dateModified": trend.updated_at.isoformat(timespec="seconds"),
        "author": _site(),
        "publisher": _site(),
        "keywords": [_words(tag, "label", title.language) for tag in trend.tag_rows],
        "citation": [_work(note.source) for note in page.notes],
        "hasPart": [_quotation(item.row, language, trend) for item in page.mentions],
    }
    return _script(article, _breadcrumb(_words(trend, "title"), address))


def expert_data(expert: Expert, mentions: Page[Any], language: str) -> SafeString:
    """Return a person, with the quotations on this page of their list."""
    person = _person(expert)
    return _script(
        person, *_quotations(mentions, language), _breadcrumb(person["name"], person["@id"])
    )


def index_data(trends: Page[Any], language: str) -> SafeString:
    """Return the trends on a page of the index."""
    name = _("Trends backed by evidence")
    return _script(_collection(path_to("index"), name, language, _trend_list(trends)))


def a_z_data(page: Page[Any], trends: list[Trend], language: str) -> SafeString:
    """Return the trends on a page of the A–Z."""
    entries = [(_words(trend, "title"), _url(trend)) for trend in trends]
    return _list_page(path_to("a-z"), _("All trends from A to Z"), language, _list(page, entries))


def tag_data(tag: Tag, trends: Page[Any], mentions: Page[Any], language: str) -> SafeString:
    """Return a term, with the trends and quotations that have it as a tag."""
    name = _words(tag, "label")
    return _list_page(
        tag.get_absolute_url(),
        name,
        language,
        _trend_list(trends),
        about={"@type": "DefinedTerm", "name": name},
        hasPart=_quotations(mentions, language),
    )


def audience_data(audience: Audience, trends: Page[Any], language: str) -> SafeString:
    """Return an audience with the trends that concern it."""
    name = _("What it means for %(label)s") % {"label": audience}
    people = {"@type": "Audience", "audienceType": _words(audience, "label")}
    path = audience.get_absolute_url()
    return _list_page(path, name, language, _trend_list(trends), audience=people)


def source_data(source: Source, trends: Page[Any], language: str) -> SafeString:
    """Return a work with the trends that cite it."""
    own = source.title or not source.bracketed.text
    name = _in(str(source), (own and source.language) or language, language)
    path = source.get_absolute_url()
    return _list_page(path, name, language, _trend_list(trends), about=_work(source))


def video_data(video: Video, mentions: Page[Any], trends: Page[Any], language: str) -> SafeString:
    """Return a video with the quotations from it and the trends that quote it."""
    return _list_page(
        video.get_absolute_url(),
        str(video),
        language,
        _trend_list(trends),
        about=_recording(video),
        hasPart=_quotations(mentions, language),
    )


def forecasts_data(forecasts: Page[Any], language: str) -> SafeString:
    """Return the forecasts on a page of the list, each with its link on its trend."""
    entries = [
        (_words(entry, "text"), f"{_url(entry.trend)}#{entry.anchor}") for entry in forecasts
    ]
    return _list_page(path_to("forecasts"), _("Forecasts"), language, _list(forecasts, entries))


def changes_data(page: Page[Any], changes: list[Change], language: str) -> SafeString:
    """Return the changes on a page of the list, each with the title of its trend."""
    entries = [
        (_words(change.trend, "title"), f"{_url(change.trend)}#{change.anchor}")
        for change in changes
    ]
    return _list_page(path_to("changes"), _("Updates"), language, _list(page, entries))


def directory_data(directory: Directory, page: Page[Any], path: str, language: str) -> SafeString:
    """Return the experts, tags or audiences on a page of their list."""
    entries = [(_words(row, directory.name), _absolute(row.get_absolute_url())) for row in page]
    return _list_page(path, str(directory.heading), language, _list(page, entries))


def _list_page(path: str, name: Words, language: str, entries: Data, **more: Any) -> SafeString:
    """Return a page that lists entries, with a breadcrumb."""
    collection = _collection(path, name, language, entries, **more)
    return _script(collection, _breadcrumb(name, collection["@id"]))


def _collection(path: str, name: Words, language: str, entries: Data, **more: Any) -> Data:
    address = _absolute(path)
    return {
        "@type": "CollectionPage",
        "@id": address,
        "url": address,
        "name": name,
        "inLanguage": language,
        "publisher": _site(),
        **more,
        "mainEntity": entries,
    }


def _trend_list(trends: Page[Any]) -> Data:
    return _list(trends, [(_words(trend, "title"), _url(trend)) for trend in trends])


def _list(page: Page[Any], entries: list[tuple[Words, str]]) -> Data:
    """Return a page of a list: the length of the whole list, and these entries."""
    return {
        "@type": "ItemList",
        "numberOfItems": page.paginator.count,
        "itemListElement": [
            {"@type": "ListItem", "position": position, "url": address, "name": name}
            for position, (name, address) in enumerate(entries, page.start_index())
        ],
    }


def _script(*things: Data) -> SafeString:
    """Return a data block, which browsers do not run."""
    graph = {
        "@context": "https://schema.org",
        "@graph": [_without_blanks(thing) for thing in things],
    }
    text = json.dumps(graph, ensure_ascii=False, separators=(",", ":"))
    for sign, escaped in _ESCAPED:  # translate() takes ten times as long
        text = text.replace(sign, escaped)
    return mark_safe(f'<script type="application/ld+json">{text}</script>')  # escaped above


def _without_blanks(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _without_blanks(value) for key, value in data.items() if value}
    if isinstance(data, list):
        return [_without_blanks(value) for value in data]
    return data


def _site() -> Data:
    return {"@type": "Organization", "name": SITE_NAME, "url": _absolute(path_to("index"))}


def _breadcrumb(title: Words, address: str) -> Data:
    steps = [(_("Trends"), _absolute(path_to("index"))), (title, address)]
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": position, "name": name, "item": {"@id": step}}
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


def _quotations(mentions: Page[Any], language: str) -> list[Data]:
    return [_quotation(mention, language) for mention in mentions]


def _quotation(mention: Mention, language: str, trend: Trend | None = None) -> Data:
    """Return a quotation with its permanent link, by default on the first trend that shows it."""
    # The attribute is set by `mentions_for_readers()`.
    address = f"{_url(trend or vars(mention)['shown_on'][0])}#{mention.anchor}"
    translation = translated(mention, "translation")
    shown = mention.language != language and translation.text
    return {
        "@type": "Quotation",
        "@id": address,
        "url": address,
        "text": mention.original,
        "inLanguage": mention.language,
        "creator": _person(mention.expert),
        "workTranslation": shown
        and {
            "@type": "Quotation",
            "text": translation.text,
            "inLanguage": translation.language,
        },
        "isBasedOn": _recording(mention.video, mention) if mention.video else _work(mention.source),
    }


def _recording(video: Video, mention: Mention | None = None) -> Data:
    """Return a video; with a mention, at the time of the mention and with its picture."""
    picture = (mention or video).picture
    return {
        "@type": "VideoObject",
        "name": str(video),
        "url": mention.link if mention else video.url_at(),
        "thumbnailUrl": picture and urljoin(settings.SITE_URL, picture.fallback),
        "uploadDate": _date(video.date),
    }


def _work(source: Source | None) -> Data | None:
    if source is None:
        return None
    return {
        "@type": "CreativeWork",
        "name": source.title or _words(source, "description") or source.url,
        "description": source.title and _words(source, "description"),
        "url": source.url,
        "publisher": source.publisher and {"@type": "Organization", "name": source.publisher},
        "datePublished": _date(source.date),
        "inLanguage": source.language,
    }


def _date(date: PartialDate | None) -> str:
    """Return an ISO date, empty for a date such as a quarter, which has none."""
    return date.html_datetime if date else ""


def _words(row: Model, field: str, language: str | None = None) -> Words:
    """Return the text that readers get, inside data in `language`, by default the active one."""
    text = translated(row, field)
    return _in(text.text, text.language, language or text.wanted)


def _in(text: str, language: str, around: str) -> Words:
    """Return a text inside data in the language `around`, with its own language if it differs."""
    return {"@value": text, "@language": language} if text and language != around else text


def _url(trend: Trend) -> str:
    return _absolute(trend.get_absolute_url())


def _absolute(path: str) -> str:
    return settings.SITE_URL + path
