"""An editor at work, in a real browser."""

import io
import re

import pytest
from django.contrib.auth import get_user_model
from PIL import Image
from playwright.sync_api import Page, expect

from tests.support.browsing import barriers, log_in_by_form, resize
from tests.support.days import today
from tests.support.editing import make_editor
from tests.support.make import make_audience, make_source, make_tag, make_trend
from trends.models import Trend
from trendsite.shared.revisions.models import Revision

pytestmark = pytest.mark.django_db(transaction=True)

TRENDS = "/admin/trends/trend/"
PHONE = {"width": 390, "height": 800}
WIDTH = "document.documentElement.scrollWidth"
# One page of each kind, for the rules of axe that look at colours.
COLOURED = re.compile(
    r"login/$|^/admin/$|trend/$|trend/\d+/(change|history|delete|preview/ja|history/\d+)/$"
    r"|mention/\d+/change/$|password_change/$"
)


def picture() -> dict:
    buffer = io.BytesIO()
    Image.linear_gradient("L").resize((320, 180)).convert("RGB").save(buffer, "JPEG")
    return {"name": "talk.jpg", "mimeType": "image/jpeg", "buffer": buffer.getvalue()}


def in_tab(page: Page, name: str, language: str, text: str) -> None:
    """Write a translated text in its language's tab."""
    page.click(f"[role=tablist]:has(~ * #id_{name}_{language}) [lang={language}]")
    page.fill(f"#id_{name}_{language}", text)


def add_row(page: Page, prefix: str) -> None:
    page.click(f"#{prefix}-group .add-row a")


def popup(page: Page, selector: str) -> Page:
    """Open a form in a window of its own; wait until its scripts have run."""
    with page.expect_popup() as opened:
        page.click(selector)
    opened.value.wait_for_load_state("load")
    return opened.value


def save_popup(window: Page) -> None:
    with window.expect_event("close"):
        window.locator("input[name=_save]").last.click()


def choose(page: Page, field: str, words: str) -> None:
    """Choose by autocomplete."""
    page.click(f"#id_{field} + .select2 .select2-selection")
    page.locator(".select2-search__field").last.fill(words)
    page.click(f".select2-results__option >> text={words}")


def test_editor_publishes_a_whole_trend_with_one_form(editor_page, live_server):
    page = editor_page
    make_tag("strategy")
    make_audience("enterprises")
    make_source("report")
    page.goto("/admin/trends/trend/add/")
    page.fill("#id_title_en", "Application Over Training")
    in_tab(page, "title", "ja", "訓練より応用")
    expect(page.locator("#id_slug")).to_have_value("application-over-training")
    page.select_option("#id_status", "emerging")
    page.select_option("#id_confidence", "high")
    page.fill("#id_since", "2024 Q3")
    page.fill("#id_published", today().isoformat())
    page.fill("#id_shift_en", "The centre **moves**.")
    in_tab(page, "shift", "ja", "重心が**移る。**次へ")

    # Markdown is shown as readers will see it.
    panel = page.locator("[role=tabpanel]:has(#id_shift_ja)")
    panel.get_by_role("button", name="Preview").click()
    expect(panel.locator(".markdown-preview strong")).to_have_text("移る。")
    panel.get_by_role("button", name="Back to the text").click()
    expect(page.locator("#id_shift_ja")).to_have_value("重心が**移る。**次へ")

    add_row(page, "tagged")
    choose(page, "tagged-0-tag", "strategy")
    for n, (english, japanese) in enumerate([("Models alike", "似たモデル"), ("Demand", "需要")]):
        add_row(page, "drivers")
        in_tab(page, f"drivers-{n}-heading", "en", english)
        in_tab(page, f"drivers-{n}-heading", "ja", japanese)
    add_row(page, "timeline")
    page.fill("#id_timeline-0-date", "2025年6月")
    in_tab(page, "timeline-0-text", "en", "A report appears")
    in_tab(page, "timeline-0-text", "ja", "報告書が出る")
    add_row(page, "assessments")
    page.fill("#id_assessments-0-date", "2025-12-20")
    page.select_option("#id_assessments-0-status", "emerging")
    page.select_option("#id_assessments-0-confidence", "high")

    # A mention with its expert and its video, none of which is there yet.
    add_row(page, "trend_mentions")
    mention = popup(page, "#add_id_trend_mentions-0-mention")
    expert = popup(mention, "#add_id_expert")
    expert.fill("#id_name_en", "Mina Example")
    in_tab(expert, "name", "ja", "ミナ・エグザンプル")
    save_popup(expert)
    mention.fill("#id_original", "It is an application problem.")
    in_tab(mention, "translation", "ja", "応用の問題です。")
    video = popup(mention, "#add_id_video")
    video.select_option("#id_platform", "youtube")
    video.fill("#id_video_id", "abcdefghijk")
    video.set_input_files("#id_thumbnail", picture())
    save_popup(video)
    mention.fill("#id_start", "12:34")
    save_popup(mention)
    page.check("#id_trend_mentions-0-voice")
    page.locator("input[name=_save]").last.click()
    expect(page.locator(".messagelist .success")).to_contain_text("was added successfully")

    for language, words in {
        "en": ["Application Over Training", "Models alike", "A report appears", "Mina Example"],
        "ja": ["訓練より応用", "似たモデル", "報告書が出る", "応用の問題です。"],
    }.items():
        page.goto(f"/{language}/trends/application-over-training/")
        for text in words:
            expect(page.locator("main")).to_contain_text(text)
        image = page.locator("main img").last
        image.scroll_into_view_if_needed()
        page.wait_for_function("() => [...document.images].at(-1).naturalWidth > 0")
        link = page.locator('a[href="https://www.youtube.com/watch?v=abcdefghijk&t=754s"]')
        expect(link.first).to_be_attached()


