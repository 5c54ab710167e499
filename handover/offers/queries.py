"""Reading offers: of a giver, for a desk, of a unit for its coordinator. No rights: those are in ``access``."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet

from direkt1177.accounts.actors import StaffActor
from direkt1177.accounts.models import Membership
from direkt1177.residents.queries import PersonView, person_view
from direkt1177.units.policies import policies_of, policy
from handover.models import Handover
from handover.states import HandoverState

LIMIT = 100


@dataclass(frozen=True, slots=True)
class OfferRow:
    """One pending offer as lists show it.

    Attributes:
        handover: with case, patient, giver, addressee and units loaded.
        person: masked as needed.
        urgency_word: the region's word; empty when not assessed.
        to_me: it names the viewer, not their role.
        note_state: ``signed``, ``draft`` or empty.
    """

    handover: Handover
    person: PersonView
    urgency_word: str
    to_me: bool = False

    @property
    def fell_back(self) -> bool:
        """Whether the giver has gone and the case waits at the giver's unit."""
        return self.handover.fell_back_at is not None

    @property
    def escalated(self) -> bool:
        """Whether the coordinator has been told."""
        return self.handover.escalated_at is not None


def pending() -> QuerySet[Handover]:
    """Offers that still stand."""
    return Handover.objects.filter(state=HandoverState.PENDING)


def pending_by(user_id: int, unit_id: int) -> list[Handover]:
    """A giver's pending offers at a unit, oldest first; those that fell back are no longer theirs."""
    found = pending().filter(from_user_id=user_id, from_unit_id=unit_id, fell_back_at__isnull=True)
    return list(found.select_related("case__patient", "to_unit", "to_role", "to_user").order_by("offered_at", "pk"))


def pending_at(unit_id: int) -> int:
    """How many offers from or to a unit still stand."""
    return pending().filter(Q(from_unit_id=unit_id) | Q(to_unit_id=unit_id)).count()


def pending_of(case_id: int) -> Handover | None:
    """The pending offer of a case."""
    return pending().filter(case_id=case_id).first()


def by_id(public_id: UUID) -> Handover | None:
    """An offer with what its page shows, whatever its state."""
    return _listed(Handover.objects.filter(public_id=public_id)).first()


def for_desk(actor: StaffActor) -> list[OfferRow]:
    """Offers to the actor or to their role at the unit, most urgent first, then by arrival (HOV-05, HOV-07)."""
    mine = Q(to_role_id=actor.role_id) | Q(to_user_id=actor.user_id)
    found = pending().filter(mine, to_unit_id=actor.unit_id)
    found = found.exclude(from_user_id=actor.user_id, fell_back_at__isnull=True)
    return _rows(_listed(found).order_by("case__sort_rank", "case__arrived_at", "pk")[:LIMIT], actor)


def of_giver(actor: StaffActor) -> list[OfferRow]:
    """The actor's own pending offers at the unit, oldest first (ORG-24)."""
    found = pending().filter(from_user_id=actor.user_id, from_unit_id=actor.unit_id, fell_back_at__isnull=True)
    return _rows(_listed(found).order_by("offered_at", "pk")[:LIMIT], actor)


def of_unit(actor: StaffActor) -> list[OfferRow]:
    """Offers from or to the unit that nobody has accepted, by receiver, longest waiting first (HOV-09, QUE-19)."""
    found = pending().filter(Q(from_unit_id=actor.unit_id) | Q(to_unit_id=actor.unit_id))
    order = ("to_unit__name", "to_role__order", "offered_at", "pk")
    return _rows(_listed(found).order_by(*order)[:LIMIT], actor)


def desk_role_of(offer: Handover) -> int:
    """On whose desk an offer shows: the role it is made to, or the colleague's own role at the unit."""
    if offer.to_role_id is not None:
        return offer.to_role_id
    found = Membership.objects.filter(user_id=offer.to_user_id or 0, unit_id=offer.to_unit_id, ended_at__isnull=True)
    return found.values_list("role_id", flat=True).first() or offer.from_role_id


def _listed(found: QuerySet[Handover]) -> QuerySet[Handover]:
    return found.select_related(
        "case__patient", "case__unit__provider__region", "from_user", "from_unit", "from_role", "to_unit", "to_role",
        "to_user", "decided_by",
    )  # fmt: skip


def row_of(offer: Handover) -> OfferRow:
    """One offer from ``by_id`` as a row."""
    word = policy(offer.case.unit).urgency_labels.get(offer.case.urgency, "") if offer.case.urgency else ""
    return OfferRow(handover=offer, person=person_view(offer.case.patient), urgency_word=word)


def _rows(found: QuerySet[Handover], actor: StaffActor) -> list[OfferRow]:
    offers = list(found)
    policies = policies_of({o.case.unit_id: o.case.unit for o in offers}.values()) if offers else {}
    return [
        OfferRow(
            handover=offer,
            person=person_view(offer.case.patient),
            urgency_word=policies[offer.case.unit_id].urgency_labels.get(offer.case.urgency, "")
            if offer.case.urgency
            else "",
            to_me=offer.to_user_id == actor.user_id,
        )
        for offer in offers
    ]
