"""The queue: one change to very many sockets of one process, readers that take nothing, and what its page costs."""

from __future__ import annotations

import asyncio
import http.client
import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from tests.bench.chat import subscribed
from tests.bench.lines import Line, connect, nothing
from tests.bench.machine import cpu_seconds, median, memory_kib, percentile
from tests.bench.site import Site, tell

_TOGETHER = 20
_PATIENCE = 20.0


@dataclass
class Crowd:
    """Many sockets that read one queue.

    Attributes:
        news: a part of the frame that brings a change.
        change: makes one change, without waiting for it.
        done: waits until whoever made it is ready again.
    """

    name: str
    pid: int
    news: bytes
    change: Callable[[], None]
    done: Callable[[], Any]
    lines: list[Line] = field(default_factory=list)
    memory: float = 0.0
    seconds: list[float] = field(default_factory=list)
    halves: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    lost: int = 0
    payload: int = 0
    _came: dict[int, float] = field(default_factory=dict)
    _all: asyncio.Event = field(default_factory=asyncio.Event)

    async def gather(self, count: int, open_one: Callable[[int], Any]) -> None:
        """Open the sockets, and see what each takes in memory."""
        before, turns = memory_kib(self.pid), asyncio.Semaphore(_TOGETHER)

        async def one(number: int) -> Line:
            async with turns:
                line: Line = await open_one(number)
                return line

        self.lines = await asyncio.gather(*(one(number) for number in range(count)))
        await asyncio.sleep(1)
        self.memory = (memory_kib(self.pid) - before) / count

    def heard(self, line: Line, message: bytes, came: float) -> None:
        """One of the sockets got something."""
        if self.news in message and id(line) not in self._came:
            self._came[id(line)] = came
            self.payload = len(message)
            if len(self._came) >= len(self.lines):
                self._all.set()

    async def turn(self, *, counted: bool) -> None:
        """One change, until the last has it."""
        self._came.clear()
        self._all.clear()
        cpu, began = cpu_seconds(self.pid), time.perf_counter()
        self.change()
        try:
            await asyncio.wait_for(self._all.wait(), _PATIENCE)
        except TimeoutError:
            tell(f"{self.name}: {len(self.lines) - len(self._came)} did not get it")
        await asyncio.to_thread(self.done)
        await asyncio.sleep(0.2)
        if counted:
            took = [came - began for came in self._came.values()]
            self.lost += len(self.lines) - len(took)
            self.seconds.append(max(took, default=float("nan")))
            self.halves.append(percentile(took, 50))
            self.cpu.append((cpu_seconds(self.pid) - cpu) / len(self.lines))

    def close(self) -> None:
        """Hang up."""
        for line in self.lines:
            line.close()


async def measure(site: Site) -> dict[str, Any]:
    """One change to all readers, by turns here and at the limit; then the same with readers that take nothing."""
    url = f"ws://{site.limit_address}/queue"
    trigger = await connect(url, nothing)
    bare = Crowd("L1", site.pid(site.limit), b'"token"', lambda: trigger.send('{"token":"x"}'), lambda: None)
    ours = _ours(site)
    readers = site.seeded["readers"]
    await bare.gather(len(readers), lambda _number: connect(url, bare.heard))
    tell(f"{len(readers)} sockets at the limit, {bare.memory:.1f} KiB each")
    await ours.gather(len(readers), lambda number: _reader(site, readers[number], ours))
    tell(f"{len(readers)} sockets at the site, {ours.memory:.1f} KiB each")
    for number in range(-1, site.sizes.changes):
        for crowd in (bare, ours) if number % 2 else (ours, bare):
            await crowd.turn(counted=number >= 0)
    ratios = [o / b for o, b in zip(ours.seconds, bare.seconds, strict=True)]
    # Of all changes together: one alone is short beside the clock that processor time is kept with.
    cpu = sum(ours.cpu) / sum(bare.cpu) if sum(bare.cpu) else float("nan")
    bare.close()
    ours.close()
    trigger.close()
    tell(f"queue: last {median(ours.seconds) * 1000:.0f} ms, limit {median(bare.seconds) * 1000:.0f} ms")
    await asyncio.sleep(3)
    return {
        "readers": len(readers), "ours": ours, "bare": bare, "ratio": (median(ratios), min(ratios), max(ratios)),
        "cpu": cpu, "stalled": await _stalled(site),
    }  # fmt: skip


