"""What will be due: every part says for a case, a handover, a ticket or a unit which timers it should have (design §2).

Planners are pure in effect: they read and answer. The rows they want are stored by ``replace``: the same stamp stays
fired, another stamp is due again, kinds that nobody wants any more go.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection

from cases.models import Case
from direkt1177.units import queries as unit_queries
from direkt1177.units.models import Unit
from direkt1177.units.staffed_time import Calendar
from handover.models import Handover, Ticket
from handover.notices.steps import mark_all_read

CASE, HANDOVER, TICKET, UNIT = "case", "handover", "ticket", "unit"
#: Asks for a unit to be planned anew at once; stands outside what planners want.
REPLAN = "replan"


@dataclass(frozen=True, slots=True)
class Plan:
    """A timer that somebody wants.

    Attributes:
        kind: of the timer; each kind belongs to one planner and has one handler (``fire.register``).
        stamp: what it was computed from; a timer fires once for a stamp.
        due_at: when, UTC.
        data: ids for the handler; never names or text.
        unit_id: whose; by default the unit of the subject.
    """

    kind: str
    stamp: str
    due_at: datetime
    data: dict[str, Any] = field(default_factory=dict)
    unit_id: int | None = None


#: Gets the locked row (``Case``, ``Handover``, ``Ticket``, ``Unit``) with its unit, provider and region loaded.
Planner = Callable[[Any], Iterable[Plan]]
Wanted = tuple[int, int | None, Plan]
_planners: dict[str, list[Planner]] = {CASE: [], HANDOVER: [], TICKET: [], UNIT: []}
_calendars: ContextVar[dict[tuple[int, int | None], Calendar] | None] = ContextVar("timer_calendars", default=None)


def register(subject: str, planner: Planner) -> None:
    """Add a planner for ``case``, ``handover``, ``ticket`` or ``unit`` (from ``ready.register``).

    Raises:
        KeyError: no such subject.
    """
    if planner not in _planners[subject]:
        _planners[subject].append(planner)


def wanted(subject: str, row: Any) -> list[Plan]:
    """What all planners of a subject want for one row."""
    return [plan for planner in _planners[subject] for plan in planner(row)]


def plan_now(subject: str, subject_id: int) -> None:
    """Compute the timers of one subject inside the running command, whose locks are taken already.

    For handovers, tickets and units; cases are planned by the sweep (but may be asked for here as well).
    """
    row = _load(subject, subject_id)
    with remembered_calendars():
        plans = [] if row is None else wanted(subject, row)
        replace(subject, [subject_id], [(subject_id, unit_of(subject, row), plan) for plan in plans])


def unit_of(subject: str, row: Any) -> int | None:
    """The unit of a subject."""
    if row is None:
        return None
    if subject == UNIT:
        return int(row.pk)
    return int(row.to_unit_id if subject == HANDOVER else row.unit_id)


def calendar_of(unit: Unit, role_id: int | None) -> Calendar:
    """When a role at a unit is staffed; read once for all that is planned together."""
    known = _calendars.get()
    if known is None:
        return unit_queries.calendar_for(unit, role_id)
    if (unit.pk, role_id) not in known:
        known[unit.pk, role_id] = unit_queries.calendar_for(unit, role_id)
    return known[unit.pk, role_id]


@contextmanager
def remembered_calendars() -> Iterator[None]:
    """Within, each calendar is read once."""
    if _calendars.get() is not None:
        yield
        return
    token = _calendars.set({})
    try:
        yield
    finally:
        _calendars.reset(token)


_STORE = """
INSERT INTO handover_timer AS t (subject, subject_id, kind, unit_id, stamp, due_at, data)
SELECT %(subject)s, w.id, w.kind, w.unit, w.stamp, w.due, w.data::jsonb
  FROM unnest(%(ids)s::bigint[], %(kinds)s::text[], %(units)s::bigint[], %(stamps)s::text[], %(dues)s::timestamptz[],
              %(data)s::text[]) AS w (id, kind, unit, stamp, due, data)
 ORDER BY w.id, w.kind
ON CONFLICT (subject, subject_id, kind) DO UPDATE
   SET stamp = excluded.stamp, due_at = excluded.due_at, data = excluded.data, unit_id = excluded.unit_id,
       fired_at = CASE WHEN t.stamp = excluded.stamp THEN t.fired_at END
 WHERE (t.stamp, t.due_at, t.data, t.unit_id)
       IS DISTINCT FROM (excluded.stamp, excluded.due_at, excluded.data, excluded.unit_id)
"""
_REMOVE = """
DELETE FROM handover_timer t
 WHERE t.subject = %(subject)s AND t.subject_id = ANY(%(all)s::bigint[]) AND t.kind <> 'replan'
   AND NOT EXISTS (SELECT 1 FROM unnest(%(ids)s::bigint[], %(kinds)s::text[]) AS w (id, kind)
                    WHERE w.id = t.subject_id AND w.kind = t.kind)
RETURNING t.kind, t.subject_id, t.stamp, t.fired_at IS NOT NULL
"""


def replace(subject: str, subject_ids: Sequence[int], plans: Sequence[Wanted]) -> None:
    """Make the timers of these subjects what their planners want; two statements whatever their number.

    Args:
        subject: of all.
        subject_ids: every subject that was planned, also those that want nothing.
        plans: subject id, its unit, what is wanted; at most one of each kind per subject.
    """
    values: dict[str, Any] = {
        "subject": subject,
        "all": list(subject_ids),
        "ids": [subject_id for subject_id, _unit, _plan in plans],
        "kinds": [plan.kind for _id, _unit, plan in plans],
        "units": [plan.unit_id or unit for _id, unit, plan in plans],
        "stamps": [plan.stamp for _id, _unit, plan in plans],
        "dues": [plan.due_at for _id, _unit, plan in plans],
        "data": [json.dumps(plan.data, cls=DjangoJSONEncoder, sort_keys=True) for _id, _unit, plan in plans],
    }
    with connection.cursor() as cursor:
        cursor.execute(_REMOVE, values)
        over = [row[:3] for row in cursor.fetchall() if row[3]]
        if plans:
            cursor.execute(_STORE, values)
    if subject == CASE and over:
        mark_all_read([notice_key(*row) for row in over], cases={row[1] for row in over})


def notice_key(kind: str, subject_id: int, stamp: str) -> str:
    """Key of the notices that a timer gives; they are read by themselves when its reason is gone."""
    return f"{kind}:{subject_id}:{stamp}"


def _load(subject: str, subject_id: int) -> Any:
    if subject == CASE:
        return Case.objects.select_related("unit__provider__region", "patient").filter(pk=subject_id).first()
    if subject == HANDOVER:
        related = ("case", "to_unit__provider__region", "from_unit__provider__region")
        return Handover.objects.select_related(*related).filter(pk=subject_id).first()
    if subject == TICKET:
        related = ("issuing_case", "unit__provider__region", "issuing_unit__provider__region")
        return Ticket.objects.select_related(*related).filter(pk=subject_id).first()
    return Unit.objects.select_related("provider__region").filter(pk=subject_id, active=True).first()
