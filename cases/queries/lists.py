"""Lists for staff: the queue, own received, own closed, own ongoing (QUE-03, 05, 08, 24)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.dateparse import parse_datetime

from cases import names, rules
from cases.models import Case, Message
from cases.queries.readers import HAS_GUESTS
from cases.states import HELD_STATES, CaseState
from direkt1177.accounts.actors import StaffActor
from direkt1177.accounts.models import Shift
from direkt1177.realtime.prepared import Prepared
from direkt1177.residents.queries import PersonView, views_of
from direkt1177.units import policies
from direkt1177.units.clock import now
from direkt1177.units.policy_model import Policy

PAGE = 50


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One row of a staff list with everything QUE-24 names; nothing in it depends on who looks.

    Attributes:
        object: name in the queue feed.
        sort: text that sorts as the queue does, for the browser.
        urgency_label: the region's word; empty when not assessed.
        assessed: False shows *ej bedömd* (care) or nothing (administrative).
        entrance: *Sök vård* or *Administrativa frågor*.
        response_due_at, response_stopped_at: the response clock (QUE-14, QUE-15); None without a target, while running.
        lies_in: unit and role in whose queue it lies; None while somebody holds it and it is not offered to a role.
        role_id, role_name: of that queue, else of the case.
        offered_at: since when it is offered (HOV-01), else None; ``offered_to_name`` whom or which role,
            ``offered_from_unit`` the giver's unit when another than the addressee's; the giver is the holder.
        ownerless_since: *utan ägare*: left without holder since then; ``released_from_name`` who held it.
        from_ticket: it came by a ticket (TIK-08).
        guests: a colleague is in it as a guest (CHT-14).
        running: the visit has begun, so that the patient writes and reads in an open chat.
        unread: messages from the patient that no member of staff has seen.
        gone: taken just now; shown grey with who and when until it leaves the list.
    """

    public_id: UUID
    object: str
    sort: str
    version: int
    kind: str
    entrance: str
    state: str
    urgency: int | None
    urgency_label: str
    assessed: bool
    patient_id: int
    person: PersonView
    contact_reason: str
    arrived_at: datetime
    queued_at: datetime
    response_due_at: datetime | None
    response_stopped_at: datetime | None
    response_late: bool
    assessment_due_at: datetime | None
    lies_in: tuple[int, int] | None
    unit_name: str
    role_id: int
    role_name: str
    role_code: str
    offered_at: datetime | None
    offered_to_name: str
    offered_from_unit: str
    ownerless_since: datetime | None
    released_from_name: str
    from_ticket: bool
    guests: bool
    running: bool
    resume_at: datetime | None
    holder_id: int | None
    holder_name: str
    received_at: datetime | None
    started_at: datetime | None
    closed_at: datetime | None
    follow_up_until: datetime | None
    unread: int
    listed_elsewhere: bool
    read_now: bool
    could_not_answer: str
    advice_112_shown_at: datetime | None
    unstaffed_warned_at: datetime | None
    unstaffed_next_at: datetime | None

    @property
    def gone(self) -> bool:
        """Whether it has left the queue."""
        return self.lies_in is None


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows and where the next begin; ``after`` is empty on the last page."""

    rows: list[QueueRow]
    after: str


@dataclass(frozen=True, slots=True)
class OwnRow:
    """A case in the user's own list at the left (QUE-08).

    Attributes:
        offered_at: since when it is offered to somebody who has not taken it yet (HOV-01), and to whom.
        resume_at: when a paused visit goes on (CAS-12); ``resume_due`` once that time has come.
    """

    public_id: UUID
    object: str
    state: str
    urgency: int | None
    urgency_label: str
    patient_id: int
    person: PersonView
    contact_reason: str
    unread: int
    received_at: datetime | None
    started_at: datetime | None
    follow_up_until: datetime | None
    offered_at: datetime | None
    offered_to_name: str
    resume_at: datetime | None
    resume_due: bool
    guests: bool

    @property
    def at_left(self) -> bool:
        """Whether the list at the left shows it: a follow-up only when the patient has written."""
        return self.state != CaseState.ASYNCHRONOUS or bool(self.unread)


@dataclass(frozen=True, slots=True)
class TabCounts:
    """Numbers on the tabs of *Drop in*."""

    waiting: int
    received: int
    closed: int


def unread_of(author: str, seen: str) -> Any:
    """Messages of one side that the other has not seen, derived from the read mark (I-16)."""
    return Coalesce(
        Subquery(
            Message.objects.filter(case=OuterRef("pk"), author=author, seq__gt=OuterRef(seen))
            .order_by()
            .values("case")
            .annotate(n=Count("pk"))
            .values("n"),
            output_field=IntegerField(),
        ),
        Value(0),
    )


def queue_rows(unit_id: int, role_id: int, *, after: str = "", limit: int = PAGE) -> Page:
    """*Väntar i kö* of a unit and role, what waits and what is offered: urgency, then arrival (QUE-05, HOV-07, QUE-18).

    Args:
        after: ``Page.after`` of the page before; anything unreadable starts from the top.
        limit: rows a page.
    """
    queue = Case.objects.filter(queue_unit=unit_id, queue_role=role_id)
    parts = after.split("|")
    if len(parts) == 3 and (at := _instant(parts[1])) and parts[0].isdecimal() and parts[2].isdecimal():
        rank, pk = int(parts[0]), int(parts[2])
        queue = queue.filter(
            Q(sort_rank__gt=rank) | Q(sort_rank=rank, arrived_at__gt=at) | Q(sort_rank=rank, arrived_at=at, pk__gt=pk)
        )
    found = list(_listed(queue).order_by("sort_rank", "arrived_at", "pk")[: limit + 1])
    if len(found) <= limit:
        return Page(_rows(found), "")
    last = found[limit - 1]
    return Page(_rows(found[:limit]), f"{last.sort_rank}|{last.arrived_at.isoformat()}|{last.pk}")


def received_rows(actor: StaffActor, *, after: str = "", limit: int = PAGE) -> Page:
    """*Mottagna*: the actor's own ongoing cases at the chosen unit, unread first arrived first (QUE-03)."""
    held = Case.objects.filter(holder_id=actor.user_id, unit_id=actor.unit_id, state__in=HELD_STATES)
    parts = after.split("|")
    if len(parts) == 2 and (at := _instant(parts[0])) and parts[1].isdecimal():
        held = held.filter(Q(received_at__gt=at) | Q(received_at=at, pk__gt=int(parts[1])))
    found = list(_listed(held).order_by("received_at", "pk")[: limit + 1])
    return _page(found, limit, "received_at")


