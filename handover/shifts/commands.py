"""End a shift, one durable transaction: every choice, each outcome, then the shift (SHF-03, SHF-05, SHF-06)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from cases.models import Case
from cases.states import HELD_STATES
from direkt1177.accounts import steps
from direkt1177.accounts.actors import StaffActor
from direkt1177.accounts.models import Shift
from direkt1177.audit.idempotency import once
from direkt1177.audit.record import command
from direkt1177.audit.refusals import Refusal
from direkt1177.units.clock import now
from handover.shifts import rules
from handover.shifts.errors import CasesRemain, ChoiceNotAllowed, NoActiveShift
from handover.shifts.rules import Choice, Offered
from handover.shifts.settle import Desk, Wish, held_of, settle


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one choice went; ``reason`` is empty when it was done."""

    case: str
    choice: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class EndOfShift:
    """What became of the shift and of every case.

    Attributes:
        shift_id: the shift.
        ended: whether it ended; not while a case still needs a choice.
        outcomes: of each choice, and of offers that became items of a queue by themselves.
        left: how many cases still need one.
    """

    shift_id: int
    ended: bool
    outcomes: tuple[Outcome, ...]
    left: int


@command
def end_shift(*, actor: StaffActor, satisfied: bool, key: str, wishes: Sequence[Wish] = ()) -> EndOfShift:
    """Do what was chosen for every own case, then end the actor's shift at the unit.

    Choices that can be done are done, even when another cannot: that one stays with its reason, and the shift goes on.
    Offers to a role become items of a queue; see ``offers.steps.release_offered``.

    Args:
        actor: whose shift.
        satisfied: the answer to *nöjd* or *missnöjd*.
        key: idempotency key of the form.
        wishes: at most one per case.

    Raises:
        CasesRemain: cases need a choice and nothing was chosen.
        NoActiveShift: there is no active shift at the unit.
        KeyReused: the key was used with other choices.
    """

    def do() -> dict[str, Any]:
        # The shift first: whoever takes a case locks it too, so that no case slips in after the list.
        shift = (
            Shift.objects.select_for_update(no_key=True)
            .filter(user_id=actor.user_id, unit_id=actor.unit_id, ended_at__isnull=True)
            .first()
        )
        if shift is None:
            raise NoActiveShift
        desk = Desk.of(actor, now())
        outcomes = _settle_all(desk, wishes)
        left = sum(1 for case in _held(desk) if rules.needs_choice(held_of(case), desk.at))
        failed = any(outcome.reason for outcome in outcomes)
        if left and not wishes:
            raise CasesRemain(left)
        if not left and not failed:
            # Only now: while the shift goes on, an offer is an offer and the giver answers the patient (HOV-01).
            outcomes += _settle_offers(desk)
            steps.end_shift(actor=actor, shift_id=shift.pk, satisfied=satisfied)
        return {
            "shift": shift.pk,
            "ended": not left and not failed,
            "outcomes": [[o.case, o.choice, o.reason] for o in outcomes],
            "left": left,
        }

    body = {"satisfied": satisfied, "wishes": [wish.body() for wish in wishes]}
    found = once(actor=actor, key=key, command="end_shift", body=body, do=do)
    return EndOfShift(
        int(found["shift"]), bool(found["ended"]), tuple(Outcome(*row) for row in found["outcomes"]), int(found["left"])
    )


def _held(desk: Desk) -> list[Case]:
    """All own cases at the unit, locked in order of primary key."""
    held = Case.objects.filter(holder_id=desk.actor.user_id, unit_id=desk.unit.pk, state__in=[*HELD_STATES])
    locked = held.select_for_update(of=("self",), no_key=True).select_related("patient", "unit", "role")
    return list(locked.order_by("pk"))


def _settle_all(desk: Desk, wishes: Sequence[Wish]) -> list[Outcome]:
    """What was chosen, but for offers that are to stand; those come when the shift really ends."""
    chosen = {wish.case: wish for wish in wishes}
    outcomes = []
    for case in _held(desk):
        wish = chosen.pop(str(case.public_id), None)
        if wish is not None and wish.choice != Choice.OFFER:
            outcomes.append(_try(case, wish, desk))
    # A colleague has accepted it meanwhile, or it was released: nothing is left to be done with it.
    gone = [wish for wish in chosen.values() if wish.choice != Choice.OFFER]
    return outcomes + [Outcome(wish.case, wish.choice, str(ChoiceNotAllowed.message)) for wish in gone]


def _settle_offers(desk: Desk) -> list[Outcome]:
    offered = [case for case in _held(desk) if held_of(case).offered in (Offered.ROLE, Offered.UNIT)]
    return [_try(case, Wish(str(case.public_id), Choice.OFFER), desk) for case in offered]


def _try(case: Case, wish: Wish, desk: Desk) -> Outcome:
    try:
        with transaction.atomic():
            settle(case, wish, desk)
    except Refusal as refusal:
        return Outcome(wish.case, wish.choice, str(refusal.message))
    return Outcome(wish.case, wish.choice)
