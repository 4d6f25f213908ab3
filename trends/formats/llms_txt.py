"""The site for language models, in the form of llmstxt.org: what it is, and where to read it."""

from collections.abc import Iterator

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from trends.formats.addresses import addresses
from trends.models import Trend
from trendsite.shared.paging import rows_between
from trendsite.shared.text.markdown import as_words
from trendsite.shared.translated import languages, translated

TRENDS_A_LANGUAGE = 200


def llms_txt() -> str:
    """English for everyone, with lists of trends in each language. Two queries a language."""
    return "\n\n".join(_blocks()) + "\n"


def _blocks() -> Iterator[str]:
    yield "# Trendsite"
    yield (
        "> Pages on trends that rest on evidence: what is shifting and why, who says so, what it "
        "means for whom, and what was forecast. Each judgement (status, confidence) is dated and "
        "sourced, and forecasts are settled in public."
    )
    yield (
        "Quotations stand in their original language with a translation. Where a text is not "
        "translated, another language stands in and is named. Each trend is there as a page "
        "(`…/trends/<slug>/`), as Markdown (`….md`) and as JSON (`….json`)."
    )
    site = settings.SITE_URL
    yield "## For programs"
    yield "\n".join(
        (
            f"- [All trends as JSON]({site}{reverse('trends-json')}): in all languages, paged, "
            "with filters by status, confidence, tag, audience, expert and year",
            f"- [Map of the site]({site}{reverse('sitemap')}): every page in every language",
            *(
                f"- {_page('feed-atom', code, 'Feed')}: what is new and what moved"
                for code in languages()
            ),
        )
    )
    yield "## The record"
    yield "\n".join(
        line
        for code in languages()
        for line in (
            f"- {_page('forecasts', code, 'Forecasts')}: what was foretold and what came of it",
            f"- {_page('changes', code, 'Changes')}: every change of judgement, with its reason",
        )
    )
    for code in languages():
        offered = Trend.objects.in_force().offered_in(code).latest_first()
        trends = rows_between(offered, 0, TRENDS_A_LANGUAGE)
        if links := "\n".join(_link(trend, code) for trend in trends):
            yield f"## Trends ({translation.get_language_info(code)['name_local']})"
            yield links
    for code in languages():
        trends = Trend.objects.retired().offered_in(code).order_by("-retired", "slug")
        if links := "\n".join(_retired(trend, code) for trend in trends[:TRENDS_A_LANGUAGE]):
            yield f"## Retired trends ({translation.get_language_info(code)['name_local']})"
            yield links


def _page(name: str, language: str, words: str) -> str:
    """A link to a page of the site, and in which language it is."""
    with translation.override(language):
        address = settings.SITE_URL + reverse(name)
    return f"[{words}, {translation.get_language_info(language)['name']}]({address})"


def _retired(trend: Trend, language: str) -> str:
    """No longer in force, and the page says why."""
    return f"- {_titled(trend, language)}: retired on {trend.retired.isoformat()}"


def _titled(trend: Trend, language: str) -> str:
    title = as_words(translated(trend, "title", language).text)
    return f"[{title}]({addresses(trend, language)['markdown']})"


def _link(trend: Trend, language: str) -> str:
    subtitle = as_words(translated(trend, "subtitle", language).text)
    link = f"- {_titled(trend, language)}"
    return f"{link}: {subtitle}" if subtitle else link
