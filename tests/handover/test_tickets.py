"""The life of a ticket with the real commands, from the giver to a new case; who is told what."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cases import commands as cases
from cases.models import Case, Message
from cases.states import CaseState
from direkt1177.audit.models import ChangeLog
from direkt1177.audit.refusals import NotFound, Refusal
from direkt1177.outbox.models import Effect
from direkt1177.residents.effects import send_resident_sms
from direkt1177.residents.models import Guardianship
from direkt1177.residents.queries import today
from direkt1177.units.clock import moved, now
from direkt1177.units.models import Unit
from handover.tickets import commands
from journal import commands as journal
from tests.factories import key, make_child, make_person, make_started_case, resident, set_policy
from tests.handover.tickets import Scene, close_unit, make_scene, note_texts, sign, use
from triage.models import Interview

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    return make_scene()


@pytest.mark.req("TIK-01", "TIK-05", "TIK-06", "TIK-08", "TIK-15", "TIK-18", "REG-17", "HOV-16")
def test_from_the_giver_to_a_new_case_at_another_care_provider(scene: Scene) -> None:
    ticket = scene.send(urgency=2, phone_contact_at=now())
    assert (ticket.state, ticket.urgency, ticket.patient_id) == ("sent", 2, scene.patient.pk)
    line = Message.objects.filter(case=scene.case, kind="notice").get()
    assert line.text.endswith(f"/mina-arenden/biljett/{ticket.public_id}/")
    with pytest.raises(Refusal) as early:
        commands.begin_ticket(actor=scene.person, ticket_id=ticket.public_id, key=key())
    assert early.value.code == "ticket_not_usable_yet"
    scene.close()
    ticket.refresh_from_db()
    assert (ticket.state, ticket.usable_at is not None) == ("usable", True)
    case = use(ticket, scene.person)
    ticket.refresh_from_db()
    assert (ticket.state, ticket.case_id) == ("activated", case.pk)
    assert (case.state, case.unit_id, case.role_id) == ("waiting", scene.unit.pk, scene.receiver.role_id)
    assert (case.urgency, case.computed_urgency, case.from_ticket) == (2, None, True)
    assert (case.contact_reason, case.patient_id) == ("Halsont", scene.patient.pk)
    assert case.provider_id != scene.case.provider_id
    log = ChangeLog.objects.filter(object_type="ticket").order_by("pk").values_list("event", flat=True)
    assert list(log) == ["ticket_sent", "ticket_became_usable", "ticket_activated"]
    with pytest.raises(Refusal) as again:
        commands.begin_ticket(actor=scene.person, ticket_id=ticket.public_id, key=key())
    assert again.value.code == "ticket_used"


@pytest.mark.req("TIK-07")
def test_no_new_interview_but_the_receivers_questions_and_the_forms_first(scene: Scene) -> None:
    ticket = scene.usable(forms=("background",))
    with pytest.raises(Refusal) as left:
        commands.begin_ticket(actor=scene.person, ticket_id=ticket.public_id, key=key())
    assert left.value.code == "ticket_forms_left"
    commands.answer_form(
        actor=scene.person, ticket_id=ticket.public_id, form="background", answers={"smoking": "yes", "illnesses": "x"}
    )
    interview = commands.begin_ticket(actor=scene.person, ticket_id=ticket.public_id, key=key())
    row = Interview.objects.select_related("protocol_version").get(public_id=interview)
    assert row.protocol_version is not None
    assert row.protocol_version.protocol == "sore_throat"
    assert (row.gate_answer, row.answers, row.outcome) == ("", {}, "open")
    again = commands.begin_ticket(actor=scene.person, ticket_id=ticket.public_id, key=key())
    assert again == interview


@pytest.mark.req("TIK-07")
def test_a_reason_without_protocol_gets_the_common_questions(scene: Scene) -> None:
    ticket = scene.usable(reason="Huvudvärk")
    interview = commands.begin_ticket(actor=scene.person, ticket_id=ticket.public_id, key=key())
    row = Interview.objects.select_related("protocol_version").get(public_id=interview)
    assert row.protocol_version is not None
    assert row.protocol_version.protocol == "general"


@pytest.mark.req("TIK-06")
def test_a_running_follow_up_does_not_hold_the_ticket_back(scene: Scene) -> None:
    waiting = scene.send()
    cases.close_visit(actor=scene.giver, case_id=scene.case.public_id, follow_up_days=3, key=key())
    waiting.refresh_from_db()
    assert waiting.state == "usable"
    assert scene.send().state == "usable"
    scene.case.refresh_from_db()
    assert scene.case.state == CaseState.ASYNCHRONOUS


@pytest.mark.req("TIK-17")
def test_a_closed_receiver_is_told_honestly(scene: Scene) -> None:
    ticket = scene.usable()
    close_unit(scene.unit, days=2)
    with pytest.raises(Refusal) as closed:
        commands.begin_ticket(actor=scene.person, ticket_id=ticket.public_id, key=key())
    assert closed.value.code == "ticket_receiver_closed"


@pytest.mark.req("HOV-20")
def test_an_administrative_ticket_becomes_a_case_of_that_kind_without_questions_about_health() -> None:
    scene = make_scene(giver_type="advice_line", role="medical_admin")
    set_policy(Unit.objects.get(pk=scene.giver.unit_id), "ticket_role", "nurse_or_medical_admin")
    scene.case = make_started_case(scene.giver, patient=scene.patient, kind="admin_question", urgency=None)
    ticket = scene.usable()
    from triage import commands as triage

    interview = commands.begin_ticket(actor=scene.person, ticket_id=ticket.public_id, key=key())
    case = Case.objects.get(public_id=triage.send_interview(actor=scene.person, interview_id=interview, key=key()))
    assert (case.kind, case.role_id) == ("admin_question", scene.receiver.role_id)


@pytest.mark.req("TIK-11", "NOT-01", "NOT-07")
def test_an_sms_says_that_the_visit_begins_once_and_never_to_a_protected_person(scene: Scene) -> None:
    case = use(scene.usable(), scene.person)
    cases.receive_case(actor=scene.receiver, case_id=case.public_id, key=key())
    assert not Effect.objects.filter(key__startswith="ticket_begins").exists()
    cases.start_visit(actor=scene.receiver, case_id=case.public_id, key=key())
    effect = Effect.objects.get(key=f"ticket_begins:{case.public_id}")
    assert effect.payload == {"person": scene.patient.pk, "template": "ticket_begins", "unit": scene.unit.pk}
    scene.patient.protected_by_hand = True
    scene.patient.save()
    assert send_resident_sms(effect) == "masked"


def test_an_ordinary_visit_sends_no_such_sms(scene: Scene) -> None:
    assert not Effect.objects.filter(key__startswith="ticket_begins").exists()
    assert scene.case.started_at is not None


@pytest.mark.req("TIK-01")
def test_the_responsible_guardian_uses_it_for_the_child_and_nobody_else_can() -> None:
    scene = make_scene()
    guardian, other = make_person(), make_person()
    child = make_child(guardian)
    Guardianship.objects.create(guardian=other, child=child)
    scene.case = make_started_case(scene.giver, patient=child, started_by=guardian)
    ticket = scene.usable()
    for person in (other, make_person()):
        with pytest.raises(NotFound):
            commands.begin_ticket(actor=resident(person), ticket_id=ticket.public_id, key=key())
    case = use(ticket, resident(guardian))
    assert (case.patient_id, case.started_by_id) == (child.pk, guardian.pk)


def test_a_ticket_of_tomorrow_is_not_used_today(scene: Scene) -> None:
    ticket = scene.usable(valid_from=today() + timedelta(days=1))
    with pytest.raises(Refusal) as early:
        commands.begin_ticket(actor=scene.person, ticket_id=ticket.public_id, key=key())
    assert early.value.code == "ticket_not_usable_yet"
    with moved(ticket.valid_from):
        assert use(ticket, scene.person).from_ticket


@pytest.mark.req("TIK-10", "TIK-12")
def test_answers_that_stand_in_the_givers_exported_note_are_flagged_and_only_the_flags_cross(scene: Scene) -> None:
    ticket = scene.usable()
    answers = {"medicines": "Tar Alvedon 500 mg dagligen", "allergies": "Jordnöt", "rheumatic": "no"}
    sign(scene, "HEMLIGNOTERING. Tar Alvedon 500 mg dagligen.")
    case = use(ticket, scene.person, post=answers)
    ticket.refresh_from_db()
    assert ticket.answers_documented == ["medicines"]
    cases.receive_case(actor=scene.receiver, case_id=case.public_id, key=key())
    cases.start_visit(actor=scene.receiver, case_id=case.public_id, key=key())
    cases.close_visit(actor=scene.receiver, case_id=case.public_id, follow_up_days=0, key=key())
    text = journal.sign_note(
        actor=scene.receiver, case_id=case.public_id, texts=note_texts(case, "Egen bedömning"), version=0,
        same_patient=True, key=key(),
    )  # fmt: skip
    assert "HEMLIG" not in text


@pytest.mark.req("TIK-10")
def test_the_flags_come_also_when_the_giver_signs_after_the_ticket_was_used(scene: Scene) -> None:
    ticket = scene.usable()
    use(ticket, scene.person, post={"allergies": "Allergisk mot penicillin"})
    ticket.refresh_from_db()
    assert ticket.answers_documented == []
    sign(scene, "Patienten är allergisk mot penicillin.")
    ticket.refresh_from_db()
    assert ticket.answers_documented == ["allergies"]
