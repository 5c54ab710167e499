"""What residents see: own cases, and the waiting room with honest times (ENT-12, ENT-13)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from cases import names, rules
from cases.models import Case, Message
from cases.queries.lists import unread_of
from cases.states import CaseState
from direkt1177.accounts.actors import ResidentActor
from direkt1177.realtime.prepared import Prepared
from direkt1177.residents.access import children_readable_by_each
from direkt1177.residents.queries import PersonView, views_of
from direkt1177.units import queries as unit_queries
from direkt1177.units import staffed_time
from direkt1177.units.clock import now

_RECENT = timedelta(days=14)
_SAMPLE = 50


@dataclass(frozen=True, slots=True)
class ResidentRow:
    """A case in *Mina ärenden*, with the contact reason as heading (ENT-13).

    Attributes:
        relation: ``self``, ``guardian`` (started it, acts) or ``guardian_read`` (ENT-20).
    """

    public_id: UUID
    object: str
    contact_reason: str
    entrance: str
    state: str
    open: bool
    relation: str
    patient_id: int
    person: PersonView
    unit_name: str
    arrived_at: datetime
    follow_up_until: datetime | None
    closed_at: datetime | None
    unread: int


@dataclass(frozen=True, slots=True)
class WaitingFacts:
    """The waiting room: only what is known, never a promise.

    Attributes:
        ahead: cases before this one in its queue now; more urgent ones may still pass.
        staffed_now: whether somebody of the role is there.
        next_staffed_at: when somebody comes, if nobody is there; None when unknown.
        interval: minutes (half of recent cases, nine of ten) until they were taken; None = *vet inte ännu*.
    """

    state: str
    unit_name: str
    role_name: str
    arrived_at: datetime
    ahead: int
    staffed_now: bool
    next_staffed_at: datetime | None
    interval: tuple[int, int] | None
    holder_name: str
    holder_title: str
    received_at: datetime | None


def _of(people: list[int]) -> QuerySet[Case]:
    found = Case.objects.filter(patient_id__in=people).select_related("unit")
    return found.annotate(unread=unread_of(Message.Author.STAFF, "patient_seen_seq")).order_by("-arrived_at", "-pk")


_OWN = Prepared(lambda person: _of([person]), 1_999_999_991)


def resident_cases(actor: ResidentActor) -> list[ResidentRow]:
    """Own cases and those of children the actor may read, open first, then latest; constant query count."""
    return resident_cases_of_each([actor.person_id])[actor.person_id]


def resident_cases_of_each(person_ids: Iterable[int]) -> dict[int, list[ResidentRow]]:
    """``resident_cases`` for many, in as many queries as for one."""
    persons = list(person_ids)
    if not persons:
        return {}
    readable = {person: {person, *children} for person, children in children_readable_by_each(persons).items()}
    everybody = set().union(*readable.values())
    cases: list[Any] = list(_of(sorted(everybody))) if len(everybody) > 1 else _OWN.all(persons[0])
    people = views_of(c.patient_id for c in cases)
    at = now()
    return {
        person: sorted(
            (_row(person, c, people[c.patient_id], at) for c in cases if c.patient_id in readable[person]),
            key=lambda r: r.state in (CaseState.CLOSED, CaseState.CANCELLED),
        )
        for person in persons
    }


def _row(person_id: int, case: Any, person: PersonView, at: datetime) -> ResidentRow:
    return ResidentRow(
        public_id=case.public_id,
        object=names.case_object(case.public_id),
        contact_reason=case.contact_reason,
        entrance=case.get_kind_display(),
        state=str(case.state),
        open=rules.may_write_in(case, at),
        relation=relation_of(ResidentActor(person_id=person_id, name=""), case),
        patient_id=case.patient_id,
        person=person,
        unit_name=case.unit.name,
        arrived_at=case.arrived_at,
        follow_up_until=case.follow_up_until,
        closed_at=case.closed_at,
        unread=case.unread,
    )


def relation_of(actor: ResidentActor, case: Case) -> str:
    """Which part the actor has in a case they may read."""
    if case.patient_id == actor.person_id:
        return "self"
    return "guardian" if case.started_by_id == actor.person_id else "guardian_read"


def waiting_facts(case: Case) -> WaitingFacts:
    """Facts for the waiting room of a case from a door; four queries at most."""
    at = now()
    ahead = 0
    if case.state == CaseState.WAITING:
        queue = Case.objects.filter(queue_unit=case.unit_id, queue_role=case.role_id)
        ahead = queue.filter(
            Q(sort_rank__lt=case.sort_rank) | Q(sort_rank=case.sort_rank, arrived_at__lt=case.arrived_at)
        ).count()
    calendar = unit_queries.calendar_for(case.unit, case.role)
    staffed = staffed_time.is_staffed(calendar, at, tail=True)
    holder = case.holder
    return WaitingFacts(
        state=str(case.state),
        unit_name=case.unit.name,
        role_name=case.role.name,
        arrived_at=case.arrived_at,
        ahead=ahead,
        staffed_now=staffed,
        next_staffed_at=None if staffed else staffed_time.next_staffed(calendar, at),
        interval=_interval(case, at) if staffed else None,
        holder_name=holder.full_name if holder else "",
        holder_title=holder.title if holder else "",
        received_at=case.received_at,
    )


def _interval(case: Case, at: datetime) -> tuple[int, int] | None:
    """From recent cases of the same queue and urgency class, waited in clock time within a day."""
    recent = (
        Case.objects.filter(
            unit_id=case.unit_id,
            role_id=case.role_id,
            sort_rank=case.sort_rank,
            received_at__gt=at - _RECENT,
        )
        .order_by("-received_at")
        .values_list("arrived_at", "received_at")[:_SAMPLE]
    )
    waits = [(taken - arrived).total_seconds() / 60 for arrived, taken in recent if taken is not None]
    return rules.honest_interval(waits)
