"""*Frigör ärendet*: a coordinator or manager lets go what an absent colleague holds (QUE-16, HOV-11)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from cases.access import parse_id
from cases.locking import lock_case
from cases.models import Case
from cases.states import HELD_STATES
from direkt1177.accounts.actors import ManageActor, StaffActor
from direkt1177.audit.idempotency import once
from direkt1177.audit.read_log import log_read
from direkt1177.audit.record import command
from direkt1177.audit.refusals import NotFound
from direkt1177.units.clock import now
from handover.shifts.errors import NotHeld, NotYoursToRelease, ReleaseReasonMissing
from handover.shifts.events import CaseReleased
from handover.shifts.overseers import must_oversee
from handover.shifts.steps import let_go

REASON_LIMIT = 200


@command
def release_held_case(*, actor: StaffActor | ManageActor, case_id: UUID | str, reason: str, key: str) -> str:
    """One case goes from its holder to the role's queue, marked *utan ägare*; drafts and note stay with it.

    The holder gets a notice and loses the open page at once; the patient is told by the unit's fixed text.

    Args:
        actor: coordinator or manager of the case's unit.
        case_id: public id.
        reason: why; stands in both logs.
        key: idempotency key.

    Returns:
        Public id.

    Raises:
        ReleaseReasonMissing: no reason.
        NotFound: absent, or at a unit that the actor does not watch.
        NotHeld: nobody holds it.
    """
    ident, why = parse_id(case_id), _reason(reason)

    def do() -> dict[str, Any]:
        case = lock_case(ident)
        try:
            must_oversee(actor, case.unit_id)
        except NotYoursToRelease:
            raise NotFound from None
        holder = case.holder_id
        if not let_go(case, actor=actor, at=now(), event=CaseReleased, reason=why):
            raise NotHeld
        _log(actor, [case], holder, why)
        return {"case": str(ident)}

    body = {"case": str(ident), "reason": why}
    return str(once(actor=actor, key=key, command="release_held_case", body=body, do=do)["case"])


@command
def release_all_of(
    *, actor: StaffActor | ManageActor, unit_id: int, holder_id: int, reason: str, key: str
) -> list[str]:
    """*Frigör alla för Anna, som gått hem*: everything one colleague holds at the unit, in one step.

    Args:
        actor: coordinator or manager of the unit.
        unit_id: where.
        holder_id: user id of the colleague.
        reason: why.
        key: idempotency key.

    Returns:
        Public ids of the released cases.

    Raises:
        ReleaseReasonMissing: no reason.
        NotYoursToRelease: the actor does not watch the unit.
        NotHeld: the colleague holds nothing there.
    """
    why = _reason(reason)
    must_oversee(actor, unit_id)

    def do() -> dict[str, Any]:
        held = Case.objects.filter(unit_id=unit_id, holder_id=holder_id, state__in=[*HELD_STATES])
        locked = held.select_for_update(of=("self",), no_key=True).select_related("patient").order_by("pk")
        at = now()
        cases = [case for case in locked if let_go(case, actor=actor, at=at, event=CaseReleased, reason=why)]
        if not cases:
            raise NotHeld
        _log(actor, cases, holder_id, why)
        return {"cases": [str(case.public_id) for case in cases]}

    body = {"unit": unit_id, "holder": holder_id, "reason": why}
    return list(once(actor=actor, key=key, command="release_all_of", body=body, do=do)["cases"])


def _reason(reason: str) -> str:
    cleaned = " ".join(reason.split())[:REASON_LIMIT]
    if not cleaned:
        raise ReleaseReasonMissing
    return cleaned


def _log(actor: StaffActor | ManageActor, cases: list[Case], holder: int | None, reason: str) -> None:
    """Acting on somebody else's case is reading it: one row with the reason (L-09)."""
    log_read(
        actor=actor,
        action="open",
        object_type="case" if len(cases) == 1 else "list",
        object_id=str(cases[0].public_id) if len(cases) == 1 else f"held_by:{holder}",
        patients=sorted({case.patient_id for case in cases}),
        basis="release",
        reason=reason,
    )
