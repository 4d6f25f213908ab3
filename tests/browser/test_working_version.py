"""The life of a working version, from what is typed to the minute at which readers get it."""

import pytest
from playwright.sync_api import expect

from tests.support.browsing import assert_no_barrier
from tests.support.clock import let_pass
from tests.support.days import tomorrow
from tests.support.make import make_trend
from trends.models import Trend

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_change_is_typed_previewed_kept_scheduled_and_read_at_its_minute(
    new_page, log_in, monkeypatch
):
    page = log_in(new_page())
    reader = new_page()
    trend = make_trend(drivers=1)
    page.goto(f"/admin/trends/trend/{trend.pk}/change/")

    page.fill("#id_title_en", "What readers will see")
    with page.expect_popup() as opened:
        page.locator("input[name=_preview]").first.click()
    preview = opened.value
    frame = preview.frame_locator("details[open] iframe")
    expect(frame.get_by_role("heading", level=1)).to_have_text("What readers will see")
    preview.get_by_label("Phone").check()
    expect(preview.locator("details[open] iframe")).to_have_css("width", "390px")
    preview.locator("summary", has_text="日本語").click()
    expect(frame.get_by_role("heading", level=1)).to_have_text("example-trendの題")
    assert_no_barrier(preview)
    preview.close()

    page.locator("input[name=_working]").first.click()
    expect(page.get_by_text("Readers do not see it yet.")).to_be_visible()
    reader.goto("/en/trends/example-trend/")
    expect(reader.get_by_role("heading", level=1)).to_have_text("Title of example-trend")

    page.locator("input[name=_publishing]").first.click()
    expect(page.locator("ins")).to_contain_text(["What readers will see"])
    assert_no_barrier(page)
    page.get_by_label("Publish later: day and time").fill(f"{tomorrow()}T00:00")
    page.get_by_role("button", name="Choose this time").click()
    page.get_by_label("Why it is published with these warnings").fill("Agreed by the desk")
    page.get_by_role("button", name="Publish on").click()
    expect(page.get_by_text("It will be published on").first).to_be_visible()

    let_pass(monkeypatch, days=1)
    reader.reload()
    expect(reader.get_by_role("heading", level=1)).to_have_text("What readers will see")
    page.goto(f"/admin/trends/trend/{trend.pk}/history/")
    expect(page.get_by_text("Agreed by the desk")).to_be_visible()

    page.goto(f"/admin/trends/trend/{trend.pk}/change/")
    page.fill("#id_title_en", "A slip")
    page.locator("input[name=_working]").first.click()
    expect(page.get_by_text("Readers do not see it yet.")).to_be_visible()
    page.get_by_role("link", name="To publishing").click()
    page.get_by_text("Throw away…").click()
    page.get_by_role("button", name="Throw the working version away").click()
    expect(page.locator("#id_title_en")).to_have_value("What readers will see")
    assert not Trend.everything.filter(working_of=trend).exists()
