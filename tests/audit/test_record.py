"""One path for every change: all of it or nothing, proven and numbered (design §2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import pytest
import time_machine

from direkt1177.audit.feed_log import IntervalLog
from direkt1177.audit.models import BoardStay, ChangeLog, ReadLog
from direkt1177.audit.record import (
    Event,
    LogEntry,
    NotInCommand,
    UnknownEvent,
    command,
    known_events,
    record,
    ring,
)
from direkt1177.outbox.effects import EffectSpec, register_handler
from direkt1177.outbox.models import Effect
from direkt1177.realtime import changes
from direkt1177.realtime.changes import Change
from direkt1177.realtime.models import FeedChange, FeedHead
from direkt1177.realtime.request_id import request_id
from direkt1177.realtime.sources import Grant
from tests.audit.acting import Somebody, SomethingHappened

ANNA = Somebody()


@command
def _happen(*, case: str, feeds: tuple[str, ...] = (), fail: bool = False) -> str:
    record(SomethingHappened(case, feeds=feeds), actor=ANNA)
    if fail:
        raise ValueError(case)
    return case


@pytest.mark.django_db(transaction=True)
def test_a_command_writes_who_what_when_and_numbers_the_feeds(monkeypatch: pytest.MonkeyPatch) -> None:
    rung: list[dict[str, int]] = []
    monkeypatch.setattr(changes, "_bells", [rung.append])
    token = request_id.set("r-1")
    assert _happen(case="a", feeds=("queue:1:1", "me:staff:1")) == "a"
    request_id.reset(token)
    row = ChangeLog.objects.get()
    assert (row.actor_key, row.actor_name, row.actor_role, row.unit_id) == ("staff:1", "Anna Test", "Sjuksköterska", 3)
    assert (row.event, row.object_type, row.object_id, row.patient_id) == ("test.something_happened", "case", "a", 7)
    assert (row.from_state, row.to_state, row.data, row.request_id) == ("waiting", "received", {"note": 1}, "r-1")
    stay = BoardStay.objects.values_list("board", "object_id", "patient_id", "op").get()
    assert stay == (
        "queue:1:1",
        "a",
        7,
        "leave",
    )
    assert rung == [{"me:staff:1": 1, "queue:1:1": 1}]


@pytest.mark.django_db(transaction=True)
def test_a_command_that_fails_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    rung: list[dict[str, int]] = []
    monkeypatch.setattr(changes, "_bells", [rung.append])
    with pytest.raises(ValueError, match="a"):
        _happen(case="a", feeds=("queue:1:1",), fail=True)
    assert not ChangeLog.objects.exists()
    assert not BoardStay.objects.exists()
    assert not FeedHead.objects.exists()
    assert not FeedChange.objects.exists()
    assert rung == []
    _happen(case="b", feeds=("queue:1:1",))
    assert rung == [{"queue:1:1": 1}]


@pytest.mark.django_db(transaction=True)
def test_nothing_is_recorded_or_rung_outside_a_command() -> None:
    with pytest.raises(NotInCommand):
        record(SomethingHappened("a"), actor=ANNA)
    with pytest.raises(NotInCommand):
        ring([Change("queue:1:1", "case:a")])
    assert not ChangeLog.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_commands_do_not_nest() -> None:
    @command
    def outer() -> None:
        record(SomethingHappened("outer"), actor=ANNA)
        _happen(case="inner")

    with pytest.raises(RuntimeError, match="durable"):
        outer()
    assert not ChangeLog.objects.exists()


@pytest.mark.django_db
def test_only_registered_event_classes_are_recorded() -> None:
    class Nameless(Event):
        pass

    class Impostor(SomethingHappened):
        code: ClassVar[str] = ""

    @command
    def run(event: Event) -> None:
        record(event, actor=ANNA)

    for event in (Nameless(), Impostor("a")):
        with pytest.raises(UnknownEvent):
            run(event)
    assert known_events()["test.something_happened"] is SomethingHappened


def test_an_event_code_belongs_to_one_class() -> None:
    with pytest.raises(TypeError, match=r"test\.something_happened"):

        class Other(Event):
            code: ClassVar[str] = "test.something_happened"


@dataclass(frozen=True, slots=True)
class _AskedForSms(Event):
    code: ClassVar[str] = "test.asked_for_sms"
    kind: str

    def log(self) -> LogEntry:
        return LogEntry("case", "x")

    def effects(self) -> list[EffectSpec]:
        return [EffectSpec(self.kind, f"{self.kind}:x", "case:x", {"person": 7})]


@pytest.mark.django_db(transaction=True)
def test_effects_are_rows_in_the_same_transaction() -> None:
    register_handler("test_noted", lambda _effect: None)

    @command
    def run(kind: str) -> None:
        record(_AskedForSms(kind), actor=ANNA)

    run("test_noted")
    run("test_noted")
    assert list(Effect.objects.values_list("key", "state", "payload")) == [("test_noted:x", "due", {"person": 7})]
    with pytest.raises(KeyError, match="unheard_of"):
        run("unheard_of")
    assert ChangeLog.objects.count() == 2


@pytest.mark.django_db
def test_a_polled_feed_leaves_one_row_for_each_five_minutes() -> None:
    source, grant = IntervalLog(), Grant("holder", patients=[7])
    for moment in ("12:00:01", "12:00:06", "12:04:59", "12:05:00"):
        with time_machine.travel(f"2026-11-24T{moment}+00:00", tick=False):
            source.log_poll(ANNA, "queue:1:1", grant)
    with time_machine.travel("2026-11-24T12:05:01+00:00", tick=False):
        source.log_poll(ANNA, "queue:1:2", grant)
    rows = ReadLog.objects.order_by("id").values_list("action", "object_id", "patients")
    assert list(rows) == [("feed_poll", feed, [7]) for feed in ("queue:1:1", "queue:1:1", "queue:1:2")]
