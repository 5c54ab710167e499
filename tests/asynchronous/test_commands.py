"""Asynchronous cases: tabs, marks, the end of the phase, cases that care begins, answers without a name."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine

from cases import commands as case_commands
from cases import effects, follow_ups, tasks
from cases.asynchronous import access, commands, queries
from cases.asynchronous.errors import (
    AgreementMissing,
    CheckMissing,
    NewMessageCame,
    NobodyToWriteTo,
    NoSuchPerson,
    PreconditionMissing,
    RatedAlready,
    TooManySearches,
)
from cases.asynchronous.models import Rated, Rating
from cases.asynchronous.queries import INBOX, QUIET, Whose
from cases.asynchronous.rules import Lack
from cases.errors import CaseClosed, FollowUpTooLong, HeldByColleague, MessageEmpty, NotHolder, ShiftEnded
from cases.models import Case
from cases.states import CaseState
from direkt1177.accounts.actors import StaffActor
from direkt1177.audit.models import ChangeLog, IdempotencyKey, ReadLog
from direkt1177.audit.refusals import NotFound, Refusal
from direkt1177.outbox.models import Effect
from direkt1177.residents.models import Person
from direkt1177.units.models import Unit
from tests import factories
from tests.factories import key, make_case, make_child, make_closed_case, make_person, make_staff, resident

pytestmark = pytest.mark.django_db


@pytest.fixture
def nurse() -> StaffActor:
    """A nurse on shift."""
    return make_staff()


def unit_of(actor: StaffActor) -> Unit:
    """The actor's unit."""
    return Unit.objects.select_related("provider__region").get(pk=actor.unit_id)


def write(case: Case, text: str = "Hej igen") -> int:
    """The patient writes."""
    who = resident(case.started_by)
    return case_commands.send_message(actor=who, case_id=case.public_id, client_id=key(), text=text).seq


def tab(actor: StaffActor, name: str, whose: Whose | None = None) -> list[UUID]:
    """Ids of the rows in a tab."""
    mine = whose or Whose(actor.user_id, None)
    return [row.public_id for row in access.list_follow_ups(actor=actor, tab=name, whose=mine)]


def known_patient(actor: StaffActor | None = None, **fields: Any) -> Person:
    """Somebody who has sent a case before, to the actor's care provider."""
    person = make_person(**fields)
    make_case(Unit.objects.get(pk=actor.unit_id) if actor else None, patient=person)
    return person


def begin(
    actor: StaffActor, patient: Person, *, reader: Person | None = None, search: bool = True, **fields: Any
) -> Case:
    """Search, then begin a case."""
    if search:
        access.search_person(actor=actor, number=patient.personal_number, purpose="Vårdinitierad kontakt")
    wanted: dict[str, Any] = {
        "reader_id": (reader or patient).pk, "reason": "Administrativt", "days": 3, "text": "Hej!", "agreed": True,
        "checked": True, "key": key(),
    }  # fmt: skip
    done = commands.begin_case(actor=actor, person_id=patient.public_id, **wanted | fields)
    return Case.objects.get(public_id=done.public_id)


@pytest.mark.req("ASY-03", "ASY-09")
def test_a_reply_goes_to_the_inbox_a_mark_takes_it_out_and_a_new_reply_brings_it_back(nurse: StaffActor) -> None:
    case = make_closed_case(nurse, follow_up_days=3)
    assert (tab(nurse, INBOX), tab(nurse, QUIET)) == ([], [case.public_id])
    first = write(case)
    assert tab(nurse, INBOX) == [case.public_id]
    assert queries.counts_of(nurse, Whose(nurse.user_id, None)).inbox == 1
    commands.mark_done(actor=nurse, case_id=case.public_id, seen=first, key=key())
    assert (tab(nurse, INBOX), tab(nurse, QUIET)) == ([], [case.public_id])
    commands.undo_mark(actor=nurse, case_id=case.public_id, key=key())
    assert tab(nurse, INBOX) == [case.public_id]
    commands.mark_done(actor=nurse, case_id=case.public_id, seen=first, key=key())
    write(case)
    assert tab(nurse, INBOX) == [case.public_id]
    # An answer takes it out as well, once its writer has read what it answers.
    answer = case_commands.send_message(actor=nurse, case_id=case.public_id, client_id=key(), text="Svar")
    assert tab(nurse, INBOX) == [case.public_id]
    case_commands.mark_seen(actor=nurse, case_id=case.public_id, seq=answer.seq)
    assert (tab(nurse, INBOX), tab(nurse, QUIET)) == ([], [case.public_id])
    logged = ChangeLog.objects.filter(event__startswith="follow_up_").order_by("pk")
    assert [row.event for row in logged] == ["follow_up_done", "follow_up_not_done", "follow_up_done"]