def closed_rows(actor: StaffActor, *, after: str = "", limit: int = PAGE) -> Page:
    """*Avslutade*: what the actor closed at the chosen unit, latest first (QUE-03)."""
    closed = Case.objects.filter(closed_by_id=actor.user_id, unit_id=actor.unit_id, state=CaseState.CLOSED)
    parts = after.split("|")
    if len(parts) == 2 and (at := _instant(parts[0])) and parts[1].isdecimal():
        closed = closed.filter(Q(closed_at__lt=at) | Q(closed_at=at, pk__lt=int(parts[1])))
    found = list(_listed(closed).order_by("-closed_at", "-pk")[: limit + 1])
    return _page(found, limit, "closed_at")


def rows_by_id(public_ids: Iterable[UUID], *, unit_id: int, role_id: int) -> list[QueueRow]:
    """Rows of certain cases in the queue of a unit and role, or addressed to it and held, for the queue feed."""
    wanted = list(public_ids)
    if len(wanted) == 1:  # nearly always: one change reaches a whole unit
        return _rows(_BY_ID.all(wanted[0], unit_id, role_id))
    return _rows(list(_addressed(unit_id, role_id).filter(public_id__in=wanted)))


def _addressed(unit_id: int, role_id: int) -> QuerySet[Case]:
    there = Q(queue_unit=unit_id, queue_role=role_id) | Q(unit_id=unit_id, role_id=role_id)
    return _listed(Case.objects.filter(there))


_BY_ID = Prepared(
    lambda ident, unit, role: _addressed(unit, role).filter(public_id=ident),
    UUID(int=1),
    1_999_999_991,
    1_999_999_993,
)


def own_cases(actor: StaffActor) -> list[OwnRow]:
    """The list at the left: own ongoing cases at the unit with unread counts, oldest first (QUE-08)."""
    held = Case.objects.filter(holder_id=actor.user_id, unit_id=actor.unit_id, state__in=HELD_STATES)
    return _own_rows(list(_listed(held).order_by("received_at", "pk")))


def own_cases_of(user_id: int) -> list[OwnRow]:
    """The same for the feed, which knows only who: at the unit of the active shift."""
    return _own_rows(_OWN.all(user_id))


def own_cases_of_each(user_ids: Iterable[int]) -> dict[int, list[OwnRow]]:
    """``own_cases_of`` for many, in as many queries as for one."""
    users = list(user_ids)
    if len(users) == 1:  # prepared
        return {users[0]: own_cases_of(users[0])}
    on_shift = Shift.objects.filter(user_id=OuterRef("holder_id"), unit_id=OuterRef("unit_id"), ended_at__isnull=True)
    held = Case.objects.filter(Exists(on_shift), holder_id__in=users, state__in=HELD_STATES)
    found = list(_listed(held).order_by("received_at", "pk")) if users else []
    each: dict[int, list[OwnRow]] = {user: [] for user in users}
    for case, row in zip(found, _own_rows(found), strict=True):
        each[case.holder_id or 0].append(row)
    return each


def _held_on_shift(user_id: int) -> QuerySet[Case]:
    units = Shift.objects.filter(user_id=user_id, ended_at__isnull=True).values("unit_id")
    held = Case.objects.filter(holder_id=user_id, unit_id__in=units, state__in=sorted(HELD_STATES))
    return _listed(held).order_by("received_at", "pk")


_OWN = Prepared(_held_on_shift, 1_999_999_991)