async def _stalled(site: Site) -> dict[str, Any]:
    """Twenty readers, alone and then beside two whose network is gone."""
    readers, crowd = site.seeded["readers"], _ours(site)
    few = min(20, len(readers) - 2)
    await crowd.gather(few, lambda number: _reader(site, readers[number], crowd))
    for number in range(-1, site.sizes.changes):
        await crowd.turn(counted=number >= 0)
    alone, crowd.seconds = crowd.seconds, []
    queue, gone = site.seeded["queue"], []
    for reader in readers[-2:]:
        line = await subscribed(site, "staff", reader["session"], {queue: site.head(queue)}, nothing)
        line.transport.pause_reading()
        for _ in range(150):  # whole first pages that it asks for and never takes: its buffers run full
            line.send(json.dumps({"action": "subscribe", "feed": queue, "after": 0}))
        gone.append(line)
    await asyncio.sleep(1)
    for number in range(-1, site.sizes.changes):
        await crowd.turn(counted=number >= 0)
    beside = crowd.seconds
    await asyncio.sleep(12)
    for line in gone:
        line.transport.resume_reading()
    await asyncio.sleep(3)
    closed = sum(line.lost for line in gone)
    crowd.close()
    ratio = median(beside) / median(alone)
    tell(f"stalled readers: {ratio:.2f}x for the others, {crowd.lost} lost, {closed} of {len(gone)} closed")
    return {"ratio": ratio, "lost": crowd.lost, "closed": closed, "stalled": len(gone), "others": few}


def _ours(site: Site) -> Crowd:
    news = f'"feed":"{site.seeded["queue"]}"'.encode()
    return Crowd("direkt", site.pid(site.web), news, lambda: site.ask("urgency"), site.answer)


async def _reader(site: Site, reader: dict[str, str], crowd: Crowd) -> Line:
    queue = site.seeded["queue"]
    heads = {queue: site.head(queue), reader["me"]: site.head(reader["me"])}
    return await subscribed(site, "staff", reader["session"], heads, crowd.heard)


def measure_pages(site: Site) -> dict[str, Any]:
    """The queue page of a short and a long queue, by turns: processor time and seconds a request."""
    cost: dict[str, list[float]] = {"short": [], "long": []}
    took: dict[str, list[float]] = {"short": [], "long": []}
    size: dict[str, int] = {}
    each = site.sizes.requests // 2
    for number in range(-1, site.sizes.rounds):
        for name in ("short", "long") if number % 2 else ("long", "short"):
            before = cpu_seconds(site.pid(site.web))
            with ThreadPoolExecutor(2) as pool:
                results = list(pool.map(lambda session: _pages(site, session, each), [site.seeded[name]] * 2))
            if number >= 0:
                cost[name].append((cpu_seconds(site.pid(site.web)) - before) / (2 * each))
                took[name].append(median([seconds for times, _ in results for seconds in times]))
                size[name] = results[0][1]
    ratios = [long / short for long, short in zip(cost["long"], cost["short"], strict=True)]
    times = median([long / short for long, short in zip(took["long"], took["short"], strict=True)])
    tell(f"queue page: {median(cost['long']) * 1000:.1f} ms of processor at {site.sizes.long}, "
         f"{median(cost['short']) * 1000:.1f} ms at 50")  # fmt: skip
    return {
        "ratio": (median(ratios), min(ratios), max(ratios)), "times": times, "cost": cost, "took": took, "size": size,
    }  # fmt: skip


def _pages(site: Site, session: str, count: int) -> tuple[list[float], int]:
    host, _, port = site.address.rpartition(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=60)
    times, size = [], 0
    for _ in range(count):
        began = time.perf_counter()
        connection.request("GET", "/personal/drop-in/", headers={"Cookie": f"{site.seeded['cookie']}={session}"})
        answer = connection.getresponse()
        size = len(answer.read())
        assert answer.status == 200, f"the queue page answered {answer.status}"
        times.append(time.perf_counter() - began)
    connection.close()
    return times, size
