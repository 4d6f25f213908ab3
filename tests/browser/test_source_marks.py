"""Marks of sources, in a real browser: for a reader at the claim, for an editor at the caret."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.browsing import assert_no_barrier, press_tab, resize
from tests.support.make import make_source, make_trend
from tests.support.marked import make_marked
from trends.models import Driver, Trend

pytestmark = pytest.mark.django_db(transaction=True)

PAGE = "/en/trends/example-trend/"
PHONE = {"width": 390, "height": 844}
SCREEN = {"width": 1280, "height": 800}


def mark(page: Page, number: int = 0) -> Locator:
    return page.get_by_role("button", name=re.compile("Source [0-9]+:")).nth(number)


@pytest.mark.parametrize("viewport", [PHONE, SCREEN], ids=["phone", "screen"])
def test_reader_opens_a_card_and_closes_it_by_keyboard(new_page, live_server, viewport):
    make_marked()
    page = new_page(viewport=viewport)
    page.goto(PAGE)
    button, card = mark(page), page.locator("#source-card-1")
    expect(card).to_be_hidden()
    button.focus()
    page.keyboard.press("Enter")
    expect(card).to_be_visible()
    expect(card).to_be_in_viewport(ratio=1)
    # What the card holds follows its button.
    press_tab(page)
    expect(card.get_by_role("link", name="Title of two")).to_be_focused()
    page.keyboard.press("Escape")
    expect(card).to_be_hidden()
    expect(button).to_be_focused()


def test_reader_opens_and_closes_a_card_without_scripts(new_page, live_server):
    make_marked()
    page = new_page(java_script_enabled=False, viewport=PHONE)
    page.goto(PAGE)
    mark(page, 1).click()
    card = page.get_by_role("dialog", name="Source 2")
    expect(card).to_contain_text("Title of one")
    card.get_by_role("button", name="Close").click()
    expect(card).to_be_hidden()


def test_each_mark_of_a_source_opens_its_card(new_page, live_server):
    make_marked()
    page = new_page(viewport=SCREEN)
    page.goto(PAGE)
    page.locator("details").evaluate_all("all => all.forEach((one) => one.open = true)")
    for button in page.locator("button[popovertarget='source-card-2']:visible").all():
        if button.get_attribute("popovertargetaction") == "hide":
            continue
        button.click()
        expect(page.locator("#source-card-2")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.locator("#source-card-2")).to_be_hidden()


def test_on_paper_a_mark_is_a_link_to_its_note(new_page, live_server):
    make_marked()
    page = new_page(viewport=SCREEN)
    page.goto(PAGE)
    page.emulate_media(media="print")
    expect(mark(page)).to_be_hidden()
    expect(page.locator("#shift .mark a")).to_be_visible()
    expect(page.locator("#source-1")).to_be_visible()
    expect(page.locator(".source-card").first).to_be_hidden()


def test_without_a_style_sheet_a_mark_is_one_link(new_page, live_server):
    make_marked()
    page = new_page()
    page.route("**/*.css", lambda route: route.fulfill(body="", content_type="text/css"))
    page.goto(PAGE)
    expect(page.locator("#shift .mark a")).to_be_visible()
    expect(mark(page)).to_be_hidden()
    expect(page.locator(".source-card").first).to_be_hidden()


def test_a_note_leads_back_to_a_mark_in_a_folded_text(new_page, live_server):
    make_marked(shift="Prices fell.")
    page = new_page(viewport=PHONE)
    page.goto(f"{PAGE}#cites-2")  # in the evidence of the driver
    expect(page.locator("#cites-2")).to_be_in_viewport()


def test_axe_finds_no_barrier_with_a_card_open(new_page, live_server):
    make_marked()
    page = new_page(viewport=PHONE)
    page.goto(PAGE)
    mark(page).click()
    expect(page.locator("#source-card-1")).to_be_visible()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert_no_barrier(page)


# Every line of the driver's text, each as the characters and marks on it.
LINES = """(prose) => {
    const lines = new Map();
    const walker = document.createTreeWalker(prose, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const node = walker.currentNode;
        const button = node.parentElement.closest("button");
        if (node.parentElement.closest("a")) continue;
        for (let at = 0; at < node.length; at++) {
            const range = document.createRange();
            range.setStart(node, at);
            range.setEnd(node, at + 1);
            const box = range.getBoundingClientRect();
            if (!box.width) continue;
            const line = Math.round((box.bottom + (button ? 6 : 0)) / 20);
            const near = [line - 1, line, line + 1].find((one) => lines.has(one)) ?? line;
            lines.set(near, (lines.get(near) ?? "") + (button ? "※" : node.data[at]));
        }
    }
    return [...lines.values()];
}"""


def test_no_line_begins_with_a_mark_or_with_what_follows_it(new_page, live_server):
    trend = make_trend()
    body = "".join(
        f"単価は{'約' * (n % 7)}下がった[^a]。" + "「値下がり」[^b][^a]、" for n in range(12)
    )
    driver = Driver.objects.create(trend=trend, heading_ja="値下がり", body_ja=body)
    driver.sources.add(make_source("a"), make_source("b"))
    page = new_page(viewport=PHONE, locale="ja")
    page.goto("/ja/trends/example-trend/")
    prose = page.locator("#drivers .prose > p")
    for width in range(320, 440, 17):
        resize(page, width)
        lines = prose.evaluate(LINES)
        assert len(lines) > 5
        assert "".join(lines).count("※") == 36
        assert [line for line in lines if line[0] in "※。、」"] == []


def test_editor_writes_the_mark_of_a_source_at_the_caret(editor_page, live_server):
    page = editor_page
    trend = make_trend(shift_en="It falls. It stays.")
    make_source("gartner-iaas", title="Spending on IaaS")
    make_source("another")
    page.goto(f"/admin/trends/trend/{trend.pk}/change/")
    text = page.locator("#id_shift_en")
    panel = page.locator("[role=tabpanel]:has(#id_shift_en)")
    text.evaluate("text => { text.focus(); text.setSelectionRange(8, 8); }")
    panel.get_by_role("button", name="Cite a source").click()
    search = panel.get_by_label("Search for a source")
    expect(search).to_be_focused()
    expect(panel.get_by_role("listitem")).to_have_count(2)
    search.press_sequentially("iaas")
    expect(panel.get_by_role("listitem")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(panel.get_by_role("button", name="Spending on IaaS")).to_be_focused()
    page.keyboard.press("Enter")
    expect(text).to_be_focused()
    expect(text).to_have_value("It falls[^gartner-iaas]. It stays.")
    page.locator("input[name=_continue]").first.click()
    expect(page.locator(".messagelist .success")).to_be_visible()
    assert [source.key for source in Trend.objects.get().shift_sources.all()] == ["gartner-iaas"]


def test_editor_leaves_the_search_for_sources_with_escape(editor_page, live_server):
    page = editor_page
    trend = make_trend()
    page.goto(f"/admin/trends/trend/{trend.pk}/change/")
    panel = page.locator("[role=tabpanel]:has(#id_shift_en)")
    button = panel.get_by_role("button", name="Cite a source")
    button.click()
    expect(panel.get_by_text("No source was found.")).to_be_visible()
    page.keyboard.press("Escape")
    expect(panel.get_by_label("Search for a source")).to_be_hidden()
    expect(page.locator("#id_shift_en")).to_be_focused()


def test_a_row_that_is_added_has_the_button_too(editor_page, live_server):
    page = editor_page
    make_source("report")
    page.goto("/admin/trends/trend/add/")
    page.click("#drivers-group .add-row a")
    panel = page.locator("[role=tabpanel]:has(#id_drivers-0-body_en)")
    panel.get_by_role("button", name="Cite a source").click()
    panel.get_by_role("button", name="Title of report").click()
    expect(page.locator("#id_drivers-0-body_en")).to_have_value("[^report]")
