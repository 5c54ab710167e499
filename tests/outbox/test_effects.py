"""Side effects: once, in order, again after a crash, given up after eight attempts (R-05, R-17)."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Event, Lock

import pytest
from django.db import connection, transaction
from django.test.utils import override_settings
from django.utils import timezone

from direkt1177.outbox import effects, effects_run
from direkt1177.outbox.effects import EffectSpec, cancel, enqueue, register_handler
from direkt1177.outbox.gateways import SimulatorGateway, sms_gateway
from direkt1177.outbox.models import Effect, SimulatedSms

pytestmark = pytest.mark.django_db(transaction=True)


class Recorder:
    """A handler that remembers what it did, and fails or waits when told to."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.running: dict[str, int] = {}
        self.most_at_once: dict[str, int] = {}
        self.failing: set[str] = set()
        self.gate: Event | None = None
        self._lock = Lock()

    def __call__(self, effect: Effect) -> str:
        """Carry out."""
        with self._lock:
            now = self.running.get(effect.aggregate, 0) + 1
            self.running[effect.aggregate] = now
            self.most_at_once[effect.aggregate] = max(now, self.most_at_once.get(effect.aggregate, 0))
        try:
            if self.gate is not None:
                assert self.gate.wait(30)
            if effect.key in self.failing:
                raise ConnectionError("070-174 06 35 said no")
            with self._lock:
                self.done.append(effect.key)
        finally:
            with self._lock:
                self.running[effect.aggregate] -= 1
        return "noted"


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    """The handler of kind ``test``."""
    handler = Recorder()
    register_handler("test", handler)
    yield handler
    effects._handlers.pop("test")


def _ask(key: str, aggregate: str = "a", **fields: object) -> bool:
    with transaction.atomic():
        return enqueue(EffectSpec("test", key, aggregate, **fields))  # type: ignore[arg-type]


def _in_threads(count: int, work: object) -> list[object]:
    start = Barrier(count)

    def run(number: int) -> object:
        try:
            start.wait(30)
            return work(number)  # type: ignore[operator]
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def test_asked_twice_done_once(recorder: Recorder) -> None:
    assert _ask("k")
    assert not _ask("k")
    assert effects_run.run_due() == 1
    assert effects_run.run_due() == 0
    effect = Effect.objects.get()
    assert (effect.state, effect.note, effect.attempts, effect.lease_until) == ("done", "noted", 1, None)
    assert effect.done_at is not None
    assert recorder.done == ["k"]


def test_rolled_back_never_happens(recorder: Recorder) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        enqueue(EffectSpec("test", "k", "a"))
        raise ZeroDivisionError
    assert effects_run.run_due() == 0
    assert recorder.done == []


def test_eight_threads_claim_and_each_effect_runs_once(recorder: Recorder) -> None:
    for number in range(40):
        _ask(f"k{number}", f"a{number % 10}")
    _in_threads(8, lambda _: effects_run.run_due())
    while effects_run.run_due():
        pass
    assert sorted(recorder.done) == sorted(f"k{number}" for number in range(40))
    assert set(recorder.most_at_once.values()) == {1}
    for aggregate in range(10):
        mine = [key for key in recorder.done if int(key[1:]) % 10 == aggregate]
        assert mine == sorted(mine, key=lambda key: int(key[1:]))


def test_one_effect_claimed_by_eight_threads_runs_once(recorder: Recorder) -> None:
    _ask("k")
    effect_id = Effect.objects.get().pk
    outcomes = _in_threads(8, lambda _: effects_run.run_effect(effect_id))
    assert sorted(map(bool, outcomes)) == [False] * 7 + [True]
    assert recorder.done == ["k"]


def test_a_worker_that_died_is_replaced_when_its_lease_has_run_out(recorder: Recorder) -> None:
    _ask("k")
    _ask("later in the same aggregate")
    assert len(effects_run.claim_due(10)) == 1  # and then it dies
    assert effects_run.run_due() == 0
    Effect.objects.filter(key="k").update(lease_until=timezone.now() - timedelta(seconds=1))
    assert effects_run.run_due() == 2
    assert recorder.done == ["k", "later in the same aggregate"]
    assert Effect.objects.get(key="k").attempts == 2


def test_a_worker_that_only_was_slow_does_not_overwrite_its_successor(recorder: Recorder) -> None:
    _ask("k")
    [slow] = effects_run.claim_due(1)
    Effect.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert effects_run.run_due() == 1
    recorder.failing = {"k"}
    assert not effects_run.carry_out(*slow)
    assert Effect.objects.get().state == "done"


def test_failing_waits_longer_each_time_and_is_given_up_after_eight(recorder: Recorder) -> None:
    recorder.failing = {"bad"}
    _ask("bad", "a")
    _ask("neighbour", "b")
    waits = []
    for attempt in range(1, 9):
        effects_run.run_due()
        effect = Effect.objects.get(key="bad")
        assert (effect.attempts, effect.state) == (attempt, "due" if attempt < 8 else "dead")
        if effect.state == "due":
            assert effect.retry_at is not None
            waits.append((effect.retry_at - timezone.now()).total_seconds())
            assert not effects_run.run_effect(effect.pk)  # not yet
            Effect.objects.filter(key="bad").update(retry_at=timezone.now())
    assert recorder.done == ["neighbour"]
    assert waits[0] > 1
    assert waits[-1] > 20 * waits[0]
    # The message of the error may quote content; only its kind is kept.
    assert effect.last_error == "ConnectionError"
    recorder.failing = set()
    assert effects_run.run_due() == 0


def test_not_before_its_time_and_not_when_taken_back(recorder: Recorder) -> None:
    _ask("tomorrow", "a", due_at=timezone.now() + timedelta(days=1))
    _ask("now", "a")
    _ask("cancelled", "b")
    assert cancel("cancelled")
    assert not cancel("unheard of")
    assert effects_run.run_due() == 1
    assert recorder.done == ["now"]


def test_an_unknown_kind_is_a_programming_error() -> None:
    with pytest.raises(KeyError), transaction.atomic():
        enqueue(EffectSpec("unheard_of", "k", "a"))


def test_the_simulator_keeps_each_reference_once() -> None:
    gateway = sms_gateway()
    assert isinstance(gateway, SimulatorGateway)
    for _ in range(2):
        gateway.send(reference="sms:1", to="+46701740635", text="Du har ett nytt meddelande.")
    assert list(SimulatedSms.objects.values_list("to", "text")) == [("+46701740635", "Du har ett nytt meddelande.")]


@pytest.mark.parametrize("offset", [-86400.0 * 300, 86400.0 * 300])
def test_due_times_follow_the_moved_clock_of_the_rules(recorder: Recorder, offset: float) -> None:
    with override_settings(CLOCK_OFFSET_SECONDS=offset):
        there = timezone.now() + timedelta(seconds=offset)
        _ask("now", "a")
        _ask("in a minute", "b", due_at=there + timedelta(minutes=1))
        _ask("a minute ago", "c", due_at=there - timedelta(minutes=1))
        effects_run.run_due()
    assert sorted(recorder.done) == ["a minute ago", "now"]
