"""Rules of closures, no database: who decides next, on what grounds, where new cases go (HRS-08..18)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from direkt1177.units.closure_models import Closure
from direkt1177.units.policy_model import Policy
from direkt1177.units.staffed_time import STOCKHOLM

#: An acute closure is for days, not weeks (HRS-15); whoever needs longer plans a closure. No source gives a figure.
LONGEST_ACUTE = timedelta(days=7)

_GROUNDS = Closure.Grounds
_STATUS = Closure.Status


class Act(StrEnum):
    """What can be done with a closure."""

    AGREE = "agree"  # regional administration says yes; the head of operations then orders
    ORDER = "order"  # the head of operations orders it
    APPROVE = "approve"  # the operator's desk has handled the form
    REJECT = "reject"
    CANCEL = "cancel"
    REOPEN = "reopen"  # a running closure ends now
    RETARGET = "retarget"  # another unit takes new cases from now on
    PUBLISH = "publish"  # the text stands on the contact card
    WITHDRAW = "withdraw"  # the text is off the contact card again


#: Acts that are regional administration's alone; all others are the unit's management's too.
REGIONS_ACTS = frozenset({Act.AGREE, Act.APPROVE, Act.REJECT, Act.RETARGET})
_NEXT: dict[tuple[str, str], dict[Act, str]] = {
    (Closure.Chain.REGION_THEN_ORDER, _STATUS.REQUESTED): {
        Act.AGREE: _STATUS.AGREED, Act.REJECT: _STATUS.REJECTED, Act.CANCEL: _STATUS.CANCELLED,
    },
    (Closure.Chain.REGION_THEN_ORDER, _STATUS.AGREED): {Act.ORDER: _STATUS.APPROVED, Act.CANCEL: _STATUS.CANCELLED},
    (Closure.Chain.FORM_TO_OPERATOR, _STATUS.REQUESTED): {
        Act.APPROVE: _STATUS.APPROVED, Act.REJECT: _STATUS.REJECTED, Act.CANCEL: _STATUS.CANCELLED,
    },
}  # fmt: skip


class Card(StrEnum):
    """What the contact card needs (HRS-13)."""

    NOTHING = "nothing"
    TO_PUBLISH = "to_publish"
    PUBLISHED = "published"
    TO_WITHDRAW = "to_withdraw"


def moves(closure: Closure, at: datetime) -> dict[Act, str]:
    """Acts that are possible now with the status that each leads to; the contact card's acts are not among them."""
    if closure.ends_at <= at:
        return {}
    if closure.status == _STATUS.APPROVED:
        if closure.starts_at <= at:
            return {Act.REOPEN: _STATUS.APPROVED, Act.RETARGET: _STATUS.APPROVED}
        return {Act.CANCEL: _STATUS.CANCELLED, Act.RETARGET: _STATUS.APPROVED}
    return dict(_NEXT.get((closure.chain, closure.status), {}))


def card_of(closure: Closure, *, on_card: str | None, text: str, at: datetime) -> Card:
    """Whether the text stands on the contact card as it should.

    Args:
        on_card: the text that was last published; None when none is, or it has been taken off again.
        text: what should stand there.
    """
    if closure.status == _STATUS.APPROVED and closure.ends_at > at:
        return Card.PUBLISHED if on_card == text else Card.TO_PUBLISH
    return Card.NOTHING if on_card is None else Card.TO_WITHDRAW


def in_force(closure: Closure, at: datetime) -> bool:
    """Whether new cases are redirected or refused at a moment: from the first to before the last."""
    return closure.status == _STATUS.APPROVED and closure.starts_at <= at < closure.ends_at


def grounds_for(policy: Policy) -> tuple[Closure.Grounds, ...]:
    """Grounds for a planned closure that the region accepts (HRS-11)."""
    if policy.closure_grounds == "exceptional_single_days":
        return (_GROUNDS.EXCEPTIONAL,)
    return (_GROUNDS.TRAINING, _GROUNDS.OTHER_PLANNED, _GROUNDS.EXCEPTIONAL)


def single_days_only(policy: Policy) -> bool:
    """Whether a planned closure must lie within one day (HRS-11)."""
    return policy.closure_grounds == "exceptional_single_days"


def within_one_day(start: datetime, end: datetime) -> bool:
    """Whether an interval lies within one date in Sweden, from midnight to midnight at most."""
    last = (end.astimezone(UTC) - timedelta(microseconds=1)).astimezone(STOCKHOLM)
    return start.astimezone(STOCKHOLM).date() == last.date()


def too_soon(policy: Policy, *, requested_at: datetime, starts_at: datetime) -> bool:
    """Whether a planned closure begins before the lead time has passed, counted in dates (HRS-09): a warning only."""
    first = requested_at.astimezone(STOCKHOLM).date() + timedelta(weeks=policy.closure_lead_time)
    return starts_at.astimezone(STOCKHOLM).date() < first


@dataclass(frozen=True, slots=True)
class Path:
    """Where a new case goes: the places it passes, and the last one; None when nobody takes it."""

    passed: tuple[int, ...]
    end: int | None


def follow(start: int, onward: Mapping[int, int | None]) -> Path:
    """Follow a chain of redirections; a chain that comes back to itself leads nowhere, never round.

    Args:
        start: where the case was addressed.
        onward: next place by place; None where nobody takes it; places left out keep their cases.
    """
    passed = [start]
    while passed[-1] in onward:
        following = onward[passed[-1]]
        if following is None or following in passed:
            return Path(tuple(passed), None)
        passed.append(following)
    return Path(tuple(passed), passed[-1])
