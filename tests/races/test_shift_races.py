"""The end of a shift, and a release, against whatever else may come at the same instant: never an ownerless case."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from cases import commands
from cases.models import Case, Message
from direkt1177.accounts.actors import ManageActor, StaffActor
from direkt1177.accounts.models import AdminPermission, Shift
from direkt1177.audit.models import ChangeLog
from direkt1177.audit.refusals import Refusal
from direkt1177.units.models import Unit
from handover.models import Handover
from handover.offers import commands as offers
from handover.offers.commands import Offering
from handover.offers.picker import Choice as To
from handover.shifts.commands import EndOfShift, end_shift
from handover.shifts.errors import NoActiveShift
from handover.shifts.invariants import orphans
from handover.shifts.release_commands import release_held_case
from handover.shifts.rules import Choice
from handover.shifts.settle import Wish
from tests import factories
from tests.factories import key
from tests.races.threads import together

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 5


def place() -> tuple[Unit, StaffActor, ManageActor]:
    """A unit with a doctor on shift and a manager."""
    unit = factories.make_unit()
    doctor = factories.make_staff(unit, "doctor")
    boss = factories.make_staff(unit, "medical_admin")
    AdminPermission.objects.create(user_id=boss.user_id, unit=unit, kind="statistics")
    return unit, doctor, ManageActor(user_id=boss.user_id, name=boss.name, unit_id=unit.pk)


def started(unit: Unit) -> tuple[StaffActor, Case]:
    """A fresh nurse with a started visit."""
    nurse = factories.make_staff(unit)
    return nurse, factories.make_started_case(nurse)


def healthy(*outcomes: Any) -> None:
    """Nothing but refusals went wrong, and nobody is forgotten."""
    broken = [one for one in outcomes if isinstance(one, Exception) and not isinstance(one, Refusal)]
    assert not broken, broken
    assert orphans() == []


@pytest.mark.req("SHF-03", "SHF-05")
def test_two_tabs_end_one_shift() -> None:
    unit, _doctor, _boss = place()
    for _ in range(ROUNDS):
        nurse, case = started(unit)
        wish = Wish(str(case.public_id), Choice.HAND_OVER, role_id=nurse.role_id, text="Hej")
        tabs = together([partial(end_shift, actor=nurse, satisfied=True, key=key(), wishes=[wish]) for _tab in "ab"])
        assert sorted(type(one).__name__ for one in tabs) == ["EndOfShift", "NoActiveShift"]
        assert Handover.objects.filter(case=case).count() == 1
        assert Message.objects.filter(case=case, text="Hej").count() == 1
        assert Shift.objects.filter(user_id=nurse.user_id, ended_at__isnull=True).count() == 0
        healthy(*tabs)


@pytest.mark.req("HOV-11")
def test_end_of_shift_against_acceptance() -> None:
    unit, doctor, _boss = place()
    for _ in range(ROUNDS):
        nurse, case = started(unit)
        offering = Offering(to=To(unit.pk, doctor.role_id, None), patient_message="Läkare tar över")
        offers.offer_case(actor=nurse, case_id=case.public_id, offering=offering, key=key())
        ended, taken = together(
            [
                partial(end_shift, actor=nurse, satisfied=True, key=key()),
                partial(commands.receive_case, actor=doctor, case_id=case.public_id, key=key()),
            ]
        )
        assert isinstance(ended, EndOfShift) and ended.ended, ended
        case.refresh_from_db()
        # Whichever came first: the doctor has it, the nurse does not, and no offer is left.
        assert (case.state, case.holder_id, case.offered_at) == ("started", doctor.user_id, None), taken
        assert not Handover.objects.filter(case=case, state="pending").exists()
        healthy(ended, taken)


OTHERS: dict[str, Callable[[StaffActor, Case], Any]] = {
    "closes": lambda nurse, case: commands.close_visit(
        actor=nurse, case_id=case.public_id, follow_up_days=0, key=key()
    ),
    "writes": lambda nurse, case: commands.send_message(
        actor=nurse, case_id=case.public_id, client_id=key(), text="Hej"
    ),
    "patient writes": lambda nurse, case: commands.send_message(
        actor=factories.resident(case.patient), case_id=case.public_id, client_id=key(), text="Hallå"
    ),
    "ends shift": lambda nurse, case: end_shift(
        actor=nurse, satisfied=True, key=key(), wishes=[Wish(str(case.public_id), Choice.CLOSE)]
    ),
}


@pytest.mark.req("HOV-11", "CAS-06")
@pytest.mark.parametrize("other", OTHERS)
def test_release_against(other: str) -> None:
    unit, doctor, boss = place()
    for _ in range(ROUNDS):
        nurse, case = started(unit)
        before = Message.objects.filter(case=case).count()
        released, did = together(
            [
                partial(release_held_case, actor=boss, case_id=case.public_id, reason="Sjuk", key=key()),
                partial(OTHERS[other], nurse, case),
            ]
        )
        case.refresh_from_db()
        if isinstance(released, Refusal):
            assert other in ("closes", "ends shift") and case.state == "closed", (released, did)
        else:
            assert (case.state, case.holder_id) == ("waiting", None)
            assert ChangeLog.objects.filter(event="case_released", object_id=str(case.public_id)).count() == 1
            assert Message.objects.filter(case=case, author="system").count() == 1
        if other == "patient writes":
            assert not isinstance(did, Exception)
            assert Message.objects.filter(case=case).count() == before + 2
        healthy(released, did)
        assert not isinstance(did, NoActiveShift)
    assert doctor.shift_id is not None
