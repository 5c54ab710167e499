"""No open case without a responsible: the check finds every kind of violation, tells once, and is quiet otherwise."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cases.models import Case
from direkt1177.accounts.models import AdminPermission, Membership, Shift, User
from direkt1177.audit.models import ChangeLog
from direkt1177.outbox.models import Heartbeat
from direkt1177.units.clock import moved, now
from direkt1177.units.models import Unit
from handover.models import Notice
from handover.shifts.invariants import orphans
from handover.shifts.tasks import no_case_without_responsible
from tests import factories

pytestmark = pytest.mark.django_db


def test_healthy_cases_are_no_orphans() -> None:
    nurse = factories.make_staff()
    factories.make_case(Unit.objects.get(pk=nurse.unit_id))
    factories.make_received_case(nurse)
    factories.make_started_case(nurse)
    factories.make_closed_case(nurse)
    factories.make_closed_case(nurse, follow_up_days=2)
    assert orphans() == []


def test_each_violation_is_found() -> None:
    nurse = factories.make_staff()
    unit = Unit.objects.get(pk=nurse.unit_id)
    waiting = factories.make_case(unit, "doctor")  # nobody holds that role
    started = factories.make_started_case(nurse)
    follow_up = factories.make_closed_case(nurse, follow_up_days=2)
    paused = factories.make_started_case(nurse)
    Case.objects.filter(pk=paused.pk).update(state="paused", resume_at=None)
    Shift.objects.filter(user_id=nurse.user_id).update(ended_at=now())
    found = {one.case_pk: one.why for one in orphans()}
    assert found == {waiting.pk: "empty_role", started.pk: "no_shift", paused.pk: "no_date"}
    Membership.objects.filter(pk=nurse.membership_id).update(ended_at=now())
    assert {one.case_pk: one.why for one in orphans()}[follow_up.pk] == "no_membership"


def test_a_closed_account_is_nobody() -> None:
    nurse = factories.make_staff()
    factories.make_started_case(nurse)
    User.objects.filter(pk=nurse.user_id).update(is_active=False)
    assert [one.why for one in orphans()] == ["no_shift"]


def test_the_check_runs_once_an_hour_and_tells_the_coordinator_once() -> None:
    nurse = factories.make_staff()
    unit = Unit.objects.get(pk=nurse.unit_id)
    boss = factories.make_staff(unit)
    AdminPermission.objects.create(user_id=boss.user_id, unit=unit, kind="coordinator")
    case = factories.make_case(unit, "doctor")
    start = now().replace(hour=10)
    with moved(start):
        assert no_case_without_responsible() == 1
        assert no_case_without_responsible() == 0
    with moved(start + timedelta(minutes=59)):
        assert no_case_without_responsible() == 0
    with moved(start + timedelta(minutes=61)):
        assert no_case_without_responsible() == 1
    assert Notice.objects.filter(user_id=boss.user_id, kind="no_responsible", case=case).count() == 1
    assert ChangeLog.objects.filter(event="responsible_missing", object_id=str(case.public_id)).count() == 2
    assert Heartbeat.objects.filter(name="responsible_missing").exists()
