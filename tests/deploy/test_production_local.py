"""The whole service with production settings behind TLS, as ``make production-local`` starts it."""

from __future__ import annotations

import asyncio
import base64
import http.client
import json
import os
import re
import signal
import ssl
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
import websockets

from direkt1177.embedded.children import free_port
from tests.databases import ROOT

CANARY = "Kanarina-Fagelsson"
NUMBER = "19121212-1212"


@dataclass
class Answer:
    """What came back; header names in lower case."""

    status: int
    headers: dict[str, str]
    text: str
    cookies: list[str]


class Installation:
    """A running ``manage.py production_local`` over a folder of its own."""

    def __init__(self, var: Path) -> None:
        self.var = var
        self.port = free_port()
        kept = ("PATH", "HOME", "LANG", "TMPDIR")
        env = {name: os.environ[name] for name in kept if name in os.environ}
        command = [sys.executable, "manage.py", "production_local", "--port", str(self.port), "--var", str(var)]
        self.process = subprocess.Popen(
            command, cwd=ROOT, env={**env, "LOG_LEVEL": "INFO"}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True,
        )  # fmt: skip
        self.said = ""

    def wait(self) -> None:
        assert self.process.stdout is not None
        while "Ctrl-C stops everything" not in self.said:
            line = self.process.stdout.readline()
            assert line, f"it ended:\n{self.said}"
            self.said += line
        lines = (self.var / "ports").read_text().split()
        self.ports = {name: int(port) for name, port in (line.split("=") for line in lines)}
        self.tls = ssl.create_default_context(cafile=str(self.var / "tls/cert.pem"))

    def stop(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        said, _ = self.process.communicate(timeout=90)
        self.said += said or ""
        return self.process.returncode

    def ask(
        self, path: str, *, method: str = "GET", body: str | None = None, at: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> Answer:  # fmt: skip
        """Ask through TLS, or one of the inner ports by name."""
        connection: http.client.HTTPConnection
        if at:
            connection = http.client.HTTPConnection("127.0.0.1", self.ports[at], timeout=30)
        else:
            connection = http.client.HTTPSConnection("localhost", self.port, timeout=30, context=self.tls)
        try:
            connection.request(method, path, body=body, headers=dict(headers or {}))
            answer = connection.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            cookies = answer.headers.get_all("set-cookie") or []
            return Answer(answer.status, found, answer.read().decode(errors="replace"), cookies)
        finally:
            connection.close()

    def log(self) -> list[str]:
        """Every line that any of the processes has written."""
        return [
            line for path in sorted((self.var / "log").glob("*.log")) for line in path.read_text().splitlines() if line
        ]


@pytest.fixture(scope="module")
def installation() -> Generator[Installation, None, None]:
    with tempfile.TemporaryDirectory(prefix="direkt-prod-") as folder:
        made = Installation(Path(folder) / "var")
        try:
            made.wait()
            yield made
        finally:
            made.stop()


def test_secrets_are_drawn_and_kept_to_oneself(installation: Installation) -> None:
    path = installation.var / "secrets.env"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE((installation.var / "tls/key.pem").stat().st_mode) == 0o600
    values = dict(line.split("=", 1) for line in path.read_text().split())
    assert len(set(values.values())) == len(values) == 4
    assert all(len(value) >= 50 for value in values.values())
    assert not any(value in installation.said for value in values.values())


def test_without_tls_one_is_sent_to_tls(installation: Installation) -> None:
    answer = installation.ask("/personal/logga-in/?next=/personal/", at="plain")
    assert answer.status == 301
    assert answer.headers["location"] == f"https://localhost:{installation.port}/personal/logga-in/?next=/personal/"
    assert answer.cookies == []


def test_a_browser_cannot_pretend_to_have_come_through_tls(installation: Installation) -> None:
    answer = installation.ask("/personal/logga-in/", at="plain", headers={"X-Forwarded-Proto": "https"})
    assert answer.status == 301


@pytest.mark.req("AUTH-01")
@pytest.mark.parametrize(
    ("path", "says"), [("/personal/logga-in/", "Ingen inloggning är inställd"), ("/logga-in/", "Ring 1177")]
)
def test_nobody_can_sign_in_and_the_page_says_so(path: str, says: str, installation: Installation) -> None:
    page = installation.ask(path)
    assert page.status == 200
    assert says in page.text
    assert "DemoStaff" not in page.text and "Exempelby" not in page.text


@pytest.mark.parametrize(("path", "to"), [("/", "/logga-in/"), ("/personal/", "/personal/logga-in/"),
                                          ("/statistik/", "/personal/logga-in/")])  # fmt: skip
def test_pages_send_to_sign_in(path: str, to: str, installation: Installation) -> None:
    answer = installation.ask(path)
    assert answer.status == 302
    assert answer.headers["location"].startswith(to)
    assert installation.ask("/demo/sms/").status == 404


def test_the_security_headers_are_there(installation: Installation) -> None:
    page = installation.ask("/personal/logga-in/")
    sent = page.headers
    assert sent["strict-transport-security"] == "max-age=31536000; includeSubDomains; preload"
    assert sent["x-content-type-options"] == "nosniff"
    assert sent["x-frame-options"] == "DENY"
    assert sent["referrer-policy"] == "same-origin"
    assert sent["cross-origin-opener-policy"] == "same-origin"
    assert sent["cross-origin-resource-policy"] == "same-origin"
    assert "no-store" in sent["cache-control"]
    assert "server" not in sent
    for name in ("camera", "microphone", "geolocation"):
        assert f"{name}=()" in sent["permissions-policy"]
    policy = dict(part.strip().split(" ", 1) for part in sent["content-security-policy"].split(";"))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == policy["object-src"] == "'none'"
    assert policy["form-action"] == policy["connect-src"] == policy["style-src"] == "'self'"
    assert "unsafe" not in sent["content-security-policy"] and "*" not in sent["content-security-policy"]


def test_cookies_are_bound_to_this_host_and_to_tls(installation: Installation) -> None:
    (cookie,) = installation.ask("/personal/logga-in/").cookies
    assert cookie.startswith("__Host-csrf=")
    assert {"Secure", "Path=/", "SameSite=Lax"} <= {part.strip() for part in cookie.split(";")}
    assert "Domain" not in cookie
    # A session begins when there is something to remember: here the unit that a resident came for.
    started = installation.ask("/logga-in/?enhet=finns-inte")
    sessions = [each for each in started.cookies if each.startswith("__Host-session=")]
    for each in sessions:
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= {part.strip() for part in each.split(";")}
        assert "Domain" not in each


def test_a_form_from_elsewhere_is_refused(installation: Installation) -> None:
    page = installation.ask("/personal/logga-in/")
    cookie = page.cookies[0].split(";")[0]
    token = re.search(r'name="csrf-token" content="([^"]+)"', page.text)
    assert token is not None
    form = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded", "X-CSRFToken": token[1]}
    own = {**form, "Origin": f"https://localhost:{installation.port}"}
    foreign = {**form, "Origin": "https://evil.example"}
    assert installation.ask("/personal/logga-in/", method="POST", body="person=x", headers=own).status == 422
    assert installation.ask("/personal/logga-in/", method="POST", body="person=x", headers=foreign).status == 403
    assert installation.ask("/personal/logga-in/", headers={"Host": "evil.example"}).status == 400


def test_static_files_are_kept_for_ever(installation: Installation) -> None:
    page = installation.ask("/personal/logga-in/")
    address = re.search(r'src="(/static/js/plain\.[0-9a-f]{12}\.js)"', page.text)
    assert address is not None
    script = installation.ask(address[1])
    assert script.status == 200
    assert "immutable" in script.headers["cache-control"]
    assert script.headers["x-content-type-options"] == "nosniff"


def test_monitoring_is_answered_inside_only(installation: Installation) -> None:
    for path in ("/live", "/ready", "/metrics"):
        assert installation.ask(path).status == 404
        assert installation.ask(path, at="plain").status == 404
        for process in ("web", "sockets"):
            assert installation.ask(path, at=process).status == 200, (path, process)


def test_beat_and_worker_tick(installation: Installation) -> None:
    """Beat sends, the worker hears and writes: within three ticks."""
    until = time.monotonic() + 40
    while True:
        found = re.search(r"direkt_tick_lag_seconds ([\d.e+-]+)", installation.ask("/metrics", at="web").text)
        if found and float(found[1]) < 15:
            return
        assert time.monotonic() < until, "nobody ticks"
        time.sleep(0.5)


def _socket_answer(installation: Installation, origin: str) -> int:
    async def knock() -> int:
        try:
            async with websockets.connect(
                f"wss://localhost:{installation.port}/ws/staff/", ssl=installation.tls, origin=websockets.Origin(origin)
            ) as socket:
                await asyncio.wait_for(socket.recv(), 20)
        except websockets.InvalidStatus as refused:
            return refused.response.status_code
        except websockets.ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else 0
        return -1

    return asyncio.run(knock())


def test_sockets_go_to_their_own_process_and_know_their_origin(installation: Installation) -> None:
    assert _socket_answer(installation, f"https://localhost:{installation.port}") in (403, 4401)
    assert _socket_answer(installation, "https://evil.example") == 403
    # The web process has not seen them.
    key = base64.b64encode(b"0123456789abcdef").decode()
    handshake = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": key,
    }
    assert installation.ask("/ws/staff/", headers={**handshake, "Origin": "https://evil.example"}).status == 403
    counted = installation.ask("/metrics", at="web").text
    assert 'method="GET",status="5xx"' not in counted


def test_the_log_is_json_and_holds_nothing_personal(installation: Installation) -> None:
    """Canaries in address, form, header, host and user agent; then the database goes away for a moment."""
    ask = installation.ask
    ask(
        f"/personal/logga-in/?next=/{CANARY}&q={NUMBER}",
        headers={"User-Agent": CANARY, "Referer": f"https://x/{NUMBER}"},
    )
    ask(f"/mina-arenden/{CANARY}/")
    ask("/personal/logga-in/", headers={"Host": f"{CANARY}.example"})
    ask("/personal/logga-in/", method="POST", body=f"person={CANARY}&number={NUMBER}",
        headers={"Content-Type": "application/x-www-form-urlencoded"})  # fmt: skip
    ask("/personal/logga-in/", headers={"Cookie": f"__Host-session={CANARY}"})
    owner = f"postgresql://owner@/direkt?host={_run_folder(installation)}"
    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute("ALTER TABLE django_session RENAME TO away")
        try:
            broken = ask("/personal/", headers={"Cookie": "__Host-session=abcdefghijklmnopqrstuvwxyz012345"})
        finally:
            connection.execute("ALTER TABLE away RENAME TO django_session")
    assert broken.status == 500
    assert "ProgrammingError" not in broken.text
    lines = installation.log()
    parsed = [json.loads(line) for line in lines]
    assert any(entry.get("error") == "ProgrammingError" for entry in parsed)
    assert not [line for line in lines if CANARY.lower() in line.lower() or NUMBER in line]


def _run_folder(installation: Installation) -> Path:
    from direkt1177.embedded import run_folder

    return run_folder(installation.var)


def test_it_stops_when_asked_and_starts_again_with_the_same_secrets(installation: Installation) -> None:
    """Last, for it stops the installation of this file."""
    before = (installation.var / "secrets.env").read_text()
    assert installation.stop() == 0, installation.said
    again = Installation(installation.var)
    try:
        again.wait()
        assert again.ask("/personal/logga-in/").status == 200
    finally:
        assert again.stop() == 0, again.said
    assert (installation.var / "secrets.env").read_text() == before
