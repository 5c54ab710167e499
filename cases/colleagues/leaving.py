"""When guests leave by themselves: the visit is closed, nobody has it any more, the guest took it over (I-09).

Subscribed to events of the case; each runs in the transaction of the command that holds the case's lock.
"""

from __future__ import annotations

from cases.colleagues import steps
from cases.colleagues.models import Guest
from cases.events import CaseEvent
from cases.models import Case
from direkt1177.audit.actor import Actor


def visit_closed(event: CaseEvent, actor: Actor) -> None:
    """*Avsluta besök*, with or without follow-up."""
    if case := _with_guests(event):
        steps.end_guests(case, ending=Guest.Ending.CLOSED, actor=actor)


def let_go(event: CaseEvent, actor: Actor) -> None:
    """The case lies in a queue: nobody is responsible for a guest in it."""
    case = _with_guests(event)
    if case is not None and case.holder_id is None:
        steps.end_guests(case, ending=Guest.Ending.NO_HOLDER, actor=actor)


def taken(event: CaseEvent, actor: Actor) -> None:
    """Whoever takes it over is no guest any more; other guests stay with the new holder."""
    case = _with_guests(event)
    if case is not None and case.holder_id is not None:
        steps.end_guests(case, ending=Guest.Ending.TOOK_OVER, actor=actor, user_id=case.holder_id)


def _with_guests(event: CaseEvent) -> Case | None:
    return (
        Case.objects.select_related("patient")
        .filter(public_id=event.public_id, guests__ended_at__isnull=True, guests__isnull=False)
        .distinct()
        .first()
    )
