"""What is left of a shift, and who holds what at a unit; no rights: those are in the views' doors and the commands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, DateTimeField, Exists, F, OuterRef, Q, QuerySet, Subquery

from cases.models import Case, Message
from cases.queries.lists import unread_of
from cases.states import HELD_STATES
from direkt1177.accounts.actors import StaffActor
from direkt1177.accounts.models import Shift
from direkt1177.units.clock import now
from handover.models import Notice
from handover.shifts import rules
from handover.shifts.rules import Offered
from handover.shifts.settle import held_of

LIMIT = 200
#: Kind of the notice that warns of the automatic return.
RETURNING = "returning"


@dataclass(frozen=True, slots=True)
class Remaining:
    """Own cases when the shift is about to end.

    Attributes:
        blocking: each needs a choice first (SHF-05).
        offered: pending offers to a role, which become items of a queue.
        staying: paused and in follow-up; they stay with the user and keep their dates.
    """

    blocking: list[Case]
    offered: list[Case]
    staying: list[Case]


def blocking_count(user_id: int, unit_id: int) -> int:
    """How many own cases at a unit must be dealt with before it is left: offers too, since they need a decision."""
    held = Case.objects.filter(holder_id=user_id, unit_id=unit_id)
    late = Q(state="paused") & (Q(resume_at__isnull=True) | Q(resume_at__lte=now()))
    offered = Q(offered_at__isnull=False, state__in=[*HELD_STATES])
    return held.filter(Q(state__in=rules.BLOCKING_STATES) | late | offered).count()


def remaining(actor: StaffActor) -> Remaining:
    """What the user still holds at the unit, most urgent first."""
    held = (
        Case.objects.filter(holder_id=actor.user_id, unit_id=actor.unit_id, state__in=[*HELD_STATES])
        .select_related("patient", "unit", "role", "offered_unit", "offered_role", "offered_user")
        .annotate(unread=unread_of(Message.Author.PATIENT, "staff_seen_seq"), wrote_at=_last_of_patient())
        .order_by("sort_rank", "arrived_at", "pk")
    )
    at = now()
    found = Remaining([], [], [])
    for case in held:
        facts = held_of(case)
        if rules.needs_choice(facts, at):
            found.blocking.append(case)
        elif facts.offered != Offered.NOBODY:
            found.offered.append(case)
        else:
            found.staying.append(case)
    return found


@dataclass(frozen=True, slots=True)
class HeldRow:
    """One held case of a unit, for those who may release it.

    Attributes:
        on_shift: whether its holder has a running shift at the unit.
        wrote_at: when the patient last wrote; None when never.
        unread: messages from the patient that the holder has not seen.
    """

    case: Case
    on_shift: bool
    wrote_at: datetime | None
    unread: int


def held_at(unit_id: int) -> list[HeldRow]:
    """All held, paused and asynchronous cases of a unit, by holder; those of holders who have gone first."""
    shift = Shift.objects.filter(user_id=OuterRef("holder_id"), unit_id=OuterRef("unit_id"), ended_at__isnull=True)
    rows: QuerySet[Case] = (
        Case.objects.filter(unit_id=unit_id, state__in=[*HELD_STATES])
        .select_related("patient", "unit", "holder", "holder_role", "offered_role", "offered_user", "offered_unit")
        .annotate(
            on_shift=Exists(shift),
            unread=unread_of(Message.Author.PATIENT, "staff_seen_seq"),
            wrote_at=_last_of_patient(),
        )
        .order_by("on_shift", "holder__first_name", "holder__last_name", "holder_id", "sort_rank", "arrived_at", "pk")
    )
    return [
        HeldRow(case=case, on_shift=case.on_shift, wrote_at=case.wrote_at, unread=case.unread)  # type: ignore[attr-defined]
        for case in rows[:LIMIT]
    ]


def untold(unit_id: int, since: datetime, *, holder_id: int | None = None) -> list[Case]:
    """*Patienter som inte fått veta att vi stänger*: visits that have begun, not told since a moment (HRS-05).

    Args:
        unit_id: the unit.
        since: when the day's staffed time began, UTC.
        holder_id: only one member of staff's own; None is the whole unit, what lies in a queue again included.
    """
    going_on = Q(state__in=["started", "paused"]) | Q(state="waiting", started_at__isnull=False, closed_at__isnull=True)
    cases = Case.objects.filter(going_on, unit_id=unit_id).filter(
        Q(told_closing_at__isnull=True) | Q(told_closing_at__lt=since)
    )
    if holder_id is not None:
        cases = cases.filter(holder_id=holder_id)
    return list(
        cases.select_related("patient", "unit", "holder", "role").order_by("sort_rank", "arrived_at", "pk")[:LIMIT]
    )


def _last_of_patient() -> Subquery:
    last = Message.objects.filter(case=OuterRef("pk"), seq=OuterRef("last_patient_seq"))
    return Subquery(last.values("sent_at")[:1], output_field=DateTimeField())


def waits_from_today(unit_id: int, role_id: int, since: datetime) -> int:
    """Cases that came in after a moment and still wait in a role's queue (CAS-10)."""
    return Case.objects.filter(queue_unit=unit_id, queue_role=role_id, arrived_at__gte=since).count()


def _of_day(user_id: int, unit_id: int, start: datetime, end: datetime) -> QuerySet[Case]:
    mine = Q(holder_id=user_id) | Q(closed_by_id=user_id)
    touched = Q(received_at__gte=start, received_at__lt=end) | Q(closed_at__gte=start, closed_at__lt=end)
    return Case.objects.filter(mine, touched, unit_id=unit_id)


def own_of_day(user_id: int, unit_id: int, start: datetime, end: datetime) -> list[Case]:
    """Cases that a user received, held or closed within a local day, latest first (ORG-24)."""
    found = _of_day(user_id, unit_id, start, end).select_related("patient", "unit", "role")
    return list(found.order_by(F("received_at").desc(nulls_last=True), "-pk")[:LIMIT])


def is_warned(user_id: int, unit_id: int) -> bool:
    """Whether a warning of the automatic return stands unanswered."""
    return Notice.objects.filter(user_id=user_id, unit_id=unit_id, kind=RETURNING, seen_at__isnull=True).exists()


@dataclass(frozen=True, slots=True)
class OwnCounts:
    """Numbers of the own lists (ORG-24)."""

    ongoing: int
    paused: int
    follow_up: int
    unread: int
    today: int


def own_counts(user_id: int, unit_id: int, start: datetime, end: datetime) -> OwnCounts:
    """How many of each kind a user has at a unit; two queries.

    Args:
        user_id, unit_id: whose and where.
        start, end: of the local day.
    """
    held = Case.objects.filter(holder_id=user_id, unit_id=unit_id)
    follow_up = Q(state="asynchronous")
    found = held.aggregate(
        ongoing=Count("pk", filter=Q(state__in=rules.BLOCKING_STATES)),
        paused=Count("pk", filter=Q(state="paused")),
        follow_up=Count("pk", filter=follow_up),
        unread=Count("pk", filter=follow_up & Q(last_patient_seq__gt=F("staff_seen_seq"))),
    )
    return OwnCounts(**found, today=_of_day(user_id, unit_id, start, end).count())
