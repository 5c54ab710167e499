"""Who takes part in a call, and what they are told before."""

from __future__ import annotations

from typing import Any

from cases import access
from cases.calls.models import Call
from cases.models import Case
from direkt1177.accounts.actors import ResidentActor
from direkt1177.units import policies
from direkt1177.units.models import Unit
from direkt1177.units.policy_model import Policy


def may_take_part(actor: Any, case: Case, call: Call) -> bool:
    """Whether the actor is one of the two sides: the holder of the case, or who accepted.

    Raises:
        NotFound, HeldByColleague: no right to the case at all.
    """
    basis = access.basis_for(actor, case)
    if isinstance(actor, ResidentActor):
        return basis in access.WORK_BASES and call.answered_by_id == actor.person_id
    return basis == "holder"


def policy_of(case: Case) -> Policy:
    """The policy of the case's unit: information on fees, its version, language support."""
    return policies.policy(Unit.objects.select_related("provider__region").get(pk=case.unit_id))
