"""What tests of colleagues need: a visit, a guest in it, a handover that waits."""

from __future__ import annotations

from dataclasses import dataclass

from cases.colleagues import commands
from cases.colleagues.models import Guest
from cases.models import Case
from direkt1177.accounts.actors import ResidentActor, StaffActor
from direkt1177.units.models import Unit
from tests.factories import key, make_staff, make_started_case, make_unit, resident


@dataclass
class Visit:
    """A started case, its nurse, a doctor at the unit, a nurse at another unit of the provider."""

    nurse: StaffActor
    doctor: StaffActor
    elsewhere: StaffActor
    case: Case
    patient: ResidentActor


def visit() -> Visit:
    """A fresh one."""
    nurse = make_staff()
    unit = Unit.objects.get(pk=nurse.unit_id)
    case = make_started_case(nurse)
    there = make_unit(provider=unit.provider)
    return Visit(nurse, make_staff(unit, "doctor"), make_staff(there), case, resident(case.patient))


def invite(v: Visit, who: StaffActor | None = None, mode: str = "consult", by: StaffActor | None = None) -> Guest:
    """Invite the doctor, or somebody else."""
    who = who or v.doctor
    done = commands.invite_guest(
        actor=by or v.nurse, case_id=v.case.public_id, user_id=who.user_id, unit_id=who.unit_id, mode=mode, key=key()
    )
    return Guest.objects.get(public_id=done.guest_id)


def say(v: Visit, who: StaffActor, text: str = "Internt") -> int:
    """A line in the internal chat; its number."""
    return commands.send_internal(actor=who, case_id=v.case.public_id, client_id=key(), text=text).seq
