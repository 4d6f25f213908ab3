"""What tests do with a page in a browser and then wait for.

A browser answers before it has done what it was asked for: nothing of a page's state may be
asserted straight after a key, a click or another size of the window. Tests wait for the state,
with `expect`, `wait_for_url` or `wait_for_function`, or with these functions.
"""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.support.editing import PASSWORD

# The text of axe-core. It reads a colour anew for each element, which takes more than half of the
# time of a page's contrast; a page has a few colours, which are remembered here.
_AXE = (
    Axe().axe_script
    + """
    (() => {
        const color = axe.commons.color.Color.prototype, parse = color.parseString;
        const known = new Map();
        color.parseString = function (text) {
            if (!known.has(text)) {
                const { r, g, b, alpha } = parse.call(this, text);
                known.set(text, { r, g, b, alpha });
            }
            return Object.assign(this, known.get(text));
        };
    })();"""
)

# Options of axe without the rules that look at colours, which take most of the time.
OF_COLOURS = ["color-contrast", "link-in-text-block"]
WITHOUT_COLOURS = {"rules": {rule: {"enabled": False} for rule in OF_COLOURS}}

# A page as slow as this is broken, on any machine.
PATIENCE = 60_000

# Waits until the focus has left the element that had it, and until the one that has it is in the
# window, to which it may have to be scrolled. Tells what is focused, and whether that is seen.
# The elements in the order in which they were focused are kept as `window.focused`.
_FOCUSED = """async (patience) => {
    const state = () => {
        const element = document.activeElement, box = element.getBoundingClientRect();
        const style = getComputedStyle(element);
        return {
            name: element.localName,
            text: element.textContent.trim(),
            href: element.getAttribute("href"),
            inMain: element.closest("main") !== null,
            ring: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
            seen: box.width > 1 && box.bottom > 0 && box.top < innerHeight
                && box.right > 0 && box.left < innerWidth,
        };
    };
    const end = performance.now() + patience;
    const pending = () => document.activeElement === window.before
        || (document.activeElement !== document.body && !state().seen);
    while (pending() && performance.now() < end) await new Promise(requestAnimationFrame);
    window.before = document.activeElement;
    if (document.activeElement !== document.body) {
        (window.focused ??= []).push(document.activeElement);
    }
    return state();
}"""

# What is wider than the window, unless it is within what scrolls by itself, as a table may.
_WIDER = """() => [...document.querySelectorAll("body *")]
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
_CUT_OFF = """() => [...document.querySelectorAll("body *")]
    .filter((one) => {
        const style = getComputedStyle(one), box = one.getBoundingClientRect();
        const cuts = ["hidden", "clip"];
        return box.width > 2 && box.height > 2 && one.textContent.trim()
            && !(one instanceof SVGElement) && style.clipPath === "none"
            && (cuts.includes(style.overflowX) && one.scrollWidth > one.clientWidth + 2
                || cuts.includes(style.overflowY) && one.scrollHeight > one.clientHeight + 2);
    })
    .map((one) => one.outerHTML.slice(0, 120))"""

# Waits for all pictures, those below the fold too; fails where one is broken.
_PICTURES = """() => Promise.all([...document.images].map((image) => {
    image.loading = "eager";
    return image.decode();
}))"""


def barriers(page: Page, within: str | None = None, **options: Any) -> dict[str, list[Any]]:
    """Return what axe finds on a page, or within an element: `violations`, and `passes` by rule.

    What was checked without complaint is left out, since it takes as long to send as the rest to
    find.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(_AXE)
    # No rule that is on reads style sheets; to prepare them breaks the content policy.
    asked = [within, {"resultTypes": ["violations"], "preload": {"assets": ["media"]}, **options}]
    return page.evaluate("([within, options]) => axe.run(within ?? document, options)", asked)


def assert_no_barrier(page: Page, within: str | None = None, **options: Any) -> None:
    violations = barriers(page, within, **options)["violations"]
    assert violations == [], json.dumps(violations, indent=1)[:4000]


def log_in_by_form(page: Page, username: str = "editor") -> None:
    """Send the form of the login with the password that `make_editor` gives."""
    page.goto("/admin/")
    page.fill("#id_username", username)
    page.fill("#id_password", PASSWORD)
    page.press("#id_password", "Enter")


def press_tab(page: Page) -> dict[str, Any]:
    """Press the Tab key; return what has the focus then, of which the name is "body" at the end."""
    page.evaluate("window.before = document.activeElement")
    return _press_tab(page)


def tab_through(page: Page) -> Iterator[dict[str, Any]]:
    """Press the Tab key to the end of the page; yield what has the focus each time."""
    focused = press_tab(page)
    while focused["name"] != "body":
        yield focused
        focused = _press_tab(page)


def _press_tab(page: Page) -> dict[str, Any]:
    page.keyboard.press("Tab")
    return page.evaluate(_FOCUSED, PATIENCE / 4)


def resize(page: Page, width: int, height: int = 800) -> None:
    """Give the window another size, and wait until the page has it."""
    page.set_viewport_size({"width": width, "height": height})
    page.wait_for_function(
        "([width, height]) => innerWidth === width && innerHeight === height", arg=[width, height]
    )


def wider_than_the_window(page: Page) -> list[str]:
    """Return what is cut off by the window: but not what can be scrolled to, as a table may."""
    return page.evaluate(_WIDER)


def cut_off(page: Page) -> list[str]:
    """Return the elements that do not show the whole of their text."""
    return page.evaluate(_CUT_OFF)


def wait_for_pictures(page: Page) -> None:
    page.evaluate(_PICTURES)


def wait_for_query(page: Page, **query: list[str]) -> None:
    """Wait until the page's address asks for this and nothing else."""
    page.wait_for_url(lambda url: parse_qs(urlsplit(url).query) == query)
