"""Parts of offers that other parts of handover call inside their own command; the case is locked (HOV-01, SHF-05).

Lock order: the giver's shift (only when offering), case, offer.
"""

from __future__ import annotations

from datetime import datetime

from cases import names as case_names
from cases import steps as case_steps
from cases.models import Case, CaseReader
from direkt1177.accounts.actors import StaffActor
from direkt1177.accounts.models import Membership
from direkt1177.audit.actor import Actor
from direkt1177.audit.record import record, ring
from direkt1177.realtime.changes import Change
from direkt1177.units.models import Unit
from direkt1177.units.policies import policy
from handover.models import Handover
from handover.notices import steps as notices
from handover.offers import rules, telling
from handover.offers.errors import OfferedToColleague
from handover.offers.events import OfferEnded, OfferFellBack, OfferQueued
from handover.offers.queries import desk_role_of, pending
from handover.states import HANDOVER_TRANSITIONS, HandoverState
from handover.timers.plans import plan_now


def lock_pending(case: Case) -> Handover | None:
    """The pending offer of a locked case under its row lock, or None."""
    found = pending().filter(case_id=case.pk).select_for_update(of=("self",), no_key=True)
    return found.select_related("from_unit", "to_unit").first()


def release_offered(case: Case, *, actor: Actor, at: datetime) -> Handover | None:
    """At the giver's end of shift: the case leaves the giver, the addressed role or the own one is responsible.

    A role of the own unit: a plain item in that role's queue. Another unit: the case waits in the queue of the giver's
    role at the own unit and goes on being offered to the other unit until somebody takes it on either side.

    Args:
        case: locked, held by the giver.
        actor: who ends the shift: the giver, a coordinator or the system.
        at: moment.

    Returns:
        The offer, or None when none stands.

    Raises:
        OfferedToColleague: it names a colleague, which must be decided first.
    """
    offer = lock_pending(case)
    if offer is None or case.offered_at is None:
        return None
    if offer.to_role_id is None:
        raise OfferedToColleague
    if rules.stays_in_queue_of_giver(from_unit_id=case.unit_id, to_unit_id=offer.to_unit_id):
        _fall_back(case, offer, actor=actor, at=at)
    else:
        _queue(case, offer, actor=actor, at=at)
    _giver_leaves(offer.from_user_id)
    return offer


def end_offer(case: Case, *, actor: Actor, at: datetime) -> Handover | None:
    """The case goes another way (released, closed by time): its offer, if any, no longer stands; the holder stays.

    Args:
        case: locked.
        actor: who brings it about.
        at: moment.
    """
    offer = lock_pending(case)
    if offer is None:
        return None
    before = str(case.state)
    if case.offered_at is not None:
        case_steps.clear_offer(case)
    role_id = desk_role_of(offer)
    finish(offer, HandoverState.QUEUED, by=actor, at=at)
    record(OfferEnded.about(case, offer, role_id=role_id, from_state=before), actor=actor)
    return offer


def finish(offer: Handover, state: HandoverState, *, by: Actor, at: datetime, reason: str = "") -> None:
    """Write how a pending offer ended; whoever could read the case because of it no longer can.

    Args:
        offer: locked and pending.
        state: the end.
        by: who ended it.
        at: moment.
        reason: of a decline.
    """
    assert state in HANDOVER_TRANSITIONS[HandoverState(offer.state)]
    offer.state, offer.decided_at, offer.reason = state, at, reason
    offer.decided_by_id = by.user_id if isinstance(by, StaffActor) else None
    offer.save(update_fields=["state", "decided_at", "decided_by", "reason"])
    if offer.fell_back_at is not None:
        readers = CaseReader.objects.filter(case_id=offer.case_id, basis=CaseReader.Basis.OFFER, ended_at__isnull=True)
        case_steps.end_reading(list(readers.values_list("pk", flat=True)), at=at)
    for kind in ("handover_offered", "handover_escalated"):
        notices.mark_read(f"{kind}:{offer.pk}")
    plan_now("handover", offer.pk)


def _queue(case: Case, offer: Handover, *, actor: Actor, at: datetime) -> None:
    """To the addressed role; a role that nobody has any more is no responsible: then the giver's own has it."""
    assert offer.to_role_id is not None
    held = Membership.objects.filter(
        unit_id=offer.to_unit_id, role_id=offer.to_role_id, ended_at__isnull=True, user__is_active=True
    ).exists()
    queue, event = (offer.to_role_id, OfferQueued) if held else (offer.from_role_id, OfferFellBack)
    before = case_steps.release_case(case, unit_id=offer.to_unit_id, role_id=queue, at=at, ownerless=False)
    finish(offer, HandoverState.QUEUED, by=actor, at=at)
    record(event.about(case, offer, role_id=offer.to_role_id, from_state=before, in_queue=True), actor=actor)


def accept(offer: Handover, *, by: Actor, at: datetime) -> None:
    """The offer is accepted: the giver is told, and reads on where the region says so (HOV-15).

    Args:
        offer: locked and pending; its case has the new holder.
        by: the new holder.
        at: moment.
    """
    finish(offer, HandoverState.ACCEPTED, by=by, at=at)
    giving = Unit.objects.select_related("provider__region").get(pk=offer.from_unit_id)
    if rules.giver_reads_on(policy(giving)):
        case_steps.grant_reading(
            offer.case, basis=CaseReader.Basis.GIVER, unit_id=offer.from_unit_id, user_id=offer.from_user_id,
            role_id=None, at=at,
        )  # fmt: skip
    telling.tell_giver_accepted(offer.case, offer)


def _fall_back(case: Case, offer: Handover, *, actor: Actor, at: datetime) -> None:
    assert offer.to_role_id is not None
    before = case_steps.release_case(
        case, unit_id=offer.from_unit_id, role_id=offer.from_role_id, at=at, ownerless=False
    )
    shown = OfferFellBack.about(case, offer, role_id=offer.to_role_id, from_state=before, in_queue=True)
    offer.fell_back_at = at
    offer.save(update_fields=["fell_back_at"])
    case_steps.grant_reading(
        case,
        basis=CaseReader.Basis.OFFER,
        unit_id=offer.to_unit_id,
        user_id=None,
        role_id=offer.to_role_id,
        at=at,
    )
    record(shown, actor=actor)


def _giver_leaves(giver_id: int) -> None:
    """Open pages of the giver are asked again whether they may still be there."""
    ring([Change(case_names.me_feed(f"staff:{giver_id}"), "authz")])
