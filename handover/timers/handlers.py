"""What is done when a timer of a case or unit is due: staff are told, nothing is ever closed (INA-02).

Each runs in a command of its own with the case locked and planned anew, so the timer is due by the facts of now.
"""

from __future__ import annotations

from datetime import datetime

from cases.models import Case
from direkt1177.accounts.actors import SYSTEM
from direkt1177.audit.record import record
from direkt1177.units import policies
from direkt1177.units.clock import now
from direkt1177.units.models import Unit
from handover.models import Timer
from handover.notices.steps import notify
from handover.timers import case_plans, load, plans
from handover.timers.events import InactivityDue, ManyWaiting, TargetPassed, UnclosedReminded


def prompt_holder(timer: Timer) -> datetime | None:
    """The patient has been silent long enough: the holder decides how to go on (INA-02)."""
    case = _case(timer)
    if case.holder_id is None:
        return None
    notify(kind="inactivity", key=_key(timer), unit_id=case.unit_id, users=[case.holder_id], case=case)
    record(InactivityDue.of(case, from_state=case.state, data={"after": timer.stamp}), actor=SYSTEM)
    return None


def remind_of_target(timer: Timer) -> datetime | None:
    """A target has passed: whoever holds the case is told, or the role in whose queue it waits."""
    case = _case(timer)
    kind = "response_late" if timer.kind == case_plans.RESPONSE_LATE else "assessment_late"
    role_at = (case.unit_id, case.role_id)
    if case.holder_id is not None:
        notify(kind=kind, key=_key(timer), unit_id=case.unit_id, users=[case.holder_id], case=case)
    elif kind == "response_late":
        # The queue shows each of them; a long one would otherwise ring without end.
        notify(kind="queue_late", key=_hourly("queue_late", case), unit_id=case.unit_id, role_at=role_at)
    else:
        notify(kind=kind, key=_key(timer), unit_id=case.unit_id, role_at=role_at, case=case)
    record(TargetPassed.of(case, from_state=case.state, data={"target": timer.kind}), actor=SYSTEM)
    return None


def escalate_target(timer: Timer) -> datetime | None:
    """It passed long ago: coordinator and manager are told."""
    case = _case(timer)
    queued = case.holder_id is None and timer.kind == case_plans.RESPONSE_ESCALATED
    notify(
        kind="target_escalated",
        key=_hourly("target_escalated", case) if queued else _key(timer),
        unit_id=case.unit_id,
        coordinators=case.unit_id,
        managers=case.unit_id,
        case=None if queued else case,
    )
    record(TargetPassed.of(case, from_state=case.state, data={"target": timer.kind}), actor=SYSTEM)
    return None


def remind_of_open_visit(timer: Timer) -> datetime | None:
    """SMS to the holder, on shift or not, signed in or not (INA-09, NOT-01 d)."""
    case = _case(timer)
    if case.holder_id is None:
        return None
    notify(kind="unclosed", key=_key(timer), unit_id=case.unit_id, users=[case.holder_id], case=case, sms=True)
    record(UnclosedReminded.of(case, from_state=case.state), actor=SYSTEM)
    return None


def tell_new_case(timer: Timer) -> datetime | None:
    """A new patient in the queue, to those on shift in the role who have chosen it (NOT-01 a, e)."""
    case = _case(timer)
    notify(kind="new_case", key=_key(timer), unit_id=case.unit_id, role_at=(case.unit_id, case.role_id), case=case)
    return None


def tell_async_message(timer: Timer) -> datetime | None:
    """The patient has written in a follow-up, to the holder if they have chosen it (NOT-01 b)."""
    case = _case(timer)
    if case.holder_id is not None:
        notify(kind="async_message", key=_key(timer), unit_id=case.unit_id, users=[case.holder_id], case=case)
    return None


def alert_of_load(timer: Timer) -> datetime | None:
    """More wait than the unit's threshold: its managers are told, once for each crossing (HRS-20)."""
    unit = Unit.objects.select_related("provider__region").get(pk=timer.subject_id)
    threshold = policies.policy(unit).load_alert_threshold
    waiting = load.waiting_at(unit.pk)
    if threshold is None or waiting <= threshold:
        return None
    notify(
        kind="load",
        key=f"load:{unit.pk}:{timer.pk}",
        unit_id=unit.pk,
        managers=unit.pk,
        data={"waiting": waiting, "threshold": threshold},
    )
    record(ManyWaiting(unit.pk, waiting), actor=SYSTEM)
    return None


def _case(timer: Timer) -> Case:
    return Case.objects.get(pk=timer.subject_id)


def _hourly(kind: str, case: Case) -> str:
    """One notice an hour for a role, however many wait in its queue."""
    return f"{kind}:{case.unit_id}:{case.role_id}:{now():%Y-%m-%dT%H}"


def _key(timer: Timer) -> str:
    return plans.notice_key(timer.kind, timer.subject_id, timer.stamp)
