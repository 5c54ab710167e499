"""What the tick finds due (design §2)."""

from __future__ import annotations

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
    keys = list(due.order_by("follow_up_until").values_list("pk", flat=True)[:BATCH])
    return sum(end_follow_up(case_pk=pk) for pk in keys)
