"""Taking a case that is offered, or that begun and lies in a queue again: one step, one winner, the chat goes on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from cases import access, commands, names, queries, steps
from cases.errors import (
    CaseTaken,
    OfferGone,
    OfferPending,
    OtherRole,
    OwnOffer,
    QueueEmpty,
)
from cases.events import OfferTaken
from cases.locking import lock_case
from cases.models import Case, Message
from cases.states import CaseState
from direkt1177.accounts.actors import StaffActor
from direkt1177.audit.models import ChangeLog
from direkt1177.audit.record import command, known_events
from direkt1177.audit.refusals import NotFound
from direkt1177.outbox.models import Effect
from direkt1177.realtime.models import FeedChange
from direkt1177.units.clock import moved, now
from direkt1177.units.models import Unit
from tests import factories
from tests.factories import key

pytestmark = pytest.mark.django_db


def take(actor: StaffActor, case: Case, **more: Any) -> Case:
    """Press *Ta emot* and look."""
    commands.receive_case(actor=actor, case_id=case.public_id, key=key(), **more)
    return Case.objects.get(pk=case.pk)


@pytest.fixture
def other(unit: Unit) -> Unit:
    """Another unit of the same provider."""
    return factories.make_unit(provider=unit.provider)


@pytest.mark.req("HOV-01", "HOV-02", "HOV-08", "CAS-01")
def test_taking_an_offer_moves_holder_unit_role_and_chat_in_one_step(nurse: StaffActor, other: Unit) -> None:
    patient = factories.make_person(listed_unit=other)
    case = factories.make_started_case(nurse, patient=patient, urgency=2)
    arrived = case.arrived_at
    assert case.listed_elsewhere
    factories.offer(case, other)
    commands.send_message(actor=nurse, case_id=case.public_id, client_id="giver-writes-on", text="Jag är kvar")
    doctor = factories.make_staff(other, "doctor")
    texts = Effect.objects.filter(kind="resident_sms").count()

    taken = take(doctor, case)

    assert (taken.holder_id, taken.holder_role_id, taken.state) == (doctor.user_id, doctor.role_id, "started")
    assert (taken.unit_id, taken.provider_id, taken.role_id) == (other.pk, other.provider_id, doctor.role_id)
    assert (taken.offered_at, taken.offered_unit_id, taken.offered_role_id) == (None, None, None)
    assert (taken.arrived_at, taken.urgency, taken.listed_elsewhere) == (arrived, 2, False)
    assert Effect.objects.filter(kind="resident_sms").count() == texts, "the chat runs: no SMS of receipt"
    assert Message.objects.filter(case=case, kind="welcome").count() == 1
    commands.send_message(actor=doctor, case_id=case.public_id, client_id="taker-writes", text="Nu är det jag")
    commands.send_message(actor=factories.resident(patient), case_id=case.public_id, client_id="answers", text="Bra")
    with pytest.raises(NotFound):
        commands.send_message(actor=nurse, case_id=case.public_id, client_id="giver-too-late", text="Hej")
    log = ChangeLog.objects.get(event="offer_taken")
    assert (log.actor_key, log.from_state, log.to_state) == (doctor.key, "started", "started")
    assert (log.data["giver"], log.data["from_unit"]) == (nurse.user_id, nurse.unit_id)


def test_what_the_event_of_taking_says_to_the_apps_above(
    nurse: StaffActor, doctor: StaffActor, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[OfferTaken] = []
    subscribers = {"offer_taken": [lambda event, actor: heard.append(event)]}
    monkeypatch.setattr("direkt1177.audit.record._subscribers", subscribers)
    case = factories.offer(factories.make_started_case(nurse))
    take(doctor, case)
    (event,) = heard
    assert (event.giver_id, event.from_unit_id, event.from_role_id) == (nurse.user_id, nurse.unit_id, nurse.role_id)
    assert (event.public_id, event.holder_id, event.role_id) == (case.public_id, doctor.user_id, doctor.role_id)
    assert event.offered_user is False
    assert {"offer_taken", "case_resumed"} <= set(known_events())


@pytest.mark.req("HOV-02", "QUE-06")
def test_doorbells_of_taking_an_offer(nurse: StaffActor, other: Unit) -> None:
    case = factories.offer(factories.make_started_case(nurse), other)
    doctor = factories.make_staff(other, "doctor")
    before = FeedChange.objects.count()
    take(doctor, case)
    rung = set(FeedChange.objects.order_by("pk").values_list("feed", "object", "op")[before:])
    row = f"case:{case.public_id}"
    assert rung >= {
        (names.me_feed(nurse.key), "own", "put"),
        (names.me_feed(nurse.key), "authz", "put"),
        (names.me_feed(doctor.key), "own", "put"),
        (names.staff_chat_feed(case.public_id), "case", "put"),
        (names.patient_chat_feed(case.public_id), "case", "put"),
        (names.queue_feed(other.pk, doctor.role_id), row, "put"),
        (names.queue_feed(nurse.unit_id, nurse.role_id), row, "drop"),
    }


@pytest.mark.req("HOV-02")
def test_a_paused_case_goes_on_and_a_follow_up_stays_one(nurse: StaffActor, doctor: StaffActor) -> None:
    paused = factories.make_started_case(nurse)
    _pause(paused)
    factories.offer(paused)
    after = take(doctor, paused)
    assert (after.state, after.resume_at) == (CaseState.STARTED, None)
    follow_up = factories.offer(factories.make_closed_case(nurse, follow_up_days=3))
    after = take(doctor, follow_up)
    assert (after.state, after.follow_up_until) == (CaseState.ASYNCHRONOUS, follow_up.follow_up_until)


@pytest.mark.req("HOV-05")
def test_an_offer_to_a_colleague_is_taken_by_that_colleague_only(
    nurse: StaffActor, colleague: StaffActor, doctor: StaffActor
) -> None:
    case = factories.offer(factories.make_started_case(nurse), user=doctor)
    assert access.basis_for(doctor, Case.objects.get(pk=case.pk)) == "offer"
    for take_it in (commands.receive_case, commands.receive_case_anyway):
        with pytest.raises(CaseTaken):
            take_it(actor=colleague, case_id=case.public_id, key=key())
    with pytest.raises(QueueEmpty):
        commands.receive_next_case(actor=doctor, key=key())
    taken = take(doctor, case)
    assert (taken.holder_id, taken.role_id) == (doctor.user_id, doctor.role_id)


@pytest.mark.req("HOV-01")
def test_nobody_takes_their_own_offer(nurse: StaffActor) -> None:
    case = factories.offer(factories.make_started_case(nurse), role="nurse")
    for take_it in (commands.receive_case, commands.receive_case_anyway):
        with pytest.raises(OwnOffer):
            take_it(actor=nurse, case_id=case.public_id, key=key())
    with pytest.raises(QueueEmpty):
        commands.receive_next_case(actor=nurse, key=key())
    assert Case.objects.get(pk=case.pk).offered_at is not None


@pytest.mark.req("HOV-08", "QUE-13")
def test_another_role_takes_an_offer_anyway(nurse: StaffActor, colleague: StaffActor, doctor: StaffActor) -> None:
    case = factories.offer(factories.make_started_case(nurse))
    with pytest.raises(OtherRole) as refused:
        commands.receive_case(actor=colleague, case_id=case.public_id, key=key())
    assert refused.value.role == "Läkare"
    commands.receive_case_anyway(actor=colleague, case_id=case.public_id, key=key())
    after = Case.objects.get(pk=case.pk)
    assert (after.holder_id, after.holder_role_id, after.role_id) == (colleague.user_id, nurse.role_id, doctor.role_id)
    assert ChangeLog.objects.get(event="offer_taken").data["anyway"] is True


def test_a_withdrawn_offer_is_told_as_such(nurse: StaffActor, doctor: StaffActor, other: Unit) -> None:
    case = factories.offer(factories.make_started_case(nurse))
    factories.withdraw(case)
    with pytest.raises(OfferGone):
        take(doctor, case, giver_id=nurse.user_id)
    far = factories.make_staff(other, "doctor")
    moved_on = factories.offer(factories.make_started_case(nurse), other)
    factories.withdraw(moved_on)
    with pytest.raises(OfferGone):
        take(far, moved_on, giver_id=nurse.user_id)
    with pytest.raises(NotFound):
        take(far, moved_on)


def test_the_second_who_takes_is_told_who_was_first(nurse: StaffActor, doctor: StaffActor, other: Unit) -> None:
    case = factories.offer(factories.make_started_case(nurse), other)
    first, second = factories.make_staff(other, "doctor"), factories.make_staff(other, "doctor")
    take(first, case)
    with pytest.raises(CaseTaken) as refused:
        take(second, case, giver_id=nurse.user_id)
    assert refused.value.by == first.name
    with pytest.raises(NotFound):
        take(doctor, case)


@pytest.mark.req("HOV-07", "QUE-05", "QUE-18")
def test_next_goes_through_waiting_and_offered_cases_in_one_order(
    unit: Unit, nurse: StaffActor, doctor: StaffActor
) -> None:
    early = now() - timedelta(hours=3)
    offered = factories.make_started_case(nurse, urgency=3)
    Case.objects.filter(pk=offered.pk).update(arrived_at=early)
    factories.offer(offered)
    waits = factories.make_case(unit, "doctor", urgency=3)
    urgent = factories.make_case(unit, "doctor", urgency=1)
    released = factories.make_started_case(doctor, urgency=2)
    factories.release(released)
    rows = queries.queue_rows(unit.pk, doctor.role_id).rows
    assert [r.public_id for r in rows] == [c.public_id for c in (urgent, released, offered, waits)]
    takers = [factories.make_staff(unit, "doctor") for _ in range(4)]
    taken = [commands.receive_next_case(actor=who, key=key()) for who in takers]
    assert [t.public_id for t in taken] == [str(c.public_id) for c in (urgent, released, offered, waits)]
    assert [t.state for t in taken] == ["received", "started", "started", "received"]


@pytest.mark.req("HOV-08")
def test_a_visit_that_lay_in_the_queue_again_goes_on_without_a_second_welcome(
    nurse: StaffActor, colleague: StaffActor
) -> None:
    case = factories.make_started_case(nurse)
    patient = factories.resident(case.patient)
    factories.release(case, ownerless=True)
    commands.send_message(actor=patient, case_id=case.public_id, client_id="is-anybody", text="Hallå?")
    texts = Effect.objects.filter(kind="resident_sms").count()
    after = take(colleague, case)
    assert (after.state, after.holder_id, after.released_at) == (CaseState.STARTED, colleague.user_id, None)
    assert Message.objects.filter(case=case, kind="welcome").count() == 1
    assert Effect.objects.filter(kind="resident_sms").count() == texts
    assert ChangeLog.objects.filter(event="case_resumed", object_id=str(case.public_id)).exists()
    followed = factories.make_closed_case(nurse, follow_up_days=2)
    factories.release(followed)
    assert take(colleague, followed).state == CaseState.ASYNCHRONOUS
    late = factories.make_closed_case(nurse, follow_up_days=2)
    factories.release(late)
    with moved(now() + timedelta(days=5)):
        assert commands.end_follow_up(case_pk=late.pk) is False
        assert Case.objects.get(pk=late.pk).state == CaseState.WAITING, "kept in the queue, not lost"
        assert take(colleague, late).state == CaseState.STARTED


def test_a_follow_up_that_is_offered_ends_only_when_the_offer_is_gone(nurse: StaffActor, doctor: StaffActor) -> None:
    case = factories.offer(factories.make_closed_case(nurse, follow_up_days=1))
    with moved(now() + timedelta(days=3)):
        assert commands.end_follow_up(case_pk=case.pk) is False
        take(doctor, case)
        assert commands.end_follow_up(case_pk=case.pk) is True


@pytest.mark.req("HOV-01")
def test_an_offered_visit_is_not_closed_before_the_offer_is_withdrawn(nurse: StaffActor) -> None:
    case = factories.offer(factories.make_started_case(nurse))
    with pytest.raises(OfferPending):
        commands.close_visit(actor=nurse, case_id=case.public_id, follow_up_days=0, key=key())
    factories.withdraw(case)
    commands.close_visit(actor=nurse, case_id=case.public_id, follow_up_days=0, key=key())


@pytest.mark.parametrize("kind", ["waiting", "released", "late", "role", "unit", "user", "paused", "async"])
def test_the_statement_sets_what_the_step_sets(kind: str, nurse: StaffActor, doctor: StaffActor, other: Unit) -> None:
    """*Ta emot* is one SQL statement; ``steps.take_case`` is the plain reference that handover uses."""
    taker = factories.make_staff(other, "doctor") if kind == "unit" else doctor
    at = now() + (timedelta(days=9) if kind == "late" else timedelta())
    with moved(at):
        by_statement, by_step = (_as_it_lies(kind, nurse, doctor, other) for _ in range(2))
        commands.receive_case_anyway(actor=taker, case_id=by_statement.public_id, key=key())
        _take_by_step(by_step, taker)
    same = [
        "state", "version", "provider_id", "unit_id", "role_id", "holder_id", "holder_role_id", "resume_at",
        "offered_at", "offered_unit_id", "offered_role_id", "offered_user_id", "released_at", "released_from_id",
        "listed_elsewhere", "queue_unit", "queue_role",
    ]  # fmt: skip
    one, two = Case.objects.get(pk=by_statement.pk), Case.objects.get(pk=by_step.pk)
    assert {name: getattr(one, name) for name in same} == {name: getattr(two, name) for name in same}


def _as_it_lies(kind: str, nurse: StaffActor, doctor: StaffActor, other: Unit) -> Case:
    if kind == "waiting":
        return factories.make_case(Unit.objects.get(pk=nurse.unit_id))
    if kind == "late":
        with moved(now() - timedelta(days=9)):
            case = factories.make_closed_case(nurse, follow_up_days=1)
        return factories.release(case)
    case = (
        factories.make_closed_case(nurse, follow_up_days=2) if kind == "async" else factories.make_started_case(nurse)
    )
    if kind == "released":
        return factories.release(case, ownerless=True)
    if kind == "paused":
        _pause(case)
    return factories.offer(case, other if kind == "unit" else None, user=doctor if kind == "user" else None)


@command
def _take_by_step(case: Case, taker: StaffActor) -> None:
    steps.take_case(lock_case(case.public_id), actor=taker, at=now())


@command
def _pause(case: Case) -> None:
    steps.pause_case(lock_case(case.public_id), resume_at=now() + timedelta(days=1))