@pytest.mark.req("ASY-03")
def test_what_came_after_the_page_is_never_marked_as_done(nurse: StaffActor) -> None:
    case = make_closed_case(nurse, follow_up_days=3)
    seen = write(case)
    write(case, "Det blev värre")
    with pytest.raises(NewMessageCame):
        commands.mark_done(actor=nurse, case_id=case.public_id, seen=seen, key=key())
    assert tab(nurse, INBOX) == [case.public_id]
    with pytest.raises(HeldByColleague):
        commands.mark_done(actor=make_staff(unit_of(nurse)), case_id=case.public_id, seen=9, key=key())


@pytest.mark.req("ASY-03")
def test_closing_counts_what_its_holder_had_seen_and_nothing_else(nurse: StaffActor) -> None:
    read, unread = factories.make_started_case(nurse), factories.make_started_case(nurse)
    for case in (read, unread):
        seq = write(case, "Tack!")
        if case is read:
            case_commands.mark_seen(actor=nurse, case_id=case.public_id, seq=seq)
        case_commands.close_visit(actor=nurse, case_id=case.public_id, follow_up_days=2, key=key())
    assert (tab(nurse, INBOX), tab(nurse, QUIET)) == ([unread.public_id], [read.public_id])


@pytest.mark.req("ASY-02")
def test_a_colleagues_case_shows_its_holder_and_nothing_of_the_patient(nurse: StaffActor) -> None:
    colleague = make_staff(unit_of(nurse))
    case = make_closed_case(nurse, follow_up_days=3)
    write(case, "KANARIEORD")
    make_closed_case(make_staff(), follow_up_days=3)  # another unit's
    for whose in (Whose(nurse.user_id, None), Whose(None, nurse.role_id)):
        (row,) = access.list_follow_ups(actor=colleague, tab=INBOX, whose=whose)
        assert (row.public_id, row.own, row.person, row.reason, row.said) == (case.public_id, False, None, "", "")
        assert row.holder_name == nurse.name
    assert ReadLog.objects.filter(actor_key=colleague.key, patients__contains=[case.patient_id]).count() == 0
    assert tab(colleague, INBOX) == []


@pytest.mark.req("ASY-08")
def test_the_phase_ends_at_staffed_closing_and_never_while_the_patient_waits(nurse: StaffActor) -> None:
    answered, waiting = make_closed_case(nurse, follow_up_days=1), make_closed_case(nurse, follow_up_days=1)
    seq = write(waiting)
    end = answered.follow_up_until
    assert end is not None
    with time_machine.travel(end, tick=False):
        assert tasks.end_follow_ups() == 1
        waiting.refresh_from_db()
        assert waiting.state == CaseState.ASYNCHRONOUS
        (row,) = access.list_follow_ups(actor=nurse, tab=INBOX, whose=Whose(nurse.user_id, None))
        assert row.overdue and row.public_id == waiting.public_id
        with pytest.raises(CaseClosed):
            write(waiting)
        # Extended the patient may write again; marked as done it ends.
        commands.extend_follow_up(actor=nurse, case_id=waiting.public_id, days=1, key=key())
        seq = write(waiting)
        assert tasks.end_follow_ups() == 0
    with time_machine.travel(end + timedelta(days=3), tick=False):
        assert tasks.end_follow_ups() == 0
        commands.mark_done(actor=nurse, case_id=waiting.public_id, seen=seq, key=key())
        assert tasks.end_follow_ups() == 1
    for case in (answered, waiting):
        case.refresh_from_db()
        assert (case.state, case.holder) == (CaseState.CLOSED, None)
    assert tab(nurse, INBOX) == tab(nurse, QUIET) == []
    assert follow_ups.handled_seq([waiting.pk]) == {waiting.pk: seq}


