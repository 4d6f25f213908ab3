"""A reader on the shipped site, in a real browser."""

import gzip
import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.support.browsing import barriers, press_tab, resize, tab_through

pytestmark = pytest.mark.django_db

REFERENCE = "/en/trends/application-over-training/"
OPEN = "all => all.forEach((one) => one.open = true)"
MOST_BYTES = 60_000

# Focuses each element that the Tab key has reached, and tells whether it has a ring.
RINGS = """() => window.focused.map((element) => {
    element.focus();
    const style = getComputedStyle(element);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
})"""
# The colours of each text and of what is behind it.
COLOURS = """(one) => [one, ...one.querySelectorAll("*")].map((part) => {
    const style = getComputedStyle(part);
    return `${style.color} on ${style.backgroundColor}`;
})"""


# The walk


def test_reader_walks_from_the_index_to_a_trend_an_expert_and_the_other_language_without_scripts(
    new_reader,
):
    page = new_reader(
        java_script_enabled=False,
        viewport={"width": 390, "height": 844},
        reduced_motion="no-preference",
    )
    page.goto("/")
    expect(page).to_have_url("/en/")
    trends = page.locator("#trends")
    trends.get_by_role("link", name="Application Over Training", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Application Over Training")
    page.locator(".contents summary").click()
    page.get_by_role("navigation").get_by_role("link", name="Expert mentions").click()
    expect(page).to_have_url(re.compile("#mentions$"))
    expect(page.locator("#mentions-heading")).to_be_in_viewport()
    page.locator("#mentions").get_by_role("link", name="Sam Altman").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sam Altman")
    page.get_by_role("link", name="日本語").click()
    expect(page).to_have_url("/ja/experts/sam-altman/")
    expect(page.locator("html")).to_have_attribute("lang", "ja")
    expect(page.get_by_role("heading", level=1)).to_have_text("サム・アルトマン")
    page.get_by_role("link", name="訓練より応用").first.click()
    expect(page).to_have_url(re.compile("/ja/trends/application-over-training/(#|$)"))
    expect(page.get_by_role("heading", level=1)).to_have_text("訓練より応用")
    page.get_by_role("link", name="English").click()
    expect(page).to_have_url(re.compile(f"{REFERENCE}(#|$)"))


def test_reader_follows_a_note_and_comes_back_without_scripts(new_reader):
    page = new_reader(java_script_enabled=False)
    page.goto(REFERENCE)
    reference = page.locator("#implications .references a").first
    note = reference.get_attribute("href")
    reference.click()
    expect(page).to_have_url(REFERENCE + note)
    expect(page.locator(note)).to_be_in_viewport()
    back = page.locator(f"{note} .notes-back")
    place = back.get_attribute("href")
    assert place.startswith("#cites-")
    back.click()
    expect(page).to_have_url(REFERENCE + place)
    expect(page.locator(place)).to_be_in_viewport()


@pytest.mark.parametrize("width", [390, 1280])
def test_contents_lead_to_every_part(new_reader, width):
    page = new_reader(viewport={"width": width, "height": 800})
    page.goto(REFERENCE)
    contents = page.locator(".contents")
    if not contents.get_by_role("link").first.is_visible():
        contents.locator("summary").click()
    for link in contents.get_by_role("link").all():
        expect(link).to_be_visible()
        link.click()
        heading = page.locator(f"{link.get_attribute('href')}-heading")
        expect(heading).to_be_in_viewport()


# How far a reader has to go

BOTTOM = "one => Math.round(one.getBoundingClientRect().bottom + scrollY)"
TOP = "one => Math.round(one.getBoundingClientRect().top + scrollY)"


@pytest.mark.parametrize("language", ["en", "ja"])
def test_reference_page_answers_within_two_screens(new_reader, language):
    page = new_reader(viewport={"width": 1280, "height": 900})
    page.goto(f"/{language}/trends/application-over-training/")
    assert page.evaluate("document.documentElement.scrollHeight") <= 6500
    assert page.locator("#implications").evaluate(TOP) < 1800
    resize(page, 390, 844)
    assert page.locator(".key-points").evaluate(BOTTOM) <= 844 * 1.5


# The keyboard


def test_first_key_offers_to_skip_to_the_content(new_reader):
    page = new_reader()
    page.goto("/en/")
    skip = press_tab(page)
    assert skip["text"] == "Skip to the content"
    assert skip["seen"]
    page.keyboard.press("Enter")
    expect(page).to_have_url("/en/#main")
    assert press_tab(page)["inMain"]


@pytest.mark.parametrize("address", ["/en/", REFERENCE])
def test_whatever_has_the_focus_is_seen_and_has_a_ring(new_reader, address):
    page = new_reader()
    page.goto(address)
    page.locator(".more, .cite").evaluate_all(OPEN)
    reached = []
    for focused in tab_through(page):
        assert focused["seen"], focused
        assert focused["ring"], focused
        reached.append(focused["href"])
        assert len(reached) < 500
    # A mark is a button here, in the place of its link, and the search has its field.
    links = page.locator("a[href]:not(.mark > a, .site-nav-search > a)").evaluate_all(
        "all => all.map((a) => a.getAttribute('href'))"
    )
    # Those in a closed list of contents come when it is open.
    assert set(links) - set(reached) <= set(
        page.locator(".contents a").evaluate_all("all => all.map((a) => a.getAttribute('href'))")
    )
    # In the dark the order is the same, and so is the place.
    page.emulate_media(color_scheme="dark")
    rings = page.evaluate(RINGS)
    assert len(rings) == len(reached)
    assert all(rings)


def test_reader_goes_from_the_index_to_a_trend_and_the_other_language_by_keyboard(new_reader):
    page = new_reader()
    page.goto("/en/#trends")  # where the link to the content leads, past the filters
    for name in ["Application Over Training", "日本語"]:
        while press_tab(page)["text"] != name:
            pass
        with page.expect_navigation():
            page.keyboard.press("Enter")
    expect(page).to_have_url("/ja/trends/application-over-training/")


# Any window, any taste


def test_a_permanent_link_leads_to_what_it_links_to_and_marks_it(new_reader):
    page = new_reader(viewport={"width": 390, "height": 800})
    page.goto(REFERENCE)
    page.locator(".more").evaluate_all(OPEN)
    judged: set[str] = set()
    for kind in ["driver", "point", "event", "assessment", "quotation"]:
        link = page.locator(f".permanent-link[href^='#{kind}-']").last
        box = link.bounding_box()
        assert min(box["width"], box["height"]) >= 24
        target = page.locator(link.get_attribute("href"))
        grounds = {}
        for scheme in ["light", "dark"]:
            page.emulate_media(color_scheme=scheme)
            grounds[scheme] = target.evaluate("one => getComputedStyle(one).backgroundColor")
        link.click()
        expect(page).to_have_url(REFERENCE + link.get_attribute("href"))
        expect(target).to_be_in_viewport()
        for scheme, ground in grounds.items():
            page.emulate_media(color_scheme=scheme)
            expect(target).not_to_have_css("background-color", ground)
            colours = set(target.evaluate(COLOURS))
            if colours <= judged:
                continue
            judged |= colours
            found = barriers(page, link.get_attribute("href"), structure=False)
            assert found["violations"] == []
            assert found["passes"]
        page.emulate_media(media="print")
        expect(link).to_be_hidden()
        page.emulate_media(media="screen")


def test_what_is_behind_a_line_is_there_for_whom_a_link_leads_to_it(new_reader):
    page = new_reader()
    for kind in ["event-", "assessment-", "source-", "levels"]:
        page.goto(REFERENCE)
        hidden = page.locator(f".more [id^='{kind}']").last
        expect(hidden).to_be_hidden()
        page.goto(f"{REFERENCE}#{hidden.get_attribute('id')}")
        expect(hidden).to_be_visible()
        expect(hidden).to_be_in_viewport()


def test_what_is_behind_a_line_is_printed(new_reader):
    page = new_reader()
    page.goto(REFERENCE)
    page.emulate_media(media="print")
    for part in ("#timeline", "#assessments", "#sources", "#drivers"):
        behind = page.locator(f"{part} .more > :not(summary)").first
        expect(behind).to_be_visible()
        assert behind.bounding_box()["height"] > 20
    video = page.locator(".mention-card-video").first  # whose address can be read and typed
    content = video.evaluate("one => getComputedStyle(one, '::after').content")
    assert video.get_attribute("href") in content
    first, second = (
        page.locator(".implication-groups > div").nth(n).bounding_box() for n in (0, 1)
    )
    assert second["y"] - first["y"] - first["height"] > 8  # one below the other, but apart


# What is sent


def test_reference_page_is_light(new_reader):
    """Pictures aside, and compressed: the real server's static files are, here they are not."""
    page = new_reader()
    responses = []
    page.on("response", lambda response: responses.append(response))
    page.goto(REFERENCE, wait_until="networkidle")
    sent = {
        urlsplit(response.url).path: len(gzip.compress(response.body()))
        for response in responses
        if not urlsplit(response.url).path.startswith("/media/")
    }
    icon = "/static/svg/icon.svg"  # which a browser without a window does not ask for
    sent[icon] = len(gzip.compress(page.request.get(icon).body()))
    assert set(sent) == {REFERENCE, "/static/css/site.css", icon}
    assert sum(sent.values()) <= MOST_BYTES
    assert responses[0].headers["content-encoding"] == "gzip"


def test_login_breaks_no_rule(new_reader):
    page = new_reader()
    page.goto("/admin/login/", wait_until="networkidle")
    assert page.title()
