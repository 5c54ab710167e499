"""The life of a ticket with the real commands: save, send, close, use, expire, withdraw; who is told what."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from cases import commands as cases
from cases.errors import CaseClosed, NotHolder, NotStarted
from cases.models import Case, Message
from cases.states import CaseState
from direkt1177.accounts.models import Membership
from direkt1177.audit.models import ChangeLog
from direkt1177.audit.refusals import NotFound, Refusal
from direkt1177.outbox.models import Effect
from direkt1177.residents.effects import send_resident_sms
from direkt1177.residents.models import Guardianship
from direkt1177.residents.queries import today
from direkt1177.units.clock import moved, now
from direkt1177.units.models import Closure, Unit
from handover.models import Acknowledgement, Notice, Ticket, Timer
from handover.tickets import commands
from handover.tickets.errors import TicketIncomplete
from handover.timers import fire
from journal import commands as journal
from tests import factories
from tests.factories import key, make_child, make_person, make_started_case, resident, set_policy
from tests.handover.tickets import Scene, make_scene, use
from triage.models import Interview

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def due_at(moment: Any) -> None:
    """Let every timer fire that is due then."""
    with moved(moment):
        for due in fire.find_due():
            fire.fire(due)


def problems(scene: Scene, **changes: Any) -> set[str]:
    with pytest.raises(TicketIncomplete) as refusal:
        scene.send(**changes)
    return {problem.code for problem in refusal.value.problems}


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


@pytest.mark.req("TIK-02")
def test_a_draft_is_kept_changed_and_sent_and_the_patient_knows_nothing_before(scene: Scene) -> None:
    draft = commands.save_draft(
        actor=scene.giver, case_id=scene.case.public_id, fields=scene.fields(verified=False, reason=""), key=key()
    )
    row = Ticket.objects.get(public_id=draft.public_id)
    assert (row.state, Message.objects.filter(kind="notice").exists()) == ("draft", False)
    with pytest.raises(NotFound):
        commands.answer_form(actor=scene.person, ticket_id=draft.public_id, form="background", answers={})
    sent = commands.send_ticket(
        actor=scene.giver, case_id=scene.case.public_id, fields=scene.fields(urgency=4), key=key(),
        ticket_id=draft.public_id,
    )  # fmt: skip
    assert (sent.public_id, Ticket.objects.get().urgency) == (draft.public_id, 4)
    with pytest.raises(Refusal) as once_more:
        commands.save_draft(
            actor=scene.giver, case_id=scene.case.public_id, fields=scene.fields(), key=key(),
            ticket_id=draft.public_id,
        )  # fmt: skip
    assert once_more.value.code == "ticket_already_sent"


def test_the_same_key_sends_one_ticket(scene: Scene) -> None:
    same = key()
    first, second = (
        commands.send_ticket(actor=scene.giver, case_id=scene.case.public_id, fields=scene.fields(), key=same)
        for _ in range(2)
    )
    assert first == second
    assert (Ticket.objects.count(), Message.objects.filter(kind="notice").count()) == (1, 1)


@pytest.mark.req("TIK-02")
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"reason": "Något helt annat"}, "ticket_reason_not_in_list"),
        ({"reason": ""}, "ticket_reason_not_in_list"),
        ({"to": ""}, "ticket_receiver_missing"),
        ({"to": "user:1:1"}, "ticket_receiver_missing"),
        ({"to": "role:999999:1"}, "ticket_receiver_missing"),
        ({"forms": ("finns_inte",)}, "ticket_form_not_offered"),
    ],
)
def test_faults_that_need_the_database_are_named_and_nothing_is_sent(
    scene: Scene, changes: dict[str, Any], code: str
) -> None:
    assert code in problems(scene, **changes)
    assert not Ticket.objects.exists()


@pytest.mark.req("TIK-02")
def test_everything_that_is_wrong_is_told_at_once(scene: Scene) -> None:
    assert problems(scene, verified=False, to="", reason="", valid_to=today() - timedelta(days=2)) >= {
        "ticket_not_verified", "ticket_receiver_missing", "ticket_reason_not_in_list", "ticket_end_before_start",
    }  # fmt: skip


def test_a_unit_where_nobody_has_the_role_is_refused(scene: Scene) -> None:
    Membership.objects.filter(pk=scene.receiver.membership_id).update(ended_at=now())
    assert problems(scene) == {"ticket_nobody_has_role"}


def test_the_own_unit_is_refused(scene: Scene) -> None:
    assert problems(scene, to=f"role:{scene.giver.unit_id}:{scene.giver.role_id}") == {"ticket_receiver_missing"}


def test_a_unit_that_is_closed_all_the_time_is_refused_and_one_that_opens_is_not(scene: Scene) -> None:
    closure = close_unit(scene.unit, days=30)
    assert problems(scene) == {"ticket_unit_closed"}
    Closure.objects.filter(pk=closure.pk).update(ends_at=now() + timedelta(days=2))
    assert scene.send().state == "sent"


def close_unit(unit: Unit, *, days: int) -> Closure:
    return Closure.objects.create(
        unit=unit, kind="planned", starts_at=now() - timedelta(hours=1), ends_at=now() + timedelta(days=days),
        grounds="training", reason="Utbildning", manager="Chef", chain="form_to_operator", status="approved",
        requested_at=now(),
    )  # fmt: skip


@pytest.mark.req("TIK-17")
def test_a_closed_receiver_is_told_honestly(scene: Scene) -> None:
    ticket = scene.usable()
    close_unit(scene.unit, days=2)
    with pytest.raises(Refusal) as closed:
        commands.begin_ticket(actor=scene.person, ticket_id=ticket.public_id, key=key())
    assert closed.value.code == "ticket_receiver_closed"


@pytest.mark.req("TIK-19")
def test_only_the_holder_of_a_started_visit_writes_one(scene: Scene) -> None:
    fields, ident = scene.fields(), scene.case.public_id
    with pytest.raises(Refusal) as held:
        colleague = factories.make_staff(Unit.objects.get(pk=scene.giver.unit_id))
        commands.send_ticket(actor=colleague, case_id=ident, fields=fields, key=key())
    assert held.value.code == "held_by_colleague"
    with pytest.raises(NotFound):
        commands.send_ticket(actor=scene.receiver, case_id=ident, fields=fields, key=key())
    received = factories.make_received_case(scene.giver)
    with pytest.raises(NotStarted):
        commands.send_ticket(actor=scene.giver, case_id=received.public_id, fields=fields, key=key())
    waiting = factories.make_case(Unit.objects.get(pk=scene.giver.unit_id))
    with pytest.raises(NotHolder):
        commands.send_ticket(actor=scene.giver, case_id=waiting.public_id, fields=fields, key=key())
    scene.close()
    with pytest.raises(CaseClosed):
        commands.send_ticket(actor=scene.giver, case_id=ident, fields=fields, key=key())


ANY_ROLE = {"nurse", "doctor", "physiotherapist", "medical_admin"}


@pytest.mark.req("TIK-03", "HOV-20", "REH-05")
@pytest.mark.parametrize(
    ("rule", "giver_type", "unit_type", "kind", "allowed"),
    [
        ("always_nurse", "primary_care", "primary_care", "seek_care", {"nurse"}),
        ("always_nurse", "primary_care", "rehab", "seek_care", {"physiotherapist"}),
        ("rehab_physiotherapist", "primary_care", "rehab", "seek_care", {"physiotherapist"}),
        ("rehab_physiotherapist", "primary_care", "primary_care", "seek_care", ANY_ROLE),
        ("nurse_or_medical_admin", "primary_care", "primary_care", "admin_question", {"nurse"}),
        ("nurse_or_medical_admin", "advice_line", "primary_care", "seek_care", {"nurse"}),
        ("nurse_or_medical_admin", "advice_line", "primary_care", "admin_question", {"nurse", "medical_admin"}),
    ],
)  # fmt: skip
def test_the_region_decides_the_role(rule: str, giver_type: str, unit_type: str, kind: str, allowed: set[str]) -> None:
    scene = make_scene(giver_type=giver_type, unit_type=unit_type)
    set_policy(Unit.objects.get(pk=scene.giver.unit_id), "ticket_role", rule)
    case = make_started_case(scene.giver, kind=kind, urgency=None if kind == "admin_question" else 3)
    sent = set()
    for role in ("nurse", "doctor", "physiotherapist", "medical_admin"):
        there = factories.make_staff(scene.unit, role)
        fields = scene.fields(to=f"role:{scene.unit.pk}:{there.role_id}")
        try:
            saved = commands.send_ticket(actor=scene.giver, case_id=case.public_id, fields=fields, key=key())
        except TicketIncomplete as refusal:
            assert [problem.code for problem in refusal.problems] == ["ticket_role_not_allowed"]
            continue
        sent.add(role)
        wanted = "admin_question" if role == "medical_admin" else "seek_care"
        assert Ticket.objects.get(public_id=saved.public_id).kind == wanted
    assert sent == allowed


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


@pytest.mark.req("TIK-13", "TIK-14")
@pytest.mark.parametrize("target", ["addressed_unit", "issuer"])
def test_an_unused_ticket_expires_once_and_makes_one_post(scene: Scene, target: str) -> None:
    set_policy(Unit.objects.get(pk=scene.giver.unit_id), "ticket_expiry_ack_target", target)
    ticket = scene.usable()
    due_at(ticket.valid_to - timedelta(seconds=1))
    ticket.refresh_from_db()
    assert ticket.state == "usable"
    for _ in range(2):
        due_at(ticket.valid_to + timedelta(seconds=1))
    ticket.refresh_from_db()
    assert ticket.state == "expired"
    post = Acknowledgement.objects.get()
    assert (post.kind, "Följ inte upp" in post.text) == ("unused_ticket", True)
    if target == "issuer":
        assert (post.unit_id, post.to_user_id) == (scene.giver.unit_id, scene.giver.user_id)
        assert post.case_id == scene.case.pk
    else:
        # TIK-09: the receiver gets no way into the giver's case.
        assert (post.unit_id, post.to_role_id, post.case_id) == (scene.unit.pk, scene.receiver.role_id, None)
    assert Notice.objects.filter(kind="acknowledgement").count() == 1
    assert not Timer.objects.filter(subject="ticket", fired_at=None).exists()


@pytest.mark.req("TIK-06", "TIK-13")
def test_the_issuer_is_warned_a_staffed_hour_before_and_gets_the_post_when_nobody_closed_the_visit(
    scene: Scene,
) -> None:
    ticket = scene.send()
    due_at(ticket.valid_to - timedelta(minutes=59))
    notice = Notice.objects.get(kind="ticket_waits")
    assert (notice.user_id, notice.unit_id, notice.case_id) == (scene.giver.user_id, scene.giver.unit_id, scene.case.pk)
    due_at(ticket.valid_to - timedelta(minutes=50))
    assert Notice.objects.filter(kind="ticket_waits").count() == 1
    due_at(ticket.valid_to)
    ticket.refresh_from_db()
    assert (ticket.state, Acknowledgement.objects.get().to_user_id) == ("expired", scene.giver.user_id)


def test_nobody_is_warned_about_a_ticket_that_can_be_used(scene: Scene) -> None:
    ticket = scene.usable()
    due_at(ticket.valid_to - timedelta(minutes=30))
    assert not Notice.objects.exists()


@pytest.mark.req("TIK-14")
def test_an_urgent_unused_ticket_alarms_issuer_and_receiver_when_the_target_passes(scene: Scene) -> None:
    ticket = scene.send(urgency=2, phone_contact_at=now())
    assert ticket.sent_at is not None
    due_at(ticket.sent_at + timedelta(minutes=119))
    assert not Acknowledgement.objects.exists()
    for _ in range(2):
        due_at(ticket.sent_at + timedelta(minutes=121))
    posts = list(Acknowledgement.objects.order_by("pk"))
    assert [(post.kind, post.unit_id) for post in posts] == [
        ("follow_up", scene.giver.unit_id), ("follow_up", scene.unit.pk),
    ]  # fmt: skip
    assert all("Ring patienten" in post.text for post in posts)
    assert Notice.objects.filter(kind="ticket_unused").count() == 2
    ticket.refresh_from_db()
    assert ticket.state == "sent"


@pytest.mark.req("TIK-14")
@pytest.mark.parametrize("urgency", [3, 4, 5])
def test_no_alarm_for_the_others(scene: Scene, urgency: int) -> None:
    ticket = scene.usable(urgency=urgency)
    due_at(ticket.valid_to - timedelta(seconds=1))
    assert not Acknowledgement.objects.exists()


def test_a_used_ticket_neither_expires_nor_alarms(scene: Scene) -> None:
    ticket = scene.usable(urgency=1, no_phone_reason="Svarar inte")
    use(ticket, scene.person)
    due_at(ticket.valid_to + timedelta(days=1))
    ticket.refresh_from_db()
    assert (ticket.state, Acknowledgement.objects.count()) == ("activated", 0)


@pytest.mark.req("TIK-15", "TIK-17")
def test_the_issuing_unit_withdraws_with_a_reason_and_the_patient_is_told(scene: Scene) -> None:
    ticket = scene.send()
    with pytest.raises(Refusal) as bare:
        commands.withdraw_ticket(actor=scene.giver, ticket_id=ticket.public_id, reason=" ", key=key())
    assert bare.value.code == "ticket_reason_missing"
    with pytest.raises(NotFound):
        commands.withdraw_ticket(actor=scene.receiver, ticket_id=ticket.public_id, reason="Nej", key=key())
    for _ in range(2):
        commands.withdraw_ticket(actor=scene.giver, ticket_id=ticket.public_id, reason="Fel enhet", key=key())
    ticket.refresh_from_db()
    assert (ticket.state, ticket.withdraw_reason) == ("withdrawn", "Fel enhet")
    texts = Message.objects.filter(case=scene.case, kind="notice").values_list("text", flat=True)
    assert [text for text in texts if "gäller inte längre" in text] == [
        f"Biljetten till {scene.unit.name}, Sjuksköterska, gäller inte längre."
    ]
    assert not any("Fel enhet" in text for text in texts)
    scene.close()
    ticket.refresh_from_db()
    assert ticket.state == "withdrawn"
    with pytest.raises(Refusal) as over:
        commands.begin_ticket(actor=scene.person, ticket_id=ticket.public_id, key=key())
    assert over.value.code == "ticket_withdrawn"


def test_what_was_used_or_has_expired_is_not_withdrawn(scene: Scene) -> None:
    ticket = scene.usable()
    use(ticket, scene.person)
    with pytest.raises(Refusal) as used:
        commands.withdraw_ticket(actor=scene.giver, ticket_id=ticket.public_id, reason="Nej", key=key())
    assert used.value.code == "ticket_used"


def test_withdrawn_or_expired_while_the_questions_are_answered_is_refused_at_sending(scene: Scene) -> None:
    from tests.handover.tickets import answer_all
    from triage import commands as triage

    ticket = scene.usable()
    interview = commands.begin_ticket(actor=scene.person, ticket_id=ticket.public_id, key=key())
    answer_all(scene.person, interview)
    commands.withdraw_ticket(actor=scene.giver, ticket_id=ticket.public_id, reason="Fel", key=key())
    with pytest.raises(Refusal) as over:
        triage.send_interview(actor=scene.person, interview_id=interview, key=key())
    assert over.value.code == "ticket_withdrawn"
    assert not Case.objects.filter(from_ticket=True).exists()


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


def sign(scene: Scene, text: str) -> None:
    journal.sign_note(
        actor=scene.giver, case_id=scene.case.public_id, texts=note_texts(scene.case, text), version=0,
        same_patient=True, key=key(),
    )  # fmt: skip


def note_texts(case: Case, text: str) -> list[str]:
    from direkt1177.units.policies import policy

    return [text, *[""] * (max(len(policy(case.unit).note_keywords), 1) - 1)]


def test_timezone_of_a_sent_ticket_is_swedish(scene: Scene) -> None:
    ticket = scene.send()
    assert timezone.localtime(ticket.valid_from).hour == 0
    assert timezone.localtime(ticket.valid_to).hour == 0


def test_a_draft_goes_with_its_case(scene: Scene) -> None:
    commands.save_draft(actor=scene.giver, case_id=scene.case.public_id, fields=scene.fields(), key=key())
    scene.close()
    assert Ticket.objects.get().state == "withdrawn"
    assert not Ticket.objects.filter(sent_at__isnull=False).exists()


@pytest.mark.req("UCH-02")
def test_a_unit_with_live_tickets_is_not_wound_up_before_they_are_over(scene: Scene) -> None:
    from direkt1177.units.leftovers import leftovers_of

    ticket = scene.usable()
    assert "biljetter" in " ".join(str(found.label) for found in leftovers_of(scene.unit.pk))
    use(ticket, scene.person)
    assert "biljetter" not in " ".join(str(found.label) for found in leftovers_of(scene.unit.pk))


def test_other_hours_move_the_warning(scene: Scene) -> None:
    from handover.tickets import following

    ticket = scene.send()
    before = Timer.objects.get(subject="ticket", subject_id=ticket.pk, kind="ticket_waits").due_at
    own = Unit.objects.get(pk=scene.giver.unit_id)
    own.staffed_hours.update(end="12:00")
    following.units_changed(frozenset({own.pk}))
    after = Timer.objects.get(subject="ticket", subject_id=ticket.pk, kind="ticket_waits").due_at
    assert before - after > timedelta(hours=11)
