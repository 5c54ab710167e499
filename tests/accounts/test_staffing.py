"""Roles with nobody there during staffed hours (HRS-06)."""

from __future__ import annotations

from datetime import time, timedelta

import pytest

from direkt1177.accounts.models import Membership, Shift, User
from direkt1177.accounts.staffing import roles_without_staff
from direkt1177.units.clock import moved
from direkt1177.units.models import StaffedHours
from tests.factories import make_role, make_staff, make_unit
from tests.units.test_closures import at

pytestmark = pytest.mark.django_db
MONDAY = at("2026-03-02 10:00")


@pytest.mark.req("HRS-06")
def test_roles_that_take_cases_and_have_nobody_on_an_active_shift() -> None:
    unit = make_unit(always_open=False)
    make_role("medical_admin")  # administrative questions are addressed to it, nobody holds it
    make_role("physiotherapist")  # nobody has it and nothing goes there
    with moved(MONDAY):
        nurse, doctor = make_staff(unit), make_staff(unit, "doctor", on_shift=False)
        make_staff(make_unit(), "doctor")  # on shift, at another unit
        assert {role.code for role in roles_without_staff(unit)} == {"doctor", "medical_admin"}
        Shift.objects.create(
            user_id=doctor.user_id, unit=unit, role=make_role("doctor"), started_at=MONDAY,
            shift_type=User.ShiftType.PRIMARY_ON_CALL,
        )  # fmt: skip
        assert [role.code for role in roles_without_staff(unit)] == ["medical_admin"]
        assert {role.code for role in roles_without_staff(unit, MONDAY - timedelta(minutes=1))} >= {"nurse", "doctor"}
        assert roles_without_staff(unit, at("2026-03-02 16:00")) == []  # the unit is not staffed: nobody is missing
        StaffedHours.objects.create(unit=unit, role=make_role("medical_admin"), weekday=1, start=time(9), end=time(12))
        assert roles_without_staff(unit) == []  # that role works on Tuesdays
        Shift.objects.filter(user_id=nurse.user_id).update(ended_at=MONDAY)
        assert [role.code for role in roles_without_staff(unit)] == ["nurse"]
        Membership.objects.filter(user_id=nurse.user_id).update(ended_at=MONDAY)
        assert [role.code for role in roles_without_staff(unit)] == ["nurse"]  # new cases go to that role all the same
