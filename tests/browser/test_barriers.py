"""What axe finds on the pages of the shipped site, in a real browser."""

import json

import pytest

from tests.support.browsing import barriers
from tests.support.shipped import EACH_ASKED, ONE_OF_EACH

pytestmark = pytest.mark.django_db

OPEN = "all => all.forEach((one) => one.open = true)"
# The rule that takes most of the time.
CONTRAST = "color-contrast"


def no_barrier(page, **options) -> None:
    violations = barriers(page, **options)["violations"]
    assert violations == [], json.dumps(violations, indent=1)[:4000]


@pytest.fixture
def opened(new_reader):
    """Opens a page of the site on a phone, with all that is folded on it."""

    def opened(address: str):
        page = new_reader(
            bypass_csp=True, reduced_motion="reduce", viewport={"width": 390, "height": 800}
        )
        page.goto(address)
        page.locator("details").evaluate_all(OPEN)
        return page

    return opened


def in_language(language: str, addresses: list[str]) -> list[str]:
    return [address for address in addresses if address.startswith(f"/{language}/")]


@pytest.mark.parametrize("address", in_language("en", [*ONE_OF_EACH, *EACH_ASKED]))
def test_page_has_no_barrier_that_axe_knows(opened, address):
    page = opened(address)
    no_barrier(page)
    # In the dark nothing differs but the colours.
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    no_barrier(page, runOnly=[CONTRAST])


@pytest.mark.parametrize("address", in_language("ja", [*ONE_OF_EACH, *EACH_ASKED]))
def test_page_in_japanese_has_no_barrier_either(opened, address):
    """Colours are those of the page in English."""
    no_barrier(opened(address), rules={CONTRAST: {"enabled": False}})
