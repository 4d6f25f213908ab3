"""A description of the site for language models, as proposed by llmstxt.org."""

from collections.abc import Iterator

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import translation

from trends.formats.responses import for_programs
from trends.models import Trend
from trendsite.shared.paging import rows_between
from trendsite.shared.snapshots import snapshot
from trendsite.shared.text.markdown import as_words
from trendsite.shared.translated import languages, translated

TRENDS_A_LANGUAGE = 200


@for_programs
@snapshot()
def llms(request: HttpRequest) -> HttpResponse:
    """Return `/llms.txt`."""
    return HttpResponse(llms_txt(), content_type="text/plain; charset=utf-8")


def llms_txt() -> str:
    """Return the text in English, with lists of trends in each language. Two queries for each."""
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
    """Return a link to a page of the site, with its language."""
    with translation.override(language):
        address = settings.SITE_URL + reverse(name)
    return f"[{words}, {translation.get_language_info(language)['name']}]({address})"


def _retired(trend: Trend, language: str) -> str:
    """Return the entry of a retired trend."""
    return f"- {_titled(trend, language)}: retired on {trend.retired}"


def _titled(trend: Trend, language: str) -> str:
    title = as_words(translated(trend, "title", language).text)
    return f"[{title}]({trend.absolute_urls(language)['markdown']})"


def _link(trend: Trend, language: str) -> str:
    subtitle = as_words(translated(trend, "subtitle", language).text)
    link = f"- {_titled(trend, language)}"
    return f"{link}: {subtitle}" if subtitle else link
