"""Small functions that make what tests need: units, staff, residents, cases. Every call makes something new.

Cases are made and moved with the real commands, so rows, logs, outbox and feeds are as in real life.
"""

from __future__ import annotations

import itertools
import uuid
from datetime import date, time
from typing import Any

from cases import commands, names, rules, steps
from cases.locking import lock_case
from cases.models import Case
from direkt1177.accounts.actors import ResidentActor, StaffActor
from direkt1177.accounts.models import Membership, Shift, User
from direkt1177.accounts.queries import staff_actor
from direkt1177.audit.models import BoardStay
from direkt1177.audit.record import command
from direkt1177.residents.models import Guardianship, Person
from direkt1177.residents.queries import person_view
from direkt1177.units.clock import now
from direkt1177.units.models import CareProvider, CareRole, PolicyValue, Region, StaffedHours, Unit
from handover.models import Handover

_number = itertools.count(1)
ROLES = {
    "nurse": "Sjuksköterska",
    "doctor": "Läkare",
    "physiotherapist": "Fysioterapeut",
    "medical_admin": "Medicinsk admin",
}


def key() -> str:
    """A fresh idempotency key."""
    return uuid.uuid4().hex


def make_region(**fields: Any) -> Region:
    """A region without any policy of its own: the documented defaults hold."""
    n = next(_number)
    return Region.objects.create(
        **{"code": f"region-{n}", "name": f"Region {n}", "service_name": "1177 direkt", **fields}
    )


def set_policy(unit: Unit, name: str, value: Any) -> None:
    """Let a policy of the unit's region hold from long ago."""
    PolicyValue.objects.update_or_create(
        region=unit.provider.region, unit=None, key=name, valid_from=date(2020, 1, 1),
        defaults={"value": value, "source": "test"},
    )  # fmt: skip


def make_role(code: str = "nurse") -> CareRole:
    """The care role of that code, made when missing."""
    return CareRole.objects.get_or_create(code=code, defaults={"name": ROLES.get(code, code.title())})[0]


def make_unit(*, region: Region | None = None, provider: CareProvider | None = None, **fields: Any) -> Unit:
    """A health centre, staffed day and night unless ``always_open=False``."""
    n = next(_number)
    always_open = fields.pop("always_open", True)
    provider = provider or CareProvider.objects.create(
        region=region or make_region(), name=f"Vårdgivare {n}", organisation_number=f"55{n:08d}", kind="public"
    )
    unit = Unit.objects.create(
        **{
            "slug": f"halsocentral-{n}",
            "provider": provider,
            "type": Unit.Type.PRIMARY_CARE,
            "name": f"Hälsocentral {n}",
            "hsa_id": f"SE2321000000-U{n:05d}",
            "open_on_red_days": always_open,
            **fields,
        }
    )
    if always_open:
        StaffedHours.objects.bulk_create(
            StaffedHours(unit=unit, weekday=day, start=time(0), end=time(23, 59)) for day in range(7)
        )
    return unit


def make_staff(unit: Unit | None = None, role: str = "nurse", *, on_shift: bool = True, **fields: Any) -> StaffActor:
    """Somebody with a membership and (by default) an active shift, as the actor of commands and doors."""
    n = next(_number)
    unit = unit or make_unit()
    user = User.objects.create_user(
        f"SE2321000000-S{n:05d}",
        **{"first_name": f"Anna{n}", "last_name": "Karlsson", "title": "Legitimerad sjuksköterska", **fields},
    )
    membership = Membership.objects.create(user=user, unit=unit, role=make_role(role))
    if on_shift:
        Shift.objects.create(
            user=user, unit=unit, role=membership.role, shift_type=User.ShiftType.PRIMARY_ON_CALL, started_at=now()
        )
    actor = staff_actor(user_id=user.pk, membership_id=membership.pk)
    assert actor is not None
    return actor


def make_person(**fields: Any) -> Person:
    """An adult whose identity is known not to be protected, with a mobile number."""
    n = next(_number)
    birth = fields.pop("birth_date", date(1980, 1, 1))
    return Person.objects.create(
        **{
            "personal_number": personal_number(birth, n),
            "first_name": f"Invånare{n}",
            "last_name": "Testsson",
            "birth_date": birth,
            "mobile": f"+46700{n:06d}",
            "email": f"person{n}@example.com",
            "protected": Person.Protected.NO,
            **fields,
        }
    )


def make_child(guardian: Person, **fields: Any) -> Person:
    """A child of six whom the guardian may represent."""
    born = fields.pop("birth_date", date(now().year - 6, 1, 1))
    child = make_person(birth_date=born, mobile="", **fields)
    Guardianship.objects.create(guardian=guardian, child=child)
    return child


def resident(person: Person) -> ResidentActor:
    """The person as a signed-in actor, masked as its session would be."""
    return ResidentActor(person_id=person.pk, name=person_view(person).name)


