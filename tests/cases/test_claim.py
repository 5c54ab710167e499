"""*Ta emot*, *Ta emot ändå*, *Ta emot nästa*, *Lägg tillbaka*."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
import time_machine

from cases import commands, names, queries
from cases.errors import (
    AlreadyStarted,
    CaseClosed,
    CaseTaken,
    HeldByColleague,
    NotHolder,
    OtherRole,
    QueueEmpty,
    ShiftEnded,
)
from cases.models import Case
from cases.states import CaseState
from direkt1177.accounts.actors import StaffActor
from direkt1177.accounts.models import Shift
from direkt1177.audit.models import BoardStay, ChangeLog
from direkt1177.audit.refusals import KeyReused, NotFound
from direkt1177.outbox.models import Effect
from direkt1177.realtime.models import FeedChange
from direkt1177.units.clock import now
from direkt1177.units.models import Unit
from tests import factories
from tests.factories import key

pytestmark = pytest.mark.django_db


@pytest.mark.req("CAS-02", "CAS-03", "CAS-01")
def test_receiving_names_the_holder_and_asks_for_one_sms(case: Case, nurse: StaffActor) -> None:
    done = commands.receive_case(actor=nurse, case_id=case.public_id, key=key())

    case.refresh_from_db()
    assert (case.state, case.holder_id, case.holder_role_id) == (CaseState.RECEIVED, nurse.user_id, nurse.role_id)
    assert case.received_at is not None
    assert done == commands.Done(str(case.public_id), "received", case.version)
    sms = Effect.objects.get(kind="resident_sms")
    assert sms.payload == {"person": case.started_by_id, "template": "case_received", "unit": case.unit_id}
    log = ChangeLog.objects.get(event="case_received")
    assert (log.actor_key, log.from_state, log.to_state) == (nurse.key, "waiting", "received")
    assert log.patient_id == case.patient_id


@pytest.mark.req("CAS-02")
def test_the_loser_is_told_who_and_when(case: Case, nurse: StaffActor, colleague: StaffActor) -> None:
    commands.receive_case(actor=nurse, case_id=case.public_id, key=key())
    with pytest.raises(CaseTaken) as refused:
        commands.receive_case(actor=colleague, case_id=case.public_id, key=key())
    case.refresh_from_db()
    assert refused.value.by == nurse.name
    assert refused.value.since == case.received_at
    assert nurse.name in refused.value.message
    assert Effect.objects.filter(kind="resident_sms").count() == 1


def test_same_key_same_outcome_other_case_refused(case: Case, nurse: StaffActor, unit: Unit) -> None:
    other, token = factories.make_case(unit), key()
    first = commands.receive_case(actor=nurse, case_id=case.public_id, key=token)
    assert commands.receive_case(actor=nurse, case_id=case.public_id, key=token) == first
    with pytest.raises(KeyReused):
        commands.receive_case(actor=nurse, case_id=other.public_id, key=token)
    assert Effect.objects.filter(kind="resident_sms").count() == 1


def test_pressing_twice_in_two_tabs_is_harmless(case: Case, nurse: StaffActor) -> None:
    first = commands.receive_case(actor=nurse, case_id=case.public_id, key=key())
    assert commands.receive_case(actor=nurse, case_id=case.public_id, key=key()) == first
    assert Effect.objects.filter(kind="resident_sms").count() == 1


@pytest.mark.req("QUE-13")
def test_another_roles_case_takes_a_knowing_press_and_is_logged_as_such(case: Case, doctor: StaffActor) -> None:
    with pytest.raises(OtherRole) as refused:
        commands.receive_case(actor=doctor, case_id=case.public_id, key=key())
    assert case.role.name in refused.value.message
    commands.receive_case_anyway(actor=doctor, case_id=case.public_id, key=key())
    case.refresh_from_db()
    assert (case.holder_id, case.role.code, case.holder_role_id) == (doctor.user_id, "nurse", doctor.role_id)
    log = ChangeLog.objects.get(event="case_received_anyway")
    assert log.data == {"role": doctor.role_id, "queue_role": case.role_id}
    assert not ChangeLog.objects.filter(event="case_received").exists()


def test_another_unit_sees_no_such_case(case: Case) -> None:
    stranger = factories.make_staff()
    for command in (commands.receive_case, commands.receive_case_anyway):
        with pytest.raises(NotFound):
            command(actor=stranger, case_id=case.public_id, key=key())
    with pytest.raises(NotFound):
        commands.receive_case(actor=stranger, case_id=uuid.uuid4(), key=key())
    with pytest.raises(NotFound):
        commands.receive_case(actor=stranger, case_id="no id", key=key())


@pytest.mark.req("SHF-02")
def test_taking_needs_a_shift_that_has_not_ended(case: Case, nurse: StaffActor, unit: Unit) -> None:
    Shift.objects.filter(user_id=nurse.user_id).update(ended_at=now())
    with pytest.raises(ShiftEnded):
        commands.receive_case(actor=nurse, case_id=case.public_id, key=key())
    with pytest.raises(ShiftEnded):
        commands.receive_next_case(actor=factories.make_staff(unit, on_shift=False), key=key())
    case.refresh_from_db()
    assert case.state == CaseState.WAITING


@pytest.mark.req("QUE-05")
def test_next_takes_the_first_of_the_own_queue(nurse: StaffActor, unit: Unit) -> None:
    factories.make_case(unit, urgency=4)
    not_assessed = factories.make_case(unit, urgency=None)
    urgent = factories.make_case(unit, urgency=2)
    factories.make_case(unit, "doctor", urgency=1)
    token = key()
    first = commands.receive_next_case(actor=nurse, key=token)
    assert first.public_id == str(urgent.public_id)
    assert commands.receive_next_case(actor=nurse, key=token) == first
    assert commands.receive_next_case(actor=nurse, key=key()).public_id == str(not_assessed.public_id)
    commands.receive_next_case(actor=nurse, key=key())
    with pytest.raises(QueueEmpty):
        commands.receive_next_case(actor=nurse, key=key())
    assert Effect.objects.filter(kind="resident_sms").count() == 3


@pytest.mark.req("QUE-18")
def test_put_back_returns_to_the_same_place(case: Case, nurse: StaffActor, unit: Unit) -> None:
    with time_machine.travel(now() + timedelta(minutes=5), tick=False):
        later = factories.make_case(unit)
        commands.receive_case(actor=nurse, case_id=case.public_id, key=key())
    with time_machine.travel(now() + timedelta(minutes=9), tick=False):
        commands.put_back_case(actor=nurse, case_id=case.public_id, key=key())
    arrived = case.arrived_at
    case.refresh_from_db()
    assert (case.state, case.holder, case.received_at, case.arrived_at) == (CaseState.WAITING, None, None, arrived)
    assert case.queued_at > arrived
    rows = queries.queue_rows(unit.pk, case.role_id).rows
    assert [r.public_id for r in rows] == [case.public_id, later.public_id]
    ops = list(BoardStay.objects.filter(object_id=str(case.public_id)).order_by("pk").values_list("op", flat=True))
    assert ops == ["enter", "leave", "enter"]


def test_putting_back_ends_the_chat_feed_of_who_held_it(case: Case, nurse: StaffActor) -> None:
    commands.receive_case(actor=nurse, case_id=case.public_id, key=key())
    commands.put_back_case(actor=nurse, case_id=case.public_id, key=key())
    assert FeedChange.objects.filter(feed=names.me_feed(nurse.key), object="authz").exists()


def test_only_the_holder_puts_back_and_only_before_start(case: Case, nurse: StaffActor, colleague: StaffActor) -> None:
    with pytest.raises(NotHolder):
        commands.put_back_case(actor=nurse, case_id=case.public_id, key=key())
    commands.receive_case(actor=nurse, case_id=case.public_id, key=key())
    with pytest.raises(HeldByColleague):
        commands.put_back_case(actor=colleague, case_id=case.public_id, key=key())
    commands.start_visit(actor=nurse, case_id=case.public_id, key=key())
    with pytest.raises(AlreadyStarted):
        commands.put_back_case(actor=nurse, case_id=case.public_id, key=key())


def test_a_closed_case_cannot_be_taken(nurse: StaffActor, colleague: StaffActor) -> None:
    closed = factories.make_closed_case(nurse)
    for actor in (nurse, colleague):
        with pytest.raises(CaseClosed):
            commands.receive_case(actor=actor, case_id=closed.public_id, key=key())


@pytest.mark.req("QUE-06")
def test_doorbells_of_a_claim(case: Case, nurse: StaffActor) -> None:
    before = FeedChange.objects.count()
    commands.receive_case(actor=nurse, case_id=case.public_id, key=key())
    rung = set(FeedChange.objects.order_by("pk").values_list("feed", "object", "op")[before:])
    assert rung == {
        (names.queue_feed(case.unit_id, case.role_id), f"case:{case.public_id}", "put"),
        (names.patient_chat_feed(case.public_id), "case", "put"),
        (names.staff_chat_feed(case.public_id), "case", "put"),
        (names.me_feed(nurse.key), "own", "put"),
        (names.me_feed(f"person:{case.patient_id}"), "own", "put"),
    }
