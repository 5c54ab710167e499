"""An offer that nobody accepts in time reaches the coordinator (HOV-09)."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta

from cases.models import Case
from direkt1177.accounts.actors import SYSTEM
from direkt1177.audit.record import record
from direkt1177.units.clock import now
from direkt1177.units.policies import policy
from direkt1177.units.staffed_time import NeverStaffed, add_staffed
from handover.models import Handover, Timer
from handover.offers import telling
from handover.offers.events import OfferEscalated
from handover.offers.queries import desk_role_of
from handover.states import HandoverState
from handover.timers import fire, plans

ESCALATION = "handover_escalation"


def plan(offer: Handover) -> Iterable[plans.Plan]:
    """While an offer stands: the moment after so many minutes of the receiver's staffed time."""
    if offer.state != HandoverState.PENDING or offer.escalated_at is not None:
        return []
    minutes = policy(offer.to_unit).handover_escalation_minutes
    calendar = plans.calendar_of(offer.to_unit, offer.to_role_id)
    due = None
    with suppress(NeverStaffed):
        due = add_staffed(calendar, offer.offered_at, timedelta(minutes=minutes))
    if due is None:
        # Nobody is ever there: the coordinator hears of it by the clock.
        due = offer.offered_at + timedelta(minutes=minutes)
    return [plans.Plan(ESCALATION, offer.offered_at.isoformat(), due)]


def escalate_offer(timer: Timer) -> datetime | None:
    """Tell the coordinators of both units once, if the offer still stands; the case is locked."""
    offer = Handover.objects.select_related("case").get(pk=timer.subject_id)
    if offer.state != HandoverState.PENDING or offer.escalated_at is not None:
        return None
    case: Case = offer.case
    offer.escalated_at = now()
    offer.save(update_fields=["escalated_at"])
    minutes = int((offer.escalated_at - offer.offered_at).total_seconds() // 60)
    event = OfferEscalated.about(
        case, offer, role_id=desk_role_of(offer), from_state=str(case.state), facts={"waited_minutes": minutes}
    )
    record(event, actor=SYSTEM)
    telling.tell_coordinators(case, offer)
    return None


def register() -> None:
    """Tell the timers (from ``ready``)."""
    plans.register(plans.HANDOVER, plan)
    fire.register(ESCALATION, escalate_offer)
