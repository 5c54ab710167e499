"""Figures of one unit; counts and times only, nothing about a person (STA-01, STA-02, STA-08)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import Aggregate, Count, DurationField, ExpressionWrapper, F, Min, Q
from django.db.models.functions import ExtractHour

from cases.models import Case
from cases.states import HELD_STATES, CaseState
from direkt1177.units.clock import now
from direkt1177.units.models import Unit
from direkt1177.units.staffed_time import STOCKHOLM

URGENCIES: tuple[int | None, ...] = (1, 2, None, 3, 4, 5)


class Median(Aggregate):
    """PostgreSQL's middle value of a group."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"


@dataclass(frozen=True, slots=True)
class RoleWaiting:
    """One role's queue now.

    Attributes:
        counts: in the order of ``URGENCIES``.
        oldest: arrival of the one who has waited longest.
        held: cases that somebody in the role has received and not closed.
    """

    role: str
    counts: tuple[int, ...]
    total: int
    oldest: datetime | None
    held: int


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour of today."""

    hour: int
    arrived: int
    received: int


@dataclass(frozen=True, slots=True)
class Figures:
    """What the page shows.

    Attributes:
        at: when it was read.
        by_urgency: waiting now per urgency, all roles, in the order of ``URGENCIES``.
        left_from_before: open cases that arrived before today.
        median_wait: from arrival to *Ta emot* of those received today; None when nobody was.
    """

    at: datetime
    roles: tuple[RoleWaiting, ...]
    by_urgency: tuple[tuple[int | None, int], ...]
    waiting: int
    oldest: datetime | None
    held: int
    arrived: int
    received: int
    closed: int
    left_from_before: int
    median_wait: timedelta | None
    hours: tuple[Hour, ...]


def figures(unit: Unit) -> Figures:
    """Read a unit's figures; three queries however many cases there are."""
    at = now()
    local = at.astimezone(STOCKHOLM)
    midnight = datetime.combine(local.date(), time.min, tzinfo=STOCKHOLM)
    roles = _roles(unit)
    totals = _today(unit, midnight)
    counts = [sum(role.counts[place] for role in roles) for place in range(len(URGENCIES))]
    return Figures(
        at=at,
        roles=roles,
        by_urgency=tuple(zip(URGENCIES, counts, strict=True)),
        waiting=sum(counts),
        oldest=min((role.oldest for role in roles if role.oldest), default=None),
        held=sum(role.held for role in roles),
        hours=_hours(unit, midnight, local.hour),
        **totals,
    )


def _roles(unit: Unit) -> tuple[RoleWaiting, ...]:
    waiting = Q(state=CaseState.WAITING)
    rows = (
        Case.objects.filter(unit=unit, state__in=[CaseState.WAITING, *HELD_STATES])
        .values("role__order", "role__name", "urgency")
        .annotate(
            waiting=Count("id", filter=waiting),
            oldest=Min("arrived_at", filter=waiting),
            held=Count("id", filter=Q(state__in=list(HELD_STATES))),
        )
    )
    by_role: defaultdict[tuple[int, str], list[Any]] = defaultdict(list)
    for row in rows:
        by_role[row["role__order"], row["role__name"]].append(row)
    return tuple(_role(name, found) for (_order, name), found in sorted(by_role.items()))


def _role(name: str, rows: list[Any]) -> RoleWaiting:
    counts = {row["urgency"]: row["waiting"] for row in rows}
    return RoleWaiting(
        role=name,
        counts=tuple(counts.get(urgency, 0) for urgency in URGENCIES),
        total=sum(counts.values()),
        oldest=min((row["oldest"] for row in rows if row["oldest"]), default=None),
        held=sum(row["held"] for row in rows),
    )


def _today(unit: Unit, midnight: datetime) -> dict[str, Any]:
    wait = ExpressionWrapper(F("received_at") - F("arrived_at"), output_field=DurationField())
    received = Q(received_at__gte=midnight)
    return Case.objects.filter(unit=unit).aggregate(
        arrived=Count("id", filter=Q(arrived_at__gte=midnight)),
        received=Count("id", filter=received),
        closed=Count("id", filter=Q(closed_at__gte=midnight)),
        left_from_before=Count(
            "id",
            filter=Q(arrived_at__lt=midnight, state__in=[CaseState.WAITING, CaseState.RECEIVED, CaseState.STARTED]),
        ),
        median_wait=Median(wait, filter=received, output_field=DurationField()),
    )


def _hours(unit: Unit, midnight: datetime, last: int) -> tuple[Hour, ...]:
    """From the first hour with anything in it (at latest 07) to the present one."""
    arrived: defaultdict[int, int] = defaultdict(int)
    received: defaultdict[int, int] = defaultdict(int)
    rows = (
        Case.objects.filter(Q(arrived_at__gte=midnight) | Q(received_at__gte=midnight), unit=unit)
        .annotate(
            arrival=ExtractHour("arrived_at", tzinfo=STOCKHOLM), receipt=ExtractHour("received_at", tzinfo=STOCKHOLM)
        )
        .values("arrival", "receipt")
        .annotate(
            arrivals=Count("id", filter=Q(arrived_at__gte=midnight)),
            receipts=Count("id", filter=Q(received_at__gte=midnight)),
        )
    )
    for row in rows:
        arrived[row["arrival"]] += row["arrivals"]
        if row["receipt"] is not None:
            received[row["receipt"]] += row["receipts"]
    used = [hour for hour in {*arrived, *received} if arrived[hour] or received[hour]]
    first = min([7, last, *used])
    return tuple(Hour(hour, arrived[hour], received[hour]) for hour in range(first, max([last, *used]) + 1))
