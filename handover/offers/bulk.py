"""Several own cases to one receiver at once: a loop of commands, each with its own outcome (HOV-11)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from direkt1177.accounts.actors import StaffActor
from direkt1177.audit.refusals import Refusal
from handover.offers.commands import Offered, Offering, offer_case


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it went with one case: offered, or why not."""

    case_id: UUID
    offered: Offered | None
    refusal: Refusal | None


def offer_each(*, actor: StaffActor, case_ids: Sequence[UUID], offering: Offering, key: str) -> list[Outcome]:
    """Offer each case by itself; one that is refused does not fail the others.

    Args:
        actor: the holder of all.
        case_ids: public ids.
        offering: the same for all; without urgency, so that each keeps its own.
        key: of the form; each case gets a key made of it, so that sending again offers nothing twice.
    """
    outcomes = []
    for case_id in case_ids:
        try:
            offered = offer_case(
                actor=actor, case_id=case_id, offering=offering, key=f"{key[:44]}-{case_id.hex}"
            )  # fmt: skip
        except Refusal as refusal:
            outcomes.append(Outcome(case_id, None, refusal))
        else:
            outcomes.append(Outcome(case_id, offered, None))
    return outcomes
