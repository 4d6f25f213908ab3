"""A new trend in two languages, from the login to its publication, with the keyboard alone.

The trend is that of a review of the desk: two tags, three drivers, two mentions with new experts
and videos, three implications, four dates, one assessment. By mouse it took 162 clicks, 24 page
loads and eight refused saves then.
"""

from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.support.editing import PASSWORD, make_editor
from tests.support.make import make_audience, make_source, make_tag
from trends.models import Trend

pytestmark = pytest.mark.django_db(transaction=True)

MOST_STEPS = 150


@dataclass
class Keyboard:
    """The keys that were pressed to move and to act, and the pages that were loaded meanwhile.

    `clicks` is what the same takes with a mouse: one into each field, tab, choice and button.
    """

    page: Page
    keys: int = 0
    clicks: int = 0
    loads: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.context.on("page", self._watch)
        self._watch(self.page)

    def _watch(self, page: Page) -> None:
        page.on("domcontentloaded", lambda loaded: self.loads.append(loaded.url))

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.keys += 1

    def write(self, text: str) -> None:
        self.page.keyboard.insert_text(text)

    def to(self, selector: str, key: str = "Tab") -> None:
        """Press a key until an element has the focus."""
        self.clicks += 1
        for _step in range(MOST_STEPS):
            self.press(key)
            if self.page.evaluate("(one) => document.activeElement.matches(one)", selector):
                return
        raise AssertionError(f"{selector} is not reached")

    def fill(self, name: str, text: str) -> None:
        self.to(f"#id_{name}")
        self.write(text)

    def translate(self, text: str) -> None:
        """Write the translation of the text that has the focus."""
        self.press("Shift+Tab", "ArrowRight", "Tab")
        self.clicks += 2
        self.write(text)

    def texts(self, name: str, english: str, japanese: str) -> None:
        self.fill(f"{name}_en", english)
        self.translate(japanese)

    def choose(self, name: str, text: str) -> None:
        """Choose by autocomplete what has the focus or comes next."""
        self.to(f"#id_{name} + .select2 :is(.select2-selection--single, .select2-search__field)")
        self.pick(text)

    def pick(self, text: str) -> None:
        """Choose by the autocomplete that has the focus."""
        if self.page.evaluate("() => document.activeElement.matches('.select2-selection--single')"):
            self.press("Enter")
        self.page.wait_for_function(
            "() => document.activeElement?.matches('.select2-search__field')"
        )
        self.write(text)
        self.clicks += 1
        option = self.page.locator(".select2-results__option--highlighted", has_text=text)
        expect(option).to_be_visible()
        self.press("Enter")

    def add(self, prefix: str) -> None:
        """Add a row; its first field gets the focus."""
        self.to(f"#{prefix}-group .add-row a")
        self.press("Enter")
        self.page.wait_for_function(
            "(group) => document.activeElement.closest(group) !== null"
            " && !document.activeElement.closest('.add-row')",
            arg=f"#{prefix}-group",
        )

    def window(self, selector: str) -> "Window":
        self.to(selector)
        return Window(self)


class Window:
    """A window that Enter opens and Ctrl+S saves and closes."""

    def __init__(self, keyboard: Keyboard) -> None:
        self.keyboard = keyboard

    def __enter__(self) -> None:
        self.opener = self.keyboard.page
        with self.opener.expect_popup() as opened:
            self.keyboard.press("Enter")
        opened.value.wait_for_load_state("load")
        opened.value.wait_for_function(
            "() => ![null, document.body].includes(document.activeElement)"
        )
        self.keyboard.page = opened.value

    def __exit__(self, *exception: Any) -> None:
        if exception[0] is None:
            with self.keyboard.page.expect_event("close"):
                self.keyboard.press("Control+s")
            self.keyboard.clicks += 1
            self.keyboard.page = self.opener


