"""The index in a browser: filter, sort and walk from the overview, without JavaScript."""

import pytest
from playwright.sync_api import expect

from tests.support.browsing import resize
from tests.support.make import date, make_trend
from trends.models import Assessment

pytestmark = pytest.mark.django_db(transaction=True)


def judge(trend, *judged: tuple[str, str]) -> None:
    for on, status in judged:
        Assessment.objects.create(
            trend=trend, date=date(on), status=status, confidence=trend.confidence
        )


def expect_titles(page, *titles: str) -> None:
    expect(page.locator(".trend-list h2")).to_have_text(list(titles), use_inner_text=True)


@pytest.mark.parametrize("width", [390, 1280])
def test_a_reader_filters_sorts_and_takes_a_filter_off(new_page, width):
    reader = new_page(java_script_enabled=False, viewport={"width": width, "height": 800})
    make_trend("b", tags=["cost"], since=date("2024"))
    make_trend("a", tags=["cost"], since=date("2023"))
    make_trend("c", status="declining", tags=["cost"])
    make_trend("d", tags=["policy"])
    reader.goto("/en/")
    # Where there is room, the filters are there at once, and nothing opens them.
    line = reader.get_by_text("Filter and sort")
    expect(line).to_be_visible(visible=width == 390)
    expect(reader.locator(".filters > form")).to_be_visible(visible=width == 1280)
    if width == 390:
        line.click()
    reader.get_by_role("checkbox", name="growing (3 trends)").check()
    reader.get_by_role("checkbox", name="cost (3 trends)").check()
    reader.get_by_label("Sort by").select_option("title")
    reader.get_by_role("button", name="Show").click()
    expect_titles(reader, "Title of a", "Title of b")
    expect(reader.get_by_role("figure").get_by_role("listitem")).to_have_count(2)
    reader.get_by_role("link", name="Remove the filter Status: growing").click()
    expect_titles(reader, "Title of a", "Title of b", "Title of c")
    reader.get_by_role("link", name="日本語").click()
    expect(reader).to_have_url("/ja/?tag=cost&sort=title")


@pytest.mark.parametrize("width", [390, 1280])
def test_a_reader_walks_from_the_overview_to_a_trend(new_page, width):
    make_trend("a", title_en="Agents write code")
    reader = new_page(java_script_enabled=False, viewport={"width": width, "height": 800})
    reader.goto("/en/")
    overview = reader.get_by_role("figure")
    # Each status is said once to the eye: by the head of its column, or beside the trend.
    beside = overview.locator(".overview-status-name")
    expect(beside).to_have_css("position", "absolute" if width == 1280 else "static")
    overview.get_by_role("link", name="Agents write code", exact=True).click()
    expect(reader).to_have_url("/en/trends/a/")


def test_the_overview_stays_inside_the_window(new_page):
    for n in range(30):
        judge(
            make_trend(
                f"t{n}",
                status=["emerging", "growing", "established", "declining"][n % 4],
                tags=[["cost", "policy", "open-source"][n * n % 3]],
                title_en="Widest Words WWWW mmmm " * (n % 3 + 1),
                title_ja="訓練より応用、競争の焦点は移る" * (n % 2 + 1),
            ),
            ("2020", "emerging"),
        )
    page = new_page()
    for language in ["en", "ja"]:
        page.goto(f"/{language}/")
        for width in [320, 390, 768, 1000, 1280]:
            resize(page, width)
            inside = "document.documentElement.scrollWidth <= innerWidth"
            assert page.evaluate(inside), (language, width)
