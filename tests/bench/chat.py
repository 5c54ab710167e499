"""Chat: from the sender's socket through a durable write to the receiver's, at a rate, at full speed, in a burst."""

from __future__ import annotations

import asyncio
import json
import random
import re
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.bench.lines import Line, connect, nothing
from tests.bench.machine import cpu_seconds, median, percentile
from tests.bench.site import Site, tell

RATE = 50
_TOKEN = re.compile(rb"bm-(\d+)-x")
_FILLER = "y" * 80


@dataclass
class Round:
    """One turn at one server."""

    p50: float
    p95: float
    cpu: float
    lost: int
    saturation: float
    burst_lost: int
    burst_seconds: float


@dataclass
class Server:
    """How one of the compared servers is spoken to.

    Attributes:
        open: opens both sockets of each room, subscribed as its pages do; the receivers' messages go to the function.
        frame: a message of a room as its sender writes it.
    """

    name: str
    pid: int
    open: Callable[[Callable[[Line, bytes, float], None]], Any]
    frame: Callable[[int, str], str]
    rounds: list[Round] = field(default_factory=list)


class Turn:
    """Sending to all rooms of a server and waiting for what comes out."""

    def __init__(self, server: Server, rooms: int) -> None:
        self.server, self.rooms = server, rooms
        self.sent: dict[int, float] = {}
        self.took: list[float] = []
        self.next: dict[int, Callable[[], None]] = {}
        self.count = random.randrange(10**9) * 1000
        self.senders: list[Line] = []

    def heard(self, _line: Line, message: bytes, came: float) -> None:
        """A receiver got something."""
        for found in _TOKEN.findall(message):
            began = self.sent.pop(int(found), None)
            if began is not None:
                self.took.append(came - began)
                if after := self.next.pop(int(found), None):
                    after()

    def send(self, room: int, due: float) -> int:
        """One message; its time counts from when it was due."""
        self.count += 1
        self.sent[self.count] = due
        self.senders[room].send(self.server.frame(room, f"bm-{self.count}-x {_FILLER}"))
        return self.count

    async def drained(self, seconds: float) -> int:
        """Wait until all has come; how many have not."""
        until = time.perf_counter() + seconds
        while self.sent and time.perf_counter() < until:  # noqa: ASYNC110 - nothing else to wait for
            await asyncio.sleep(0.005)
        lost = len(self.sent)
        self.sent.clear()
        return lost

    async def run(self, seconds: float, burst: int) -> Round:
        """The whole turn."""
        receivers, self.senders = await self.server.open(self.heard)
        for room in range(self.rooms):
            self.send(room, time.perf_counter())
        assert not await self.drained(20), f"{self.server.name}: nothing comes out"
        self.took.clear()
        before, amount = cpu_seconds(self.server.pid), int(RATE * seconds)
        began = time.perf_counter() + 0.02
        for number in range(amount):
            due = began + number / RATE
            await asyncio.sleep(max(0, due - time.perf_counter()))
            self.send(number % self.rooms, due)
        lost = await self.drained(20)
        cpu = (cpu_seconds(self.server.pid) - before) / amount
        p50, p95 = percentile(self.took, 50), percentile(self.took, 95)
        saturation = await self._saturate(seconds / 2)
        began = time.perf_counter()
        for number in range(burst):
            due = began + 0.2 * number / burst
            await asyncio.sleep(max(0, due - time.perf_counter()))
            self.send(number % self.rooms, due)
        burst_lost = await self.drained(60)
        took = time.perf_counter() - began
        for line in (*receivers, *self.senders):
            line.close()
        await asyncio.sleep(0.3)
        return Round(p50, p95, cpu, lost, saturation, burst_lost, took)

    async def _saturate(self, seconds: float) -> float:
        """Two messages on the way in every room, all the time; messages a second."""
        done, until = 0, time.perf_counter() + seconds

        def again(room: int) -> None:
            nonlocal done
            done += 1
            if time.perf_counter() < until:
                begin(room)

        def begin(room: int) -> None:
            number = self.send(room, time.perf_counter())
            self.next[number] = lambda: again(room)

        began = time.perf_counter()
        for room in range(self.rooms):
            begin(room)
            begin(room)
        lost = await self.drained(seconds + 20)
        assert not lost, f"{self.server.name}: {lost} lost at full speed"
        return done / (time.perf_counter() - began)


