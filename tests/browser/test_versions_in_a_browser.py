"""An editor looks back: versions, a comparison, restoring, the bin, in a real browser."""

import pytest
from playwright.sync_api import expect

from tests.support.browsing import assert_no_barrier
from tests.support.make import make_trend

pytestmark = pytest.mark.django_db(transaction=True)


def test_editor_brings_back_a_text_and_a_deleted_trend(new_page, log_in):
    page = log_in(new_page())
    trend = make_trend(drivers=2, mentions=1)
    form = f"/admin/trends/trend/{trend.pk}/change/"
    page.goto(form)
    page.fill("#id_subtitle_en", "What the editor regrets")
    page.get_by_label("Note on this change").fill("In a hurry")
    page.locator("input[name=_continue]").last.click()
    expect(page.get_by_text("was changed successfully")).to_be_visible()

    page.get_by_role("link", name="History").click()
    expect(page.get_by_text("In a hurry")).to_be_visible()
    assert_no_barrier(page)
    page.get_by_label("From version 1").check()
    page.get_by_role("button", name="Compare").click()
    expect(page.locator("ins")).to_have_text(["What the editor regrets"])
    assert_no_barrier(page)

    page.go_back()
    page.get_by_role("link", name="1", exact=True).click()
    assert_no_barrier(page)
    page.get_by_role("link", name="Compare with the present state").click()
    page.get_by_role("button", name="Restore this Subtitle").click()
    expect(page.get_by_text("Restored from version 1")).to_be_visible()
    page.goto(form)
    expect(page.locator("#id_subtitle_en")).to_have_value("Subtitle of example-trend")

    page.goto(f"/admin/trends/trend/{trend.pk}/delete/")
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("was deleted successfully")).to_be_visible()
    page.get_by_role("link", name="Bin", exact=True).click()
    assert_no_barrier(page)
    page.get_by_role("button", name="Restore this").click()
    expect(page.locator("#id_subtitle_en")).to_have_value("Subtitle of example-trend")
