"""What *Ta emot* of the errand means for an offer: told by its events, same transaction (HOV-02, HOV-08, HOV-15)."""

from __future__ import annotations

from cases.events import CaseEvent, OfferTaken
from cases.locking import lock_case
from direkt1177.audit.actor import Actor
from direkt1177.audit.record import ring, subscribe
from direkt1177.realtime.changes import Change
from direkt1177.units.clock import now
from handover import names
from handover.models import Handover
from handover.offers.queries import pending
from handover.offers.steps import accept, end_offer

# A case that fell back to its own queue and leaves it: the own role took it, or the patient went.
LEFT_THE_QUEUE = ("case_received", "case_received_anyway", "case_resumed", "case_withdrawn")


def offer_taken(event: OfferTaken, actor: Actor) -> None:
    """The offer is accepted; the giver reads on where the region says so."""
    offer = _pending(event)
    if offer is None:
        return
    accept(offer, by=actor, at=now())
    desks = {(offer.from_unit_id, offer.from_role_id), (offer.to_unit_id, event.role_id)}
    ring([Change(names.desk_feed(*desk), names.OFFERS) for desk in sorted(desks)])
    ring([Change(names.coordinator_feed(u), names.OFFERS) for u in sorted({offer.from_unit_id, offer.to_unit_id})])


def case_went_another_way(event: CaseEvent, actor: Actor) -> None:
    """The case is no longer where the offer left it, so the offer ends."""
    if _pending(event) is not None:
        end_offer(lock_case(event.public_id), actor=actor, at=now())


def register() -> None:
    """Listen (from ``ready``)."""
    subscribe("offer_taken", offer_taken)
    for code in LEFT_THE_QUEUE:
        subscribe(code, case_went_another_way)


def _pending(event: CaseEvent) -> Handover | None:
    """The pending offer of the case, locked; the command holds the case already."""
    found = pending().filter(case__public_id=event.public_id).select_for_update(of=("self",), no_key=True)
    return found.select_related("case").first()
