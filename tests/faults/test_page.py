"""What a page shows while PostgreSQL is away: the chat stays where it is and goes on afterwards."""

from __future__ import annotations

import json
import urllib.request

import pytest
from playwright.sync_api import Page, WebSocket, expect

from tests.browser import PageFactory
from tests.faults.clients import CSRF
from tests.faults.site import fault_site


def _write(url: str, session: str, case: str, text: str) -> int:
    """The nurse answers, over the HTTP twin."""
    frame = {"action": "send_message", "id": "after-the-restart", "case": case, "text": text}
    headers = {"Cookie": f"sessionid={session}; csrftoken={CSRF}", "X-CSRFToken": CSRF}
    request = urllib.request.Request(f"{url}/live/action/", json.dumps(frame).encode(), headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return int(answer.status)


def _ask_for_news(page: Page) -> None:
    """As when the window gets the focus: each feed is asked for what came after the own position."""
    page.evaluate("window.dispatchEvent(new Event('focus'))")


@pytest.mark.browser
@pytest.mark.req("CHT-01")
def test_a_chat_stays_on_the_page_while_the_database_is_away(new_page: PageFactory) -> None:
    with fault_site(webs=1, ticker=False) as site:
        (one,) = site.make_world(1)
        (url,) = site.urls.values()
        page = new_page(url)
        sockets: list[WebSocket] = []
        page.on("websocket", lambda socket: sockets.append(socket))  # noqa: PLW0108 - a builtin cannot carry its mark
        page.context.add_cookies([{"name": "sessionid", "value": one["sessions"]["patient"], "url": url}])
        page.goto(f"/mina-arenden/{one['case']}/")
        expect(page.locator("html")).to_have_attribute("data-live", "connected")
        entries = page.locator("[data-chat] [data-seq]")
        expect(entries).to_have_count(1)
        site.postgres.stop()
        with sockets[0].expect_event("framereceived", lambda raw: '"unavailable"' in str(raw), timeout=30_000):
            _ask_for_news(page)
        expect(entries).to_have_count(1)
        site.postgres.start()
        assert _write(url, one["sessions"]["nurse"], one["case"], "Hej igen") == 200
        _ask_for_news(page)
        expect(page.locator("[data-chat]")).to_contain_text("Hej igen", timeout=30_000)
        expect(page.locator("[data-message-text]")).to_be_editable()
