"""A real Chromium against a real server."""

import os
import shutil
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client
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
        self._complaints: list[str] = []
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

    def take_complaints(self) -> list[str]:
        """Return what was done since the last call."""
        taken, self._complaints = self._complaints, []
        return taken

    def _note(self, page: Page, complaint: str) -> None:
        # A page that is not there is a test's own business.
        if "Failed to load resource" not in complaint or "404" not in complaint:
            self._complaints.append(f"{page.url}: {complaint}")


def _asks_after_the_session(message: ConsoleMessage) -> bool:
    """Tell whether an open form says that it is open after the test has ended its session.

    It does so once a minute, at whatever step of the test that falls.
    """
    return urlsplit(message.location["url"]).path == "/admin/editing/" and "403" in message.text


def _open(chromium: Browser, site: str, **options) -> tuple[Page, Watch]:
    # A page that scrolls smoothly is drawn anew for each step of it, which takes longer than a key.
    context = chromium.new_context(
        base_url=site, **{"locale": "en", "reduced_motion": "reduce", **options}
    )
    context.set_default_timeout(PATIENCE)
    watch = Watch(context, site)
    return context.new_page(), watch


def _pages(chromium: Browser, site: str) -> Iterator:
    opened: list[tuple[Page, Watch]] = []

    def make(**options) -> Page:
        opened.append(_open(chromium, site, **options))
        return opened[-1][0]

    yield make
    for page, watch in opened:
        page.context.close()
        assert watch.take_complaints() == []


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


@pytest.fixture(scope="module")
def tab(chromium: Browser, shipped_site: str) -> Iterator[tuple[Page, Watch]]:
    """A page of a reader of the shipped site, for all tests of a module, and what watches it."""
    page, watch = _open(chromium, shipped_site)
    yield page, watch
    page.context.close()


@pytest.fixture
def page(new_page) -> Page:
    """A page of a reader."""
    return new_page()


@pytest.fixture
def log_in(transactional_db):
    """Logs an editor in on a page, without the form: see `log_in_by_form`."""
    editor = make_editor()

    def log_in(page: Page) -> Page:
        client = Client()
        client.force_login(editor)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        page.context.add_cookies(
            [{"name": cookie.key, "value": cookie.value, "domain": "localhost", "path": "/admin/"}]
        )
        return page

    return log_in


@pytest.fixture
def editor_page(page: Page, log_in) -> Page:
    """A page of an editor who has logged in."""
    return log_in(page)
