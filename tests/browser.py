"""Real browsers: Debian's Chromium through Playwright, with checks that every page must pass.

``new_page(site.url, width=…, height=…)`` opens a page in a browser context of its own (own cookies: another person).
The test fails afterwards when a page logged a console error, broke the content security policy, asked a foreign
origin for anything or got a 5xx answer. Where an error is meant (a socket that is refused, Redis killed), say so:
``new_page.allow("WebSocket connection")``. On failure, screenshots go to ``var/screenshots/``.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response, WebSocket, sync_playwright

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_OWN_HOSTS = ("127.0.0.1", "localhost")
_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# Chromium logs every 4xx answer as an error; a clear refusal is no fault of the page.
_ALWAYS_ALLOWED = [r"Failed to load resource: the server responded with a status of 4\d\d"]
_SCREENSHOTS = Path(__file__).resolve().parent.parent / "var" / "screenshots"
_failed = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember a failure so that the page fixture can take a picture."""
    report = yield
    if report.failed:
        item.stash[_failed] = True
    return report


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests run last: Playwright keeps an event loop running that asyncio tests would trip over."""
    items.sort(key=lambda item: "browser" in getattr(item, "fixturenames", ()))


@pytest.fixture(scope="session")
def browser() -> Generator[Browser, None, None]:
    """Chromium, started once."""
    path = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield chromium
        chromium.close()


class PageFactory:
    """Opens pages and watches them."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.pages: list[Page] = []
        self.faults: list[str] = []
        self._allowed = list(_ALWAYS_ALLOWED)

    def __call__(self, base_url: str, *, width: int = 1366, height: int = 768, **options: Any) -> Page:
        """A page in a context of its own.

        Args:
            base_url: of the site; ``page.goto("/personal/")`` is then enough.
            width: of the window in CSS pixels; height likewise.
            options: for ``browser.new_context``.
        """
        context = self.browser.new_context(
            base_url=base_url,
            viewport={"width": width, "height": height},
            locale="sv-SE",
            timezone_id="Europe/Stockholm",
            **options,
        )
        context.set_default_timeout(15_000)
        context.on("page", self._watch)
        context.on("console", self._console)
        context.on("request", self._request)
        context.on("response", self._response)
        context.on("weberror", lambda error: self.faults.append(f"script error: {error.error}"))
        page = context.new_page()
        self.pages.append(page)
        return page

    def allow(self, pattern: str) -> None:
        """Console messages that match are meant in this test."""
        self._allowed.append(pattern)

    def unexpected(self) -> list[str]:
        """Faults that no pattern allows."""
        return [fault for fault in self.faults if not any(re.search(pattern, fault) for pattern in self._allowed)]

    def _watch(self, page: Page) -> None:
        page.on("websocket", self._socket)

    def _console(self, message: ConsoleMessage) -> None:
        policy = re.search(r"Content Security Policy|Refused to|violates the following", message.text)
        if message.type == "error" or policy:
            self.faults.append(f"console: {message.text} ({message.location.get('url', '')})")

    def _request(self, request: Request) -> None:
        self._origin(request.url)

    def _socket(self, socket: WebSocket) -> None:
        self._origin(socket.url)

    def _origin(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("data", "blob", "about") and parts.hostname not in _OWN_HOSTS:
            self.faults.append(f"foreign origin: {url}")

    def _response(self, response: Response) -> None:
        if response.status >= 500:
            self.faults.append(f"{response.status} from {response.request.method} {response.url}")


def close_watched(factory: PageFactory, request: pytest.FixtureRequest) -> None:
    """Pictures of a failed test's pages, then the verdict of those who watched them."""
    if request.node.stash.get(_failed, False):
        _SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        for number, page in enumerate(factory.pages):
            name = re.sub(r"[^\w-]+", "_", request.node.name)
            if not page.is_closed():
                page.screenshot(path=_SCREENSHOTS / f"{name}_{number}.png", full_page=True)
    for context in {page.context for page in factory.pages}:
        context.close()
    assert not factory.unexpected(), "\n".join(factory.unexpected())


@pytest.fixture
def new_page(browser: Browser, request: pytest.FixtureRequest) -> Generator[PageFactory, None, None]:
    """Factory of watched pages; see the top of this file."""
    factory = PageFactory(browser)
    yield factory
    close_watched(factory, request)


@pytest.fixture
def axe() -> Callable[..., None]:
    """``axe(page)``: no violation of WCAG 2.0, 2.1 and 2.2 levels A and AA."""

    def check(page: Page, *, skip_rules: Sequence[str] = ()) -> None:
        # Preloading copies sheets with @import (Django's forms.css) into a style element, which our policy blocks and
        # the console reports; only a rule outside these tags needs it.
        options: dict[str, Any] = {"runOnly": {"type": "tag", "values": _TAGS}, "preload": False}
        if skip_rules:
            options["rules"] = {rule: {"enabled": False} for rule in skip_rules}
        found = Axe().run(page, options=options).response["violations"]
        report = [
            f"{violation['id']}: {violation['help']}\n    "
            + "\n    ".join(f"{node['target']} {node['html'][:200]}" for node in violation["nodes"][:5])
            for violation in found
        ]
        assert not report, f"{page.url}\n" + "\n".join(report)

    return check
