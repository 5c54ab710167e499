"""Pure rules of acknowledgements: who may be asked about what, and what may be cleared at once."""

from __future__ import annotations

from dataclasses import dataclass

from direkt1177.units.policy_model import Policy
from handover.models import Acknowledgement

TEXT_LIMIT = 2000
Kind = Acknowledgement.Kind
#: Kinds that a person may create, in the order of the form; the policy names them alike.
BY_HAND = (Kind.FOLLOW_UP, Kind.INFORMATION)
#: An unused ticket of these urgencies is followed up by phone; only the others are cleared in bulk (TIK-14).
CALL_THE_PATIENT = frozenset({1, 2})


@dataclass(frozen=True, slots=True)
class Addressee:
    """Exactly one of the two."""

    user_id: int | None = None
    role_id: int | None = None


def kinds_offered(policy: Policy) -> tuple[Acknowledgement.Kind, ...]:
    """Kinds that the form offers in this region (policy ``acknowledgement_use``).

    A region that only says that posts are watched names no kind, so both are there.
    """
    stated = tuple(kind for kind in BY_HAND if kind.value in policy.acknowledgement_use)
    return stated or (BY_HAND if "watch" in policy.acknowledgement_use else ())


def is_addressee(post: Acknowledgement, *, user_id: int, unit_id: int, role_id: int) -> bool:
    """Whether a post is for this member of staff at the chosen unit and role."""
    if post.unit_id != unit_id:
        return False
    return post.to_user_id == user_id if post.to_user_id is not None else post.to_role_id == role_id


def may_clear_in_bulk(kind: str, urgency: int | None) -> bool:
    """Only unused tickets, and of those only such that nobody is to be called about (TIK-14)."""
    return kind == Kind.UNUSED_TICKET and urgency not in CALL_THE_PATIENT


def parse(value: str) -> Addressee | None:
    """What the form sent: ``user:<id>`` or ``role:<id>``; None for anything else."""
    kind, _sep, number = value.partition(":")
    if not number.isascii() or not number.isdecimal() or len(number) > 9:
        return None
    if kind == "user":
        return Addressee(user_id=int(number))
    return Addressee(role_id=int(number)) if kind == "role" else None
