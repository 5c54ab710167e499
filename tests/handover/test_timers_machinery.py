"""Timers: planned from facts, fired once per stamp, whoever sweeps and whenever (design §2)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, connections, transaction

from cases import commands
from cases.locking import lock_by_pk
from cases.models import Case
from direkt1177.units import changed, clock
from direkt1177.units.models import Unit
from handover.models import Timer
from handover.timers import fire, planning, plans, sweep
from handover.timers.plans import Plan
from tests import factories

AT = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)
fired: list[tuple[int, str]] = []


@pytest.fixture(autouse=True)
def probe() -> Iterator[dict[int, list[Plan]]]:
    """A planner and handler of this test: cases get the timers that stand here."""
    wanted: dict[int, list[Plan]] = {}
    planners, handlers = {k: list(v) for k, v in plans._planners.items()}, dict(fire._handlers)
    plans._planners[plans.CASE] = [lambda case: wanted.get(case.pk, [])]
    fired.clear()

    def handle(timer: Timer) -> None:
        fired.append((timer.subject_id, timer.stamp))

    fire.register("probe", handle)
    yield wanted
    plans._planners.update(planners)
    fire._handlers.clear()
    fire._handlers.update(handlers)


def _plan(case: Case, wanted: dict[int, list[Plan]], stamp: str, due: datetime) -> None:
    wanted[case.pk] = [Plan("probe", stamp, due)]
    Case.objects.filter(pk=case.pk).update(timers_stale=True)
    planning.plan_stale()


def _of(case: Case) -> Timer:
    return Timer.objects.get(subject="case", subject_id=case.pk, kind="probe")


def test_it_fires_once_for_a_stamp_and_again_for_another(db: None, probe: dict[int, list[Plan]]) -> None:
    case = factories.make_case()
    with clock.moved(AT):
        _plan(case, probe, "one", AT + timedelta(minutes=5))
        sweep.sweep()
        assert fired == []
    with clock.moved(AT + timedelta(minutes=5)):
        sweep.sweep()
        _plan(case, probe, "one", AT + timedelta(minutes=1))
        sweep.sweep()
        assert fired == [(case.pk, "one")], "planned anew with the same stamp it stays fired"
        _plan(case, probe, "two", AT + timedelta(minutes=1))
        sweep.sweep()
        sweep.sweep()
    assert fired == [(case.pk, "one"), (case.pk, "two")]


def test_what_nobody_wants_any_more_is_gone(db: None, probe: dict[int, list[Plan]]) -> None:
    case = factories.make_case()
    _plan(case, probe, "one", AT)
    assert _of(case).unit_id == case.unit_id
    probe.clear()
    Case.objects.filter(pk=case.pk).update(timers_stale=True)
    sweep.sweep()
    assert fired == []
    assert not Timer.objects.filter(subject="case").exists()


def test_planning_clears_the_mark_and_a_change_sets_it_again(db: None, probe: dict[int, list[Plan]]) -> None:
    actor = factories.make_staff()
    case = factories.make_case(Unit.objects.get(pk=actor.unit_id))
    planning.plan_stale()
    case.refresh_from_db()
    assert not case.timers_stale
    commands.receive_case(actor=actor, case_id=case.public_id, key=factories.key())
    case.refresh_from_db()
    assert case.timers_stale


def test_facts_that_changed_after_planning_count(db: None, probe: dict[int, list[Plan]]) -> None:
    """Due, but the case changed and has not been planned yet: it is planned under the lock before anything fires."""
    case = factories.make_case()
    _plan(case, probe, "one", AT)
    probe.clear()
    Case.objects.filter(pk=case.pk).update(timers_stale=True)
    [due] = [one for one in fire.find_due() if one.subject == "case"]
    assert not fire.fire(due)
    assert fired == []


def test_a_failing_timer_waits_and_holds_nobody_up(
    db: None, probe: dict[int, list[Plan]], caplog: pytest.LogCaptureFixture
) -> None:
    bad, good = factories.make_case(), factories.make_case()
    broken = [True]

    def handle(timer: Timer) -> None:
        if timer.subject_id == bad.pk and broken:
            Timer.objects.create(kind="x" * 40, subject="case", subject_id=1, stamp="", due_at=AT)  # refused
        fired.append((timer.subject_id, timer.stamp))

    fire.register("probe", handle)
    with clock.moved(AT):
        _plan(bad, probe, "bad", AT - timedelta(hours=1))
        _plan(good, probe, "good", AT)
        sweep.sweep()
        sweep.sweep()
        assert fired == [(good.pk, "good")]
        assert caplog.text.count("timer ") == 1, "tried once, then it waits"
        assert _of(bad).due_at == AT + fire.FIRST_WAIT
        assert _of(bad).fired_at is None
    with clock.moved(AT + fire.FIRST_WAIT):
        sweep.sweep()
        assert _of(bad).due_at == AT + fire.FIRST_WAIT * 3, "twice as long the second time"
    broken.clear()
    with clock.moved(AT + timedelta(hours=1)):
        sweep.sweep()
    assert fired == [(good.pk, "good"), (bad.pk, "bad")]


def test_a_case_that_cannot_be_planned_holds_nobody_up(
    db: None, probe: dict[int, list[Plan]], caplog: pytest.LogCaptureFixture
) -> None:
    bad, good = factories.make_case(), factories.make_case()

    def planner(case: Case) -> list[Plan]:
        if case.pk == bad.pk:
            raise ZeroDivisionError
        return [Plan("probe", "one", AT)]

    plans._planners[plans.CASE] = [planner]
    sweep.sweep()
    assert fired == [(good.pk, "one")]
    assert f"case {bad.pk} cannot be planned" in caplog.text


def test_a_handler_may_ask_to_be_asked_again_later(db: None, probe: dict[int, list[Plan]]) -> None:
    case = factories.make_case()
    fire.register("probe", lambda timer: AT + timedelta(minutes=10))
    with clock.moved(AT):
        _plan(case, probe, "one", AT)
        sweep.sweep()
    assert _of(case).fired_at is None
    assert _of(case).due_at == AT + timedelta(minutes=10)


def test_whoever_works_with_a_case_is_not_waited_for(transactional_db: None, probe: dict[int, list[Plan]]) -> None:
    case = factories.make_case()
    _plan(case, probe, "one", AT)
    locked, go_on = threading.Event(), threading.Event()

    def work() -> None:
        with transaction.atomic():
            lock_by_pk(case.pk)
            locked.set()
            go_on.wait(30)
        connections.close_all()

    worker = threading.Thread(target=work)
    worker.start()
    assert locked.wait(30)
    sweep.sweep()
    assert fired == []
    go_on.set()
    worker.join()
    sweep.sweep()
    assert fired == [(case.pk, "one")]


def test_two_sweeps_at_once_fire_everything_once(transactional_db: None, probe: dict[int, list[Plan]]) -> None:
    cases = [factories.make_case() for _ in range(12)]
    for case in cases:
        probe[case.pk] = [Plan("probe", "one", AT)]
    barrier = threading.Barrier(3)

    def run() -> None:
        barrier.wait(30)
        sweep.sweep()
        connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sweep.sweep()
    assert sorted(fired) == sorted((case.pk, "one") for case in cases)


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_clock_that_is_an_hour_wrong_fires_nothing_twice(db: None, probe: dict[int, list[Plan]], hours: int) -> None:
    case = factories.make_case()
    with clock.moved(AT):
        _plan(case, probe, "one", AT + timedelta(minutes=30))
    with clock.moved(AT + timedelta(minutes=20, hours=hours)):
        sweep.sweep()
    with clock.moved(AT + timedelta(minutes=40)):
        sweep.sweep()
    with clock.moved(AT + timedelta(minutes=50, hours=hours)):
        sweep.sweep()
    assert fired == [(case.pk, "one")]


def test_units_plan_themselves_each_midnight(db: None) -> None:
    unit = factories.make_unit()
    case = factories.make_case(unit)
    with clock.moved(AT):
        sweep.sweep()
        first = Timer.objects.get(subject="unit", subject_id=unit.pk, kind="day")
    assert first.due_at == datetime(2026, 3, 4, 23, 0, tzinfo=UTC)
    case.refresh_from_db()
    assert not case.timers_stale
    # Two days without a sweep: caught up once, then the next midnight.
    with clock.moved(AT + timedelta(days=2)):
        for one in fire.find_due():
            fire.fire(one)
        stale = Case.objects.filter(pk=case.pk, timers_stale=True)
        assert stale.exists(), "settings may be valid from the new day"
        again = Timer.objects.get(subject="unit", subject_id=unit.pk, kind="day")
    assert (again.due_at, again.fired_at) == (datetime(2026, 3, 6, 23, 0, tzinfo=UTC), None)


def test_changed_settings_make_open_cases_and_the_unit_due_for_planning(db: None) -> None:
    unit, other = factories.make_unit(), factories.make_unit()
    mine, theirs = factories.make_case(unit), factories.make_case(other)
    closed = factories.make_closed_case(factories.make_staff(unit))
    sweep.sweep()
    with transaction.atomic():
        changed.announce([unit.pk])
    stale = set(Case.objects.filter(timers_stale=True).values_list("pk", flat=True))
    assert stale == {mine.pk}
    assert theirs.pk not in stale
    assert closed.pk not in stale
    assert Timer.objects.get(subject="unit", subject_id=unit.pk, kind=plans.REPLAN).fired_at is None
    sweep.sweep()
    assert Timer.objects.get(subject="unit", subject_id=unit.pk, kind=plans.REPLAN).fired_at is not None


@pytest.mark.req("QUE-14")
def test_the_response_target_follows_a_changed_setting(db: None) -> None:
    """The gap of before: hours and targets changed while the case waits."""
    unit = factories.make_unit()
    with clock.moved(AT):
        case = factories.make_case(unit)
    assert case.response_due_at == AT + timedelta(minutes=15)
    factories.set_policy(unit, "response_target", 45)
    factories.set_policy(unit, "urgency_targets", {"1": 0, "2": 60, "3": 30, "4": 600, "5": None})
    with transaction.atomic():
        changed.announce([unit.pk])
    sweep.sweep()
    case.refresh_from_db()
    assert case.response_due_at == AT + timedelta(minutes=45)
    assert case.assessment_due_at == AT + timedelta(minutes=30)


def test_planning_a_batch_asks_the_database_a_fixed_number_of_times(
    db: None, django_assert_max_num_queries: object
) -> None:
    unit = factories.make_unit()
    counts = []
    for n in (2, 12):
        for _ in range(n):
            factories.make_case(unit)
        before = len(connection.queries_log)
        connection.force_debug_cursor = True
        planning.plan_stale()
        counts.append(len(connection.queries_log) - before)
        connection.force_debug_cursor = False
    assert counts[1] <= counts[0] + 2
