"""Closing time of a unit: reminders, SMS, and the automatic return where a unit wants it (SHF-08, HRS-05, NOT-08)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Max, Q, QuerySet

from cases.calls.models import Call
from cases.calls.states import CallState
from cases.locking import lock_by_pk
from cases.models import Case, Message
from cases.states import HELD_STATES
from direkt1177.accounts.actors import SYSTEM
from direkt1177.accounts.models import Shift
from direkt1177.audit.models import ChangeLog
from direkt1177.outbox.effects import EffectSpec, enqueue
from direkt1177.units.clock import now
from direkt1177.units.models import StaffedHours, Unit
from direkt1177.units.policies import policy
from handover.models import Notice, Timer
from handover.notices.steps import notify
from handover.shifts import rules
from handover.shifts.closing_rules import ACTIVE, WARNING, Unfinished, last_closing, may_return, next_closing, stamp_of
from handover.shifts.events import CaseReturned, HolderGoesOn, HolderWrites
from handover.shifts.queries import RETURNING
from handover.shifts.steps import let_go
from handover.timers.plans import Plan, calendar_of

CLOSING, RETURN = "closing", "closing_return"
_ASK_AGAIN = timedelta(minutes=5)


def plan_unit(unit: Unit) -> Iterator[Plan]:
    """The next closing of the unit or of a role with hours of its own, and the return that follows the last one."""
    at = now()
    missed = Timer.objects.filter(
        subject="unit", subject_id=unit.pk, kind=CLOSING, fired_at__isnull=True, due_at__lte=at
    ).first()
    if missed is not None:  # nobody ticked then: it is still to be done
        yield Plan(CLOSING, missed.stamp, missed.due_at, missed.data)
    else:
        closings = {role: next_closing(calendar_of(unit, role), at) for role in _calendars(unit)}
        if times := [one for one in closings.values() if one is not None]:
            first = min(times)
            roles = [role for role, one in closings.items() if one == first]
            yield Plan(CLOSING, stamp_of(first), first, {"roles": roles})
    if policy(unit).return_unfinished_at_closing:
        ended = [one for role in _calendars(unit) if (one := last_closing(calendar_of(unit, role), at)) is not None]
        if ended:
            yield Plan(RETURN, stamp_of(max(ended)), max(ended) + WARNING)


def close_day(timer: Timer) -> datetime | None:
    """Handler: tell holders on shift, send row d to all holders and an SMS to patients whose visit is still open."""
    unit = Unit.objects.select_related("provider__region").get(pk=timer.subject_id)
    cases = list(_open_visits(unit, timer.data.get("roles") or [None]).select_related("patient"))
    holders = {case.holder_id for case in cases if case.holder_id is not None}
    shifts = Shift.objects.filter(unit=unit, user_id__in=holders, ended_at__isnull=True)
    here = set(shifts.values_list("user_id", flat=True))
    key = f"{unit.pk}:{timer.stamp}"
    notify(kind="closing_time", key=f"closing_time:{key}", unit_id=unit.pk, users=here)
    notify(kind="unclosed", key=f"unclosed:{key}", unit_id=unit.pk, users=holders, sms=True)
    for case in cases:
        # Masked persons and those without a number get none: the handler looks at the moment of sending (NOT-07).
        enqueue(
            EffectSpec(
                kind="resident_sms",
                key=f"closing_day:{case.public_id}:{timer.stamp}",
                aggregate=f"case:{case.public_id}",
                payload={"person": case.started_by_id, "template": "closing_day", "unit": unit.pk},
            )
        )
    if policy(unit).return_unfinished_at_closing:
        notify(kind=RETURNING, key=f"{RETURNING}:{key}", unit_id=unit.pk, users=holders)
    return None


def return_unfinished(timer: Timer) -> datetime | None:
    """Handler: what nobody works on goes back to its role's queue; the rest is asked about again until it opens."""
    unit = Unit.objects.select_related("provider__region").get(pk=timer.subject_id)
    wanted, at, left = policy(unit).return_unfinished_at_closing, now(), False
    for pk, holder_id, role_id in _open_visits(unit, _calendars(unit)).values_list("pk", "holder_id", "role_id"):
        if holder_id is None or not wanted:
            continue
        closing = last_closing(calendar_of(unit, role_id), at)
        stamp = stamp_of(closing) if closing is not None else ""
        warned = _warned_at(holder_id, unit, stamp)
        facts = Unfinished(
            wanted=wanted,
            closed=closing is not None,
            warned_at=warned,
            goes_on=_goes_on(holder_id, stamp),
            active_at=active_at(holder_id, unit),
        )
        if may_return(facts, at):
            left |= not _give_back(pk, holder_id, unit, at, stamp)
        else:
            left |= closing is not None and not facts.goes_on
    return at + _ASK_AGAIN if left and wanted else None


