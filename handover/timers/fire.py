"""Do what is due: one timer at a time, each in a command of its own, once per stamp (design §2).

Locks are taken in the order of the house: the case, the handover or ticket, then the timer; a subject that somebody
else is working with is left to the next sweep, so that the sweep never waits and never deadlocks.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from cases.locking import lock_by_pk
from direkt1177.audit.record import command
from direkt1177.units.clock import now
from direkt1177.units.models import Unit
from handover.models import Handover, Ticket, Timer
from handover.timers import plans
from handover.timers.planning import plan_locked_case

logger = logging.getLogger(__name__)
#: Acts on the facts as they are now and returns None, or a later moment at which it wants to be asked again.
Handler = Callable[[Timer], datetime | None]
_handlers: dict[str, Handler] = {}
FIRST_WAIT = timedelta(seconds=30)
MOST_WAIT = timedelta(hours=1)

_FIND = """SELECT id, subject, subject_id FROM handover_timer
 WHERE fired_at IS NULL AND due_at <= %s ORDER BY due_at, id LIMIT %s"""


@dataclass(frozen=True, slots=True)
class Due:
    """A timer that was due when it was looked for; nothing is locked yet."""

    pk: int
    subject: str
    subject_id: int


def register(kind: str, handler: Handler) -> None:
    """Name what is done when a timer of a kind is due (from ``ready.register``).

    The handler runs in a command of its own with the case (of a case timer), the handover or the ticket locked. It
    looks at the facts again, may call steps and ``record``, and never commands. A case whose facts have changed since
    the timer was planned has been planned anew under the same lock.
    """
    _handlers[kind] = handler


def find_due(limit: int = 500) -> list[Due]:
    """What is due, the longest overdue first; one look into the index of unfired timers."""
    with connection.cursor() as cursor:
        cursor.execute(_FIND, [now(), limit])
        return [Due(*row) for row in cursor.fetchall()]


def fire(due: Due) -> bool:
    """Fire one timer if it is still due and nobody else has it; a failure is logged and tried again later.

    Returns:
        Whether it fired now.
    """
    try:
        return _fire(due=due)
    except Exception:
        logger.exception("timer %s of %s %s failed", due.pk, due.subject, due.subject_id)
        _put_off(due=due)
        return False


@command
def _fire(*, due: Due) -> bool:
    if not _lock_subject(due):
        return False
    timer = (
        Timer.objects.select_for_update(skip_locked=True, no_key=True)
        .filter(pk=due.pk, fired_at__isnull=True, due_at__lte=now())
        .first()
    )
    if timer is None:
        return False
    handler = _handlers.get(timer.kind)
    if handler is None:
        raise LookupError(f"nothing is registered for timers of kind {timer.kind!r}")
    again = handler(timer)
    if again is not None:
        Timer.objects.filter(pk=timer.pk).update(due_at=again)
        return False
    # A unit's or ticket's next timer follows from the last; the row itself may go with it.
    Timer.objects.filter(pk=timer.pk, stamp=timer.stamp).update(fired_at=now())
    if timer.subject != plans.CASE:
        plans.plan_now(timer.subject, timer.subject_id)
    return True


@command
def _put_off(*, due: Due) -> None:
    """Wait twice as long after each failure; the count goes when the timer is planned anew."""
    timer = Timer.objects.select_for_update(skip_locked=True, no_key=True).filter(pk=due.pk, fired_at=None).first()
    if timer is None:
        return
    failures = int(timer.data.get("failures", 0)) + 1
    timer.data["failures"] = failures
    timer.due_at = now() + min(FIRST_WAIT * 2 ** min(failures - 1, 10), MOST_WAIT)
    timer.save(update_fields=["due_at", "data"])


def _lock_subject(due: Due) -> bool:
    """Lock what the timer is about, in the order of the house; False when somebody else has it."""
    row: Any
    if due.subject == plans.CASE:
        case = lock_by_pk(due.subject_id, skip_locked=True)
        if case is not None and case.timers_stale:
            plan_locked_case(case)
        return case is not None
    if due.subject == plans.UNIT:
        row = Unit.objects.select_for_update(skip_locked=True, no_key=True).filter(pk=due.subject_id).first()
        return row is not None
    rows: Any = Handover.objects if due.subject == plans.HANDOVER else Ticket.objects
    of_case = "case_id" if due.subject == plans.HANDOVER else "issuing_case_id"
    case_pk = rows.filter(pk=due.subject_id).values_list(of_case, flat=True).first()
    if case_pk is None or lock_by_pk(case_pk, skip_locked=True) is None:
        return False
    row = rows.select_for_update(of=("self",), skip_locked=True, no_key=True).filter(pk=due.subject_id).first()
    return row is not None
