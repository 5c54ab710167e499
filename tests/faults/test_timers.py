"""Timers while whoever sweeps is killed, absent for hours, there twice, or has a wrong clock: each fires once."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator

import pytest

from direkt1177.embedded.children import Child
from tests.faults.site import FaultSite, fault_site
from tests.faults.timing import PLACES
from tests.realtime.harness import wait_for

CASES = 3
# Of a visit begun so long ago by the documented defaults: the patient's day to reply, the open visit, and both targets.
EXPECTED = {
    "inactivity_due": 1, "unclosed_reminded": 1,
    "response_late": 1, "response_escalated": 1, "assessment_late": 1, "assessment_escalated": 1,
}  # fmt: skip
_FIRED = """SELECT object_id, coalesce(data->>'target', event), count(*) FROM audit_changelog
 WHERE event IN ('inactivity_due', 'unclosed_reminded', 'target_passed') GROUP BY 1, 2"""
_LEFT = """SELECT (SELECT count(*) FROM handover_timer WHERE fired_at IS NULL AND subject = 'case'
                     AND due_at <= clock_timestamp())
                + (SELECT count(*) FROM cases_case WHERE timers_stale)"""


@pytest.fixture
def site() -> Iterator[FaultSite]:
    """A site where nobody ticks yet."""
    with fault_site(webs=0, ticker=False) as made:
        yield made


def _ticker(site: FaultSite, name: str, **env: str) -> Child:
    command = [sys.executable, "-W", "ignore", "-m", "tests.faults.timing", "0.2"]
    return site.child(name, command, **env)


def _begun(site: FaultSite, hours: float) -> list[str]:
    world = site.make_world(CASES, CLOCK_OFFSET_SECONDS=str(int(-hours * 3600)))
    return [str(one["case"]) for one in world]


def _until_all_is_done(site: FaultSite) -> None:
    wait_for(lambda: site.query(_LEFT) == [(0,)], f"the timers to fire: {site.log()[-2000:]}", 90)


def _sweeps(site: FaultSite, n: int) -> None:
    """Wait until so many further ticks have begun."""
    for _ in range(n):
        [(last,)] = site.query("SELECT at FROM outbox_heartbeat WHERE name = 'tick'")

        def later(last: object = last) -> bool:
            return site.query("SELECT at > %s FROM outbox_heartbeat WHERE name = 'tick'", last) == [(True,)]

        wait_for(later, "the next tick", 60)


def _each_once(site: FaultSite, cases: list[str], expected: dict[str, int]) -> None:
    found: dict[str, dict[str, int]] = {case: {} for case in cases}
    for case, what, n in site.query(_FIRED):
        found[case][what] = n
    assert found == dict.fromkeys(cases, expected)
    sms = "SELECT count(*) FROM outbox_effect WHERE kind = 'staff_sms'"
    assert site.query(sms) == [(len(cases),)], "one for each open visit"


@pytest.mark.req("INA-02", "INA-09")
def test_a_ticker_dies_at_every_step(site: FaultSite) -> None:
    ticker = _ticker(site, "ticker-killed")
    cases: list[str] = []
    ticker.start()
    try:
        for where in PLACES:
            site.arm(ticker.name, where)
            cases += _begun(site, 27)
            assert ticker.process is not None
            ticker.process.wait(60)
            assert ticker.process.returncode == -signal.SIGKILL, site.log()[-2000:]
            ticker.start()
        _until_all_is_done(site)
        _sweeps(site, 3)
    finally:
        ticker.stop()
    _each_once(site, cases, EXPECTED)


def test_two_tickers_after_two_hours_without_one(site: FaultSite) -> None:
    """All was due two hours ago and more; two begin at once."""
    cases = _begun(site, 27)
    tickers = [_ticker(site, f"ticker-{n}") for n in range(2)]
    for ticker in tickers:
        ticker.start()
    try:
        _until_all_is_done(site)
        _sweeps(site, 4)
    finally:
        for ticker in tickers:
            ticker.stop()
    _each_once(site, cases, EXPECTED)
    assert "Traceback" not in "".join(t.log.read_text() for t in tickers)


def test_clocks_an_hour_wrong_both_ways(site: FaultSite) -> None:
    """By the fastest clock a day and a quarter of an hour has passed; by the others not: they fire nothing again."""
    cases = _begun(site, 23.25)
    fast = _ticker(site, "ticker-fast", CLOCK_OFFSET_SECONDS="3600")
    fast.start()
    others = [_ticker(site, "ticker-right"), _ticker(site, "ticker-slow", CLOCK_OFFSET_SECONDS="-3600")]
    asked = "SELECT count(*) FROM audit_changelog WHERE event = 'inactivity_due'"
    try:
        wait_for(lambda: site.query(asked) == [(len(cases),)], f"the fast one: {site.log()[-2000:]}", 60)
        for ticker in others:
            ticker.start()
        # Everything is planned anew by whoever comes first.
        site.query("UPDATE cases_case SET timers_stale = true")
        _until_all_is_done(site)
        _sweeps(site, 6)
    finally:
        for ticker in (fast, *others):
            ticker.stop()
    _each_once(site, cases, {what: n for what, n in EXPECTED.items() if what != "assessment_escalated"})
