"""Real server processes of the lowest apps, real sockets, a Valkey of their own to torment."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.contrib.sessions.backends.db import SessionStore
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from direkt1177.embedded.valkey import ValkeyServer
from tests.databases import ROOT

DEADLINE = 45.0  # generous: one machine runs everything; conditions, not durations, are asserted


def wait_for(condition: Callable[[], object], what: str, seconds: float = DEADLINE) -> None:
    """Wait until a condition holds.

    Raises:
        AssertionError: it did not within the deadline.
    """
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"waited in vain: {what}"
        time.sleep(0.02)


def sign_in(key: str, *, allowed: list[str], kind: str = "staff", name: str = "Anna Test") -> str:
    """A stored session; returns its key."""
    session = SessionStore()
    session.update({"key": key, "kind": kind, "name": name, "allowed": allowed})
    session.save()
    return str(session.session_key)


@dataclass
class Process:
    """One uvicorn process."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path
    pages: list[Page] = field(default_factory=list)

    def get(self, path: str, session: str = "") -> tuple[int, dict[str, Any]]:
        """GET; status and JSON."""
        return self._ask(urllib.request.Request(f"http://127.0.0.1:{self.port}{path}"), session)

    def post(self, path: str, body: object, session: str = "") -> tuple[int, dict[str, Any]]:
        """POST of JSON (or raw bytes) with the CSRF token; status and JSON."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data=data, method="POST")
        request.add_header("Content-Type", "application/json")
        request.add_header("X-CSRFToken", "c" * 32)
        return self._ask(request, session)

    def note(self, session: str, feed: str, note: str, text: str, key: str | None = None) -> tuple[int, dict[str, Any]]:
        """Write a note through the HTTP twin of this process."""
        frame = {"action": "note", "id": key or f"{note}-{text}"[:64], "feed": feed, "note": note, "text": text}
        return self.post("/live/action/", frame, session)

    def open(self, session: str, kind: str = "staff", *, slow: bool = False, language: str = "") -> Page:
        """Open a socket; a slow one has tiny buffers and reads only when asked to.

        Args:
            language: chosen on a page before.
        """
        headers = {"Cookie": f"sessionid={session}"} if session else {}
        if language:
            headers["Cookie"] += f"; django_language={language}"
        headers["Origin"] = f"http://127.0.0.1:{self.port}"
        address = f"ws://127.0.0.1:{self.port}/ws/{kind}/"
        line = socket.socket()
        if slow:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.connect(("127.0.0.1", self.port))
        client = connect(
            address,
            sock=line,
            additional_headers=headers,
            compression=None,
            max_size=2**24,
            max_queue=1 if slow else 256,
            ping_interval=None,
            close_timeout=2,
            legacy=True,
        )
        self.pages.append(Page(client))
        return self.pages[-1]

    def close_pages(self) -> None:
        """Close all sockets that a test left open."""
        while self.pages:
            self.pages.pop().close()

    def _ask(self, request: urllib.request.Request, session: str) -> tuple[int, dict[str, Any]]:
        request.add_header("Cookie", f"sessionid={session}; csrftoken={'c' * 32}")
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())


@dataclass
class Page:
    """What static/js/live.js does, as far as the server can tell."""

    socket: ClientConnection
    shown: dict[str, dict[str, str]] = field(default_factory=dict)
    position: dict[str, int] = field(default_factory=dict)
    frames: list[dict[str, Any]] = field(default_factory=list)

    def send(self, **frame: Any) -> None:
        """Send a frame."""
        self.socket.send(json.dumps(frame))

    def subscribe(self, feed: str, after: int = 0) -> None:
        """Subscribe and wait for the first answer."""
        self.send(action="subscribe", feed=feed, after=after)
        self.until(lambda f: f["type"] in ("changes", "refused") and f["feed"] == feed)

    def until(self, wanted: Callable[[dict[str, Any]], bool], seconds: float = DEADLINE) -> dict[str, Any]:
        """Read frames until a wanted one comes, and return it."""
        end = time.monotonic() + seconds
        while True:
            frame = json.loads(self.socket.recv(timeout=max(end - time.monotonic(), 0.001)))
            self._take(frame)
            if wanted(frame):
                return dict(frame)

    def until_shown(self, feed: str, notes: dict[str, str]) -> None:
        """Read frames until the feed shows exactly these notes."""
        if self.shown.get(feed) != notes:
            self.until(lambda _: self.shown.get(feed) == notes)

    def stays_silent(self, seconds: float) -> None:
        """Read for a while; nothing may come and the socket may not close."""
        try:
            frame = self.socket.recv(timeout=seconds)
        except TimeoutError:
            return
        raise AssertionError(f"unexpected frame: {frame!r}")

    def until_closed(self) -> int:
        """Read until the server closes; its code."""
        try:
            while True:
                self._take(json.loads(self.socket.recv(timeout=DEADLINE)))
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else 1006

    def close(self) -> None:
        """Leave."""
        self.socket.close()

    def _take(self, frame: dict[str, Any]) -> None:
        self.frames.append(frame)
        if frame["type"] == "refused":
            self.shown.pop(frame["feed"], None)
        if frame["type"] != "changes":
            return
        feed = frame["feed"]
        notes = self.shown.setdefault(feed, {})
        if frame["complete"]:
            notes.clear()
        assert frame["version"] >= self.position.get(feed, 0), "a position went backwards"
        self.position[feed] = frame["version"]
        for item in frame["items"]:
            if item["op"] == "drop":
                notes.pop(item["object"], None)
            else:
                notes[item["object"]] = item.get("data", {}).get("text", item.get("html", ""))


@contextmanager
def valkey() -> Iterator[ValkeyServer]:
    """A Valkey server of one's own."""
    with tempfile.TemporaryDirectory(prefix="direkt-vk-") as folder:
        server = ValkeyServer(Path(folder), Path(folder), durable=False)
        server.start()
        try:
            yield server
        finally:
            if server.process is not None:
                server.process.send_signal(signal.SIGCONT)
            server.stop()


@contextmanager
def serve(redis: str, application: str = "tests.realtime.lone.application", **env: str) -> Iterator[Process]:
    """Run a server process until it answers, and end it afterwards."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="direkt-log-") as folder:
        log = Path(folder) / "log"
        command = [
            sys.executable, "-m", "uvicorn", f"{application}:application", "--port", str(port),
            "--ws-max-size", "65536", "--ws-per-message-deflate", "false", "--log-level", "warning",
            "--timeout-graceful-shutdown", "5",
        ]  # fmt: skip
        inherited = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
        environment = {**inherited, "REDIS_URL": redis, "DATABASE_POOL": "8", **env}
        environment["SOCKET_ORIGINS"] = f"http://127.0.0.1:{port}"
        with log.open("wb") as out:
            process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=out, stderr=out)
        server = Process(port, process, log)
        try:
            wait_for(lambda: _answers(server), "the server to answer")
            yield server
        finally:
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(15)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()


def _answers(server: Process) -> bool:
    assert server.process.poll() is None, server.log.read_text()
    try:
        return server.get("/live/feed/?feed=note:x")[0] == 401
    except OSError:
        return False
