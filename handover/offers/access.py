"""The doors to offers: a list leaves one row in the read log, an offer opens by the door of its case (HOV-05, L-09)."""

from __future__ import annotations

from uuid import UUID

from cases import access as case_access
from direkt1177.accounts.actors import StaffActor
from direkt1177.audit.read_log import log_read
from direkt1177.audit.refusals import NotFound
from handover.models import Handover
from handover.offers import queries
from handover.offers.queries import OfferRow


def list_for_desk(actor: StaffActor) -> list[OfferRow]:
    """*Överlämningar till mig och min roll*."""
    return _logged(actor, "offers_to_me", "offer", queries.for_desk(actor))


def list_of_giver(actor: StaffActor) -> list[OfferRow]:
    """Own offers that nobody has accepted yet."""
    return _logged(actor, "my_offers", "holder", queries.of_giver(actor))


def list_of_unit(actor: StaffActor) -> list[OfferRow]:
    """The coordinator's list (HOV-09, QUE-19).

    Raises:
        NotFound: no coordinator of the unit.
    """
    if "coordinator" not in actor.permissions:
        raise NotFound
    return _logged(actor, "unit_offers", "coordinator", queries.of_unit(actor))


def open_offer(actor: StaffActor, offer_id: UUID) -> tuple[Handover, case_access.OpenCase | None]:
    """An offer with its case; without the case once it is over for this actor.

    Raises:
        NotFound: neither giver nor at the unit it was made to.
        HeldByColleague: somebody else at the own unit holds the case by now.
    """
    offer = queries.by_id(offer_id)
    if offer is None or not (
        offer.to_unit_id == actor.unit_id or (offer.from_user_id, offer.from_unit_id) == (actor.user_id, actor.unit_id)
    ):
        raise NotFound
    if offer.state != "pending":
        return offer, None
    return offer, case_access.any_case(actor=actor, public_id=offer.case.public_id, purpose="preview", log=True)


def offer_of_case(actor: StaffActor, public_id: UUID) -> tuple[Handover | None, case_access.OpenCase]:
    """The pending offer of a case that the actor may see, for a panel of an open page or preview.

    Raises:
        NotFound, HeldByColleague: as the door of the case.
    """
    opened = case_access.any_case(actor=actor, public_id=public_id)
    found = queries.pending_of(opened.case.pk)
    return (None if found is None else queries.by_id(found.public_id)), opened


def _logged(actor: StaffActor, name: str, basis: str, rows: list[OfferRow]) -> list[OfferRow]:
    patients = sorted({row.handover.case.patient_id for row in rows})
    if patients:
        log_read(actor=actor, action="list", object_type="list", object_id=name, patients=patients, basis=basis)
    return rows
