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

# Runs axe on a page or within an element. Colours take axe most of its time, and a page repeats a
# few looks many times: the rules of colours judge one element of each look, that is of those with
# one name, class and parent's class, and with the same text on the same grounds. No rule that is on
# reads style sheets, and to prepare them breaks the content policy.
_BARRIERS = """async ([within, structure, colours]) => {
    const root = within ? document.querySelector(within) : document;
    const rules = ["color-contrast", "link-in-text-block"];
    const looks = new Map();
    const holdsText = (one) =>
        [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    for (const one of colours ? root.querySelectorAll("*") : []) {
        if (!holdsText(one) && !one.matches("input, select, textarea")) continue;
        if (!one.checkVisibility({ visibilityProperty: true })) continue;
        const style = getComputedStyle(one), parent = one.parentElement;
        const look = [one.localName, one.getAttribute("class"), one.disabled, parent.localName,
            parent.getAttribute("class"), holdsText(parent), style.color, style.fontSize,
            style.fontWeight, style.textShadow, one.getBoundingClientRect().width > 1];
        for (let outer = one; outer; outer = outer.parentElement) {
            const { backgroundColor, backgroundImage, opacity } = getComputedStyle(outer);
            const ground = `${backgroundColor} ${backgroundImage} ${opacity}`;
            if (ground !== "rgba(0, 0, 0, 0) none 1") look.push(ground);
        }
        const key = look.join();
        if (!looks.has(key)) looks.set(key, one);
    }
    looks.forEach((one) => { one.dataset.look = ""; });
    axe.configure({ rules: [
        { id: rules[0], selector: "[data-look]" },
        { id: rules[1], selector: "[data-look]:is(a[href], [role=link])" },
    ] });
    const found = await axe.run(root, {
        resultTypes: ["violations"],
        preload: { assets: ["media"] },
        ...(structure ? {} : { runOnly: rules }),
        rules: Object.fromEntries(rules.map((rule) => [rule, { enabled: colours }])),
    });
    looks.forEach((one) => { delete one.dataset.look; });
    return found;
}"""

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


def barriers(
    page: Page, within: str | None = None, *, structure: bool = True, colours: bool = True
) -> dict[str, list[Any]]:
    """Return what axe finds on a page, or within an element: `violations`, and `passes` by rule.

    Colours take most of the time; `structure` is all but colours. What was checked without
    complaint is left out, since it takes as long to send as the rest to find.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(_AXE)
    return page.evaluate(_BARRIERS, [within, structure, colours])


def assert_no_barrier(page: Page, within: str | None = None, **options: bool) -> None:
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
    size = {"width": width, "height": height}
    if page.viewport_size == size:
        return
    page.set_viewport_size(size)
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
