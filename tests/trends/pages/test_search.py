"""The page of the search, as readers meet it."""

import pytest
from django.utils.html import escape

from tests.support.make import date, make_audience, make_mention, make_trend
from tests.support.queries import no_queries_while_rendering
from tests.support.reading import headings, links, parse, read, trend_rows, words
from trends.models import Implication, TrendMention
from trends.search.results import TRENDS_A_PAGE

# Which terms are common; matches; their rank; the counts of status, confidence and year; counts
# and rows of tags, audiences and experts; trends; which passages, their texts; speakers.
SEARCH_QUERIES = 14

pytestmark = [pytest.mark.django_db, pytest.mark.searched]


def page(client, language: str = "en", **query) -> str:
    response = client.get(f"/{language}/search/", query)
    assert response.status_code == 200
    assert not response.cookies
    return response.content.decode()


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("address", ["/{}/", "/{}/trends/example-trend/"])
def test_every_page_has_the_field(client, language, address):
    make_trend()
    html = client.get(address.format(language)).content.decode()
    assert f'<form class="site-search" action="/{language}/search/" role="search">' in html
    assert '<label class="visually-hidden" for="site-search">' in html
    assert '<input id="site-search" type="search" name="q"' in html


@pytest.mark.parametrize("language", ["en", "ja"])
def test_without_words_there_is_the_field_alone(client, language):
    make_trend()
    html = page(client, language)
    assert html.count('type="search"') == 1
    assert "example-trend" not in html


def test_what_is_found_is_marked_under_its_own_language(client):
    make_trend(title_en="Application over training", title_ja="訓練より応用")
    html = page(client, "en", q="訓練")
    assert '<a href="/en/trends/example-trend/">Application over training</a>' in html
    assert '<p lang="ja"><mark>訓練</mark>より応用</p>' in html
    html = page(client, "ja", q="訓練")
    assert '<a href="/ja/trends/example-trend/"><mark>訓練</mark>より応用</a>' in html


def test_a_title_that_stands_in_says_its_language(client):
    make_trend(title_en=None, title_ja="訓練より応用")
    html = page(client, "en", q="応用")
    assert 'lang="ja">訓練より<mark>応用</mark></a>' in html
    assert "Parts of this page are not yet translated" in html


def test_a_passage_links_to_its_place_on_the_page_and_names_the_speaker(client):
    trend = make_trend()
    mention = make_mention("Turbines hum.")
    TrendMention.objects.create(trend=trend, mention=mention)
    html = page(client, q="turbines")
    assert f'<a href="/en/trends/example-trend/#{mention.anchor}">Quotations</a>' in html
    assert "<span>Mina Example</span>" in html


def facet_counts(tree, name: str) -> dict[str, str]:
    """The choices of a facet with their numbers, those that are chosen marked with a star."""
    return {
        box.get("value") + "*" * ("checked" in box.attrib): words(label)
        for label in tree.findall(".//fieldset//label")
        for box in label.findall(f"input[@name='{name}']")
    }


def test_facets_are_counted_checkboxes_as_on_the_index(client):
    trend = make_trend("one", title_en="Turbine", tags=["strategy"], mentions=1)
    make_trend("two", title_en="Turbine", status="declining", since=date("2023-Q2"))
    Implication.objects.create(trend=trend, audience=make_audience(), lead_en="Buy")
    tree = read(client, "/en/search/?q=turbine")
    assert facet_counts(tree, "status")["declining"] == "declining (1 trend)"
    assert facet_counts(tree, "kind") == {"title": "Title (2 trends)"}
    assert facet_counts(tree, "tag") == {"strategy": "strategy (1 trend)"}
    assert facet_counts(tree, "audience") == {"enterprises": "Enterprises (1 trend)"}
    assert facet_counts(tree, "expert") == {"mina-example": "Mina Example (1 trend)"}
    assert list(facet_counts(tree, "year")) == ["2025", "2023"]
    [kept] = tree.findall(".//search//input[@name='q']")
    assert (kept.get("type"), kept.get("value")) == ("hidden", "turbine")


