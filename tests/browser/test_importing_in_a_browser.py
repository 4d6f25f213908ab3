"""An editor imports files, changes many trends at once and merges two tags, in a real browser."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.support.browsing import assert_no_barrier, resize
from tests.support.loading import export
from tests.support.make import make_tag, make_trend
from tests.support.zips import zip_of
from trends.editing.actions import retag
from trends.models import Trend
from trendsite.shared.models import Tag
from trendsite.shared.writes import Origin, Provenance

pytestmark = pytest.mark.django_db(transaction=True)

LIST = "/admin/trends/trend/"


@pytest.fixture
def desk(new_page, log_in) -> Page:
    return log_in(new_page())


def assert_for_everyone(page: Page) -> None:
    """No rule of axe is broken, and a phone does not scroll sideways."""
    assert_no_barrier(page)
    resize(page, 390)
    expect(page.locator("html")).to_have_js_property("scrollWidth", 390)
    resize(page, 1280)


def file(name: str, content: bytes) -> dict:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


def test_editor_imports_a_zip_after_seeing_what_it_changes(desk):
    page = desk
    for slug in ("one", "two"):
        make_trend(slug, drivers=1)
    texts = {slug: export(slug).replace("Subtitle of", "Underline of") for slug in ("one", "two")}
    trend = Trend.objects.get(slug="two")
    retag(trend, [make_tag("cost")], [], Provenance(Origin.ADMIN))

    page.goto(LIST)
    page.get_by_role("link", name="Import", exact=True).click()
    assert_for_everyone(page)
    bad = texts["one"].replace("status: growing", "status: growin")
    page.get_by_label("File").set_input_files(file("one.yaml", bad.encode()))
    page.get_by_role("button", name="Check the file").click()
    row = page.get_by_role("row").filter(has_text="growin")
    expect(row.get_by_role("cell").nth(0)).to_have_text("one.yaml")
    expect(row.get_by_role("cell").nth(2)).to_have_text("status")
    assert_for_everyone(page)

    content = zip_of({f"{slug}.yaml": text for slug, text in texts.items()})
    page.get_by_label("File").set_input_files(file("both.zip", content))
    page.get_by_role("button", name="Check the file").click()
    one = page.get_by_role("region", name="Title of one")
    expect(one.locator("del")).to_have_text(["Subtitle"])
    expect(one.locator("ins")).to_have_text(["Underline"])
    two = page.get_by_role("region", name="Title of two")
    expect(two.get_by_text("changed on the site since a file had it")).to_be_visible()
    assert_for_everyone(page)
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text("1 row was added or changed")).to_be_visible()
    titles = Trend.objects.order_by("slug").values_list("subtitle_en", flat=True)
    assert list(titles) == ["Underline of one", "Subtitle of two"]

    page.get_by_role("link", name="Import", exact=True).click()
    page.get_by_label("File").set_input_files(file("both.zip", content))
    page.get_by_role("button", name="Check the file").click()
    page.get_by_label("Overwrite “Title of two”").check()
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text("1 row was added or changed")).to_be_visible()
    assert Trend.objects.get(slug="two").subtitle_en == "Underline of two"


def test_editor_retags_some_trends_and_merges_two_tags(desk):
    page = desk
    make_trend("one", tags=["cost"])
    make_trend("two", tags=["costs"])
    page.goto(LIST)
    page.get_by_label("Select all objects on this page for an action").check()
    page.get_by_label("Action:").select_option("retag_selected")
    page.get_by_role("button", name="Go", exact=True).click()
    page.get_by_label("Tags to add").select_option(label="cost")
    page.get_by_role("button", name="Show what will happen").click()
    expect(page.get_by_role("list", name="What will happen")).to_contain_text("Title of two")
    expect(page.get_by_role("list", name="Left as it is")).to_contain_text("Title of one")
    assert_for_everyone(page)
    page.get_by_role("button", name="Change the tags").click()
    expect(page.get_by_text("done with 1 trend")).to_be_visible()

    page.goto("/admin/trendsite/tag/")
    page.get_by_label("Select all objects on this page for an action").check()
    page.get_by_label("Action:").select_option("merge_selected")
    page.get_by_role("button", name="Go", exact=True).click()
    expect(page.get_by_role("heading", name="Merge “costs” into “cost”")).to_be_visible()
    expect(page.get_by_role("link", name="Title of two")).to_be_visible()
    assert_for_everyone(page)
    page.get_by_role("button", name="Merge them").click()
    expect(page.get_by_text("is merged into “cost”")).to_be_visible()
    assert Tag.objects.get().former_names() == ["costs"]
    page.goto("/en/tags/costs/")
    expect(page).to_have_url(re.compile("/en/tags/cost/$"))


def test_a_source_that_is_there_is_taken_from_the_popup(desk):
    page = desk
    trend = make_trend(drivers=1)
    page.goto(f"{LIST}{trend.pk}/change/")
    before = page.locator("#id_shift_sources option").count()
    with page.expect_popup() as opened:
        page.locator("#add_id_shift_sources").click()
    popup = opened.value
    popup.fill("#id_url", "https://example.org/example-trend-driver-0")
    popup.locator("input[name=_save]").last.click()
    with popup.expect_event("close"):
        popup.get_by_role("button", name="Use “Title of example-trend-driver-0”").click()
    expect(page.locator("#id_shift_sources option")).to_have_count(before + 1)
