"""Writing and sending tickets: drafts, every fault of the form, who may, to which roles."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from cases.errors import CaseClosed, NotHolder, NotStarted
from cases.models import Message
from direkt1177.accounts.models import Membership
from direkt1177.audit.refusals import NotFound, Refusal
from direkt1177.residents.queries import today
from direkt1177.units.clock import now
from direkt1177.units.models import Closure, Unit
from handover.models import Ticket
from handover.tickets import commands
from handover.tickets.errors import TicketIncomplete
from tests import factories
from tests.factories import key, make_started_case, set_policy
from tests.handover.tickets import Scene, close_unit, make_scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def problems(scene: Scene, **changes: Any) -> set[str]:
    with pytest.raises(TicketIncomplete) as refusal:
        scene.send(**changes)
    return {problem.code for problem in refusal.value.problems}


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


def test_timezone_of_a_sent_ticket_is_swedish(scene: Scene) -> None:
    ticket = scene.send()
    assert timezone.localtime(ticket.valid_from).hour == 0
    assert timezone.localtime(ticket.valid_to).hour == 0


def test_a_draft_goes_with_its_case(scene: Scene) -> None:
    commands.save_draft(actor=scene.giver, case_id=scene.case.public_id, fields=scene.fields(), key=key())
    scene.close()
    assert Ticket.objects.get().state == "withdrawn"
    assert not Ticket.objects.filter(sent_at__isnull=False).exists()
