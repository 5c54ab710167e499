"""Whatever is planned, swept, delayed, broken and mended in whatever order: a stamp fires once, none is lost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases.models import Case
from direkt1177.units import clock
from handover.models import Timer
from handover.timers import fire, planning, plans, sweep
from handover.timers.plans import Plan
from tests import factories

AT = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)
CASES = 3
# Each step: (what, which case, number).
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["want", "want", "drop", "plan", "sweep", "sweep", "wait", "wait", "back", "break", "mend"]),
        st.integers(0, CASES - 1),
        st.integers(0, 90),
    ),
    max_size=30,
)
fired: list[tuple[int, str, datetime]] = []
broken: set[int] = set()


@pytest.fixture
def cases(db: None) -> Iterator[list[int]]:
    """Three cases, and only this test's planner and handler."""
    known, handlers = {k: list(v) for k, v in plans._planners.items()}, dict(fire._handlers)
    unit = factories.make_unit()
    yield [factories.make_case(unit).pk for _ in range(CASES)]
    plans._planners.update(known)
    fire._handlers.clear()
    fire._handlers.update(handlers)


def _handle(timer: Timer) -> None:
    if timer.subject_id in broken:
        raise ArithmeticError
    fired.append((timer.subject_id, timer.stamp, clock.now()))


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_every_stamp_fires_once_and_when_it_is_due(cases: list[int], steps: list[tuple[str, int, int]]) -> None:
    Timer.objects.all().delete()
    Case.objects.all().update(timers_stale=False)
    fired.clear()
    broken.clear()
    wanted: dict[int, Plan] = {}
    ever: dict[tuple[int, str], datetime] = {}
    plans._planners[plans.CASE] = [lambda case: [wanted[case.pk]] if case.pk in wanted else []]
    fire.register("probe", _handle)
    at, stamp = AT, 0
    for what, which, number in steps:
        pk = cases[which]
        if what == "wait":
            at += timedelta(minutes=number)
        elif what == "back":  # a clock that goes wrong, up to an hour
            at -= timedelta(minutes=min(number, 60))
        elif what == "break":
            broken.add(pk)
        elif what == "mend":
            broken.clear()
        with clock.moved(at):
            if what == "want":
                stamp += 1
                wanted[pk] = Plan("probe", str(stamp), at + timedelta(minutes=number - 30))
                ever[pk, str(stamp)] = wanted[pk].due_at
            elif what == "drop":
                wanted.pop(pk, None)
            if what in ("want", "drop"):
                Case.objects.filter(pk=pk).update(timers_stale=True)
            elif what == "plan":
                planning.plan_stale()
            elif what == "sweep":
                before = set(fired)
                sweep.sweep()
                for case, label, when in set(fired) - before:
                    assert ever[case, label] <= when, "not before its time"
                    assert wanted[case].stamp == label, "not what nobody wants any more"
    broken.clear()
    with clock.moved(at + timedelta(days=1)):
        sweep.sweep()
        sweep.sweep()
    labels = [(case, label) for case, label, _when in fired]
    assert len(labels) == len(set(labels)), "once for a stamp"
    assert {(pk, plan.stamp) for pk, plan in wanted.items()} <= set(labels), "none is missed"
