"""What the tick finds due (design §2)."""

from __future__ import annotations

from cases import follow_ups, rules
from cases.commands import end_follow_up
from cases.models import Case
from cases.states import CaseState
from direkt1177.units.clock import now

BATCH = 200


def end_follow_ups() -> int:
    """Close asynchronous cases whose follow-up is over; two ticks at once are harmless.

    Returns:
        How many were closed.
    """
    due = Case.objects.filter(state=CaseState.ASYNCHRONOUS, offered_at__isnull=True, follow_up_until__lte=now())
    found = list(due.order_by("follow_up_until").only("last_patient_seq", "last_staff_seq", "staff_seen_seq"))
    handled = follow_ups.handled_seq(case.pk for case in found)
    # Those that wait for an answer may wait long; they must not stand in the way of the others.
    keys = [
        case.pk
        for case in found
        if not rules.is_unanswered(
            last_patient_seq=case.last_patient_seq,
            last_staff_seq=case.last_staff_seq,
            staff_seen_seq=case.staff_seen_seq,
            handled_seq=handled.get(case.pk, 0),
        )
    ]
    return sum(end_follow_up(case_pk=pk) for pk in keys[:BATCH])