def some_trend() -> Trend:
    return make_trend(
        tags=["strategy"],
        drivers=2,
        implications=2,
        timeline=2,
        mentions=2,
        assessments=1,
        reading=1,
    )


def pages_of_the_admin(trend: Trend) -> list[str]:
    mention, user = trend.mentions.first(), get_user_model().objects.get()
    return [
        "/admin/",
        "/admin/trends/",
        TRENDS,
        "/admin/trends/trend/add/",
        f"{TRENDS}{trend.pk}/change/",
        f"{TRENDS}{trend.pk}/history/",
        f"{TRENDS}{trend.pk}/delete/",
        f"{TRENDS}{trend.pk}/preview/en/",
        f"{TRENDS}{trend.pk}/preview/ja/",
        "/admin/trends/audience/",
        "/admin/trendsite/tag/add/",
        "/admin/quotes/mention/",
        f"/admin/quotes/mention/{mention.pk}/change/",
        "/admin/quotes/mention/add/?_popup=1",
        f"/admin/quotes/video/{mention.video.pk}/change/",
        f"/admin/quotes/expert/{mention.expert.pk}/change/",
        f"/admin/quotes/source/{mention.source.pk}/delete/",
        "/admin/auth/user/",
        "/admin/auth/user/add/",
        f"/admin/auth/user/{user.pk}/change/",
        f"/admin/auth/user/{user.pk}/password/",
        "/admin/auth/group/add/",
        "/admin/password_change/",
    ]


def pages_of_a_saved_trend(page: Page, language: str) -> list[str]:
    """Save a trend with a long text by its form; return the pages of the admin."""
    trend = some_trend()
    page.goto(f"{TRENDS}{trend.pk}/change/")
    page.fill(f"#id_subtitle_{language}", "Wide words, " * 20)
    page.locator("input[name=_continue]").last.click()
    page.wait_for_selector(".messagelist .success")
    version = Revision.objects.latest("pk")
    return [*pages_of_the_admin(trend), f"{TRENDS}{trend.pk}/history/{version.pk}/"]


def test_each_page_of_the_admin_keeps_the_policy_fits_a_phone_and_has_no_barrier(new_page, log_in):
    page = new_page(viewport=PHONE)
    found = []
    # Each page is opened in the width at which the one before was left.
    widths = [PHONE["width"], 1280]

    def look_at(address: str) -> None:
        response = page.goto(address)
        assert response.status == 200, address
        assert "'self'" in response.headers["content-security-policy"]
        expect(page).to_have_url(address)
        for width in widths:
            resize(page, width)
            assert page.evaluate(WIDTH) <= width, address
            if width == 1280:
                look_for_barriers(address)
        widths.reverse()

    def look_for_barriers(address: str) -> None:
        # The forms of a group and of a user are Django's alone, and so are the flaws of their lists
        # and dates.
        if "/group/" in address or re.search(r"/user/\d+/change/", address):
            return
        colours = COLOURED.search(address) is not None
        found.extend(
            (address, violation["id"], node["html"][:200])
            for violation in barriers(page, colours=colours)["violations"]
            for node in violation["nodes"]
        )

    look_at("/admin/login/")
    for address in pages_of_a_saved_trend(log_in(page), "en"):
        look_at(address)
    assert found == [], "\n".join(map(str, found))


def test_what_scripts_of_the_admin_do_breaks_no_policy(editor_page):
    page = editor_page
    page.goto(f"/admin/trends/trend/{some_trend().pk}/change/")
    for prefix in ("tagged", "drivers", "timeline", "readings"):
        add_row(page, prefix)
    page.click("#id_shift_sources + .select2 .select2-selection")
    page.wait_for_selector(".select2-results__option:has-text('Title of')")
    page.keyboard.press("Escape")
    page.click(".theme-toggle")
    page.click("#logout-form button")
    expect(page.get_by_role("link", name="Log in again")).to_be_visible()
    page.wait_for_load_state("networkidle")


def expect_headings(page: Page, *headings: str) -> None:
    labels = page.locator("#drivers-group .inline-related:not(.empty-form) .inline_label")
    expect(labels).to_have_text(list(headings), use_inner_text=True)