def test_what_is_chosen_can_be_removed(client):
    make_trend("one", title_en="Turbine")
    make_trend("two", title_en="Turbine", status="declining")
    tree = read(client, "/en/search/?q=turbine&status=declining&year=2025")
    assert facet_counts(tree, "status")["declining*"] == "declining (1 trend)"
    assert links(tree)["/en/search/?q=turbine&year=2025"] == "Remove the filter Status declining"
    assert links(tree)["/en/search/?q=turbine"] == "Clear all filters"
    assert "/en/trends/two/" in links(tree)
    assert "/en/trends/one/" not in links(tree)


def test_several_values_of_a_facet_widen_the_results(client):
    make_trend("one", title_en="Turbine")
    make_trend("two", subtitle_en="A turbine", status="declining")
    TrendMention.objects.create(
        trend=make_trend("three", status="emerging"), mention=make_mention("Turbines hum.")
    )
    query = "q=turbine&status=declining&status=growing&kind=title&kind=mention"
    tree = read(client, f"/en/search/?{query}")
    shown = links(tree)
    assert [slug for slug in ("one", "two", "three") if f"/en/trends/{slug}/" in shown] == [
        "one",
        "two",
    ]
    # The counts of a facet heed the others, not itself.
    assert facet_counts(tree, "status")["emerging"] == "emerging (1 trend)"
    assert facet_counts(tree, "kind") == {
        "title*": "Title (2 trends)",
        "mention*": "Quotations (0 trends)",
    }


def test_nothing_left_by_filters_says_so(client):
    make_trend(title_en="Turbine")
    html = page(client, q="turbine", tag="unknown")
    assert "No trends match these filters." in html
    assert "0 trends for “turbine”" in html


@pytest.mark.parametrize(
    "query",
    [
        {"status": "wrong"},
        {"kind": "' OR 1"},
        {"tag": "not a slug"},
        {"audience": "\x00"},
        {"expert": "Not a slug"},
        {"year": "２０２５"},
        {"year": "20250"},
        {"page": "x"},
        {"page": "-1"},
        {"page": "999999999999999999999"},
    ],
)
def test_wrong_values_are_ignored_and_said_beside_the_list(client, query):
    make_trend(title_en="Turbine")
    html = page(client, q="turbine", **query)
    assert "/en/trends/example-trend/" in html
    assert html.count('class="filters-complaint"') == ("page" not in query)


def test_results_are_paginated_and_keep_what_was_asked(client):
    for number in range(TRENDS_A_PAGE + 1):
        make_trend(f"trend-{number:02}", title_en="Turbine")
    html = page(client, q="turbine", status="growing")
    assert 'href="?q=turbine&amp;status=growing&amp;page=2" rel="next"' in html
    assert html.count('class="search-hit"') == TRENDS_A_PAGE
    html = page(client, q="turbine", status="growing", page=2)
    assert html.count('class="search-hit"') == 1
    assert '<a href="/ja/search/?q=turbine&amp;status=growing&amp;page=2" hreflang="ja"' in html


def test_a_typing_error_offers_the_word_that_was_meant(client):
    make_trend(title_en="A commodity")
    html = page(client, q="commodti")
    assert "Nothing was found for “commodti”." in html
    assert '<a href="?q=commodity">commodity</a>' in html


def test_words_that_never_meet_are_offered_by_themselves(client):
    make_trend(title_en="A commodity")
    html = page(client, q="commodity zzzzz")
    items = [words(item) for item in parse(html).iterfind("body/main//li")]
    assert items == ["commodity 1 trend", "zzzzz 0 trends"]
    assert links(parse(html))["?q=commodity"] == "commodity"


def test_what_holds_no_word_says_so(client):
    assert "Enter letters or digits to search" in page(client, q="😀 !?")


def test_too_long_a_query_is_refused_in_words(client):
    make_trend(title_en="Turbine")
    html = page(client, q="turbine " * 1250)
    assert "Enter at most 200 characters." in html
    assert 'aria-invalid="true" aria-describedby="id_q_error"' in html


