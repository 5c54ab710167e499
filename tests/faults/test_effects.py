"""Side effects while whoever does them is killed, absent for hours, or there twice: each SMS at most once."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator

import pytest

from direkt1177.embedded.children import Child, worker_command
from tests.faults import checkers
from tests.faults.failpoints import EFFECT
from tests.faults.site import FaultSite, fault_site
from tests.realtime.harness import wait_for

CASES = 6


@pytest.fixture(scope="module")
def site() -> Iterator[FaultSite]:
    """A site where nobody ticks yet."""
    with fault_site(webs=0, ticker=False) as made:
        yield made


def _undone(site: FaultSite) -> int:
    return int(site.query("SELECT count(*) FROM outbox_effect WHERE state IN ('due', 'running')")[0][0])


def _until_done(site: FaultSite) -> None:
    """The minute before an SMS about an unread message goes by at once; then wait for everything."""
    site.query("UPDATE outbox_effect SET due_at = clock_timestamp(), retry_at = NULL WHERE state = 'due'")
    wait_for(lambda: not _undone(site), f"the effects to be done: {site.log()[-2000:]}", 90)


def _let_leases_run_out(site: FaultSite) -> int:
    """The sixty seconds of a dead worker's lease go by at once; how many there were."""
    return len(
        site.query(
            "UPDATE outbox_effect SET lease_until = clock_timestamp() - interval '1 s' WHERE state = 'running'"
            " AND lease_until > clock_timestamp() RETURNING id"
        )
    )


def _kill_at_every_place(site: FaultSite, child: Child) -> None:
    child.start()
    try:
        for where in EFFECT:
            site.arm(child.name, where)
            site.make_world(CASES)
            assert child.process is not None
            child.process.wait(60)
            assert child.process.returncode == -signal.SIGKILL, site.log()[-2000:]
            held = _let_leases_run_out(site)
            assert held == (0 if where == "after_done" else 1), "what the dead one had begun is under its lease"
            child.start()
            _until_done(site)
    finally:
        child.stop()
    assert checkers.effects(site) == []
    handed = site.handed_over()
    # Killed between handing over and noting it: the same reference goes out again, and the gateway takes it once.
    assert len(handed) - len(set(handed)) == 1


def test_a_ticker_dies_in_the_middle_of_an_effect(site: FaultSite) -> None:
    _kill_at_every_place(site, site.new_ticker("ticker-killed", every=0.2))


def test_a_celery_worker_dies_in_the_middle_of_an_effect(site: FaultSite) -> None:
    """The worker hears of work through Valkey; here a ticker without hands offers what was left."""
    command = ["tests.faults.doing" if word == "direkt1177" else word for word in worker_command()]
    worker = site.child("worker-killed", command)
    before = len(site.handed_over()) - len(set(site.handed_over()))
    worker.start()
    finisher = site.new_ticker("finisher", every=0.5)
    try:
        for where in EFFECT:
            site.arm(worker.name, where)
            site.make_world(CASES)
            assert worker.process is not None
            worker.process.wait(60)
            assert worker.process.returncode == -signal.SIGKILL, site.log()[-2000:]
            _let_leases_run_out(site)
            worker.start()
        finisher.start()
        _until_done(site)
    finally:
        worker.stop()
        finisher.stop()
    assert checkers.effects(site) == []
    handed = site.handed_over()
    assert len(handed) - len(set(handed)) - before <= 1


@pytest.mark.req("CAS-25")
def test_two_tickers_catch_up_after_hours_without_one(site: FaultSite) -> None:
    """Two days ago visits were closed with a follow-up of one day: over for hours, and nobody ticked."""
    world = site.make_world(CASES * 2, "ended", CLOCK_OFFSET_SECONDS=str(-50 * 3600))
    ids = [one["case"] for one in world]
    asleep = "SELECT count(*) FROM cases_case WHERE public_id = ANY(%s::uuid[]) AND state = 'asynchronous'"
    assert site.query(asleep, ids) == [(len(ids),)]
    tickers = [site.new_ticker(f"ticker-{n}", every=0.1) for n in range(2)]
    began = time.monotonic()
    for ticker in tickers:
        ticker.start()
    try:
        wait_for(lambda: site.query(asleep, ids) == [(0,)], "the follow-ups to end", 60)
        _until_done(site)
        assert time.monotonic() - began < 60 + 30 * os.getloadavg()[0]
    finally:
        for ticker in tickers:
            ticker.stop()
    ended = site.query(
        "SELECT object_id, count(*) FROM audit_changelog WHERE event = 'follow_up_ended' AND object_id = ANY(%s)"
        " GROUP BY 1",
        ids,
    )
    assert sorted(ended) == sorted((ident, 1) for ident in ids), "each ends once, whoever comes first"
    late = "SELECT count(*) FROM cases_case WHERE public_id = ANY(%s::uuid[]) AND ended_at <> follow_up_until"
    assert site.query(late, ids) == [(0,)], "it ended when it was due, not when somebody noticed"
    assert checkers.effects(site) == []
    assert "Traceback" not in "".join(t.log.read_text() for t in tickers)
