"""Does the damage, one fault after the other, in an order given by a seed; notes what it did in the history."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from channels_redis.pubsub import RedisPubSubChannelLayer

from direkt1177.realtime.doorbells import BELLS, group_of
from direkt1177.settings.base import channel_layers
from direkt1177.settings.embedded import SECRET_KEY
from tests.faults.failpoints import WEB
from tests.faults.site import FaultSite

TRIP_SECONDS = 15.0
KILLS = ("web before_commit", "web after_commit", "web after_ack", "web", "valkey", "postgres", "ticker")
OTHERS = ("freeze", "flush", "fill", "bells", "deaf")


def plan(rng: random.Random, *, kills: int, others: int) -> list[str]:
    """So many kills, half of them of a web process at a chosen place, mixed with other faults."""
    weights = {"web before_commit": 4, "web after_commit": 4, "web after_ack": 4, "web": 2, "valkey": 2, "postgres": 2,
               "ticker": 2}  # fmt: skip
    bag = [name for name, weight in weights.items() for _ in range(weight)]
    chosen = (bag * (kills // len(bag) + 1))[:kills] if kills >= len(bag) else rng.sample(bag, kills)
    steps = [*chosen, *(OTHERS * (others // len(OTHERS) + 1))[:others]]
    rng.shuffle(steps)
    return steps


class Nemesis:
    """Damages a site.

    Args:
        site: the site; its ticker runs.
        feeds: names of the feeds whose doorbells are forged.
        rng: seeded.
        freeze_seconds: how long Valkey stands still.
    """

    def __init__(self, site: FaultSite, feeds: list[str], rng: random.Random, *, freeze_seconds: float) -> None:
        self.site, self.feeds, self.rng, self.freeze_seconds = site, feeds, rng, freeze_seconds
        self.killed: dict[str, int] = {}
        self.done: dict[str, int] = {}
        self.back_seconds: list[float] = []
        self._history = (site.folder / "history-nemesis.jsonl").open("a", buffering=1)

    def run(self, steps: list[str], alive: Callable[[], None]) -> None:
        """All steps; ``alive`` is asked before each whether the people still write."""
        for step in steps:
            alive()
            self._note("begin", step)
            kind, _, where = step.partition(" ")
            getattr(self, f"_{kind}")(where)
            counted = self.killed if step in KILLS else self.done
            counted[step] = counted.get(step, 0) + 1
            self._note("end", step)
            time.sleep(self.rng.uniform(0.1, 0.6))

    def _note(self, what: str, fault: str) -> None:
        self._history.write(json.dumps({"t": time.time(), "proc": "nemesis", "type": what, "fault": fault}) + "\n")

    # -- kills -----------------------------------------------------------------------------------------------------

    def _web(self, where: str) -> None:
        name = self.rng.choice(list(self.site.webs))
        child = self.site.webs[name]
        process = child.process
        assert process is not None
        if where:
            assert where in WEB
            self.site.arm(name, where)
            process.wait(TRIP_SECONDS)  # whoever sends the next message through it kills it
            assert process.returncode == -signal.SIGKILL, self.site.log()[-3000:]
        else:
            process.send_signal(signal.SIGKILL)
            process.wait(10)
        began = time.monotonic()
        child.start()
        self.site.wait_for_web(name)
        self.back_seconds.append(time.monotonic() - began)

    def _ticker(self, _where: str) -> None:
        """While it ticks, wherever that is; chosen places are tested in ``test_effects``."""
        ticker = self.site.ticker
        assert ticker is not None and ticker.process is not None
        ticker.process.send_signal(signal.SIGKILL)
        ticker.process.wait(10)
        ticker.start()

    def _valkey(self, _where: str) -> None:
        self.site.valkey.kill()
        time.sleep(self.rng.uniform(0, 2))
        self.site.valkey.start()

    def _postgres(self, _where: str) -> None:
        self.site.restart_postgres()

    # -- without a death -------------------------------------------------------------------------------------------

    def _freeze(self, _where: str) -> None:
        process = self.site.valkey.process
        assert process is not None
        process.send_signal(signal.SIGSTOP)
        time.sleep(self.freeze_seconds)
        process.send_signal(signal.SIGCONT)

    def _flush(self, _where: str) -> None:
        with contextlib.closing(self.site.valkey.client()) as client:
            client.flushall()

    def _fill(self, _where: str) -> None:
        """Nothing more may be written, as when ``maxmemory`` is reached; then there is room again."""
        with contextlib.closing(self.site.valkey.client()) as client:
            client.config_set("maxmemory", "1")
            time.sleep(1.0)
            client.config_set("maxmemory", str(256 * 2**20))

    def _deaf(self, _where: str) -> None:
        """Every receiver's connection is cut: the doorbells of that moment are lost."""
        with contextlib.closing(self.site.valkey.client()) as client:
            client.client_kill_filter(_type="pubsub")

    def _bells(self, _where: str) -> None:
        """Forged doorbells: again, old ones after new ones, such as never were, and some that are none."""
        versions = dict(self.site.query("SELECT feed, version FROM realtime_feedhead WHERE feed = ANY(%s)", self.feeds))
        frames: list[tuple[str, dict[str, Any]]] = []
        for feed, head in versions.items():
            rung = [head, head, max(head - 1, 0), head + self.rng.randrange(1, 5), 0, head]
            frames += [(BELLS, {"type": "bells", "versions": {feed: n}}) for n in rung]
        frames += [(BELLS, {"type": "bells"}), (group_of(self.feeds[0]), {"type": "unheard-of", "version": "x"})]
        self.rng.shuffle(frames)
        asyncio.run(_publish(self.site.valkey.address, frames))


async def _publish(address: str, frames: list[tuple[str, dict[str, Any]]]) -> None:
    layer = RedisPubSubChannelLayer(**channel_layers(address, SECRET_KEY)["default"]["CONFIG"])
    try:
        for group, frame in frames:
            with contextlib.suppress(Exception):
                await asyncio.wait_for(layer.group_send(group, frame), 2)
    finally:
        await layer.flush()


def start_people(
    site: FaultSite, name: str, people: list[dict[str, Any]], *, seed: int, pace: float = 1.0, first_delay: float = 0.5
) -> subprocess.Popen[bytes]:
    """A process of people; see ``tests.faults.clients``."""
    import sys

    from tests.databases import ROOT

    config = site.folder / f"people-{name}.json"
    config.write_text(
        json.dumps(
            {
                "urls": list(site.urls.values()), "folder": str(site.folder), "seed": seed, "pace": pace,
                "first_delay": first_delay, "people": people,
            }
        )
    )  # fmt: skip
    with (site.folder / f"people-{name}.log").open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "tests.faults.clients", str(config)], cwd=ROOT, env=site.env, stdout=log, stderr=log
        )


def write_whole(path: Path, text: str) -> None:
    """So that no reader sees half a file."""
    half = path.with_suffix(".half")
    half.write_text(text)
    half.rename(path)