@pytest.mark.parametrize(
    "query", ["\x00", "tur\x00bine", '"><script>alert(1)</script>', "\u202eabc", "%", "' OR 1=1 --"]
)
def test_no_input_breaks_the_page(client, query):
    make_trend(title_en="Turbine")
    html = page(client, q=query)
    assert "<script" not in html
    if "\x00" not in query:
        assert f'value="{escape(query)}"' in html


def test_a_query_that_finds_something_is_shown_as_text(client):
    make_trend(title_en="Turbine")
    html = page(client, q='turbine <"&>')
    assert "1 trend for “turbine &lt;&quot;&amp;&gt;”" in html
    assert 'type="hidden" name="q" value="turbine &lt;&quot;&amp;&gt;"' in html


def test_bytes_that_are_no_text_do_not_break_the_page(client):
    for query in ("q=%ED%A0%80", "q=%FF%FE", "q=%00", "q", "q=a&q=b", "q[]=x"):
        found = read(client, f"/en/search/?{query}")
        assert headings(found)[0].startswith("Search")
        assert trend_rows(found) == []


def test_a_list_that_is_cut_says_so(client, monkeypatch):
    monkeypatch.setattr("trends.search.trend_words.MOST_TRENDS", 2)
    monkeypatch.setattr("trends.search.matches.MOST_READ", 2)
    for number in range(3):
        make_trend(f"trend-{number}", title_en="Turbine", title_ja="風車", shift_en="Wind, no gale")
    note = "Very many trends contain these words. Only 2 were searched"
    assert note in page(client, q="turbine")
    assert "このうち2件だけを検索しました" in page(client, "ja", q="風車")
    assert note not in page(client, q="trend-1")
    nothing = page(client, q='"gale wind"')
    assert "Nothing was found for “&quot;gale wind&quot;”." in nothing
    assert "Very many trends contain these words. Only some of them were searched." in nothing


def test_a_word_of_very_many_trends_is_offered_without_a_number(client, monkeypatch):
    monkeypatch.setattr("trends.search.trend_words.MOST_TRENDS", 1)
    make_trend("other", title_en="Wind")
    for number in range(2):
        make_trend(f"trend-{number}", title_en="Turbine")
    found = parse(page(client, q="turbine wind"))
    items = [words(item) for item in found.iterfind("body/main//li")]
    assert items == ["turbine very many trends", "wind 1 trend"]
    assert links(found)["?q=turbine"] == "turbine"
    assert "非常に多くのトレンド" in page(client, "ja", q="turbine wind")


def test_search_engines_do_not_list_results(client):
    assert '<meta name="robots" content="noindex">' in page(client, q="turbine")


def test_only_reading_is_allowed(client):
    assert client.post("/en/search/", {"q": "turbine"}).status_code == 405
    assert client.head("/en/search/?q=turbine").status_code == 200


def make_turbines(trends: int) -> None:
    for number in range(trends):
        trend = make_trend(f"trend-{number}", title_en="Turbine", tags=["strategy"], implications=1)
        TrendMention.objects.create(trend=trend, mention=make_mention(f"Turbine {number}"))


@pytest.mark.parametrize("trends", [1, 12])
def test_the_page_takes_the_same_queries_whatever_it_finds(
    client, trends, django_assert_num_queries
):
    make_turbines(trends)
    for query in ("turbine", "turbine strategy"):
        with django_assert_num_queries(SEARCH_QUERIES):
            page(client, q=query)


@pytest.fixture(scope="class")
def twelve(rows_of_class):
    make_turbines(12)


@pytest.mark.usefixtures("twelve")
class TestTwelve:
    @pytest.mark.parametrize(
        "query", ["q=turbine", "q=turbines+strategy&kind=mention", "q=turbnie", ""]
    )
    def test_the_results_are_gathered_before_they_are_rendered(self, client, monkeypatch, query):
        with no_queries_while_rendering(monkeypatch, "trends.pages.search"):
            read(client, f"/en/search/?{query}")
