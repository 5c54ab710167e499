"""Asking for, deciding and carrying out closures (HRS-08..18). None of them touches a case (HRS-17).

Every command locks the region first: two closures of a region are checked one after the other, so that overlaps, loops
and targets closed in the same interval are refused also when two save at once. Callers have checked who may do what.
"""

from __future__ import annotations

from datetime import datetime

from direkt1177.audit.actor import Actor
from direkt1177.audit.record import command, record
from direkt1177.audit.refusals import NotFound
from direkt1177.units import closure_events as events
from direkt1177.units import contact_card
from direkt1177.units.changed import announce
from direkt1177.units.clock import now
from direkt1177.units.closure_checks import check_interval, check_places
from direkt1177.units.closure_errors import (
    ActRefused,
    AcuteNotAllowed,
    AcuteTooLong,
    CardTextChanged,
    GroundsRefused,
    ReceiverNotInformed,
    SingleDaysOnly,
    VerificationMissing,
)
from direkt1177.units.closures import LONGEST_ACUTE, Act, Card, grounds_for, moves, single_days_only, within_one_day
from direkt1177.units.models import Closure, ClosureDecision, Region, Unit
from direkt1177.units.policies import policy

_KINDS = ClosureDecision.Kind
_ACTS: dict[Act, tuple[ClosureDecision.Kind, type[events.ClosureEvent]]] = {
    Act.AGREE: (_KINDS.REGION_REPLIED, events.ClosureAgreed),
    Act.ORDER: (_KINDS.ORDERED, events.ClosureOrdered),
    Act.APPROVE: (_KINDS.APPROVED, events.ClosureApproved),
    Act.REJECT: (_KINDS.REJECTED, events.ClosureRejected),
    Act.CANCEL: (_KINDS.CANCELLED, events.ClosureCancelled),
    Act.REOPEN: (_KINDS.REOPENED, events.ClosureEnded),
}


@command
def request_closure(
    *, actor: Actor, unit_id: int, starts_at: datetime, ends_at: datetime, grounds: str, reason: str, manager: str,
    target_id: int | None = None, receiver_informed: bool = False, told: str = "",
) -> Closure:  # fmt: skip
    """Ask for a planned closure (HRS-08, HRS-10, HRS-11).

    Args:
        actor: from the unit's management; the caller has checked where.
        starts_at, ends_at: aware; new cases go elsewhere from the first to before the last.
        grounds: of ``Closure.Grounds``; which ones hold is the region's policy.
        reason: for regional administration.
        manager: the requesting head of operations.
        target_id: who takes new cases meanwhile; None: the unit takes none at all.
        receiver_informed: the receiving unit knows and can follow the routine; must be true where the form goes
            straight to the operator.
        told: one line for residents, for example that the staff have training.

    Raises:
        ClosureRefused: one of its kinds says what to change; nothing is saved.
        NotFound: no such unit in use.
    """
    unit, target = _locked_places(unit_id, target_id)
    settings, at = policy(unit), now()
    check_interval(starts_at, ends_at, at)
    if grounds not in grounds_for(settings):
        raise GroundsRefused
    if single_days_only(settings) and not within_one_day(starts_at, ends_at):
        raise SingleDaysOnly
    form = settings.closure_approval == "form_to_operator"
    if form and target is not None and not receiver_informed:
        raise ReceiverNotInformed
    closure = Closure(
        unit=unit, kind=Closure.Kind.PLANNED, starts_at=starts_at, ends_at=ends_at, grounds=grounds, reason=reason,
        told=told, target=target, manager=manager, chain=settings.closure_approval, status=Closure.Status.REQUESTED,
        requested_at=at,
    )  # fmt: skip
    check_places(closure)
    closure.save()
    _decide(closure, _KINDS.REQUESTED, actor, reason)
    record(events.ClosureRequested.of(closure, receiver_informed=receiver_informed), actor=actor)
    announce([unit.pk])
    return closure


@command
def close_acutely(
    *, actor: Actor, unit_id: int, ends_at: datetime, reason: str, manager: str, caller: str, verified: str,
    target_id: int | None = None, told: str = "",
) -> Closure:  # fmt: skip
    """Carry out an acute closure from now on, after the caller has been verified (HRS-15, HRS-16).

    Args:
        actor: regional administration; the caller of this function has checked where, and that ``caller`` may order it.
        ends_at: expected reopening (aware).
        reason: what has happened.
        manager: the head of operations who has decided.
        caller: who phoned.
        verified: how it was checked that the caller is who they say.

    Raises:
        ClosureRefused: one of its kinds says what to change; nothing is saved.
        NotFound: no such unit in use.
    """
    unit, target = _locked_places(unit_id, target_id)
    settings, at = policy(unit), now()
    if not settings.allow_acute_closure:
        raise AcuteNotAllowed
    if not caller.strip() or not verified.strip():
        raise VerificationMissing
    check_interval(at, ends_at, at)
    if ends_at - at > LONGEST_ACUTE:
        raise AcuteTooLong
    closure = Closure(
        unit=unit, kind=Closure.Kind.ACUTE, starts_at=at, ends_at=ends_at, grounds=Closure.Grounds.LOAD,
        reason=reason, told=told, target=target, manager=manager, chain=settings.closure_approval,
        status=Closure.Status.APPROVED, requested_at=at,
    )  # fmt: skip
    check_places(closure)
    closure.save()
    _decide(closure, _KINDS.VERIFIED, actor, verified, caller=caller)
    _decide(closure, _KINDS.APPROVED, actor, reason)
    record(events.ClosedAcutely.of(closure, caller=caller, verified=verified), actor=actor)
    announce([unit.pk])
    return closure


