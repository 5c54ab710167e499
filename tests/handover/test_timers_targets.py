"""Targets that pass, many waiting, nobody there: who is told, and when (QUE-14, QUE-15, TRI-04, HRS-03, HRS-20)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from cases import commands as case_commands
from cases.models import Case
from direkt1177.accounts.actors import StaffActor
from direkt1177.accounts.models import AdminPermission, Membership, Shift
from direkt1177.audit.models import ChangeLog
from direkt1177.units import clock
from direkt1177.units.models import StaffedHours, Unit
from handover.models import Notice, Timer
from handover.timers import case_plans, sweep
from tests import factories
from tests.signing_in import staff_client

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)  # a Wednesday, 10.00 in Sweden
MINUTE = timedelta(minutes=1)


@pytest.fixture
def unit() -> Unit:
    """Staffed day and night."""
    return factories.make_unit()


def _write(nurse: StaffActor, case: Case, at: datetime) -> None:
    with clock.moved(at):
        case_commands.send_message(actor=nurse, case_id=case.public_id, client_id=factories.key(), text="Hur mår du?")


def _sweep(at: datetime) -> None:
    with clock.moved(at):
        sweep.sweep()


def _notices(actor: StaffActor, kind: str) -> int:
    return Notice.objects.filter(user_id=actor.user_id, kind=kind).count()


def _panel(client: Client, case: Case) -> str:
    answer = client.get(reverse("handover:clock_panel", args=[case.public_id]), headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.req("QUE-14", "TRI-04")
def test_passed_targets_remind_the_role_then_coordinator_and_manager(unit: Unit) -> None:
    with clock.moved(AT):
        nurse, doctor = factories.make_staff(unit), factories.make_staff(unit, role="doctor")
        coordinator, manager = factories.make_staff(unit, role="doctor"), factories.make_staff(unit, role="doctor")
        AdminPermission.objects.create(user_id=coordinator.user_id, unit=unit, kind="coordinator")
        AdminPermission.objects.create(user_id=manager.user_id, unit=unit, kind="statistics")
        case = factories.make_case(unit, urgency=2)  # 120 minutes, response 15
    _sweep(AT + 14 * MINUTE)
    assert _notices(nurse, "queue_late") == 0
    _sweep(AT + 15 * MINUTE)
    _sweep(AT + 16 * MINUTE)
    assert (_notices(nurse, "queue_late"), _notices(doctor, "queue_late")) == (1, 0)
    assert _notices(coordinator, "target_escalated") == 0
    _sweep(AT + 45 * MINUTE)
    assert (_notices(coordinator, "target_escalated"), _notices(manager, "target_escalated")) == (1, 1)
    _sweep(AT + 119 * MINUTE)
    assert _notices(nurse, "assessment_late") == 0
    _sweep(AT + 120 * MINUTE)
    assert _notices(nurse, "assessment_late") == 1
    _sweep(AT + 150 * MINUTE)
    assert _notices(coordinator, "target_escalated") == 2
    log = ChangeLog.objects.filter(event="target_passed", object_id=str(case.public_id))
    assert [row.data["target"] for row in log.order_by("pk")] == [
        "response_late",
        "response_escalated",
        "assessment_late",
        "assessment_escalated",
    ]


@pytest.mark.req("QUE-14")
def test_a_long_queue_rings_once_an_hour(unit: Unit) -> None:
    with clock.moved(AT):
        nurse = factories.make_staff(unit)
        for _ in range(4):
            factories.make_case(unit)
    _sweep(AT + 20 * MINUTE)
    assert _notices(nurse, "queue_late") == 1
    assert ChangeLog.objects.filter(event="target_passed").count() == 4
    with clock.moved(AT + 60 * MINUTE):
        factories.make_case(unit)
    _sweep(AT + 80 * MINUTE)
    assert _notices(nurse, "queue_late") == 2


@pytest.mark.req("HRS-06")
def test_the_queue_of_another_role_says_that_nobody_is_there(unit: Unit) -> None:
    doctor, nurse = factories.make_staff(unit, role="doctor"), factories.make_staff(unit)
    page = reverse("cases:queue") + f"?roll={nurse.role_id}"
    client = staff_client(doctor)
    assert "Ej bemannat" not in client.get(page).content.decode()
    Shift.objects.filter(user_id=nurse.user_id).update(ended_at=clock.now())
    assert "Ej bemannat: ingen med rollen Sjuksköterska" in client.get(page).content.decode()


@pytest.mark.req("QUE-15", "TRI-04")
@pytest.mark.parametrize(("stop", "reminded"), [("received", 0), ("reply", 1)])
def test_a_case_taken_reminds_its_holder_until_the_clock_stops(unit: Unit, stop: str, reminded: int) -> None:
    factories.set_policy(unit, "response_clock_stop", stop)
    with clock.moved(AT):
        nurse, other = factories.make_staff(unit), factories.make_staff(unit)
        case = factories.make_received_case(nurse, urgency=2)
    _sweep(AT + 60 * MINUTE)
    assert (_notices(nurse, "response_late"), _notices(other, "response_late")) == (reminded, 0)
    with clock.moved(AT + 61 * MINUTE):
        case_commands.start_visit(actor=nurse, case_id=case.public_id, key=factories.key())
    _write(nurse, case, AT + 62 * MINUTE)
    _sweep(AT + 500 * MINUTE)
    assert _notices(nurse, "assessment_late") == 0


@pytest.mark.req("HRS-03")
def test_the_response_target_runs_on_in_the_tail(unit: Unit) -> None:
    StaffedHours.objects.filter(unit=unit).delete()
    Unit.objects.filter(pk=unit.pk).update(open_on_red_days=False)
    factories.set_policy(unit, "staffed_hours", {"wed": ["08.00-16.00"], "thu": ["08.00-16.00"]})
    factories.set_policy(unit, "staffed_tail_minutes", 30)
    with clock.moved(AT.replace(hour=14, minute=55)):  # 15.55 in Sweden
        nurse = factories.make_staff(unit)
        case = factories.make_case(unit)
    assert case.response_due_at == AT.replace(hour=15, minute=10)  # 16.10: in the tail
    _sweep(AT.replace(hour=15, minute=11))
    assert _notices(nurse, "queue_late") == 1
    # Half an hour of staffed time later: twenty minutes of tail, ten of Thursday morning.
    escalated = Timer.objects.get(subject="case", subject_id=case.pk, kind=case_plans.RESPONSE_ESCALATED)
    assert escalated.due_at == (AT + timedelta(days=1)).replace(hour=7, minute=10)


@pytest.mark.req("HRS-20")
def test_many_waiting_alert_the_manager_once_for_each_crossing(unit: Unit) -> None:
    factories.set_policy(unit, "load_alert_threshold", 2)
    with clock.moved(AT):
        nurse, manager = factories.make_staff(unit), factories.make_staff(unit, role="doctor")
        AdminPermission.objects.create(user_id=manager.user_id, unit=unit, kind="statistics")
        waiting = [factories.make_case(unit) for _ in range(2)]
        _sweep(AT)
        assert _notices(manager, "load") == 0
        waiting += [factories.make_case(unit) for _ in range(2)]
        for _ in range(3):
            _sweep(AT)
        assert (_notices(manager, "load"), _notices(nurse, "load")) == (1, 0)
        assert Notice.objects.get(kind="load").data["waiting"] == 4
        for case in waiting[:2]:
            case_commands.receive_case(actor=nurse, case_id=case.public_id, key=factories.key())
        _sweep(AT)
        factories.make_case(unit)
        _sweep(AT)
    assert _notices(manager, "load") == 2
    assert ChangeLog.objects.filter(event="many_waiting").count() == 2


@pytest.mark.req("HRS-06")
def test_not_staffed_is_said_as_it_is(unit: Unit) -> None:
    doctor = factories.make_staff(unit, role="doctor")
    case = factories.make_case(unit)
    client = staff_client(doctor)
    assert "Ej bemannat: ingen med rollen Sjuksköterska är i tjänst" in _panel(client, case)
    nurse = factories.make_staff(unit)
    assert "Ej bemannat" not in _panel(client, case)
    Shift.objects.filter(user_id=nurse.user_id).update(ended_at=clock.now())
    Membership.objects.filter(user_id=nurse.user_id).update(ended_at=clock.now())
    assert "Ej bemannat" in _panel(client, case)
