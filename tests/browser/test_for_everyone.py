"""Pages in colours of the reader's own and without motion; the editor's at 400 %."""

import pytest

from tests.support.browsing import wider_than_the_window

pytestmark = pytest.mark.django_db

# A window of 1280 × 1024 pixels at 400 % (WCAG 1.4.10).
ZOOMED = {"width": 320, "height": 256}
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


def test_controls_have_an_edge_in_colours_of_the_reader_s_own(new_reader):
    page = new_reader(forced_colors="active")
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
    page = new_reader()
    for address in ["/en/", "/ja/trends/application-over-training/", "/en/search/?q=AI"]:
        page.goto(address)
        assert page.evaluate(MOVING) == [], address
    page.emulate_media(reduced_motion="no-preference")
    assert page.evaluate(MOVING) != []


def test_editor_s_form_at_400_percent_is_read_in_one_direction(new_page, log_in):
    page = log_in(new_page(viewport=ZOOMED))
    for address in ["/admin/", "/admin/quotes/expert/add/", "/admin/trends/trend/add/"]:
        page.goto(address)
        assert wider_than_the_window(page) == [], address