async def measure(site: Site) -> dict[str, Any]:
    """All rounds, the servers in changing order."""
    rooms: list[dict[str, Any]] = site.seeded["rooms"]
    limit, web = site.pid(site.limit), site.pid(site.web)
    servers = [
        Server("L1", limit, _limit_opener(site, "limit"), lambda _room, body: json.dumps({"body": body})),
        Server("L2", limit, _limit_opener(site, "same"), lambda _room, body: json.dumps({"body": body})),
        Server("direkt", web, _opener(site), lambda room, body: _send(rooms[room]["case"], body)),
    ]
    for number in range(site.sizes.rounds):
        for server in random.sample(servers, len(servers)):
            turn = await Turn(server, len(rooms)).run(site.sizes.seconds, site.sizes.burst)
            server.rounds.append(turn)
            tell(
                f"chat {number + 1}/{site.sizes.rounds} {server.name}: p50 {turn.p50 * 1000:.1f} ms,"
                f" cpu {turn.cpu * 1e6:.0f} us, {turn.saturation:.0f}/s, lost {turn.lost}+{turn.burst_lost}"
            )
    return {server.name: server.rounds for server in servers}


def ratio(rounds: dict[str, list[Round]], name: str, of: str) -> tuple[float, float, float]:
    """Median, smallest and largest of the paired ratios of our rounds to those of a limit."""
    pairs = [getattr(o, name) / getattr(t, name) for o, t in zip(rounds["direkt"], rounds[of], strict=True)]
    return median(pairs), min(pairs), max(pairs)


def _send(case: str, body: str) -> str:
    return json.dumps({"action": "send_message", "id": uuid.uuid4().hex, "case": case, "text": body})


def _limit_opener(site: Site, kind: str) -> Callable[..., Any]:
    async def opened(heard: Callable[[Line, bytes, float], None]) -> tuple[list[Line], list[Line]]:
        urls = [f"ws://{site.limit_address}/{kind}/{number}" for number in range(len(site.seeded["rooms"]))]
        return [await connect(url, heard) for url in urls], [await connect(url, nothing) for url in urls]

    return opened


def _opener(site: Site) -> Callable[..., Any]:
    async def opened(heard: Callable[[Line, bytes, float], None]) -> tuple[list[Line], list[Line]]:
        receivers: list[Line] = []
        senders: list[Line] = []
        for room in site.seeded["rooms"]:
            for side in ("staff", "resident"):
                sends = room["staff_sends"] == (side == "staff")
                head = {feed: site.head(feed) for feed in (room["feed"], room[f"{side}_me"])}
                line = await subscribed(site, side, room[side], head, nothing if sends else heard)
                (senders if sends else receivers).append(line)
        await asyncio.sleep(0.3)
        return receivers, senders

    return opened


async def subscribed(
    site: Site, side: str, session: str, heads: dict[str, int], heard: Callable[[Line, bytes, float], None]
) -> Line:
    """A socket of a signed-in person that reads feeds from a position on, as the pages do."""
    headers = [("Origin", f"http://{site.address}"), ("Cookie", f"{site.seeded['cookie']}={session}")]
    waiting = set(heads)
    ready = asyncio.get_running_loop().create_future()

    def first(_line: Line, message: bytes, _came: float) -> None:
        frame = json.loads(message)
        assert frame["type"] != "refused", frame
        waiting.discard(frame.get("feed"))
        if not waiting and not ready.done():
            ready.set_result(None)

    line = await connect(f"ws://{site.address}/ws/{side}/", first, headers)
    for feed, after in heads.items():
        line.send(json.dumps({"action": "subscribe", "feed": feed, "after": after}))
    await asyncio.wait_for(ready, 60)
    line.on_message = heard
    return line
