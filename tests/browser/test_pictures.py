"""Pictures that come late, in a real browser."""

import pytest

from tests.support.make import give_picture, make_mention, make_trend, make_video
from trends.models import TrendMention

pytestmark = pytest.mark.django_db(transaction=True)

PLACES = """() => [...document.querySelectorAll("h1, h2, h3, p, img, footer")]
    .map((element) => Math.round(element.getBoundingClientRect().top + scrollY))"""
PICTURES_THERE = """() => Promise.all([...document.images].map((image) => image.decode()))"""


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
    page.evaluate("for (const image of document.images) image.loading = 'eager'")
    page.wait_for_timeout(200)
    before = page.evaluate(PLACES)
    assert held
    for route in held:
        route.continue_()
    page.evaluate(PICTURES_THERE)
    assert page.evaluate(PLACES) == before
