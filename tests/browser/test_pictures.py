"""Pictures that come late, in a real browser."""

import pytest
from playwright.sync_api import expect

from tests.support.browsing import wait_for_pictures
from tests.support.make import give_picture, make_mention, make_trend, make_video
from trends.models import TrendMention

pytestmark = pytest.mark.django_db(transaction=True)

PLACES = """() => [...document.querySelectorAll("h1, h2, h3, p, img, footer")]
    .map((element) => Math.round(element.getBoundingClientRect().top + scrollY))"""
STYLED = (
    """() => [...document.querySelectorAll("link[rel=stylesheet]")].every((link) => link.sheet)"""
)


@pytest.mark.parametrize(
    "address", ["/en/trends/example-trend/", "/ja/videos/youtube/abcdefghijk/"]
)
def test_nothing_moves_when_pictures_come(new_page, address):
    mention = make_mention(video=give_picture(make_video()))
    TrendMention.objects.create(trend=make_trend(), mention=mention)
    page = new_page(viewport={"width": 390, "height": 800})
    held = []
    page.route("**/media/**", lambda route: held.append(route))
    page.goto(address, wait_until="domcontentloaded")
    page.wait_for_function(STYLED)
    expect(page.locator("img")).to_have_count(1)
    page.evaluate("document.images[0].loading = 'eager'")
    while not held:
        page.wait_for_timeout(20)  # in which the request arrives
    before = page.evaluate(PLACES)
    for route in held:
        route.continue_()
    wait_for_pictures(page)
    assert page.evaluate(PLACES) == before