@pytest.mark.req("ASY-01", "ASY-04")
def test_care_begins_a_case_that_its_maker_holds(nurse: StaffActor) -> None:
    patient = known_patient(nurse)
    case = begin(nurse, patient, days=2, text="  Vi har fått ditt intyg.  ")
    assert (case.state, case.holder_id, case.holder_role_id) == (CaseState.ASYNCHRONOUS, nurse.user_id, nurse.role_id)
    assert (case.kind, case.urgency, case.contact_reason) == (Case.Kind.ADMIN_QUESTION, None, "Administrativt")
    assert case.follow_up_until is not None and case.queue_unit is None
    message = case.messages.get()
    assert (message.text, message.author, message.author_name) == ("Vi har fått ditt intyg.", "staff", nurse.name)
    log = ChangeLog.objects.get(event="care_initiated")
    assert (log.patient_id, log.to_state) == (patient.pk, "asynchronous")
    assert "intyg" not in str(log.data)
    searched = ReadLog.objects.get(action="search")
    assert (searched.patients, searched.reason) == ([patient.pk], "Vårdinitierad kontakt")
    write(case)
    assert tab(nurse, INBOX) == [case.public_id]
    assert begin(nurse, patient, reason="Kontroll av sår").kind == Case.Kind.SEEK_CARE


@pytest.mark.req("ASY-04")
def test_the_same_key_begins_one_case(nurse: StaffActor) -> None:
    patient, token = known_patient(nurse), key()
    assert begin(nurse, patient, key=token) == begin(nurse, patient, key=token)


@pytest.mark.req("ASY-05")
def test_the_precondition_is_policy(nurse: StaffActor) -> None:
    unit, stranger = unit_of(nurse), make_person()
    with pytest.raises(PreconditionMissing) as refused:
        begin(nurse, stranger)
    assert refused.value.lacks == [Lack.NEVER_SIGNED_IN, Lack.NO_DIALOGUE]
    with pytest.raises(AgreementMissing):
        begin(nurse, known_patient(nurse), agreed=False)
    factories.set_policy(unit, "care_initiated_precondition", [])
    assert begin(nurse, stranger, agreed=False).state == CaseState.ASYNCHRONOUS
    # What care itself began is no case of the patient's own.
    factories.set_policy(unit, "care_initiated_precondition", ["dialogue_consent"])
    with pytest.raises(PreconditionMissing) as refused:
        begin(nurse, stranger)
    assert refused.value.lacks == [Lack.NO_DIALOGUE]


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"days": 0}, FollowUpTooLong),
        ({"days": 15}, FollowUpTooLong),
        ({"text": " \u200b "[:1]}, MessageEmpty),
        ({"checked": False}, CheckMissing),
        ({"reader_id": 0}, NotFound),
        ({"search": False}, NotFound),
    ],
)
def test_bad_input_begins_nothing(nurse: StaffActor, fields: dict[str, Any], refusal: type[Refusal]) -> None:
    patient = known_patient(nurse)
    before = Case.objects.count()
    with pytest.raises(refusal):
        begin(nurse, patient, **fields)
    assert Case.objects.count() == before


def test_nobody_begins_a_case_without_a_shift() -> None:
    with pytest.raises(ShiftEnded):
        begin(make_staff(on_shift=False), known_patient())


def test_a_childs_case_is_read_by_a_guardian_who_may(nurse: StaffActor) -> None:
    mother = known_patient(nurse)
    child = make_child(mother)
    case = begin(nurse, child, reader=mother)
    assert (case.patient_id, case.started_by_id) == (child.pk, mother.pk)
    case_commands.send_message(actor=resident(mother), case_id=case.public_id, client_id=key(), text="Hej")
    with pytest.raises(NobodyToWriteTo):
        begin(nurse, make_child(make_person(protected=Person.Protected.YES)))


