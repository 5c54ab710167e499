"""Staff change the urgency (TRI-11)."""

from __future__ import annotations

from uuid import UUID

from cases import access, rules
from cases.commands.outcome import Done, do_once, done, lock_case
from cases.errors import CaseClosed, NotHolder, UrgencyInvalid
from cases.events import UrgencyChanged
from cases.locking import require_part
from cases.models import UrgencyChange
from direkt1177.accounts.actors import StaffActor
from direkt1177.audit.record import command, record
from direkt1177.audit.refusals import StaleVersion
from direkt1177.units import policies
from direkt1177.units.clock import now
from direkt1177.units.models import Unit


@command
def change_urgency(
    *, actor: StaffActor, case_id: UUID | str, urgency: int, reason: str, key: str, version: int
) -> Done:
    """Set another urgency; old, new, who, when and why are kept, the computed one stays visible.

    Args:
        actor: the holder, a guest who takes part, or the role in whose queue it waits.
        case_id: public id.
        urgency: 1 to 5.
        reason: free text for the history, up to 300 characters; may be empty.
        key: idempotency key.
        version: of the case as the page showed it.

    Raises:
        UrgencyInvalid: not 1 to 5.
        StaleVersion: the case changed since the page was shown.
        NotHolder: waits in another role's queue.
        CaseClosed, HeldByColleague, NotFound: see ``access.basis_for``.
    """
    ident = access.parse_id(case_id)
    if not 1 <= urgency <= 5:
        raise UrgencyInvalid
    reason = rules.clean_text(reason)[:300]

    def change() -> Done:
        case = lock_case(ident)
        basis = access.basis_for(actor, case)
        if basis == "closed_own":
            raise CaseClosed
        require_part(basis)
        holds = basis in access.WRITE_BASES
        if not rules.may_change_urgency(case.state, holds=holds, own_role=basis == "queue_role"):
            raise NotHolder
        if case.version != version:
            raise StaleVersion
        if case.urgency == urgency:
            return done(case)
        old = case.urgency
        unit = Unit.objects.select_related("provider__region").get(pk=case.unit_id)
        case.urgency = urgency
        case.sort_rank = rules.sort_rank(case.kind, urgency)
        case.assessment_due_at = rules.assessment_due(
            case.arrived_at, policies.policy(unit).assessment_minutes(urgency)
        )
        case.version += 1
        case.save(update_fields=["urgency", "sort_rank", "assessment_due_at", "version"])
        UrgencyChange.objects.create(case=case, old=old, new=urgency, by_id=actor.user_id, reason=reason, at=now())
        data = {"old": old, "new": urgency}
        record(UrgencyChanged.of(case, from_state=case.state, queue=rules.lies_in(case), data=data), actor=actor)
        return done(case)

    body = {"case": str(ident), "urgency": urgency, "reason": reason, "version": version}
    return do_once(actor=actor, key=key, command="change_urgency", body=body, do=change)