def active_at(user_id: int, unit: Unit) -> datetime | None:
    """When a member of staff last took, started, wrote, typed or talked at the unit; None when never."""
    mine = Case.objects.filter(holder_id=user_id, unit=unit, state__in=[*HELD_STATES])
    times = list(mine.aggregate(Max("received_at"), Max("started_at")).values())
    sent = Message.objects.filter(case__in=mine, author_key=f"staff:{user_id}")
    times.append(sent.aggregate(last=Max("sent_at"))["last"])
    calls = Call.objects.filter(case__in=mine)
    times.append(calls.aggregate(last=Max("ended_at"))["last"])
    if calls.filter(state=CallState.ACCEPTED).exists():
        times.append(now())
    typed = ChangeLog.objects.filter(object_type="user", object_id=str(user_id), event=HolderWrites.code)
    if row := typed.order_by("-pk").first():
        times.append(datetime.fromisoformat(row.data["at"]))
    return max((one for one in times if one is not None), default=None)


def _give_back(pk: int, holder_id: int, unit: Unit, at: datetime, stamp: str) -> bool:
    case = lock_by_pk(pk, skip_locked=True)
    if case is None:
        return False
    if case.holder_id != holder_id or case.state not in rules.BLOCKING_STATES:
        return True
    # Once more under the lock: the holder may have written or answered while others were looked at.
    last = active_at(holder_id, unit)
    if _goes_on(holder_id, stamp) or (last is not None and now() - last < ACTIVE):
        return False
    if let_go(case, actor=SYSTEM, at=at, event=CaseReturned, notice="returned"):
        key = f"returned:{case.public_id}:{case.version}"
        notify(kind="returned", key=f"{key}:manager", unit_id=unit.pk, managers=unit.pk, case=case)
    return True


def _open_visits(unit: Unit, roles: list[int | None]) -> QuerySet[Case]:
    """Synchronous visits that nobody has closed, of the roles whose hours end now; None is every role without own."""
    found = Case.objects.filter(
        Q(state__in=rules.BLOCKING_STATES) | Q(state="waiting", started_at__isnull=False, closed_at__isnull=True),
        unit=unit,
    )
    mine = Q(role_id__in=[role for role in roles if role is not None])
    if None in roles:
        mine |= ~Q(role_id__in=[role for role in _calendars(unit) if role is not None])
    return found.filter(mine).order_by("pk")


def _calendars(unit: Unit) -> list[int | None]:
    """The unit as a whole, and each role that has hours of its own."""
    own = StaffedHours.objects.filter(unit=unit, role__isnull=False).values_list("role_id", flat=True)
    return [None, *sorted({role for role in own if role is not None})]


def _warned_at(user_id: int, unit: Unit, stamp: str) -> datetime | None:
    key = f"{RETURNING}:{unit.pk}:{stamp}"
    return Notice.objects.filter(user_id=user_id, key=key).values_list("created_at", flat=True).first()


def _goes_on(user_id: int, stamp: str) -> bool:
    said = ChangeLog.objects.filter(object_type="user", object_id=str(user_id), event=HolderGoesOn.code)
    return said.filter(data__closing=stamp).exists()
