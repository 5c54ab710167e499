"""People in a process of their own: they write with client ids and retries, and show what comes, as live.js does.

``python -m tests.faults.clients CONFIG``. The config names the people, the web addresses and a folder, in which every
step is noted (``history-<name>.jsonl``: ``invoke``, ``ok``, ``fail``, ``info`` = unknown outcome, …). The file
``calm.json`` in that folder ({feed: version}) says that the faults are over: whoever has reached the version of their
feed then notes what they show.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

ACK_SECONDS = 5.0
CHECK_SECONDS = 10.0
AGAIN = {"too_fast", "unavailable"}
CSRF = "c" * 32
_GONE = (OSError, TimeoutError, WebSocketException, EOFError, ValueError)


async def ask(url: str, path: str, session: str, body: object = None) -> tuple[int, Any]:
    """One request on a connection of its own: status and JSON.

    Raises:
        OSError, EOFError, TimeoutError, ValueError: no whole answer came.
    """
    parts = urlsplit(url)
    data = b"" if body is None else json.dumps(body).encode()
    head = (
        f"{'GET' if body is None else 'POST'} {path} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n"
        f"Cookie: sessionid={session}; csrftoken={CSRF}\r\nX-CSRFToken: {CSRF}\r\n"
        f"Content-Type: application/json\r\nAccept: application/json\r\nContent-Length: {len(data)}\r\n\r\n"
    )
    async with asyncio.timeout(ACK_SECONDS * 2):
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        try:
            writer.write(head.encode() + data)
            answer = await reader.read()
        finally:
            writer.close()
    if not answer:
        raise EOFError("no answer")
    top, _, rest = answer.partition(b"\r\n\r\n")
    status = int(top.split(b" ", 2)[1])
    if b"transfer-encoding: chunked" in top.lower():
        rest = _unchunk(rest)
    return status, json.loads(rest) if status in (200, 404, 403, 409, 422, 429) else None


def _unchunk(rest: bytes) -> bytes:
    whole = b""
    while True:
        size, _, rest = rest.partition(b"\r\n")
        length = int(size, 16)
        if length == 0:
            return whole
        whole, rest = whole + rest[:length], rest[length + 2 :]


class Person:
    """One tab: reads a chat, and perhaps writes into it."""

    def __init__(self, spec: dict[str, Any], config: dict[str, Any]) -> None:
        self.name, self.side, self.session, self.case = spec["name"], spec["side"], spec["session"], spec["case"]
        self.mode, self.messages, self.pace = spec["mode"], spec["messages"], config["pace"]
        self.urls: list[str] = config["urls"]
        self.folder = Path(config["folder"])
        self.first_delay = config["first_delay"]
        self.random = random.Random(f"{config['seed']}-{self.name}")
        self.feed = f"chat:{self.case}:patient"
        self.shown: dict[int, list[str]] = {}
        self.position = 0
        self.turn = self.random.randrange(len(self.urls))
        self.socket: ClientConnection | None = None
        self.waiting: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self.over = asyncio.Event()
        self._history = (self.folder / f"history-{self.name}.jsonl").open("a", buffering=1)

    def note(self, what: str, **facts: Any) -> None:
        """A line of history."""
        self._history.write(json.dumps({"t": time.time(), "proc": self.name, "type": what, **facts}) + "\n")

    def url(self) -> str:
        """Another web process each time, as a proxy would choose."""
        self.turn = (self.turn + 1) % len(self.urls)
        return self.urls[self.turn]

    async def live(self) -> None:
        """Read and write until calm, then note what is shown."""
        reading = asyncio.ensure_future(self.read_socket() if self.mode == "socket" else self.read_http())
        await self.write()
        goal = await self.calm()
        began = time.time()
        while self.position < goal and time.time() - began < 60:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        self.note("shown", seconds=round(time.time() - began, 3), position=self.position, goal=goal,
                  items=[self.shown[seq] for seq in sorted(self.shown)])  # fmt: skip
        self.over.set()
        if self.socket is not None:
            await self.socket.close()
        reading.cancel()
        with contextlib.suppress(asyncio.CancelledError, *_GONE):
            await reading

    async def calm(self) -> int:
        """Wait until the faults are over; the version to reach."""
        path = self.folder / "calm.json"
        while not path.exists():  # noqa: ASYNC110
            await asyncio.sleep(0.2)
        return int(json.loads(path.read_text())[self.feed])

    # -- reading ---------------------------------------------------------------------------------------------------

    async def read_socket(self) -> None:
        """Connect again and again, first asking for what came after the own position."""
        while not self.over.is_set():
            address = self.url()
            socket = None
            try:
                async with connect(
                    f"{address.replace('http', 'ws')}/ws/{self.side}/", compression=None, max_size=2**24,
                    additional_headers={"Cookie": f"sessionid={self.session}", "Origin": address},
                    open_timeout=10, close_timeout=1, ping_interval=20, ping_timeout=20, proxy=None,
                ) as socket:  # fmt: skip
                    self.socket = socket
                    self.note("open")
                    checking = asyncio.ensure_future(self.check(socket))
                    try:
                        async for raw in socket:
                            self.take(json.loads(raw))
                    finally:
                        checking.cancel()
            except _GONE:
                pass
            finally:
                self.socket = None
            code = socket.close_code if socket is not None else None
            self.note("signed_out" if code in (4401, 4403) else "closed", code=code)
            await asyncio.sleep(self.random.uniform(0, self.first_delay))

    async def check(self, socket: ClientConnection) -> None:
        """Anything after N? At once and every 10 s."""
        with contextlib.suppress(ConnectionClosed):
            while True:
                await socket.send(json.dumps({"action": "subscribe", "feed": self.feed, "after": self.position}))
                await asyncio.sleep(self.random.uniform(0.7, 1.3) * CHECK_SECONDS)

    async def read_http(self) -> None:
        """Poll the twin."""
        while not self.over.is_set():
            try:
                status, frame = await ask(
                    self.url(), f"/live/feed/?feed={self.feed}&after={self.position}", self.session
                )
            except _GONE:
                status, frame = 0, None
            if status == 401:
                self.note("signed_out", code=401)
            elif status >= 500:
                self.note("answer", status=status, path="feed")
            if frame is not None:
                self.take(frame)
            await asyncio.sleep(self.random.uniform(0.5, 1.5))

    def take(self, frame: dict[str, Any]) -> None:
        """Show a frame, or hand an ack to whoever waits."""
        if frame["type"] == "ack":
            future = self.waiting.pop(frame.get("id") or "", None)
            if future is not None and not future.done():
                future.set_result(frame)
        elif frame["type"] == "refused":
            self.note("refused", reason=frame["reason"])
        elif frame["type"] == "changes" and frame["feed"] == self.feed:
            if not frame["complete"] and frame["version"] <= self.position:
                return  # as live.js: known already
            self.position = frame["version"]
            if frame["complete"]:
                self.shown.clear()
            for item in frame["items"]:
                if item["object"].startswith("message:"):
                    self.show(item)

    def show(self, item: dict[str, Any]) -> None:
        """Put or drop one message."""
        seq = int(item["object"].split(":")[1])
        if item["op"] == "drop":
            self.shown.pop(seq, None)
            return
        html = item["html"]
        text = html.partition('<p class="pre">')[2].partition("</p>")[0]
        self.shown[seq] = [str(item["data"]["seq"]), item["data"]["from"], item["data"]["client_id"], text]

    # -- writing ---------------------------------------------------------------------------------------------------

    async def write(self) -> None:
        """At least as many messages as asked for, and on until the faults are over, one after the other."""
        number = 0
        stop = self.folder / "enough"
        while self.messages and (number < self.messages or not stop.exists()):
            number += 1
            await self.deliver(f"{self.name}-{number:06d}", f"{self.name} says {number}")
            slower = 1.0 if number < self.messages else 3.0
            await asyncio.sleep(self.random.uniform(0.5, 1.5) * self.pace * slower)
            if self.side == "resident" and number % 5 == 0 and self.shown and self.socket is not None:
                with contextlib.suppress(*_GONE):
                    seen = {"action": "seen", "feed": self.feed, "seq": max(self.shown)}
                    await self.socket.send(json.dumps(seen))

    async def deliver(self, ident: str, text: str) -> None:
        """Send until it is acknowledged, always under the same id."""
        frame = {"action": "send_message", "id": ident, "case": self.case, "text": text}
        began = time.time()
        while True:
            self.note("invoke", id=ident)
            try:
                ack = await (self.over_socket(frame) if self.mode == "socket" else self.over_http(frame))
            except _GONE as error:
                self.note("info", id=ident, error=type(error).__name__)
                await asyncio.sleep(self.random.uniform(0.1, 0.5))
                continue
            if ack["ok"]:
                self.note("ok", id=ident, seq=ack["seq"], seconds=round(time.time() - began, 3))
                return
            code = ack["error"]["code"]
            self.note("fail" if code in AGAIN else "lost", id=ident, code=code)
            if code not in AGAIN:
                return
            await asyncio.sleep(self.random.uniform(0.5, 1.5))

    async def over_socket(self, frame: dict[str, Any]) -> dict[str, Any]:
        """Through the open socket."""
        if self.socket is None:
            raise OSError("no socket")
        future = self.waiting[frame["id"]] = asyncio.get_running_loop().create_future()
        await self.socket.send(json.dumps(frame))
        return await asyncio.wait_for(future, ACK_SECONDS)

    async def over_http(self, frame: dict[str, Any]) -> dict[str, Any]:
        """Through the HTTP twin."""
        status, ack = await ask(self.url(), "/live/action/", self.session, frame)
        if status == 401:
            self.note("signed_out", code=401)
        if status >= 500:
            self.note("answer", status=status, path="action")
        if ack is None:
            raise OSError(f"status {status}")
        return dict(ack)


async def main(config: dict[str, Any]) -> None:
    """All people of a config at once."""
    async with asyncio.TaskGroup() as group:
        for spec in config["people"]:
            group.create_task(Person(spec, config).live())


if __name__ == "__main__":
    asyncio.run(main(json.loads(Path(sys.argv[1]).read_text())))