def _own_rows(found: list[Case]) -> list[OwnRow]:
    at = now()
    return [
        OwnRow(
            public_id=r.public_id,
            object=r.object,
            state=r.state,
            urgency=r.urgency,
            urgency_label=r.urgency_label,
            patient_id=r.patient_id,
            person=r.person,
            contact_reason=r.contact_reason,
            unread=r.unread,
            received_at=r.received_at,
            started_at=r.started_at,
            follow_up_until=r.follow_up_until,
            offered_at=r.offered_at,
            offered_to_name=r.offered_to_name,
            resume_at=r.resume_at,
            resume_due=r.resume_at is not None and r.resume_at <= at,
            guests=r.guests,
        )
        for r in _rows(found)
    ]


def tab_counts(actor: StaffActor, role_id: int) -> TabCounts:
    """Numbers for the tabs, one query that reads three indexes and not the unit's whole history."""
    waiting = Q(queue_unit=actor.unit_id, queue_role=role_id)
    received = Q(unit_id=actor.unit_id, holder_id=actor.user_id, state__in=sorted(HELD_STATES))
    closed = Q(unit_id=actor.unit_id, closed_by_id=actor.user_id, state=CaseState.CLOSED)
    counts = Case.objects.filter(waiting | received | closed).aggregate(
        waiting=Count("pk", filter=waiting),
        received=Count("pk", filter=received),
        closed=Count("pk", filter=closed),
    )
    return TabCounts(**counts)


def _listed(cases: QuerySet[Case]) -> QuerySet[Case]:
    return cases.select_related(
        "unit", "role", "holder", "offered_unit", "offered_role", "offered_user", "released_from"
    ).annotate(unread=unread_of(Message.Author.PATIENT, "staff_seen_seq"), has_guests=HAS_GUESTS)


def _page(found: list[Case], limit: int, field: str) -> Page:
    if len(found) <= limit:
        return Page(_rows(found), "")
    last = found[limit - 1]
    return Page(_rows(found[:limit]), f"{getattr(last, field).isoformat()}|{last.pk}")


def _instant(text: str) -> datetime | None:
    try:
        at = parse_datetime(text)
    except ValueError:
        return None
    return at if at is not None and at.tzinfo is not None else None


def _rows(cases: list[Case]) -> list[QueueRow]:
    people = views_of(c.patient_id for c in cases)
    settings = policies.policies_of({c.unit_id: c.unit for c in cases}.values()) if cases else {}
    at = now()
    return [_row(c, people[c.patient_id], settings[c.unit_id], at) for c in cases]


def _row(case: Any, person: PersonView, policy: Policy, at: datetime) -> QueueRow:
    stopped = rules.response_stopped_at(
        policy.response_clock_stop, received_at=case.received_at, first_reply_at=case.first_reply_at
    )
    due = case.response_due_at
    queue, offered = rules.lies_in(case), case.offered_at is not None
    role = case.offered_role or case.role
    return QueueRow(
        public_id=case.public_id,
        object=names.case_object(case.public_id),
        sort=sort_text(case),
        version=case.version,
        kind=case.kind,
        entrance=case.get_kind_display(),
        state=str(case.state),
        urgency=case.urgency,
        urgency_label=policy.urgency_labels.get(case.urgency, "") if case.urgency else "",
        assessed=case.urgency is not None,
        patient_id=case.patient_id,
        person=person,
        contact_reason=case.contact_reason,
        arrived_at=case.arrived_at,
        queued_at=case.queued_at,
        response_due_at=due,
        response_stopped_at=stopped,
        response_late=due is not None and (stopped or at) > due,
        assessment_due_at=case.assessment_due_at,
        lies_in=queue,
        unit_name=(case.offered_unit or case.unit).name,
        role_id=role.pk,
        role_name=role.name,
        role_code=role.code,
        offered_at=case.offered_at,
        offered_to_name=_offered_to(case) if offered else "",
        offered_from_unit=case.unit.name if offered and case.offered_unit_id != case.unit_id else "",
        ownerless_since=case.released_at,
        released_from_name=case.released_from.full_name if case.released_from else "",
        from_ticket=case.from_ticket,
        guests=case.has_guests,
        running=case.started_at is not None and case.is_open,
        resume_at=case.resume_at,
        holder_id=case.holder_id,
        holder_name=case.holder.full_name if case.holder else "",
        received_at=case.received_at,
        started_at=case.started_at,
        closed_at=case.closed_at,
        follow_up_until=case.follow_up_until,
        unread=case.unread,
        listed_elsewhere=case.listed_elsewhere,
        read_now=case.read_now,
        could_not_answer=case.could_not_answer,
        advice_112_shown_at=case.advice_112_shown_at,
        unstaffed_warned_at=case.unstaffed_warned_at,
        unstaffed_next_at=case.unstaffed_next_at,
    )


def _offered_to(case: Any) -> str:
    """The role or the colleague, with the unit when it is another."""
    name = case.offered_role.name if case.offered_role else case.offered_user.full_name
    return f"{name}, {case.offered_unit.name}" if case.offered_unit_id != case.unit_id else name


def sort_text(case: Case) -> str:
    """Text that sorts as the queue: rank, original arrival, number."""
    return f"{case.sort_rank:03d}|{case.arrived_at.strftime('%Y%m%d%H%M%S%f')}|{case.pk:012d}"
