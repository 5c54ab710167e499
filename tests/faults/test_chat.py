"""People write while everything around them is killed, frozen and emptied: nothing is lost, doubled or reordered."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import time
from typing import Any

import pytest

from tests.faults import checkers
from tests.faults.nemesis import Nemesis, plan, start_people, write_whole
from tests.faults.profiles import PROFILE, SEED, report
from tests.faults.site import FaultSite, fault_site
from tests.realtime.harness import wait_for


def people_of(world: list[dict[str, Any]], messages: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Two writers for each case, every second one over HTTP only; and a second tab of each, which only reads."""
    each = messages // (2 * len(world))
    writers, readers = [], []
    for number, one in enumerate(world):
        for turn, (role, side) in enumerate((("patient", "resident"), ("nurse", "staff"))):
            base = {"side": side, "session": one["sessions"][role], "case": one["case"]}
            mode = "http" if (number + turn) % 2 else "socket"
            writers.append({**base, "name": f"{role}{number}", "mode": mode, "messages": each})
            readers.append({**base, "name": f"{role}{number}-tab2", "mode": "socket", "messages": 0})
    return writers, readers


def settle(site: FaultSite, world: list[dict[str, Any]], running: list[subprocess.Popen[bytes]]) -> None:
    """The faults are over: writers come to an end, everybody reaches the heads, all effects fall due."""
    (site.folder / "enough").touch()
    history = checkers.History

    def all_written() -> bool:
        # The writers wait for calm.json once their last message is acknowledged.
        done = history.read(site.folder)
        return {one["id"] for one in done.of("invoke")} == {one["id"] for one in done.of("ok", "lost")} and not _new()

    last = [0]

    def _new() -> bool:
        before, last[0] = last[0], len(history.read(site.folder).of("invoke"))
        time.sleep(6)
        return len(history.read(site.folder).of("invoke")) != before

    wait_for(all_written, "the last messages", 120)
    feeds = [f"chat:{one['case']}:patient" for one in world]
    heads = dict(site.query("SELECT feed, version FROM realtime_feedhead WHERE feed = ANY(%s)", feeds))
    write_whole(site.folder / "calm.json", json.dumps(heads))
    for process in running:
        process.wait(120)
    # The minute until an SMS about an unread message falls due, and leases of the dead, go by at once.
    site.query("UPDATE outbox_effect SET due_at = clock_timestamp() - interval '1 s' WHERE due_at > clock_timestamp()")
    expire = (
        "UPDATE outbox_effect SET lease_until = clock_timestamp() - interval '1 s', retry_at = NULL"
        " WHERE state IN ('due', 'running')"
    )
    site.query(expire)
    wait_for(lambda: not site.query("SELECT 1 FROM outbox_effect WHERE state IN ('due', 'running')"), "the effects", 60)


@pytest.mark.req("CHT-01")
def test_nothing_is_lost_doubled_or_reordered() -> None:
    began = time.monotonic()
    rng = random.Random(SEED)
    with fault_site(SOCKET_RESTART_SPREAD="1") as site:
        world = site.make_world(PROFILE.cases)
        writers, readers = people_of(world, PROFILE.messages)
        writing = start_people(site, "writers", writers, seed=SEED, pace=PROFILE.pace)
        reading = start_people(site, "readers", readers, seed=SEED + 1)
        nemesis = Nemesis(
            site, [f"chat:{one['case']}:patient" for one in world], rng, freeze_seconds=PROFILE.freeze_seconds
        )

        def alive() -> None:
            assert writing.poll() is None, (site.folder / "people-writers.log").read_text()
            assert reading.poll() is None, (site.folder / "people-readers.log").read_text()

        steps = plan(rng, kills=PROFILE.kills, others=PROFILE.others)
        third = len(steps) // 3
        nemesis.run(steps[:third], alive)
        reading.send_signal(signal.SIGSTOP)  # forty lines half open, for as long as the next faults take
        try:
            nemesis.run(steps[third : 2 * third], alive)
        finally:
            reading.send_signal(signal.SIGCONT)
        nemesis.run(steps[2 * third :], alive)
        calm_at = time.time()
        settle(site, world, [writing, reading])

        history = checkers.History.read(site.folder)
        stored = {one["case"]: checkers.messages(site, one["case"]) for one in world}
        wrong = {
            "lost": checkers.durable(history, stored),
            "doubled": checkers.unique(stored),
            "reordered": checkers.in_order(stored),
            "not converged": checkers.converged(history, [*writers, *readers], stored),
            "signed out": checkers.still_in(history),
            "effects": checkers.effects(site),
            "log": checkers.logged(site),
            "server errors": _server_errors(history),
        }
        found = {name: problems[:5] for name, problems in wrong.items() if problems}
        if found:
            print(site.log()[-4000:])
        assert not found
        acked = history.of("ok")
        assert len(acked) >= PROFILE.messages
        assert sum(nemesis.killed.values()) == PROFILE.kills
        late = [one for one in acked if one["t"] > calm_at]
        shown, handed = history.of("shown"), site.handed_over()
        report(
            "chat",
            messages=len(acked), kills=nemesis.killed, others=nemesis.done, seed=SEED, people=len(writers + readers),
            retries=len(history.of("info", "fail")), ack_p50=checkers.percentile([o["seconds"] for o in acked], 0.5),
            ack_p99=checkers.percentile([o["seconds"] for o in acked], 0.99),
            ack_worst=max(o["seconds"] for o in acked),
            last_ack_after_calm=round(max([o["t"] for o in late], default=calm_at) - calm_at, 1),
            converge_worst=max(o["seconds"] for o in shown), web_back_worst=round(max(nemesis.back_seconds), 1),
            handed_over=len(handed), handed_over_twice=len(handed) - len(set(handed)),
            answers_5xx=len(history.of("answer")), seconds=round(time.monotonic() - began),
        )  # fmt: skip


def _server_errors(history: checkers.History) -> list[str]:
    """While the database is away the answer is 503, never 500."""
    return [str(one) for one in history.of("answer") if one["status"] != 503]
