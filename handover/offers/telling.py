"""Who is told of an offer in the notice centre (HOV-05, HOV-09, NOT-01 f)."""

from __future__ import annotations

from cases.models import Case
from handover.models import Handover
from handover.notices import steps as notices


def tell_addressee(case: Case, offer: Handover) -> None:
    """An offer has come: to the colleague, or to whoever has the role and is on duty."""
    where = f"handover_offered:{offer.pk}"
    if offer.to_user_id is not None:
        notices.notify(
            users=[offer.to_user_id], kind="handover_offered", key=where, unit_id=offer.to_unit_id, case=case,
            handover=offer,
        )  # fmt: skip
    elif offer.to_role_id is not None:
        notices.notify(
            role_at=(offer.to_unit_id, offer.to_role_id), kind="handover_offered", key=where,
            unit_id=offer.to_unit_id, case=case, handover=offer,
        )  # fmt: skip


def tell_giver_declined(case: Case, offer: Handover) -> None:
    """The addressee said no: to the giver, or to the giver's role when the giver has gone."""
    key, unit = f"handover_declined:{offer.pk}", offer.from_unit_id
    if offer.fell_back_at is None:
        notices.notify(
            users=[offer.from_user_id], kind="handover_declined", key=key, unit_id=unit, case=case, handover=offer
        )
    else:
        notices.notify(
            role_at=(unit, offer.from_role_id), kind="handover_declined", key=key, unit_id=unit, case=case,
            handover=offer,
        )  # fmt: skip


def tell_coordinators(case: Case, offer: Handover) -> None:
    """Nobody accepted in time: to the coordinators of both units."""
    for unit in {offer.from_unit_id, offer.to_unit_id}:
        notices.notify(
            coordinators=unit, kind="handover_escalated", key=f"handover_escalated:{offer.pk}", unit_id=unit,
            case=case, handover=offer,
        )  # fmt: skip


def tell_giver_accepted(case: Case, offer: Handover) -> None:
    """Somebody has taken over."""
    notices.notify(
        users=[offer.from_user_id], kind="handover_accepted", key=f"handover_accepted:{offer.pk}",
        unit_id=offer.from_unit_id, case=case, handover=offer,
    )  # fmt: skip