@pytest.mark.req("ASY-06", "NOT-01")
@pytest.mark.parametrize(("value", "at_once"), [("new_case", 1), ("every_message", 0), ("if_left", 0)])
def test_sms_about_a_new_case_follows_policy_and_comes_once(nurse: StaffActor, value: str, at_once: int) -> None:
    factories.set_policy(unit_of(nurse), "async_sms", value)
    case = begin(nurse, known_patient(nurse))
    sms = Effect.objects.filter(kind="resident_sms", aggregate=f"case:{case.public_id}")
    assert sms.count() == at_once
    for effect in Effect.objects.filter(kind="case_unread_sms", payload__case=str(case.public_id)):
        effects.send_unread_sms(effect)
    assert sms.count() == 1
    assert sms.get().payload["template"] == "new_message"


def test_searches_are_logged_and_limited(nurse: StaffActor) -> None:
    with pytest.raises(NoSuchPerson):
        access.search_person(
            actor=nurse, number=factories.personal_number(make_person().birth_date, 999), purpose="Test"
        )
    patient = known_patient(nurse)
    for _ in range(29):
        access.search_person(actor=nurse, number=patient.personal_number, purpose="Test")
    assert ReadLog.objects.filter(action="search", actor_key=nurse.key).count() == 30
    with pytest.raises(TooManySearches):
        access.search_person(actor=nurse, number=patient.personal_number, purpose="Test")
    assert access.recipients(actor=nurse, person_id=patient.public_id).people == [patient]
    with pytest.raises(NotFound):
        access.recipients(actor=make_staff(unit_of(nurse)), person_id=patient.public_id)


def test_how_content_is_answered_once_and_without_a_name(nurse: StaffActor) -> None:
    case = make_closed_case(nurse)
    patient = resident(case.patient)
    with pytest.raises(NotFound):
        commands.rate_visit(actor=patient, case_id=case.public_id, score=6, key=key())
    token = key()
    commands.rate_visit(actor=patient, case_id=case.public_id, score=4, key=token)
    commands.rate_visit(actor=patient, case_id=case.public_id, score=4, key=token)
    with pytest.raises(RatedAlready):
        commands.rate_visit(actor=patient, case_id=case.public_id, score=1, key=key())
    rating = Rating.objects.get()
    assert (rating.score, rating.unit_id, rating.month.day) == (4, case.unit_id, 1)
    assert {field.name for field in Rating._meta.get_fields()} == {"id", "unit", "role", "kind", "month", "score"}
    assert Rated.objects.filter(case=case).count() == 1
    log = ChangeLog.objects.get(event="visit_rated")
    assert log.data == {} and "score" not in str(IdempotencyKey.objects.get(key=token).outcome)
    assert not Effect.objects.filter(kind="resident_sms", payload__template="rate").exists()


def test_nobody_is_asked_after_silence_or_before_the_end(nurse: StaffActor) -> None:
    silent, open_case = make_closed_case(nurse), make_closed_case(nurse, follow_up_days=2)
    Case.objects.filter(pk=silent.pk).update(close_kind=Case.CloseKind.NO_REPLY)
    for case in (silent, open_case):
        with pytest.raises(NotFound):
            commands.rate_visit(actor=resident(case.patient), case_id=case.public_id, score=5, key=key())
    with pytest.raises(NotFound):
        commands.rate_visit(
            actor=resident(make_person()), case_id=make_closed_case(nurse).public_id, score=5, key=key()
        )


@pytest.mark.req("ASY-01")
def test_no_patient_begins_one_and_a_reader_marks_nothing(nurse: StaffActor) -> None:
    case = make_closed_case(nurse, follow_up_days=2)
    with pytest.raises(NotFound):
        access.recipients(actor=resident(case.patient), person_id=case.patient.public_id)
    waiting = make_case(unit_of(nurse))
    with pytest.raises((NotHolder, NotFound)):
        commands.mark_done(actor=nurse, case_id=waiting.public_id, seen=0, key=key())
