"""The rows of a folded part of a form are fetched when it is unfolded."""

import pytest
from playwright.sync_api import Page, expect

from tests.support.browsing import assert_no_barrier, resize, wider_than_the_window
from tests.support.editing import trend_url
from tests.support.make import make_trend
from trends.models import Trend
from trendsite.shared.folded_rows import MOST_ROWS

pytestmark = pytest.mark.django_db(transaction=True)

MANY = MOST_ROWS + 2
KEPT = "() => Object.keys(localStorage).filter((key) => key.startsWith('typed:')).length"


@pytest.fixture
def trend() -> Trend:
    return make_trend(published=None, drivers=MANY, timeline=MANY, mentions=MANY, assessments=1)


def unfold(page: Page, prefix: str) -> None:
    page.locator(f"#{prefix}-group summary").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(f"#{prefix}-group .folded-rows")).to_have_count(0)


def test_rows_are_fetched_changed_moved_added_and_saved(editor_page: Page, trend):
    page = editor_page
    page.goto(trend_url(trend))
    assert_no_barrier(page)
    unfold(page, "drivers")
    expect(page.locator("#drivers-heading")).to_be_focused()
    page.wait_for_timeout(1000)  # in which a change would be kept, but to fetch rows is none
    page.wait_for_function(f"{KEPT} === 0")
    page.keyboard.press("Tab")
    expect(page.locator("#drivers-0 summary")).to_be_focused()
    page.keyboard.press("Enter")
    panel = page.locator("#drivers-0").get_by_role("tablist").first
    panel.get_by_role("tab", name="日本語").click()
    page.fill("#id_drivers-0-heading_ja", "新しい要因")
    page.wait_for_function(f"{KEPT} === 1")
    page.locator("#drivers-2").get_by_role("button", name="Move up: Driver 2").click()
    page.locator("#drivers-0 .select2-search__field").first.fill("driver-3")
    page.get_by_role("option", name="driver-3").click()
    page.locator("#drivers-group .add-row a").click()
    page.fill(f"#id_drivers-{MANY}-heading_en", "Another driver")
    page.keyboard.press("Control+s")
    expect(page.locator(".messagelist .success")).to_be_visible()
    headings = [row.heading_en for row in trend.drivers.order_by("order")]
    assert headings[:3] == ["Driver 0", "Driver 2", "Driver 1"]
    assert headings[-1] == "Another driver"
    assert len(headings) == MANY + 1
    first = trend.drivers.get(order=0)
    assert first.heading_ja == "新しい要因"
    assert len(first.sources.all()) == 2
    assert len(trend.timeline.all()) == len(trend.trend_mentions.all()) == MANY
    assert_no_barrier(page)


def test_an_address_leads_to_a_row_that_is_folded(editor_page: Page, trend):
    page = editor_page
    page.goto(f"{trend_url(trend)}#timeline-7")
    expect(page.locator("#timeline-7 details")).to_have_attribute("open", "")
    expect(page.locator("#timeline-7")).to_be_focused()
    expect(page.locator("#timeline-7")).to_be_in_viewport()
    expect(page.locator("#drivers-group .folded-rows")).to_be_visible()


def test_next_text_to_translate_is_found_in_folded_rows(editor_page: Page, trend):
    trend.timeline.filter(text_en="Event 9").update(text_ja=None)
    page = editor_page
    page.goto(trend_url(trend))
    page.get_by_role("button", name="Next text to translate").click()
    number = [row.text_en for row in trend.timeline.all()].index("Event 9")
    expect(page.locator(f"#id_timeline-{number}-text_ja")).to_be_focused()


def test_rows_are_unfolded_after_a_lost_session(editor_page: Page, trend, log_in):
    page = editor_page
    page.goto(trend_url(trend))
    cookies = page.context.cookies()
    page.context.clear_cookies()
    page.click("#timeline-group summary")
    dialog = page.get_by_role("dialog", name="Your session has ended")
    dialog.get_by_role("button", name="Not now").click()
    expect(page.locator("#timeline-group [role=status]")).to_contain_text("could not be fetched")
    page.context.add_cookies(cookies)
    page.click("#timeline-group summary")
    page.click("#timeline-group summary")
    expect(page.locator("#id_timeline-0-text_en")).to_be_attached()


def test_what_was_typed_into_fetched_rows_is_offered_back(editor_page: Page, trend):
    page = editor_page
    page.goto(trend_url(trend))
    unfold(page, "drivers")
    page.click("#drivers-4 summary")
    page.fill("#id_drivers-4-heading_en", "Typed and lost")
    page.wait_for_function(f"{KEPT} === 1")
    again = page.context.new_page()
    page.close(run_before_unload=False)
    again.goto(trend_url(trend))
    again.get_by_role("button", name="Restore what you typed at").click()
    expect(again.locator("#id_drivers-4-heading_en")).to_have_value("Typed and lost")
    expect(again.locator("#timeline-group .folded-rows")).to_be_visible()
    again.locator("input[name=_save]").last.click()
    expect(again.locator(".messagelist .success")).to_be_visible()
    assert trend.drivers.get(order=4).heading_en == "Typed and lost"
    assert len(trend.timeline.all()) == MANY


def test_folded_rows_without_scripts_and_on_a_phone(new_page, log_in, trend):
    page = log_in(new_page(java_script_enabled=False))
    page.goto(trend_url(trend))
    page.click("#timeline-group summary")
    page.click("#timeline-group noscript a, #timeline-group a >> text=all rows")
    expect(page.locator("#id_timeline-3-text_en")).to_be_attached()
    page.fill("#id_subtitle_en", "Without scripts")
    page.locator("input[name=_save]").last.click()
    trend.refresh_from_db()
    assert trend.subtitle_en == "Without scripts"
    assert len(trend.timeline.all()) == MANY

    page = log_in(new_page())
    resize(page, 390)
    page.goto(trend_url(trend))
    assert wider_than_the_window(page) == []
    unfold(page, "timeline")
    assert wider_than_the_window(page) == []
