"""Pages at 400 %, with wider text, in colours of the reader's own, and without motion."""

import pytest

from tests.support.shipped import EACH_ASKED, ONE_OF_EACH

pytestmark = pytest.mark.django_db

# A window of 1280 × 1024 pixels at 400 % (WCAG 1.4.10).
ZOOMED = {"width": 320, "height": 256}
# What a reader may set (WCAG 1.4.12).
SPACING = """
    * { line-height: 1.5 !important; letter-spacing: 0.12em !important;
        word-spacing: 0.16em !important; }
    p { margin-block-end: 2em !important; }
"""
# What is wider than the window, unless it is within what scrolls by itself, as a table may.
WIDER = """() => [...document.querySelectorAll("body *")]
    .filter((one) => {
        const box = one.getBoundingClientRect();
        if (box.width < 2 || box.right <= innerWidth + 1) return false;
        for (let outer = one.parentElement; outer; outer = outer.parentElement) {
            if (["auto", "scroll", "hidden", "clip"].includes(getComputedStyle(outer).overflowX)) {
                return false;
            }
        }
        return true;
    })
    .map((one) => one.outerHTML.slice(0, 120))"""
# Text that its element cuts off.
CUT_OFF = """() => [...document.querySelectorAll("body *")]
    .filter((one) => {
        const style = getComputedStyle(one), box = one.getBoundingClientRect();
        const cuts = ["hidden", "clip"];
        return box.width > 2 && box.height > 2 && one.textContent.trim()
            && !(one instanceof SVGElement) && style.clipPath === "none"
            && (cuts.includes(style.overflowX) && one.scrollWidth > one.clientWidth + 2
                || cuts.includes(style.overflowY) && one.scrollHeight > one.clientHeight + 2);
    })
    .map((one) => one.outerHTML.slice(0, 120))"""
# Controls that nothing but a colour of theirs sets apart, which the reader's colours replace.
WITHOUT_EDGE = """() => [...document.querySelectorAll("button, select, input, textarea")]
    .filter((one) => {
        const style = getComputedStyle(one), box = one.getBoundingClientRect();
        const native = ["checkbox", "radio", "hidden"].includes(one.type);
        return box.width > 2 && !native && style.visibility !== "hidden"
            && parseFloat(style.borderBlockEndWidth) === 0 && style.textDecorationLine === "none"
            && style.outlineStyle === "none";
    })
    .map((one) => one.outerHTML.slice(0, 120))"""
UNFOLD = "all => all.forEach((one) => one.open = true)"


@pytest.fixture(scope="module")
def addresses() -> list[str]:
    return [*ONE_OF_EACH, *EACH_ASKED]


def test_page_at_400_percent_is_read_in_one_direction(new_reader, addresses):
    page = new_reader(viewport=ZOOMED, reduced_motion="reduce")
    for address in addresses:
        page.goto(address)
        page.locator("details").evaluate_all(UNFOLD)
        assert page.evaluate(WIDER) == [], address
        assert page.evaluate("document.documentElement.scrollWidth") <= ZOOMED["width"], address


def test_wider_text_is_neither_cut_off_nor_beside_the_window(new_reader, addresses):
    page = new_reader(
        viewport={"width": 1280, "height": 800}, reduced_motion="reduce", bypass_csp=True
    )
    for address in addresses:
        page.goto(address)
        page.locator("details").evaluate_all(UNFOLD)
        page.add_style_tag(content=SPACING)
        assert page.evaluate(WIDER) == [], address
        assert page.evaluate(CUT_OFF) == [], address


def test_controls_have_an_edge_in_colours_of_the_reader_s_own(new_reader):
    page = new_reader(forced_colors="active", reduced_motion="reduce")
    for address in ["/en/", "/en/search/?q=AI", "/en/forecasts/"]:
        page.goto(address)
        assert page.evaluate("matchMedia('(forced-colors: active)').matches")
        page.locator("details").evaluate_all(UNFOLD)
        assert page.evaluate(WITHOUT_EDGE) == [], address


MOVING = """() => [...document.querySelectorAll("*")]
    .filter((one) => {
        const style = getComputedStyle(one);
        return style.scrollBehavior === "smooth" || style.animationName !== "none"
            || style.transitionDuration.split(", ").some((time) => parseFloat(time) > 0);
    })
    .map((one) => one.outerHTML.slice(0, 80))"""


def test_nothing_moves_for_those_who_ask_for_no_motion(new_reader):
    page = new_reader(reduced_motion="reduce")
    for address in ["/en/", "/ja/trends/application-over-training/", "/en/search/?q=AI"]:
        page.goto(address)
        assert page.evaluate(MOVING) == [], address
    page.emulate_media(reduced_motion="no-preference")
    assert page.evaluate(MOVING) != []


def test_editor_s_form_at_400_percent_is_read_in_one_direction(new_page, log_in):
    page = log_in(new_page(viewport=ZOOMED, reduced_motion="reduce"))
    for address in ["/admin/", "/admin/quotes/expert/add/", "/admin/trends/trend/add/"]:
        page.goto(address)
        assert page.evaluate(WIDER) == [], address