def test_rows_are_moved_by_keyboard_and_by_dragging(editor_page):
    page = editor_page
    trend = make_trend(drivers=3)
    page.goto(f"{TRENDS}{trend.pk}/change/")
    last = page.locator("#drivers-2")
    last.get_by_role("button", name="Move up").focus()
    page.keyboard.press("Enter")
    expect_headings(page, "Driver 0", "Driver 2", "Driver 1")
    page.locator("#drivers-0 .drag-handle").drag_to(
        page.locator("#drivers-1"), target_position={"x": 40, "y": 40}
    )
    expect_headings(page, "Driver 2", "Driver 1", "Driver 0")
    page.locator("input[name=_save]").last.click()
    page.wait_for_selector(".messagelist .success")
    assert [row.heading_en for row in trend.drivers.all()] == ["Driver 2", "Driver 1", "Driver 0"]


def test_new_row_can_be_moved_between_saved_ones_and_another_be_taken_back(editor_page):
    page = editor_page
    trend = make_trend(drivers=2)
    page.goto(f"{TRENDS}{trend.pk}/change/")
    for n, heading in [(2, "Middle"), (3, "Mistake")]:
        add_row(page, "drivers")
        page.fill(f"#id_drivers-{n}-heading_en", heading)
    for _step in range(3):
        page.locator("#drivers-3").get_by_role("button", name="Move up").click()
    page.locator("#drivers-2").get_by_role("button", name="Move up").click()
    page.locator("#drivers-3 .inline-deletelink").click()
    page.locator("input[name=_save]").last.click()
    page.wait_for_selector(".messagelist .success")
    headings = [row.heading_en for row in trend.drivers.all()]
    assert headings == ["Driver 0", "Middle", "Driver 1"]


def test_mistake_is_shown_in_its_unfolded_row_and_its_tab(editor_page):
    page = editor_page
    trend = make_trend(timeline=2)
    page.goto(f"{TRENDS}{trend.pk}/change/")
    page.click("#timeline-1 summary")
    page.fill("#id_timeline-1-date", "2024-13")
    page.locator("input[name=_save]").last.click()
    expect(page.locator("#timeline-1 .errorlist")).to_contain_text("“2024-13” is not a date")
    expect(page.locator("#id_timeline-1-date")).to_be_visible()
    expect(page.locator("#id_timeline-0-date")).to_be_hidden()


def test_editor_is_asked_before_losing_what_they_typed(editor_page):
    page = editor_page
    page.goto("/admin/trends/trend/add/")
    page.fill("#id_title_en", "Half a thought")
    page.on("dialog", lambda dialog: dialog.dismiss())
    with page.expect_event("dialog") as asked:
        page.click(".breadcrumbs a >> nth=0", no_wait_after=True)
    assert asked.value.type == "beforeunload"
    expect(page).to_have_url("/admin/trends/trend/add/")
    expect(page.locator("#id_title_en")).to_have_value("Half a thought")


def test_page_without_changes_is_left_without_a_question(editor_page):
    page = editor_page
    trend = make_trend(tags=["strategy"], drivers=1, mentions=1)
    page.goto(f"{TRENDS}{trend.pk}/change/")
    add_row(page, "tagged")
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.click(".breadcrumbs a >> nth=0")
    page.wait_for_url("**/admin/")
    assert asked == []


def test_admin_is_used_in_japanese_and_without_scripts(new_page):
    make_editor()
    page = new_page(java_script_enabled=False)
    log_in_by_form(page)
    expect(page.locator("#user-tools")).to_be_visible()
    trend = make_trend(drivers=2)
    page.goto(f"{TRENDS}{trend.pk}/change/")
    page.get_by_role("button", name="日本語").click()
    expect(page.locator("html")).to_have_attribute("lang", "ja")
    expect(page).to_have_url(f"{TRENDS}{trend.pk}/change/")
    page.click("#drivers-0 summary")
    page.fill("#id_drivers-0-order", "3")
    page.locator("input[name=_save]").last.click()
    page.wait_for_selector(".messagelist .success")
    assert [row.heading_en for row in trend.drivers.all()] == ["Driver 1", "Driver 0"]
    cookies = {cookie["name"]: cookie["path"] for cookie in page.context.cookies()}
    assert set(cookies.values()) == {"/admin/"}


def test_admin_in_japanese_fits_a_phone(new_page, log_in):
    page = log_in(new_page(viewport=PHONE, locale="ja"))
    for address in pages_of_a_saved_trend(page, "ja"):
        page.goto(address)
        assert page.evaluate(WIDTH) <= PHONE["width"], address


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_theme_follows_the_reader_until_they_choose(new_page, log_in, scheme):
    page = log_in(new_page(color_scheme=scheme))
    page.goto("/admin/")
    lightness = "getComputedStyle(document.body).backgroundColor.match(/[\\d.]+/)[0]"
    dark = f"(dark) => ({lightness} < 0.5) === dark"
    page.wait_for_function(dark, arg=scheme == "dark")
    page.click(".theme-toggle")  # from automatic to the other one
    page.wait_for_function(dark, arg=scheme == "light")
