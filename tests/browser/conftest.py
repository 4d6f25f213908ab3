"""A real Chromium against a real server."""

import os
import shutil
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    expect,
    sync_playwright,
)
from pytest_django.live_server_helper import LiveServer

from tests.support.browsing import PATIENCE
from tests.support.editing import make_editor

# Playwright keeps an event loop in this thread, in which Django would refuse to ask the database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

expect.set_options(timeout=PATIENCE)

PASSWORD = "a-long-password"
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The machine's Chromium or Chrome, else playwright's own.

    The shell comes first, since it draws no window around a page: that takes half of the time.
    """
    shells = ["chromium-headless-shell", "chrome-headless-shell"]
    names = [*shells, "chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
    installed = next((path for name in names if (path := shutil.which(name))), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=installed, args=_ARGUMENTS)
        yield browser
        browser.close()


class Watch:
    """What no page may do: break the content policy, fail in a script, ask another site."""

    def __init__(self, context: BrowserContext, site: str) -> None:
        self.complaints: list[str] = []
        self._site = site
        context.on("page", self._watch)
        context.add_init_script(
            "document.addEventListener('securitypolicyviolation', (event) =>"
            " console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`))"
        )

    def _watch(self, page: Page) -> None:
        page.on(
            "console",
            lambda message: (
                message.type == "error"
                and not _asks_after_the_session(message)
                and self._note(page, message.text)
            ),
        )
        page.on("pageerror", lambda error: self._note(page, str(error)))
        page.on(
            "request",
            lambda request: (
                request.url.startswith((self._site, "data:", "about:"))
                or self._note(page, f"asks {request.url}")
            ),
        )

    def _note(self, page: Page, complaint: str) -> None:
        # A page that is not there is a test's own business.
        if "Failed to load resource" not in complaint or "404" not in complaint:
            self.complaints.append(f"{page.url}: {complaint}")


def _asks_after_the_session(message: ConsoleMessage) -> bool:
    """Tell whether an open form says that it is open after the test has ended its session.

    It does so once a minute, at whatever step of the test that falls.
    """
    return urlsplit(message.location["url"]).path == "/admin/editing/" and "403" in message.text


def _pages(chromium: Browser, site: str) -> Iterator:
    opened: list[tuple[BrowserContext, Watch]] = []

    def make(**options) -> Page:
        context = chromium.new_context(
            base_url=site, **{"locale": "en", "bypass_csp": False, **options}
        )
        context.set_default_timeout(PATIENCE)
        opened.append((context, Watch(context, site)))
        return context.new_page()

    yield make
    for context, watch in opened:
        context.close()
        assert watch.complaints == []


@pytest.fixture
def new_page(chromium: Browser, live_server) -> Iterator:
    """Makes a page in a browser of its own; none may break a rule of `Watch`."""
    yield from _pages(chromium, live_server.url)


@pytest.fixture(scope="module")
def shipped_site(shipped) -> Iterator[str]:
    """The address of the shipped site, for tests that only read."""
    server = LiveServer("localhost")
    yield server.url
    server.stop()


@pytest.fixture
def new_reader(chromium: Browser, shipped_site: str) -> Iterator:
    """Makes a page of a reader of the shipped site, as `new_page` does."""
    yield from _pages(chromium, shipped_site)


@pytest.fixture
def page(new_page) -> Page:
    """A page of a reader."""
    return new_page()


@pytest.fixture
def log_in(transactional_db):
    """Logs an editor in on a page, by the form."""
    make_editor()

    def log_in(page: Page) -> Page:
        page.goto("/admin/")
        page.fill("#id_username", "editor")
        page.fill("#id_password", PASSWORD)
        page.press("#id_password", "Enter")
        page.wait_for_selector("#user-tools")
        return page

    return log_in


@pytest.fixture
def editor_page(page: Page, log_in) -> Page:
    """A page of an editor who has logged in."""
    return log_in(page)
