"""A translator's day, in a real browser."""

import pytest
from playwright.sync_api import expect

from tests.support.browsing import assert_no_barrier
from tests.support.make import make_trend
from trends.models import Trend

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_translator_finds_and_does_the_work_of_the_day(editor_page):
    page = editor_page
    trend = make_trend(drivers=2)
    trend.drivers.filter(order=1).update(body_ja=None)

    # An editor changes the English. The form says what is to do, and leads to it.
    page.goto(f"/admin/trends/trend/{trend.pk}/change/")
    choice = page.get_by_role("group", name="Language of the texts")
    expect(choice.get_by_role("button", name="English")).to_have_attribute("aria-pressed", "true")
    page.fill("#id_subtitle_en", "Some 37.5 billion")
    page.fill("#id_shift_en", "What shifts, in short.")
    page.locator("input[name=_continue]").last.click()
    contents = page.get_by_role("navigation", name="Parts of this form")
    expect(contents).to_contain_text("Title and key points ja: 1 text out of date")
    expect(contents).to_contain_text("Key drivers ja: 1 text missing")
    choice.get_by_role("button", name="Next text to translate").click()
    expect(page.locator("#id_subtitle_ja")).to_be_focused()
    expect(choice.get_by_role("button", name="English")).to_have_attribute("aria-pressed", "false")
    choice.get_by_role("button", name="日本語").click()
    expect(page.locator("#id_title_ja")).to_be_visible()
    expect(choice.get_by_role("button", name="日本語")).to_have_attribute("aria-pressed", "true")
    page.reload()
    expect(page.locator("#id_title_ja")).to_be_visible()

    # Readers are told.
    page.goto("/ja/trends/example-trend/")
    expect(page.get_by_role("link", name="原文（英語）を読む")).to_be_visible()

    # Side by side, by keyboard.
    page.goto("/admin/trends/trend/?stale=ja")
    page.get_by_role("link", name="ja", exact=True).click()
    first = page.get_by_role("textbox", name="Subtitle")
    expect(first).to_be_focused()
    expect(page.get_by_text("Not found in the translation: 37.5 billion")).to_be_visible()
    assert_no_barrier(page)
    first.fill("約375億")
    first.press("Control+Enter")
    page.get_by_role("button", name="It is still right").last.click()
    expect(page.get_by_text("2 texts were saved.")).to_be_visible()
    missing = page.get_by_role("textbox", name="Key drivers · Driver 1 · Body")
    expect(missing).to_be_focused()
    missing.fill("二つ目の理由")
    missing.press("Control+s")
    expect(page.get_by_text("Every text is translated and up to date.")).to_be_visible()
    page.goto("/ja/trends/example-trend/")
    expect(page.get_by_text("二つ目の理由")).to_be_visible()
    expect(page.get_by_role("link", name="原文（英語）を読む")).to_have_count(0)
    assert Trend.objects.get().subtitle_ja == "約375億"
