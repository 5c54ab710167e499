"""Ticks and nudges: one failure holds nobody up, and nobody waits for the broker (R-06, R-08)."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from django.db import transaction

from direkt1177.outbox import effects, effects_run, nudge, ticks
from direkt1177.outbox.effects import EffectSpec, enqueue, register_handler
from direkt1177.outbox.models import Effect


@pytest.fixture
def no_ticks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start without the apps' own ticks."""
    monkeypatch.setattr(ticks, "_ticks", {})


def test_a_failing_tick_does_not_hold_up_the_others(no_ticks: None) -> None:
    done = []

    def fail() -> None:
        raise ZeroDivisionError

    ticks.register("bad", fail)
    ticks.register("good", lambda: done.append(1))
    assert ticks.run_all() == {"bad": False, "good": True}
    assert done == [1]


@pytest.mark.django_db(transaction=True)
def test_the_lowest_apps_have_their_ticks() -> None:
    outcome = ticks.run_all()
    assert {"effects", "forget_feed_changes", "forget_idempotency_keys"} <= outcome.keys()
    assert all(outcome.values())


def test_offering_never_waits_for_a_broker_that_hangs() -> None:
    hang, begun = threading.Event(), threading.Event()

    def publish(_effect_id: int) -> None:
        begun.set()
        hang.wait(30)

    nudges = nudge.Nudges(publish)
    nudges.offer(0)
    assert begun.wait(30)
    for number in range(nudge.MOST_WAITING + 10):
        nudges.offer(number)
    assert nudges.dropped == 10
    hang.set()


def test_a_failing_publish_does_not_end_the_thread() -> None:
    seen = threading.Event()

    def publish(effect_id: int) -> None:
        if effect_id == 1:
            raise ConnectionError
        seen.set()

    nudges = nudge.Nudges(publish)
    nudges.offer(1)
    nudges.offer(2)
    assert seen.wait(30)


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """A stand-in for Celery that runs what it is told of in a thread."""
    done = threading.Event()

    def handler(_effect: Effect) -> str:
        done.set()
        return ""

    register_handler("test_nudged", handler)
    monkeypatch.setattr(nudge, "_own", nudge.Nudges(_run))
    yield done
    effects._handlers.pop("test_nudged")


def _run(effect_id: int) -> None:
    from django.db import connection

    try:
        effects_run.run_effect(effect_id)
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_a_commit_wakes_a_worker(worker: threading.Event) -> None:
    with transaction.atomic():
        enqueue(EffectSpec("test_nudged", "k", "a"))
        assert not worker.wait(0.1)
    assert worker.wait(30)
