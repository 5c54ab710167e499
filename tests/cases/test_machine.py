"""Random days at a health centre: every command against an independent model, the invariants in SQL after each step.

Time stands still and is moved by hand (``clock.moved``), so follow-ups end when the machine says so.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule, run_state_machine_as_test

from cases import commands, queries, rules, tasks
from cases.models import Case, Message
from direkt1177.audit.models import BoardStay, ChangeLog
from direkt1177.outbox.models import Effect
from direkt1177.units.clock import moved
from tests import factories
from tests.cases.life_model import GOALS, STAFF, STAFF_NAMES, TAKERS, WHICH, WRITERS, Walk


class Clinic(Walk):
    """A day at a health centre and its neighbour."""

    @initialize()
    def open(self) -> None:
        """A new unit for every example; nothing is shared."""
        self.begin()
        # The first has begun, so that the later parts of a life are reached often.
        self.receive(0, "nurse", anyway=False)
        self.start(0, "nurse")

    @rule(role=st.sampled_from(["nurse", "doctor"]), urgency=st.sampled_from([None, 1, 2, 3, 4, 5]))
    def send_another(self, role: str, urgency: int | None) -> None:
        """A guardian sends a case."""
        if len(self.cases) < 3:
            self.send(role, urgency)

    @rule(which=WHICH, who=TAKERS, anyway=st.booleans())
    def receive(self, which: int, who: str, anyway: bool) -> None:
        """*Ta emot* or *Ta emot ändå*."""
        if not (found := self.pick(which, who)):
            return
        case, model, who = found
        role, unit = self.staff(who).role_code, self.unit_of(who)
        own = model.queue == f"{unit}:{role}" or (anyway and model.queue.startswith(f"{unit}:"))
        takes = model.holder != who and (own or model.offer == who)
        keeps = model.holder == who != "" and not model.offer
        command = commands.receive_case_anyway if anyway else commands.receive_case
        if (
            self.do(takes or keeps, lambda: command(actor=self.staff(who), case_id=case.public_id, key=factories.key()))
            and takes
        ):
            model.taken(who, role, self.at)

    @rule(who=st.sampled_from(STAFF_NAMES))
    def receive_next(self, who: str) -> None:
        """*Ta emot nästa* takes the first by urgency and arrival, waiting or offered, never one's own offer."""
        queue = f"{self.unit_of(who)}:{self.staff(who).role_code}"
        waiting = [
            (2.5 if c.urgency is None else c.urgency, c.arrived_at, n)
            for n, (c, m) in enumerate(zip(self.cases, self.models, strict=True))
            if m.queue == queue and m.holder != who
        ]
        if self.do(bool(waiting), lambda: commands.receive_next_case(actor=self.staff(who), key=factories.key())):
            self.models[min(waiting)[2]].taken(who, self.staff(who).role_code, self.at)

    @rule(which=WHICH, who=STAFF)
    def put_back(self, which: int, who: str) -> None:
        """*Lägg tillbaka*."""
        if not (found := self.pick(which, who)):
            return
        case, model, who = found
        allowed = model.state == "received" and model.holder == who
        if self.do(
            allowed,
            lambda: commands.put_back_case(actor=self.staff(who), case_id=case.public_id, key=factories.key()),
        ):
            model.state, model.holder = "waiting", ""
            model.version += 1

    @rule(which=WHICH, who=STAFF)
    def start(self, which: int, who: str) -> None:
        """*Starta besök*."""
        if not (found := self.pick(which, who)):
            return
        case, model, who = found
        allowed = model.state == "received" and model.holder == who
        if self.do(
            allowed, lambda: commands.start_visit(actor=self.staff(who), case_id=case.public_id, key=factories.key())
        ):
            model.state, model.begun = "started", True
            model.messages += 1
            model.staff_said = model.messages
            model.version += 1

    @rule(which=WHICH, who=STAFF, days=st.integers(-1, 15))
    def close(self, which: int, who: str, days: int) -> None:
        """*Avsluta besök*."""
        if not (found := self.pick(which, who)):
            return
        case, model, who = found
        allowed = model.state in ("started", "paused") and model.holder == who and 0 <= days <= 14 and not model.offer
        if self.do(
            allowed,
            lambda: commands.close_visit(
                actor=self.staff(who), case_id=case.public_id, follow_up_days=days, key=factories.key()
            ),
        ):
            model.closer, model.closed_once, model.resume_at = who, True, None
            model.version += 1
            if days:
                model.state = "asynchronous"
                model.handled = model.seen
                # Midnight after that day; June is two hours from UTC.
                model.until = datetime(2030, 6, 1, 22, tzinfo=UTC) + timedelta(
                    days=(self.at + timedelta(hours=2)).timetuple().tm_yday - 152 + days
                )
            else:
                model.state, model.holder = "closed", ""

    @rule(which=WHICH, who=WRITERS, again=st.booleans())
    def write(self, which: int, who: str, again: bool) -> None:
        """A message, and perhaps the same one again."""
        if not (found := self.pick(which, who)):
            return
        case, model, who = found
        party = who == "mother" or model.holder == who
        client_id = factories.key()
        for attempt in range(2 if again else 1):
            # Sent again after the end of follow-up it still gets its ack.
            sent = self.do(
                party and (attempt > 0 or model.chat_is_open(self.at + timedelta(seconds=1))),
                lambda: commands.send_message(
                    actor=self.actors[who], case_id=case.public_id, client_id=client_id, text="Hej"
                ),
            )
            if not sent:
                return
        model.messages += 1
        if who == "mother":
            model.patient_said = model.messages
        else:
            model.staff_said = model.messages

    @rule(which=WHICH, goal=GOALS, first=st.sampled_from(["", "pause", "write", "close", "release"]))
    def pass_on(self, which: int, goal: str, first: str) -> None:
        """A whole way at once, which single steps rarely find: paused or in follow-up, offered or let go, taken."""
        if first == "pause":
            self.pause(which, "holder", 1, told=True)
        elif first == "write":
            self.write(which, "mother", again=False)
        elif first == "close":
            self.close(which, "holder", 2)
        if first == "release":
            self.release(which, ownerless=True)
        else:
            self.offer(which, goal)
        self.receive(which, "invited", anyway=False)

    @rule(which=WHICH, who=WRITERS, seq=st.integers(0, 30))
    def see(self, which: int, who: str, seq: int) -> None:
        """A read mark never refuses whoever may read, and never goes beyond the last message."""
        if not (found := self.pick(which, who)):
            return
        case, model, who = found
        reads = who in ("mother", "father", model.holder, model.offer)
        reads = reads or (who in STAFF_NAMES and model.queue.startswith(f"{self.unit_of(who)}:"))
        # Who closed it reads it where it belongs: a follow-up may have gone on to another unit.
        reads = reads or (model.state == "closed" and model.closer == who and self.unit_of(who) == model.unit)
        if self.do(reads, lambda: commands.mark_seen(actor=self.actors[who], case_id=case.public_id, seq=seq)):
            model.seen = max(model.seen, min(seq, model.messages)) if who == model.holder else model.seen

    @rule(days=st.integers(0, 20), tick=st.booleans())
    def night(self, days: int, tick: bool) -> None:
        """Time passes; the tick runs, or is late."""
        self.at += timedelta(days=days)
        if not tick:
            return
        with moved(self.at):
            tasks.end_follow_ups()
        for model in self.models:
            over = model.state == "asynchronous" and not model.follows(self.at) and not model.offer
            if over and model.patient_said <= max(model.handled, min(model.staff_said, model.seen)):
                model.state, model.holder = "closed", ""
                model.version += 1

    @invariant()
    def rows_are_as_the_model_says(self) -> None:
        """State, holder, messages, version, SMS, log and stays of every case; five queries."""
        if not getattr(self, "cases", None):
            return
        keys = [str(c.public_id) for c in self.cases]
        rows = {str(c.public_id): c for c in Case.objects.filter(public_id__in=keys)}
        seqs, sms, logged, stays = (defaultdict[str, list[Any]](list) for _ in range(4))
        for ident, seq in (
            Message.objects.filter(case__public_id__in=keys).order_by("seq").values_list("case__public_id", "seq")
        ):
            seqs[f"{ident}"].append(seq)
        for key in Effect.objects.filter(kind="resident_sms", aggregate__in=[f"case:{k}" for k in keys]).values_list(
            "key", flat=True
        ):
            sms[key.split(":")[1]].append(key)
        changes = ChangeLog.objects.filter(object_id__in=keys).exclude(event__in=["message_sent", "case_arrived"])
        for key, event in changes.values_list("object_id", "event"):
            logged[key].append(event)
        for key, op in BoardStay.objects.filter(object_id__in=keys).order_by("pk").values_list("object_id", "op"):
            stays[key].append(op)
        for key, model in zip(keys, self.models, strict=True):
            case = rows[key]
            holder = self.staff(model.holder).user_id if model.holder else None
            assert (case.state, case.holder_id, case.last_seq, case.version, case.follow_up_until) == (
                model.state, holder, model.messages, model.version, model.until,
            )  # fmt: skip
            queue = rules.lies_in(case)
            assert (case.queue_unit, case.queue_role if queue else None) == (queue or (case.offered_unit_id, None))
            assert (queue is not None) == bool(model.queue)
            assert (case.resume_at, case.offered_at is not None) == (model.resume_at, bool(model.offer))
            assert case.unit_id == (self.there if model.unit == "there" else self.unit).pk
            assert seqs[key] == list(range(1, model.messages + 1))
            assert len(sms[key]) == model.receipts
            assert len(logged[key]) == model.version - model.silent
            assert case.patient_seen_seq <= case.last_seq >= case.staff_seen_seq
            assert stays[key] == (["enter", "leave"] * len(stays[key]))[: len(stays[key])]
            assert (stays[key][-1] == "enter") == bool(model.queue)

    def teardown(self) -> None:
        """At the end of a day: every open case is in one queue or one own list (I-01); feeds have no holes."""
        if not getattr(self, "cases", None):
            return
        places: Counter[Any] = Counter()
        for code in ("nurse", "doctor"):
            role = factories.make_role(code)
            for unit in (self.unit, self.there):
                places.update(r.public_id for r in queries.queue_rows(unit.pk, role.pk).rows)
        for name in STAFF_NAMES:
            places.update(r.public_id for r in queries.received_rows(self.staff(name)).rows)
        # What is offered to a role stands in its queue too, while the giver still has it (HOV-01, HOV-08).
        expected: Counter[Any] = Counter()
        for case, model in zip(self.cases, self.models, strict=True):
            expected[case.public_id] = bool(model.queue) + bool(model.holder)
            assert (model.state == "closed") == (expected[case.public_id] == 0)
        assert places == +expected
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM realtime_feedhead h WHERE version <> "
                "(SELECT count(*) FROM realtime_feedchange c WHERE c.feed = h.feed)"
            )
            assert cursor.fetchone() == (0,)


@pytest.mark.django_db
@pytest.mark.req(
    "CAS-01",
    "CAS-02",
    "CAS-04",
    "CAS-06",
    "CAS-08",
    "CAS-25",
    "QUE-16",
    "ENT-19",
    "ENT-20",
    "HOV-01",
    "HOV-02",
    "HOV-07",
    "HOV-08",
)
def test_random_days_keep_every_invariant() -> None:
    run_state_machine_as_test(
        Clinic,
        settings=settings(
            max_examples=15, stateful_step_count=50, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
