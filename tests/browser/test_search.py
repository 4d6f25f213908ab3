"""A reader searches the shipped site, in either language, without JavaScript."""

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.support.browsing import wait_for_query

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(new_reader):
    return new_reader(java_script_enabled=False, viewport={"width": 390, "height": 844})


def search(page, words: str) -> None:
    """As from any page on a phone: the link to the page of the search, its field, and Enter."""
    page.get_by_role("link", name=re.compile("^(Search|検索)$")).click()
    page.get_by_role("searchbox").fill(words)
    page.get_by_role("searchbox").press("Enter")


def test_two_characters_of_japanese_lead_to_the_passage_that_holds_them(reader):
    reader.goto("/ja/")
    search(reader, "訓練")
    expect(reader).to_have_url(re.compile(r"/ja/search/\?"))
    first = reader.locator(".search-hit").first
    expect(first.get_by_role("heading")).to_have_text("訓練より応用")
    expect(first.locator("h2 mark")).to_have_text("訓練")
    first.get_by_role("link", name="背景にある要因").first.click()
    expect(reader).to_have_url(re.compile("/ja/trends/application-over-training/#.+"))
    expect(reader.locator(f"#{urlsplit(reader.url).fragment}")).to_be_in_viewport()


def test_full_width_letters_find_what_is_written_in_narrow_ones(reader):
    reader.goto("/ja/search/?q=ＭＣＰ")
    wide = reader.locator(".search-hit h2").all_inner_texts()
    reader.goto("/ja/search/?q=mcp")
    expect(reader.locator(".search-hit h2")).to_have_text(wide, use_inner_text=True)
    assert "AI接続規格のMCP、競合も相乗りする共有基盤に" in wide


def test_english_words_are_found_on_a_japanese_page_and_say_their_language(reader):
    reader.goto("/ja/forecasts/")
    search(reader, "commodity")
    passage = reader.locator('.search-passages p[lang="en"]').first
    expect(passage.locator("mark").first).to_be_visible()
    expect(reader.get_by_text("英語", exact=True).first).to_be_visible()


def test_a_reader_narrows_the_results_and_takes_them_into_the_other_language(reader):
    reader.goto("/en/search/?q=training")
    found = reader.locator(".search-hit").count()
    reader.get_by_text("Narrow the results").click()
    reader.get_by_role("checkbox", name="emerging").check()
    reader.get_by_role("checkbox", name="declining").check()
    reader.get_by_role("button", name="Show").click()
    wait_for_query(reader, q=["training"], status=["emerging", "declining"])
    reader.get_by_role("link", name="Remove the filter Status: declining").click()
    wait_for_query(reader, q=["training"], status=["emerging"])
    narrowed = reader.locator(".search-hit").count()
    assert 0 < narrowed < found
    reader.get_by_role("link", name="日本語").click()
    expect(reader).to_have_url(re.compile("/ja/search/"))
    wait_for_query(reader, q=["training"], status=["emerging"])
    expect(reader.locator(".search-hit h2").first).to_have_text("訓練より応用")


def test_a_misspelled_word_is_mended_with_one_click(reader):
    reader.goto("/en/")
    search(reader, "commodti")
    expect(reader.get_by_role("status")).to_contain_text("Nothing was found")
    reader.get_by_role("link", name="commodity").click()
    wait_for_query(reader, q=["commodity"])
    expect(reader.locator(".search-hit").first).to_be_visible()


def test_whatever_is_typed_gets_an_answer(reader):
    reader.goto("/ja/")
    for words in ['"', "AND OR NOT *", "😀", "مرحبا", "a" * 200, "'; DROP TABLE--"]:
        search(reader, words)
        wait_for_query(reader, q=[words])
        expect(reader.get_by_role("searchbox")).to_have_value(words)
        expect(reader.locator("main")).to_contain_text("検索")