def make_case(unit: Unit | None = None, role: str = "nurse", *, patient: Person | None = None, **facts: Any) -> Case:
    """A waiting case, urgency 3, sent by the patient (or by ``started_by``)."""
    unit = unit or make_unit()
    patient = patient or make_person()
    starter: Person = facts.pop("started_by", None) or patient
    new = steps.NewCase(
        **{
            "kind": Case.Kind.SEEK_CARE,
            "unit_id": unit.pk,
            "role_id": make_role(role).pk,
            "patient_id": patient.pk,
            "started_by_id": starter.pk,
            "contact_reason": "Halsont",
            "contact_reason_code": "sore_throat",
            "urgency": 3,
            "computed_urgency": 3,
            "consents": {"care_history": True, "medication_list": False},
            **facts,
        }
    )
    return _send_case(resident(starter), new)


def make_received_case(actor: StaffActor, **facts: Any) -> Case:
    """A case that the actor has taken."""
    case = make_case(Unit.objects.get(pk=actor.unit_id), actor.role_code, **facts)
    commands.receive_case(actor=actor, case_id=case.public_id, key=key())
    case.refresh_from_db()
    return case


def make_started_case(actor: StaffActor, **facts: Any) -> Case:
    """A case whose visit the actor has started; its chat holds the welcome message."""
    case = make_received_case(actor, **facts)
    commands.start_visit(actor=actor, case_id=case.public_id, key=key())
    case.refresh_from_db()
    return case


def make_closed_case(actor: StaffActor, *, follow_up_days: int = 0, **facts: Any) -> Case:
    """A case that the actor has closed, with follow-up when days are given."""
    case = make_started_case(actor, **facts)
    commands.close_visit(actor=actor, case_id=case.public_id, follow_up_days=follow_up_days, key=key())
    case.refresh_from_db()
    return case


def offer(case: Case, to: Unit | None = None, *, role: str | None = "doctor", user: StaffActor | None = None) -> Case:
    """Offer a held case to a role (of its own unit), or to a colleague; with the row that handover keeps of it."""
    return _offer(case_id=case.public_id, unit=to, role=None if user else role, user=user)


def withdraw(case: Case) -> Case:
    """Take an offer back; the holder stays."""
    return _withdraw(case_id=case.public_id)


def release(case: Case, *, ownerless: bool = False) -> Case:
    """Put a held case into the queue of its own role, as the end of a shift does."""
    return _release(case_id=case.public_id, ownerless=ownerless)


def personal_number(birth: date, serial: int) -> str:
    """Twelve digits with a right check digit."""
    nine = f"{birth:%y%m%d}{serial % 1000:03d}"
    total = sum(sum(divmod(int(c) * (2 - i % 2), 10)) for i, c in enumerate(nine))
    return f"{birth:%Y%m%d}{serial % 1000:03d}{-total % 10}"


@command
def _send_case(actor: ResidentActor, facts: steps.NewCase) -> Case:
    return steps.create_case(actor=actor, facts=facts)


@command
def _offer(*, case_id: uuid.UUID, unit: Unit | None, role: str | None, user: StaffActor | None) -> Case:
    case, at = lock_case(case_id), now()
    unit_id = user.unit_id if user else (unit or case.unit).pk
    role_id = make_role(role).pk if role else None
    assert case.holder is not None
    steps.offer_case(case, unit_id=unit_id, role_id=role_id, user_id=user.user_id if user else None, at=at)
    Handover.objects.create(
        case=case, from_user=case.holder, from_unit=case.unit, from_role=case.holder_role or case.role,
        to_unit_id=unit_id, to_role_id=role_id, to_user_id=user.user_id if user else None, offered_at=at,
    )  # fmt: skip
    _board(case, "enter")
    return Case.objects.get(pk=case.pk)


@command
def _withdraw(*, case_id: uuid.UUID) -> Case:
    case = lock_case(case_id)
    _board(case, "leave")
    steps.clear_offer(case)
    case.handovers.filter(state="pending").update(state="withdrawn", decided_at=now())
    return Case.objects.get(pk=case.pk)


@command
def _release(*, case_id: uuid.UUID, ownerless: bool) -> Case:
    case = lock_case(case_id)
    _board(case, "leave")
    steps.release_case(case, unit_id=case.unit_id, role_id=case.role_id, at=now(), ownerless=ownerless)
    case.handovers.filter(state="pending").update(state="queued", decided_at=now())
    _board(case, "enter")
    return Case.objects.get(pk=case.pk)


def _board(case: Case, op: str) -> None:
    """The patient enters or leaves the queue in which the case lies, if it lies in one."""
    if (queue := rules.lies_in(case)) is not None:
        BoardStay.objects.create(
            board=names.queue_feed(*queue), object_id=str(case.public_id), patient_id=case.patient_id, op=op
        )
