"""What a unit's coordinator and manager see: who holds what, roles without staff, counts (ORG-22, HRS-06)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q
from django.db.models.functions import Now

from cases import shown
from cases.models import Case
from cases.views.frame import case_lines
from direkt1177.accounts.models import Membership, Shift
from direkt1177.audit.models import ReadLog
from direkt1177.audit.read_log import log_read
from direkt1177.units.calendars import calendar_for
from direkt1177.units.clock import now
from direkt1177.units.models import CareRole, Unit
from direkt1177.units.policies import policy
from direkt1177.units.staffed_time import is_staffed
from handover.shifts import queries, words
from handover.shifts.overseers import Overseer
from handover.shifts.queries import HeldRow
from handover.shifts.settle import roles_at

_LATELY = timedelta(hours=12)  # a staff session at most


@dataclass(slots=True)
class HolderGroup:
    """One colleague and all they hold at the unit."""

    holder_id: int
    name: str
    on_shift: bool
    rows: list[dict[str, Any]] = field(default_factory=list)


def held_groups(overseer: Overseer) -> list[HolderGroup]:
    """All held cases of the unit by holder; those whose holder is not on shift first. Logged where names are shown."""
    rows = queries.held_at(overseer.unit.pk)
    lines = _lines(overseer, [row.case for row in rows], "unit_held")
    groups: dict[int, HolderGroup] = {}
    for row in rows:
        holder = row.case.holder
        assert holder is not None  # held
        group = groups.setdefault(holder.pk, HolderGroup(holder.pk, holder.full_name or holder.hsa_id, row.on_shift))
        group.rows.append(_held_row(row, lines.get(row.case.pk)))
    return list(groups.values())


def ownerless(overseer: Overseer) -> list[dict[str, Any]]:
    """Cases *utan ägare* in the unit's queues, longest first."""
    cases = list(
        Case.objects.filter(unit=overseer.unit, state="waiting", released_at__isnull=False)
        .select_related("patient", "unit", "role", "released_from")
        .order_by("released_at", "pk")[: queries.LIMIT]
    )
    lines = _lines(overseer, cases, "unit_ownerless")
    return [
        {
            "line": lines.get(case.pk),
            "urgency": case.urgency,
            "role": case.role.name,
            "since": case.released_at,
            "from": case.released_from.full_name if case.released_from else "",
        }
        for case in cases
    ]


def untold_rows(overseer: Overseer) -> list[dict[str, Any]]:
    """*Patienter som inte fått veta att vi stänger* (HRS-05)."""
    cases = queries.untold(overseer.unit.pk, words.midnight(now()))
    lines = _lines(overseer, cases, "unit_untold")
    return [
        {
            "case": case,
            "line": lines.get(case.pk),
            "urgency": case.urgency,
            "role": case.role.name,
            "holder": case.holder.full_name if case.holder else "",
        }
        for case in cases
    ]


@dataclass(frozen=True, slots=True)
class Counts:
    """Numbers of the coordinator's section."""

    waiting: list[tuple[int | None, str, int]]
    total: int
    ownerless: int
    without_shift: int
    untold: int


def counts(unit: Unit) -> Counts:
    """New cases by urgency, ownerless, held without a shift, not told of closing; four queries."""
    labels = policy(unit).urgency_labels
    waiting = Case.objects.filter(queue_unit=unit.pk)
    rows = waiting.values("sort_rank", "urgency").annotate(n=Count("pk")).order_by("sort_rank")
    by_urgency = [(row["urgency"], labels.get(row["urgency"] or 0, ""), row["n"]) for row in rows]
    shift = Shift.objects.filter(user_id=OuterRef("holder_id"), unit_id=OuterRef("unit_id"), ended_at__isnull=True)
    gone = Case.objects.filter(unit=unit, state__in=("received", "started", "paused")).filter(~Exists(shift))
    late = Q(state="paused", resume_at__gt=now())
    return Counts(
        waiting=by_urgency,
        total=sum(n for _urgency, _label, n in by_urgency),
        ownerless=waiting.filter(released_at__isnull=False, state="waiting").count(),
        without_shift=gone.exclude(late).count(),
        untold=len(queries.untold(unit.pk, words.midnight(now()))),
    )


def unstaffed_roles(unit: Unit, at: datetime | None = None) -> list[CareRole]:
    """*Roller utan personal just nu*: staffed by the clock, held by somebody, nobody on a shift (HRS-06)."""
    moment = at or now()
    here = set(
        Shift.objects.filter(unit=unit, ended_at__isnull=True, user__is_active=True).values_list("role_id", flat=True)
    )
    return [
        role
        for role in roles_at(unit.pk)
        if role.pk not in here and is_staffed(calendar_for(unit, role), moment, tail=True)
    ]


def members_of(unit_id: int, user_id: int) -> bool:
    """Whether somebody belongs to a unit now."""
    return Membership.objects.filter(unit_id=unit_id, user_id=user_id, ended_at__isnull=True).exists()


def _lines(overseer: Overseer, cases: Sequence[Case], name: str) -> dict[int, Any]:
    """Patients as a coordinator may see them, logged; nothing for a manager."""
    if not overseer.sees_patients or not cases:
        return {}
    patients = {case.patient_id for case in cases}
    if overseer.again:
        # The page is open and fetches itself: only who was not on it before makes a row (design §3).
        lately = ReadLog.objects.filter(actor_key=overseer.actor.key, object_type="list", object_id=name)
        for shown_before in lately.filter(at__gt=Now() - _LATELY).values_list("patients", flat=True):
            patients -= set(shown_before)
    if patients:
        log_read(
            actor=overseer.actor,
            action="list",
            object_type="list",
            object_id=name,
            patients=sorted(patients),
            basis="coordinator",
        )
    return case_lines(cases)


def _held_row(row: HeldRow, line: Any) -> dict[str, Any]:
    case = row.case
    to = case.offered_user.full_name if case.offered_user else case.offered_role.name if case.offered_role else ""
    return {
        "case": case,
        "line": line,
        "state": shown.status_word(case.state),
        "since": case.received_at,
        "role": case.holder_role.name if case.holder_role else "",
        "wrote_at": row.wrote_at,
        "unread": row.unread,
        "resume_at": case.resume_at,
        "follow_up_until": case.follow_up_until if case.state == "asynchronous" else None,
        "offered_to": to,
    }
