"""The composed application in its real process: origins of sockets, headers, static files, the second port."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Mapping

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.live import Site, SiteFactory


def _get(site: Site, path: str) -> tuple[int, Mapping[str, str], str]:
    try:
        answer = urllib.request.urlopen(f"{site.url}{path}", timeout=20)
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        return answer.status, answer.headers, answer.read().decode()


def _socket_status(site: Site, path: str, origin: str | None) -> int:
    """Status of the answer to a socket's first request; 101 when it was let in."""
    address = f"{site.url.replace('http', 'ws')}{path}"
    try:
        connect(address, origin=origin, open_timeout=20).close()  # type: ignore[arg-type]
    except InvalidStatus as refused:
        return refused.response.status_code
    return 101


@pytest.mark.parametrize("path", ["/ws/staff/", "/ws/resident/"])
def test_sockets_of_foreign_pages_are_refused(empty_site: Site, path: str) -> None:
    for origin in (
        "https://elsewhere.example",
        empty_site.url.rsplit(":", 1)[0],
        f"{empty_site.url}0",
        "null",
        "http://[",
        None,
    ):
        assert _socket_status(empty_site, path, origin) == 403, origin


def test_a_socket_on_another_path_is_refused_quietly(empty_site: Site) -> None:
    assert _socket_status(empty_site, "/ws/admin/", empty_site.url) == 403
    assert "Traceback" not in empty_site.web.log.read_text()


def test_pages_carry_their_headers(empty_site: Site) -> None:
    status, headers, text = _get(empty_site, "/")
    policy = headers["Content-Security-Policy"]
    assert status == 200
    assert "unsafe" not in policy
    for part in ("default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "connect-src 'self'"):
        assert part in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "server" not in {name.lower() for name in headers}
    assert '<meta name="live-url" content="">' in text


def test_static_files_are_served_without_collecting(empty_site: Site) -> None:
    status, headers, text = _get(empty_site, "/static/css/tokens.css")
    assert status == 200
    assert headers["Content-Type"].startswith("text/css")
    assert text
    assert _get(empty_site, "/static/../manage.py")[0] == 404


def test_pages_name_the_port_of_the_sockets(start_site: SiteFactory) -> None:
    site = start_site(seed=False, env={"LIVE_PORT": "4711"})
    _status, headers, text = _get(site, "/")
    assert '<meta name="live-url" content="ws://127.0.0.1:4711">' in text
    assert "connect-src 'self' ws://localhost:4711 ws://127.0.0.1:4711" in headers["Content-Security-Policy"]
