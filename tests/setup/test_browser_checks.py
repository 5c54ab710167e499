"""The checks that every page must pass do find what they look for."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Generator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.browser import PageFactory

_POLICY = "default-src 'none'; script-src 'self'; img-src *; connect-src *"
_PAGES = {
    "/good": "<!doctype html><html lang=sv><title>Bra</title><main><h1>Bra</h1></main></html>",
    "/inline": "<!doctype html><html lang=sv><title>x</title><script>let a = 1</script></html>",
    "/foreign": "<!doctype html><html lang=sv><title>x</title><img alt='' src='http://elsewhere.invalid/x.png'></html>",
    "/script": "<!doctype html><html lang=sv><title>x</title><script src='/broken.js'></script></html>",
    "/mute": "<!doctype html><html lang=sv><title>x</title><main><h1>x</h1><img src='/good'></main></html>",
}


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        script = self.path == "/broken.js"
        body = "missing()" if script else _PAGES.get(self.path, "nothing here")
        self.send_response(503 if self.path == "/gone" else 200)
        self.send_header("Content-Type", "text/javascript" if script else "text/html; charset=utf-8")
        self.send_header("Content-Security-Policy", _POLICY)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *args: Any) -> None:
        """Be quiet."""


@pytest.fixture
def address() -> Generator[str, None, None]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        ("/inline", "console: .*Content Security Policy"),
        ("/foreign", "foreign origin: http://elsewhere.invalid"),
        ("/script", "script error: .*missing is not defined"),
        ("/gone", "503 from GET"),
    ],
)
def test_a_fault_is_found(path: str, fault: str, address: str, new_page: PageFactory) -> None:
    page = new_page(address)
    page.goto(path)
    page.wait_for_load_state("networkidle")
    assert any(re.search(fault, found) for found in new_page.unexpected()), new_page.faults
    new_page.faults.clear()


def test_a_good_page_passes(address: str, new_page: PageFactory, axe: Callable[..., None]) -> None:
    page = new_page(address)
    page.goto("/good")
    axe(page)


def test_axe_finds_an_image_without_text(address: str, new_page: PageFactory, axe: Callable[..., None]) -> None:
    page = new_page(address)
    page.goto("/mute")
    with pytest.raises(AssertionError, match="image-alt"):
        axe(page)