@command
def decide_closure(*, actor: Actor, closure_id: int, act: Act, text: str = "") -> Closure:
    """One step of the approval chain, taking it back, or opening again before its end (HRS-10).

    Args:
        actor: who may do that act; the caller has checked.
        text: what was answered or why, for the decision's row.

    Raises:
        ActRefused: not in this state, or somebody else was first.
        ClosureRefused: the places no longer fit when it is to begin to hold.
        NotFound: no such closure.
    """
    closure, at = _locked(closure_id), now()
    after = moves(closure, at).get(act)
    if after is None or act not in _ACTS:
        raise ActRefused(closure)
    before, closure.status = closure.status, after
    if act in (Act.ORDER, Act.APPROVE):
        check_places(closure)
    if act is Act.REOPEN:
        closure.ends_at = max(at, closure.starts_at)
    if closure.ends_at == closure.starts_at:  # opened again in the very moment it began
        closure.ends_at, closure.status = Closure.objects.get(pk=closure.pk).ends_at, Closure.Status.CANCELLED
    closure.save(update_fields=["status", "ends_at"])
    kind, event = _ACTS[act]
    _decide(closure, kind, actor, text)
    record(event.of(closure, before=before, reason=text), actor=actor)
    announce([closure.unit_id])
    return closure


@command
def change_target(*, actor: Actor, closure_id: int, target_id: int | None, text: str) -> Closure:
    """Let another unit take new cases for the rest of a decided closure, for example because the first one is full.

    What the first one has received stays there; the contact card's text changes and is to be published again.

    Args:
        actor: regional administration; the caller has checked.
        target_id: None: nobody takes them from now on.
        text: why, for the decision's row.

    Raises:
        ActRefused: it is not decided, or over.
        ClosureRefused: the new place does not fit.
        NotFound: no such closure or unit.
    """
    closure = _locked(closure_id)
    if Act.RETARGET not in moves(closure, now()) or closure.target_id == target_id:
        raise ActRefused(closure)
    places = Unit.objects.select_related("provider", "parent")
    closure.target = None if target_id is None else places.filter(pk=target_id).first()
    if target_id is not None and closure.target is None:
        raise NotFound
    check_places(closure)
    closure.save(update_fields=["target"])
    where = closure.target.name if closure.target else ""
    _decide(closure, _KINDS.RETARGETED, actor, ": ".join(part for part in (where, text) if part))
    record(events.ClosureRetargeted.of(closure, before=closure.status, reason=text), actor=actor)
    announce([closure.unit_id])
    return closure


@command
def note_contact_card(*, actor: Actor, closure_id: int, act: Act, text: str) -> Closure:
    """Write down that the text stands on the unit's contact card, or has been taken off it (HRS-13).

    Args:
        act: ``PUBLISH`` or ``WITHDRAW``.
        text: the text that the page showed.

    Raises:
        CardTextChanged: it is no longer the text to publish.
        ActRefused: there is nothing to publish or to take off.
    """
    closure = _locked(closure_id)
    current = contact_card.text_of(closure)
    state = contact_card.card_state(closure, current, now())
    if {Act.PUBLISH: Card.TO_PUBLISH, Act.WITHDRAW: Card.TO_WITHDRAW}.get(act) != state:
        raise ActRefused(closure)
    if act is Act.PUBLISH and " ".join(text.split()) != " ".join(current.split()):
        raise CardTextChanged
    _decide(closure, _KINDS.PUBLISHED if act is Act.PUBLISH else _KINDS.WITHDRAWN, actor, current)
    event = events.CardPublished if act is Act.PUBLISH else events.CardWithdrawn
    record(event.of(closure, before=closure.status, card=current), actor=actor)
    return closure


def _locked_places(unit_id: int, target_id: int | None) -> tuple[Unit, Unit | None]:
    """Unit and target, read after the region's lock is held."""
    region_id = Unit.objects.filter(pk=unit_id).values_list("provider__region_id", flat=True).first()
    if region_id is None:
        raise NotFound
    Region.objects.select_for_update(no_key=True).get(pk=region_id)
    wanted = [pk for pk in (unit_id, target_id) if pk is not None]
    found = {row.pk: row for row in Unit.objects.select_related("provider__region", "parent").filter(pk__in=wanted)}
    if not found[unit_id].active or len(found) < len(set(wanted)):
        raise NotFound
    return found[unit_id], found[target_id] if target_id is not None else None


def _locked(closure_id: int) -> Closure:
    """The closure, read after its region's lock is held."""
    rows = Closure.objects.select_related("unit__provider__region", "unit__parent", "target__parent")
    region_id = rows.filter(pk=closure_id).values_list("unit__provider__region_id", flat=True).first()
    if region_id is None:
        raise NotFound
    Region.objects.select_for_update(no_key=True).get(pk=region_id)
    return rows.get(pk=closure_id)


def _decide(closure: Closure, kind: ClosureDecision.Kind, actor: Actor, text: str, *, caller: str = "") -> None:
    ClosureDecision.objects.create(
        closure=closure, kind=kind, at=now(), by_key=actor.key, by_name=actor.name, text=text, caller=caller
    )
