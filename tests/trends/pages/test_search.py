"""The page of the search, as readers meet it."""

import pytest
from django.utils.html import escape

from tests.support.make import date, make_audience, make_mention, make_trend
from trends.models import Implication, TrendMention
from trends.search.results import TRENDS_A_PAGE

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


def test_facets_are_links_and_what_is_chosen_links_back(client):
    trend = make_trend("one", title_en="Turbine", tags=["strategy"], mentions=1)
    make_trend("two", title_en="Turbine", status="declining", since=date("2023-Q2"))
    Implication.objects.create(trend=trend, audience=make_audience(), lead_en="Buy")
    html = page(client, q="turbine")
    assert '<a href="?q=turbine&amp;status=declining">declining <span>1</span></a>' in html
    assert '<a href="?q=turbine&amp;tag=strategy">strategy <span>1</span></a>' in html
    assert '<a href="?q=turbine&amp;audience=enterprises">Enterprises <span>1</span></a>' in html
    assert '<a href="?q=turbine&amp;expert=mina-example">Mina Example <span>1</span></a>' in html
    assert '<a href="?q=turbine&amp;year=2023">2023 <span>1</span></a>' in html
    html = page(client, q="turbine", status="declining")
    assert '<a href="?q=turbine" aria-current="true">declining <span>1</span></a>' in html
    assert "/en/trends/two/" in html
    assert "/en/trends/one/" not in html
    assert "Show all 2 without filters" in html


def test_nothing_left_by_filters_says_so(client):
    make_trend(title_en="Turbine")
    html = page(client, q="turbine", tag="unknown")
    assert "No trend is left with these filters." in html
    assert "Show the one without filters" in html


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
def test_wrong_values_are_ignored(client, query):
    make_trend(title_en="Turbine")
    assert "/en/trends/example-trend/" in page(client, q="turbine", **query)


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
    assert '<a href="?q=commodity">commodity</a> <span>1 trend</span>' in html
    assert "<li>zzzzz <span>0 trends</span></li>" in html


def test_what_holds_no_word_says_so(client):
    assert "There is no word in this to search for" in page(client, q="😀 !?")


def test_too_long_a_query_is_refused_in_words(client):
    make_trend(title_en="Turbine")
    html = page(client, q="turbine " * 1250)
    assert "Write at most 200 characters." in html
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


def test_bytes_that_are_no_text_do_not_break_the_page(client):
    for query in ("q=%ED%A0%80", "q=%FF%FE", "q=%00", "q", "q=a&q=b", "q[]=x"):
        assert client.get(f"/en/search/?{query}").status_code == 200


def test_a_list_that_is_cut_says_so(client, monkeypatch):
    monkeypatch.setattr("trends.search.matches.MOST_TRENDS", 2)
    for number in range(3):
        make_trend(f"trend-{number}", title_en="Turbine", title_ja="風車")
    note = "3 trends hold this; the 2 that hold it best are listed and counted."
    assert note in page(client, q="turbine")
    assert "3件に見つかりました。" in page(client, "ja", q="風車")
    assert note not in page(client, q="trend-1")


def test_search_engines_do_not_list_results(client):
    assert '<meta name="robots" content="noindex">' in page(client, q="turbine")


def test_only_reading_is_allowed(client):
    assert client.post("/en/search/", {"q": "turbine"}).status_code == 405
    assert client.head("/en/search/?q=turbine").status_code == 200


@pytest.mark.parametrize("query", ["turbine", "turbine strategy"])
def test_the_page_takes_the_same_queries_whatever_it_finds(
    client, query, django_assert_max_num_queries
):
    for number in range(12):
        trend = make_trend(f"trend-{number}", title_en="Turbine", tags=["strategy"])
        TrendMention.objects.create(trend=trend, mention=make_mention(f"Turbine {number}"))
    with django_assert_max_num_queries(12):
        page(client, q=query)
