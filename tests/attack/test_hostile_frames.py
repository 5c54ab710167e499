"""Hostile frames and raw HTTP against a real server process: it goes on, tells nothing and logs no traceback."""

from __future__ import annotations

import itertools
import json
import os
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from tests.attack import corpus
from tests.attack.target import Target, make_target
from tests.realtime.harness import Process, serve
from tests.realtime.test_errand_live import session_of

CODES = {1000, 1006, 1007, 1009, 1013, 4400}


@pytest.fixture(scope="module")
def server(django_db_setup: None) -> Iterator[Process]:
    """The whole application in a process of its own."""
    with serve(
        os.environ["REDIS_URL"],
        "direkt1177.asgi",
        DJANGO_SETTINGS_MODULE="direkt1177.settings.embedded",
        RATE_LIMITS='{"message": null}',
    ) as process:
        yield process


@pytest.fixture
def target(server: Process, transactional_db: None) -> Iterator[Target]:
    """Somebody to attack; afterwards the server still answers and has logged no traceback."""
    built = make_target()
    yield built
    server.close_pages()
    assert server.process.poll() is None
    page = server.open(session_of(built.clients["nurse"]))
    page.send(action="ping", t=7)
    assert page.until(lambda f: f["type"] == "pong")["t"] == 7
    server.close_pages()
    log = server.log.read_text(errors="replace")
    assert "Traceback" not in log, log[-3000:]


def _line(server: Process, session: str, kind: str) -> ClientConnection:
    headers = {"Cookie": f"sessionid={session}", "Origin": f"http://127.0.0.1:{server.port}"}
    address = f"ws://127.0.0.1:{server.port}/ws/{kind}/"
    return connect(address, additional_headers=headers, compression=None, max_size=2**24, legacy=True)


def _answers(line: ClientConnection) -> tuple[list[dict[str, Any]], int]:
    """All frames until the pong of the last ping or the end, and the close code (0 when open)."""
    frames: list[dict[str, Any]] = []
    try:
        while True:
            frame = json.loads(line.recv(timeout=45))
            frames.append(frame)
            if frame["type"] == "pong" and frame["t"] == "end":
                return frames, 0
            if frame["type"] == "pong" and frame["t"] == 4711:
                return frames, 0
    except ConnectionClosed as closed:
        return frames, closed.rcvd.code if closed.rcvd else 1006


def _attack(server: Process, target: Target, frames: list[str | bytes]) -> int:
    """Send frames, a few to a socket; every answer must be of a known kind."""
    sessions = {kind: session_of(target.clients[name]) for kind, name in (("staff", "nurse"), ("resident", "resident"))}
    sent = 0
    for number, batch in enumerate(itertools.batched(frames, 8) if hasattr(itertools, "batched") else _batched(frames)):
        kind = "staff" if number % 2 else "resident"
        with _line(server, sessions[kind], kind) as line:
            for frame in (*batch, '{"action":"ping","t":4711}'):
                try:
                    line.send(frame)
                except ConnectionClosed:
                    break
                sent += 1
            answers, code = _answers(line)
            assert code in CODES | {0}, code
            for answer in answers:
                assert answer["type"] in {"ack", "error", "refused", "changes", "pong", "frame"}, answer
                assert "Traceback" not in str(answer)
                if answer["type"] == "ack" and not answer["ok"]:
                    assert answer["error"]["code"] != "unavailable", (batch, answer)
    return sent


def _batched(frames: list[str | bytes]) -> Iterator[list[str | bytes]]:
    for start in range(0, len(frames), 8):
        yield frames[start : start + 8]


def test_frames(server: Process, target: Target) -> None:
    """Generated and broken frames: named errors, refusals, or a closed socket; never a fault of ours."""
    cases = [str(case.public_id) for case in target.cases]
    made: list[str | bytes] = [json.dumps(f) for f in corpus.frames(5, 1200, cases=cases, feeds=target.feeds)]
    made += [raw for raw in corpus.RAW_FRAMES if raw != "\ud800"]
    assert _attack(server, target, made) > 1000


def test_flood_and_oversize(server: Process, target: Target) -> None:
    """Frames above the limit end the socket; a flood of good ones is told to wait; others go on meanwhile."""
    session = session_of(target.clients["nurse"])
    other = server.open(session_of(target.clients["resident"]), "resident")
    with _line(server, session, "staff") as line:
        line.send("x" * 70_000)
        assert _answers(line)[1] in (1006, 1009)
    with _line(server, session, "staff") as line:
        for number in range(400):
            line.send(json.dumps({"action": "ping", "t": number}))
        line.send(json.dumps({"action": "subscribe", "feed": f"me:{target.nurse.key}", "after": 0}))
        frames: list[dict[str, Any]] = []
        while not frames or frames[-1]["type"] == "pong":
            frames.append(json.loads(line.recv(timeout=45)))
        assert frames[-1] == {"type": "refused", "feed": f"me:{target.nurse.key}", "reason": "too_fast"}
        assert len(frames) <= 201
    other.send(action="ping", t=1)
    other.until(lambda f: f["type"] == "pong")


