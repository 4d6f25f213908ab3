"""The form of a trend by keyboard: where the focus is, and what is told of it."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.support.make import make_trend

pytestmark = pytest.mark.django_db(transaction=True)


def test_focus_leads_from_mistake_to_mistake_and_ctrl_s_saves(editor_page: Page):
    page = editor_page
    page.goto("/admin/trends/trend/add/")
    expect(page.locator("#id_title_en")).to_be_focused()

    trend = make_trend(drivers=3, timeline=1, published=None)
    page.goto(f"/admin/trends/trend/{trend.pk}/change/")
    expect(page.locator(".shortcut").first).to_have_text("Ctrl+S saves")
    page.click("#timeline-0 summary")
    page.fill("#id_timeline-0-date", "2024-13")
    page.fill("#id_since", "soon")
    page.keyboard.press("Control+s")
    mistakes = page.locator(".mistake-list > li > a")
    expect(mistakes).to_have_text(["Since", re.compile("Timeline entry .*: Date")])
    expect(mistakes.first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#id_since")).to_be_focused()
    page.fill("#id_since", "2024")
    page.click("#timeline-0 summary")
    mistakes.last.click()
    expect(page.locator("#id_timeline-0-date")).to_be_focused()
    page.fill("#id_timeline-0-date", "2024-12")

    # A row is named before what is done to it.
    page.locator("#drivers-1 summary").focus()
    page.keyboard.press("Tab")
    moving = page.locator("#drivers-1").get_by_role("button", name="Move up: Driver 1")
    expect(moving).to_be_focused()

    # Rows are called by their names, and it is told where they go.
    page.locator("#drivers-2").get_by_role("button", name="Move up: Driver 2").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#moved-status")).to_have_text("Driver 2: now number 2 of 3")
    # A new row has the focus in its first field; the ring of multiple choices is seen.
    page.locator("#drivers-group .add-row a").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#id_drivers-3-heading_en")).to_be_focused()
    page.locator("#drivers-3 .inline-deletelink").click()
    choice = page.locator("#id_shift_sources + .select2")
    choice.locator(".select2-search__field").focus()
    expect(choice).not_to_have_css("outline-style", "none")

    page.keyboard.press("Control+s")
    expect(page.locator(".messagelist .success")).to_be_visible()
    expect(page).to_have_url(f"/admin/trends/trend/{trend.pk}/change/")
    assert [row.heading_en for row in trend.drivers.all()] == ["Driver 0", "Driver 2", "Driver 1"]


def test_key_of_a_tag_is_made_from_its_label(editor_page: Page):
    page = editor_page
    page.goto("/admin/trendsite/tag/add/?_popup=1")
    page.fill("#id_label_en", "Open Source")
    page.press("#id_label_en", "Tab")
    expect(page.locator("#id_slug")).to_have_value("open-source")