def test_a_new_trend_in_two_languages_by_keyboard_alone(new_page):
    make_editor()
    make_tag("strategy")
    make_audience("enterprises")
    make_source("report")
    page = new_page()
    keyboard = Keyboard(page)
    page.goto("/admin/")
    keyboard.write("editor")
    keyboard.press("Tab")
    keyboard.write(PASSWORD)
    keyboard.press("Enter")
    page.wait_for_selector("#user-tools")
    keyboard.to('a[href="/admin/trends/trend/add/"]')
    keyboard.press("Enter")
    page.wait_for_function("() => document.activeElement?.id === 'id_title_en'")

    keyboard.write("Application over training")
    keyboard.translate("訓練より応用")
    keyboard.texts("subtitle", "Models are bought, not built", "モデルは作るより買う")
    keyboard.texts("key_points", "Buy a model.", "モデルを買う。")
    keyboard.to("#id_status")
    keyboard.press("ArrowDown")
    keyboard.to("#id_confidence")
    keyboard.press("ArrowDown", "ArrowDown")
    keyboard.fill("since", "2024 Q3")
    keyboard.texts("shift", "The centre moves.", "重心が移る。")
    keyboard.choose("shift_sources", "report")

    keyboard.add("tagged")
    keyboard.pick("strategy")
    keyboard.add("tagged")
    with keyboard.window("#add_id_tagged-1-tag"):
        keyboard.write("Open models")
        keyboard.translate("公開モデル")
    for number in range(3):
        keyboard.add("drivers")
        keyboard.write(f"Driver {number}")
        keyboard.translate(f"要因{number}")
        keyboard.texts(f"drivers-{number}-body", "Why it is so.", "その理由。")
        keyboard.choose(f"drivers-{number}-sources", "report")
    for number, name in enumerate(["Mina", "Taro"]):
        keyboard.add("trend_mentions")
        with keyboard.window(f"#add_id_trend_mentions-{number}-mention"):
            with keyboard.window("#add_id_expert"):
                keyboard.write(f"{name} Example")
                keyboard.translate(f"{name}・エグザンプル")
            keyboard.texts("occasion", "At a talk", "講演にて")
            with keyboard.window("#add_id_video"):
                keyboard.to("#id_video_id")
                keyboard.write(f"https://youtu.be/abcdefghij{number}?t=754")
            keyboard.fill("original", "It is an application problem.")
            keyboard.fill("translation_en", "")
            keyboard.translate("応用の問題です。")
    for number in range(3):
        keyboard.add("implications")
        keyboard.pick("enterprises")
        keyboard.texts(f"implications-{number}-lead", f"Buy {number}", f"買う{number}")
        keyboard.texts(f"implications-{number}-text", "It is cheaper.", "安上がりだ。")
        keyboard.choose(f"implications-{number}-sources", "report")
    for number in range(4):
        keyboard.add("timeline")
        keyboard.write(f"202{number}-05")
        keyboard.to(f"#id_timeline-{number}-text_en")
        keyboard.write(f"Event {number}")
        keyboard.translate(f"出来事{number}")
        keyboard.choose(f"timeline-{number}-source", "report")
    keyboard.add("assessments")
    keyboard.write("2025-12-20")
    keyboard.to("#id_assessments-0-status")
    keyboard.press("ArrowDown")
    keyboard.to("#id_assessments-0-confidence")
    keyboard.press("ArrowDown", "ArrowDown")
    keyboard.texts("assessments-0-rationale", "It is seen.", "見て取れる。")
    keyboard.choose("assessments-0-sources", "report")
    keyboard.to(".submit-row input[name=_publishing]")
    keyboard.press("Enter")
    page.wait_for_selector(".publishing-form")
    expect(page.locator(".checklist")).to_contain_text("Nothing is missing.")
    keyboard.to("button[value=publish]")
    keyboard.press("Enter")
    expect(page.get_by_text("is published: readers see it as it is now.")).to_be_visible()
    assert Trend.objects.get().is_published()
    # The login, the start page, the form, seven windows, the page of publication, the form: a
    # refused save would be one more.
    page.wait_for_load_state("load")
    assert len(keyboard.loads) == 12
    assert keyboard.clicks <= 150
    assert keyboard.keys <= 520
