"""How tickets end without being used: expiry, alarms, withdrawal; what their timers do."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from cases.models import Case, Message
from direkt1177.audit.refusals import NotFound, Refusal
from direkt1177.units.clock import moved, now
from direkt1177.units.models import Unit
from handover.models import Acknowledgement, Notice, Timer
from handover.tickets import commands
from handover.timers import fire
from tests.factories import key, set_policy
from tests.handover.tickets import Scene, make_scene, use

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def due_at(moment: Any) -> None:
    """Let every timer fire that is due then."""
    with moved(moment):
        for due in fire.find_due():
            fire.fire(due)


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
