"""What is typed survives: a lost session, a closed tab, a colleague."""

import pytest
from playwright.sync_api import Page, expect

from tests.support.browsing import log_in_by_form
from tests.support.editing import PASSWORD, make_editor
from tests.support.make import make_trend

pytestmark = pytest.mark.django_db(transaction=True)

KEPT = "() => Object.keys(localStorage).filter((key) => key.startsWith('typed:')).length"


def save(page: Page) -> None:
    page.locator("input[name=_continue]").last.click()


def test_typing_survives_a_lost_session_and_a_closed_tab(editor_page: Page):
    page = editor_page
    trend = make_trend(drivers=1)
    url = f"/admin/trends/trend/{trend.pk}/change/"
    page.goto(url)
    # “Today” is a change, though Django tells no script of it.
    page.click("#id_retired ~ .datetimeshortcuts a >> nth=0")
    page.wait_for_function(f"{KEPT} === 1")
    page.fill("#id_retired", "")
    page.wait_for_function(f"{KEPT} === 0")
    page.click("#drivers-group .add-row a")
    page.fill("#id_drivers-1-heading_en", "A new driver")
    page.wait_for_function(f"{KEPT} === 1")

    # The tab is closed; another one offers what was typed, with the new row.
    again = page.context.new_page()
    page.close(run_before_unload=False)
    page = again
    page.goto(url)
    expect(page.locator("#id_drivers-1-heading_en")).to_have_count(0)
    page.get_by_role("button", name="Restore what you typed at").click()
    expect(page.locator(".held")).to_contain_text("It has not been saved yet")
    expect(page.locator("#id_drivers-1-heading_en")).to_have_value("A new driver")

    # The session ends: the login opens above the form, which is sent after it.
    page.context.clear_cookies()
    page.fill("#id_subtitle_en", "Typed without a session")
    save(page)
    dialog = page.get_by_role("dialog", name="Your session has ended")
    dialog.get_by_label("Username").fill("editor")
    dialog.get_by_label("Password").fill("wrong")
    dialog.get_by_role("button", name="Log in").click()
    expect(dialog.locator(".errornote")).to_be_visible()
    dialog.get_by_label("Username").fill("editor")
    dialog.get_by_label("Password").fill(PASSWORD)
    dialog.get_by_role("button", name="Log in").click()
    expect(page.locator(".messagelist .success")).to_be_visible()
    trend.refresh_from_db()
    assert trend.subtitle_en == "Typed without a session"
    assert [row.heading_en for row in trend.drivers.all()] == ["Driver 0", "A new driver"]

    # What is saved is not kept any more.
    page.wait_for_function(f"{KEPT} === 0")
    page.goto(url)
    expect(page.locator(".typed-offer")).to_have_count(0)


def test_two_editors_see_each_other_and_choose_where_both_wrote(new_page, log_in):
    trend = make_trend(drivers=2)
    url = f"/admin/trends/trend/{trend.pk}/change/"
    make_editor("mina")
    one, two = log_in(new_page()), new_page()
    log_in_by_form(two, "mina")
    two.wait_for_selector("#user-tools")
    # That a form is open is known once it has said so.
    with two.expect_response("**/admin/editing/"):
        two.goto(url)
    one.goto(url)
    expect(one.locator(".presence")).to_contain_text("mina has this form open, too")

    two.fill("#id_subtitle_en", "From Mina")
    two.click("#drivers-1 summary")
    two.fill("#id_drivers-1-heading_en", "Her driver")
    save(two)
    expect(two.locator(".messagelist .success")).to_be_visible()
    one.fill("#id_subtitle_en", "From the editor")
    one.click("#drivers-0 summary")
    one.fill("#id_drivers-0-heading_en", "His driver")
    save(one)
    clash = one.locator(".clash")
    expect(clash).to_contain_text("Subtitle (English)")
    expect(one.locator("#id_drivers-1-heading_en")).to_have_value("Her driver")
    expect(one.locator("#id_subtitle_en")).to_have_value("From the editor")
    clash.get_by_role("button", name="Take this: mina").click()
    expect(one.locator("#id_subtitle_en")).to_have_value("From Mina")
    save(one)
    expect(one.locator(".messagelist .success")).to_be_visible()
    trend.refresh_from_db()
    assert trend.subtitle_en == "From Mina"
    assert [row.heading_en for row in trend.drivers.all()] == ["His driver", "Her driver"]
