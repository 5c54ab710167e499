"""Plan cases whose facts have changed since their timers were computed (design §2)."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection

from cases import names
from cases.models import Case, Message
from cases.states import CaseState
from direkt1177.audit.record import command, ring
from direkt1177.realtime.changes import Change
from direkt1177.units import policies
from direkt1177.units.clock import now
from direkt1177.units.models import Unit
from handover.models import Timer
from handover.timers import plans
from handover.timers.due_times import due_times

logger = logging.getLogger(__name__)
BATCH = 50


@command
def plan_batch(*, after: int, most: int = BATCH) -> list[int]:
    """Plan the next stale cases; those that somebody is working with are left to the next sweep.

    Args:
        after: cases with a higher primary key only, so that one that cannot be planned does not hold up the rest.
        most: at most so many.

    Returns:
        Primary keys of the planned cases.
    """
    cases = list(
        Case.objects.select_for_update(of=("self",), skip_locked=True, no_key=True)
        .select_related("patient", "role")
        .filter(timers_stale=True, pk__gt=after)
        .order_by("pk")[:most]
    )
    _plan(cases)
    return [case.pk for case in cases]


@command
def plan_case(*, pk: int) -> None:
    """Plan one case that is stale, under its lock."""
    cases = Case.objects.select_for_update(of=("self",), skip_locked=True, no_key=True).select_related("patient")
    _plan(list(cases.filter(pk=pk, timers_stale=True)))


def plan_locked_case(case: Case) -> None:
    """Plan a case whose lock the running command holds."""
    _plan([case])


def plan_stale() -> int:
    """Plan all stale cases in batches; one that fails is logged and does not hold up the others.

    Returns:
        How many were planned.
    """
    after = planned = 0
    # Nothing to do is the usual case: one look into the index of stale cases, no transaction.
    while Case.objects.filter(timers_stale=True, pk__gt=after).exists():
        try:
            done = plan_batch(after=after)
        except Exception:
            logger.exception("planning cases after %s failed; planning them one by one", after)
            done = _plan_one_by_one(after)
        if not done:
            break
        after, planned = done[-1], planned + len(done)
    return planned


def _plan_one_by_one(after: int) -> list[int]:
    keys = list(
        Case.objects.filter(timers_stale=True, pk__gt=after).order_by("pk").values_list("pk", flat=True)[:BATCH]
    )
    for pk in keys:
        try:
            plan_case(pk=pk)
        except Exception:
            logger.exception("case %s cannot be planned", pk)
    return keys


def _plan(cases: list[Case]) -> None:
    if not cases:
        return
    _load_units(cases)
    _load_times(cases)
    with plans.remembered_calendars():
        for case in cases:
            _correct_due_times(case)
        wanted = [(case.pk, case.unit_id, plan) for case in cases for plan in plans.wanted(plans.CASE, case)]
    plans.replace(plans.CASE, [case.pk for case in cases], wanted)
    ask_for_units({unit.pk: unit for unit in (case.unit for case in cases) if watches_load(unit)})
    # Not one of the columns that the trigger watches.
    Case.objects.filter(pk__in=[case.pk for case in cases]).update(timers_stale=False)


def watches_load(unit: Unit) -> bool:
    """Whether somebody is to be told when many wait (HRS-20)."""
    return policies.policy(unit).load_alert_threshold is not None


def ask_for_units(unit_ids: Iterable[int]) -> None:
    """Let units be planned anew by the next look for what is due."""
    at = now()
    for unit_id in sorted(unit_ids):
        Timer.objects.bulk_create(
            [
                Timer(
                    subject=plans.UNIT, subject_id=unit_id, unit_id=unit_id, kind=plans.REPLAN,
                    stamp=uuid.uuid4().hex, due_at=at,
                )
            ],
            update_conflicts=True,
            unique_fields=["subject", "subject_id", "kind"],
            update_fields=["stamp", "due_at", "fired_at"],
        )  # fmt: skip


def replan_unit(timer: Timer) -> datetime | None:
    """Handler of ``replan``: the sweep plans every unit after one of its timers has fired."""
    del timer
    return None


def _load_units(cases: list[Case]) -> None:
    """One object per unit, so that its settings are read once for all."""
    ids = {case.unit_id for case in cases}
    units = {unit.pk: unit for unit in Unit.objects.select_related("provider__region").filter(pk__in=ids)}
    for case in cases:
        case.unit = units[case.unit_id]


_TIMES = """SELECT c.id, c.last_staff_seq = m.seq, m.seq, m.sent_at FROM cases_case c
  JOIN cases_message m ON m.case_id = c.id AND m.seq IN (c.last_staff_seq, c.last_patient_seq)
 WHERE c.id = ANY(%s::bigint[])"""


def _load_times(cases: list[Case]) -> None:
    """When staff and patient last wrote, for ``last_written``."""
    by_pk: dict[int, dict[str, datetime]] = {case.pk: {} for case in cases}
    with connection.cursor() as cursor:
        cursor.execute(_TIMES, [list(by_pk)])
        for pk, by_staff, _seq, at in cursor.fetchall():
            by_pk[pk]["staff" if by_staff else "patient"] = at
    for case in cases:
        case.__dict__["_last_written"] = by_pk[case.pk]


def last_written(case: Case, by: str) -> datetime | None:
    """When ``staff`` or ``patient`` last wrote in a case; None when they have not.

    Planned cases carry it; for others one query.
    """
    known: dict[str, datetime] | None = case.__dict__.get("_last_written")
    if known is not None:
        return known.get(by)
    seq = case.last_staff_seq if by == "staff" else case.last_patient_seq
    if not seq:
        return None
    return Message.objects.filter(case_id=case.pk, seq=seq).values_list("sent_at", flat=True).first()


def _correct_due_times(case: Case) -> None:
    """Targets follow hours, closures and settings while nobody has answered (QUE-14, TRI-04)."""
    if case.state not in (CaseState.WAITING, CaseState.RECEIVED, CaseState.STARTED) or case.first_reply_at is not None:
        return
    found = due_times(case, plans.calendar_of(case.unit, case.role_id))
    if found == (case.response_due_at, case.assessment_due_at):
        return
    case.response_due_at, case.assessment_due_at = found
    case.save(update_fields=["response_due_at", "assessment_due_at"])
    changes: list[Any] = [Change(names.staff_chat_feed(case.public_id), names.HEADER)]
    if case.state == CaseState.WAITING:
        changes.append(Change(names.queue_feed(case.unit_id, case.role_id), names.case_object(case.public_id)))
    ring(changes)