def test_so_many_sockets_and_no_more(server: Process, target: Target) -> None:
    """The thirteenth socket of a session is turned away; the others stay."""
    session = session_of(target.clients["nurse"])
    pages = [server.open(session) for _ in range(12)]
    for page in pages:
        page.send(action="ping", t=1)
        page.until(lambda f: f["type"] == "pong")
    assert server.open(session).until_closed() == 1013
    pages[0].send(action="ping", t=2)
    pages[0].until(lambda f: f["type"] == "pong")


@pytest.mark.parametrize("path", ["/ws/staff/", "/ws/resident/"])
def test_origins(server: Process, target: Target, path: str) -> None:
    """Only the page's own origin opens a socket, however good the session is (S-11)."""
    own = f"http://127.0.0.1:{server.port}"
    session = session_of(target.clients["nurse"])
    wrong = (
        None, "", "null", "https://elsewhere.example", own.replace("http", "https"), own + "0", own + "/",
        own + "@evil",
        "http://127.0.0.1", "http://localhost:1", f"http://127.0.0.1.evil.example:{server.port}", "http://[", "file://",
        f"http://evil@127.0.0.1:{server.port}",
    )  # fmt: skip
    for origin in wrong:
        headers = {"Cookie": f"sessionid={session}"} | ({} if origin is None else {"Origin": origin})
        with pytest.raises(InvalidStatus) as refused:
            connect(f"ws://127.0.0.1:{server.port}{path}", additional_headers=headers, legacy=True)
        assert refused.value.response.status_code == 403, origin


def test_cookies_of_the_handshake(server: Process, target: Target) -> None:
    """A broken cookie is nobody's: closed as not signed in."""
    for cookie in corpus.cookies():
        if not cookie.isascii():
            continue
        headers = {"Cookie": cookie, "Origin": f"http://127.0.0.1:{server.port}"}
        address = f"ws://127.0.0.1:{server.port}/ws/staff/"
        with connect(address, additional_headers=headers, compression=None, legacy=True) as line:
            assert _answers(line)[1] == 4401, cookie


_POST = b"POST /live/action/ HTTP/1.1\r\nHost: 127.0.0.1\r\n"
_GET = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n"
_SOCKET = b"GET /ws/staff/ HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
RAW = [
    b"GET / HTTP/1.1\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: \x00\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    b"GET / HTTP/9.9\r\nHost: a\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"\r\n\r\n\r\n",
    b"GET /\x00 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    b"GET http://evil.example/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    b"GET * HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    b"CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example\r\n\r\n",
    _GET + b"X: " + b"a" * 200_000 + b"\r\n\r\n",
    b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    _GET + b"" + b"".join(b"X%d: 1\r\n" % n for n in range(2000)) + b"\r\n",
    _POST + b"Content-Length: -1\r\n\r\n",
    _POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    _POST + b"Transfer-Encoding: chunked\r\n\r\nZZ\r\n\r\n",
    _POST + b"Content-Length: 100\r\n\r\nabc",
    _GET + b"Content-Type: text/plain; charset=\x00\r\n\r\n",
    _GET + b"Cookie: sessionid=\"aaaaaaaaaa\\000bbbbbbb\"\r\nConnection: close\r\n\r\n",
    _GET + b"Cookie: \xff\xfe=\xff; sessionid=\xed\xa0\x80aaaaaaaaa\r\nConnection: close\r\n\r\n",
    b"GET /?a=\xff\xfe HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n",
    b"GET /%ff/%00 HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n",
    _SOCKET + b"\r\n",
    _SOCKET + b"Sec-WebSocket-Key: x\r\nSec-WebSocket-Version: 99\r\n\r\n",
    _GET + b"Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
]  # fmt: skip


def test_raw_requests(server: Process, target: Target) -> None:
    """Bytes that are no request, or two at once: an answer below 500, or the line is cut; the server goes on."""
    del target
    for raw in RAW:
        with socket.create_connection(("127.0.0.1", server.port), timeout=15) as line:
            line.sendall(raw)
            line.shutdown(socket.SHUT_WR)
            answer = b""
            try:
                while chunk := line.recv(65536):
                    answer += chunk
            except OSError:
                continue
        if answer:
            status = int(answer.split(b" ", 2)[1])
            assert status < 500, (raw[:80], answer[:300])
            assert b"Traceback" not in answer
