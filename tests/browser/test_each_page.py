"""What holds for each page of the shipped site, in a real browser.

All tests of an address look at one page, which is opened once: pytest runs them together.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.support import shipped
from tests.support.browsing import (
    assert_no_barrier,
    cut_off,
    resize,
    wait_for_pictures,
    wider_than_the_window,
)
from tests.support.shipped import ALL, ASKED, ONE_OF_EACH

pytestmark = pytest.mark.django_db

# What is asked for changes which parts a page has, alike in both languages, and seldom its colours.
# On a timeline texts stand in a picture, where no line breaks.
KINDS = [*ONE_OF_EACH, *(f"/en/{rest}" for rest in ASKED.values()), "/ja/?view=time"]
# What axe reads of a page is its structure, which both languages have from one template.
FOR_AXE = [address for address in KINDS if address.startswith("/en/")]
FOR_AXE += ["/ja/", "/ja/trends/application-over-training/", "/ja/search/?q=AI"]
OTHER_COLOURS = ["index on a timeline", "digest of wrong dates", "search that finds nothing"]
COLOURED = {
    f"/en/{rest}" for rest in [*shipped.KINDS.values(), *(ASKED[name] for name in OTHER_COLOURS)]
}
of_each_kind = pytest.mark.parametrize("page", KINDS, indirect=True)
of_all_trends_too = pytest.mark.parametrize(
    "page", [*KINDS, *sorted(set(ALL) - set(KINDS))], indirect=True
)

PHONE = 390
# Each page is opened in the width at which the one before was left.
WIDTHS = [PHONE, 768, 320, 1280]
# A window of 1280 × 1024 pixels at 400 % (WCAG 1.4.10).
ZOOMED = (320, 256)
# What a reader may set (WCAG 1.4.12).
SPACING = """
    * { line-height: 1.5 !important; letter-spacing: 0.12em !important;
        word-spacing: 0.16em !important; }
    p { margin-block-end: 2em !important; }
"""
SPACE = """(css) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    document.adoptedStyleSheets = [sheet];
}"""
UNSPACE = "document.adoptedStyleSheets = []"
UNFOLD = """() => {
    window.folded = document.querySelectorAll("details:not([open])");
    window.folded.forEach((one) => { one.open = true; });
}"""
FOLD = "window.folded.forEach((one) => { one.open = false; })"


@pytest.fixture(scope="module")
def page(tab, request, django_db_blocker) -> Iterator[Page]:
    """The page at an address; no test of it may make it break a rule of `Watch`."""
    page, watch = tab
    with django_db_blocker.unblock():
        page.goto(request.param)
    yield page
    assert watch.take_complaints() == []


@pytest.fixture
def unfolded(page) -> Iterator[Page]:
    """The page with all that is folded on it."""
    page.evaluate(UNFOLD)
    yield page
    page.evaluate(FOLD)


@of_all_trends_too
def test_no_script_fails_nothing_is_refused_and_no_other_site_is_asked(page, tab):
    _, watch = tab
    wait_for_pictures(page)
    assert watch.take_complaints() == []
    assert page.context.cookies() == []


@pytest.mark.parametrize("page", FOR_AXE, indirect=True)
def test_page_has_no_barrier_that_axe_knows(unfolded, request):
    """Colours are the same in both languages, and all that differs in the dark."""
    resize(unfolded, PHONE)
    unfolded.emulate_media(color_scheme="light")
    coloured = request.node.callspec.params["page"] in COLOURED
    assert_no_barrier(unfolded, colours=coloured)
    if coloured:
        unfolded.emulate_media(color_scheme="dark")
        assert_no_barrier(unfolded, structure=False)


@of_all_trends_too
def test_page_never_scrolls_sideways(page):
    wait_for_pictures(page)
    for width in WIDTHS:
        resize(page, width)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (
            wider_than_the_window(page)
        )


@of_each_kind
def test_wider_text_is_neither_cut_off_nor_beside_the_window(unfolded):
    resize(unfolded, 1280)
    unfolded.evaluate(SPACE, SPACING)
    assert wider_than_the_window(unfolded) == []
    assert cut_off(unfolded) == []
    unfolded.evaluate(UNSPACE)


@of_each_kind
def test_page_at_400_percent_is_read_in_one_direction(unfolded):
    resize(unfolded, *ZOOMED)
    assert wider_than_the_window(unfolded) == []
    assert unfolded.evaluate("document.documentElement.scrollWidth") <= ZOOMED[0]
