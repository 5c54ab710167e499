"""Cases that go to the role's queue by themselves when their holder does not come back, *utan ägare* (SHF, ASY-09)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from cases.locking import lock_by_pk
from cases.models import Case, Message
from cases.states import CaseState
from direkt1177.accounts.actors import SYSTEM
from direkt1177.accounts.models import Shift
from direkt1177.units.clock import now
from direkt1177.units.policies import policy
from handover.models import Timer
from handover.shifts import rules
from handover.shifts.events import CaseLeftBehind
from handover.shifts.steps import let_go
from handover.timers.plans import Plan, calendar_of

PAUSED, UNREAD = "paused_ownerless", "unread_ownerless"
_ASK_AGAIN = timedelta(minutes=15)


def plan_case(case: Case) -> Iterator[Plan]:
    """When a paused case, or one with an unread message in follow-up, is nobody's any more."""
    settings, calendar = policy(case.unit), calendar_of(case.unit, case.role_id)
    if case.state == CaseState.PAUSED and case.resume_at is not None:
        due = rules.paused_is_ownerless_at(calendar, case.resume_at, settings.paused_without_shift_minutes)
        if due is not None:
            yield Plan(PAUSED, f"{case.holder_id}:{case.resume_at:%Y%m%dT%H%M%S}", due)
    if case.state == CaseState.ASYNCHRONOUS and case.last_patient_seq > case.staff_seen_seq:
        first = _first_unread(case)
        days = settings.async_unread_staffed_days
        left_at = None if first is None else rules.unread_is_ownerless_at(calendar, first.sent_at, days)
        if first is not None and left_at is not None:
            yield Plan(UNREAD, f"{case.holder_id}:{first.seq}", left_at)


def paused_is_over(timer: Timer) -> datetime | None:
    """Handler: the holder has not come back; while the holder is on shift it is asked again later."""
    case = lock_by_pk(timer.subject_id)
    if case is None or case.holder_id is None or case.state != CaseState.PAUSED:
        return None
    if case.resume_at is None or case.resume_at > now():
        return None
    here = Shift.objects.filter(user_id=case.holder_id, unit_id=case.unit_id, ended_at__isnull=True)
    if here.exists():
        return now() + _ASK_AGAIN
    let_go(case, actor=SYSTEM, at=now(), event=CaseLeftBehind, why="paused")
    return None


def unread_too_long(timer: Timer) -> datetime | None:
    """Handler: nobody has read what the patient wrote in follow-up."""
    case = lock_by_pk(timer.subject_id)
    if case is None or case.state != CaseState.ASYNCHRONOUS or case.last_patient_seq <= case.staff_seen_seq:
        return None
    let_go(case, actor=SYSTEM, at=now(), event=CaseLeftBehind, why="unread")
    return None


def _first_unread(case: Case) -> Message | None:
    unread = Message.objects.filter(case=case, author=Message.Author.PATIENT, seq__gt=case.staff_seen_seq)
    return unread.order_by("seq").only("seq", "sent_at").first()
