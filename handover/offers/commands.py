"""Offer, withdraw, decline, pass on to a role, take what fell back; accepting is *Ta emot* of the errand (HOV-01..20).

Lock order: receiving unit and own shift (offering only), case, offer.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from cases import access
from cases import names as case_names
from cases import rules as case_rules
from cases import steps as case_steps
from cases.errors import OfferPending, ShiftEnded
from cases.locking import lock_by_pk, lock_held
from cases.models import Case
from cases.states import CaseState
from direkt1177.accounts.actors import StaffActor
from direkt1177.accounts.models import Shift
from direkt1177.audit.idempotency import once
from direkt1177.audit.record import command, record, ring
from direkt1177.audit.refusals import NotFound
from direkt1177.realtime.changes import Change
from direkt1177.units.clock import now
from direkt1177.units.errors import UnitWoundUp
from direkt1177.units.models import Unit
from direkt1177.units.policies import policy
from direkt1177.units.steps import hold_active
from handover.models import Handover
from handover.offers import receivers, rules, telling
from handover.offers import steps as offer_steps
from handover.offers.errors import (
    ChatIsOver,
    MessageLong,
    NoOffer,
    NotDocumented,
    NotYourOffer,
    PatientNotTold,
    ReasonMissing,
    VisitNotBegun,
)
from handover.offers.events import CaseOffered, FallenOfferTaken, OfferDeclined, OfferWithdrawn
from handover.offers.picker import Choice, place_of
from handover.offers.queries import by_id, desk_role_of
from handover.offers.steps import finish
from handover.states import HandoverState
from handover.timers.plans import plan_now


@dataclass(frozen=True, slots=True)
class Offering:
    """What the form says (HOV-04).

    Attributes:
        to: role at a unit, or a colleague on duty.
        urgency: 1 to 5; None leaves it.
        message: internal; never shown to the patient.
        patient_message: sent in the chat as the giver's own line; empty sends nothing.
        documented_first: the note is written (HOV-15).
        misdirected: it landed at the wrong unit; the message says why (CAS-21).
    """

    to: Choice
    urgency: int | None = None
    message: str = ""
    patient_message: str = ""
    documented_first: bool = False
    misdirected: bool = False


@dataclass(frozen=True, slots=True)
class Offered:
    """An offer after a command; the same again when the same key is sent again."""

    public_id: str
    case_id: str
    state: str


@command
def offer_case(*, actor: StaffActor, case_id: UUID | str, offering: Offering, key: str) -> Offered:
    """*Lämna över besök*: offer an own started, paused or asynchronous case; the giver holds it until accepted.

    Args:
        actor: the holder, on an active shift.
        case_id: public id.
        offering: to whom, and what is said.
        key: idempotency key.

    Raises:
        OfferRefused and its kin: see ``errors``; nothing is changed.
        VisitNotBegun: a received case is put back instead.
        OfferPending: it is offered already.
        ShiftEnded: no active shift.
        NotHolder, HeldByColleague, CaseClosed, NotFound: see ``lock_held``.
    """
    ident = access.parse_id(case_id)

    def offer() -> dict[str, Any]:
        _hold_unit(offering.to.unit_id)
        _lock_shift(actor)
        case = lock_held(actor, ident)
        if case.state == CaseState.RECEIVED:
            raise VisitNotBegun
        if case.offered_at is not None:
            raise OfferPending
        to_unit = receivers.check(actor, case, offering.to)
        _check_words(case, to_unit, offering)
        return asdict(_offer(actor, case, offering, at=now()))

    body = asdict(offering) | {"case": str(ident)}
    return Offered(**once(actor=actor, key=key, command="offer_case", body=body, do=offer))


@command
def withdraw_offer(*, actor: StaffActor, offer_id: UUID | str, key: str) -> Offered:
    """The giver takes the offer back; the case was theirs all the time.

    Raises:
        NoOffer: it is over: accepted, declined, withdrawn, or the giver's shift ended.
        NotYourOffer: somebody else's.
        NotFound: absent, or none of the actor's business.
    """
    ident = access.parse_id(offer_id)

    def withdraw() -> dict[str, Any]:
        case, offer = _lock(actor, ident)
        if offer.from_user_id != actor.user_id or offer.fell_back_at is not None:
            raise NotYourOffer
        _withdraw(actor, case, offer, at=now())
        return asdict(_outcome(case, offer))

    return Offered(**once(actor=actor, key=key, command="withdraw_offer", body={"offer": str(ident)}, do=withdraw))


@command
def decline_offer(*, actor: StaffActor, offer_id: UUID | str, reason: str, key: str) -> Offered:
    """*Avböj*: the addressee says no and why; the giver is told and still holds the case.

    Args:
        actor: the colleague, or somebody with the addressed role at the unit.
        offer_id: public id of the offer.
        reason: compulsory, at most 300 characters; staff only.
        key: idempotency key.

    Raises:
        ReasonMissing: no reason.
        NoOffer, NotYourOffer, NotFound: as for ``withdraw_offer``.
    """
    ident, why = access.parse_id(offer_id), case_rules.clean_text(reason)[: rules.REASON_LIMIT]
    if not why:
        raise ReasonMissing

    def decline() -> dict[str, Any]:
        case, offer = _lock(actor, ident)
        if not is_addressee(actor, offer):
            raise NotYourOffer
        at, role_id, shown = now(), desk_role_of(offer), _in_queue(offer)
        before = _clear(case)
        finish(offer, HandoverState.DECLINED, by=actor, at=at, reason=why)
        record(OfferDeclined.about(case, offer, role_id=role_id, from_state=before, in_queue=shown), actor=actor)
        telling.tell_giver_declined(case, offer)
        return asdict(_outcome(case, offer))

    body = {"offer": str(ident), "reason": why}
    return Offered(**once(actor=actor, key=key, command="decline_offer", body=body, do=decline))


@command
def readdress_offer(*, actor: StaffActor, offer_id: UUID | str, to: Choice, key: str) -> Offered:
    """Turn an offer to a colleague into one to a role, without a second message to the patient (SHF-05).

    Raises:
        OfferRefused and its kin: the role cannot be chosen.
        NoOffer, NotYourOffer, NotFound: as for ``withdraw_offer``.
    """
    ident = access.parse_id(offer_id)

    def readdress() -> dict[str, Any]:
        _hold_unit(to.unit_id)
        _lock_shift(actor)
        case, old = _lock(actor, ident)
        if old.from_user_id != actor.user_id or old.fell_back_at is not None:
            raise NotYourOffer
        to_unit = receivers.check(actor, case, to)
        if rules.must_document_first(policy(case.unit), place_of(case.unit), place_of(to_unit)) and (
            not old.documented_first
        ):
            raise NotDocumented
        at = now()
        _withdraw(actor, case, old, at=at)
        offering = Offering(
            to=to, message=old.message, documented_first=old.documented_first, misdirected=old.misdirected
        )
        return asdict(_offer(actor, case, offering, at=at, told_seq=old.patient_told_seq))

    body = {"offer": str(ident), "to": to.value}
    return Offered(**once(actor=actor, key=key, command="readdress_offer", body=body, do=readdress))


@command
def accept_fallen_offer(*, actor: StaffActor, offer_id: UUID | str, key: str) -> Offered:
    """*Ta emot* at another unit of a case whose giver's shift has ended: unit, holder and chat in one step (HOV-02).

    Raises:
        ShiftEnded: no active shift.
        NoOffer: the own unit took it, or it was declined.
        NotYourOffer, NotFound: as for ``withdraw_offer``.
    """
    ident = access.parse_id(offer_id)

    def accept() -> dict[str, Any]:
        case, offer = _lock(actor, ident)
        if offer.fell_back_at is None or not is_addressee(actor, offer):
            raise NotYourOffer
        _lock_shift(actor)
        at = now()
        before = case_steps.take_case(case, actor=actor, at=at)
        offer_steps.accept(offer, by=actor, at=at)
        record(FallenOfferTaken.about(case, offer, role_id=actor.role_id, from_state=before), actor=actor)
        ring([Change(case_names.me_feed(actor.key), case_names.OWN)])
        return asdict(_outcome(case, offer))

    return Offered(**once(actor=actor, key=key, command="accept_fallen_offer", body={"offer": str(ident)}, do=accept))


def is_addressee(actor: StaffActor, offer: Handover) -> bool:
    """Whether an offer is made to the actor or to the role in which they are signed in at the unit."""
    if offer.to_unit_id != actor.unit_id:
        return False
    return offer.to_user_id == actor.user_id if offer.to_role_id is None else offer.to_role_id == actor.role_id


def _offer(actor: StaffActor, case: Case, offering: Offering, *, at: datetime, told_seq: int | None = None) -> Offered:
    old_urgency, to = case.urgency, offering.to
    if offering.urgency is not None:
        case_steps.change_urgency(case, by=actor.user_id, urgency=offering.urgency, reason="", at=at)
    before = case_steps.offer_case(case, unit_id=to.unit_id, role_id=to.role_id, user_id=to.user_id, at=at)
    offer = Handover(
        case=case,
        from_user_id=actor.user_id,
        from_unit_id=actor.unit_id,
        from_role_id=actor.role_id,
        to_unit_id=to.unit_id,
        to_role_id=to.role_id,
        to_user_id=to.user_id,
        message=case_rules.clean_text(offering.message),
        old_urgency=old_urgency,
        urgency=case.urgency,
        misdirected=offering.misdirected,
        documented_first=offering.documented_first,
        patient_told_seq=told_seq,
        offered_at=at,
    )
    told = case_steps.tell_patient(
        case, actor=actor, text=offering.patient_message, client_id=f"handover-{case.version}"
    )
    if told is not None:
        offer.patient_told_seq = told.seq
    offer.save()
    facts = {
        "old_urgency": old_urgency, "urgency": case.urgency, "misdirected": offer.misdirected,
        "documented_first": offer.documented_first, "patient_told": offer.patient_told_seq is not None,
    }  # fmt: skip
    event = CaseOffered.about(case, offer, role_id=desk_role_of(offer), from_state=before, facts=facts)
    record(event, actor=actor)
    telling.tell_addressee(case, offer)
    plan_now("handover", offer.pk)
    return _outcome(case, offer)


def _withdraw(actor: StaffActor, case: Case, offer: Handover, *, at: datetime) -> None:
    role_id, before = desk_role_of(offer), _clear(case)
    finish(offer, HandoverState.WITHDRAWN, by=actor, at=at)
    record(OfferWithdrawn.about(case, offer, role_id=role_id, from_state=before), actor=actor)


def _clear(case: Case) -> str:
    """A case that fell back bears no offer any more."""
    return case_steps.clear_offer(case) if case.offered_at is not None else str(case.state)


def _in_queue(offer: Handover) -> bool:
    return offer.to_role_id is not None and offer.fell_back_at is None


def _lock(actor: StaffActor, ident: UUID) -> tuple[Case, Handover]:
    """The case, then its offer, both locked; the offer is pending and concerns the actor."""
    seen = by_id(ident)
    if seen is None or not _concerns(actor, seen):
        raise NotFound
    case = lock_by_pk(seen.case_id)
    assert case is not None  # cases are never deleted
    offer = Handover.objects.select_for_update(of=("self",), no_key=True).select_related("decided_by").get(pk=seen.pk)
    if offer.state != HandoverState.PENDING:
        raise NoOffer(offer.state, offer.decided_by.full_name if offer.decided_by else "")
    return case, offer


def _concerns(actor: StaffActor, offer: Handover) -> bool:
    """Giver, or anybody at the unit it was offered to: others are not told that it exists."""
    return (offer.from_user_id == actor.user_id and offer.from_unit_id == actor.unit_id) or (
        offer.to_unit_id == actor.unit_id
    )


def _hold_unit(unit_id: int) -> None:
    """The receiving unit before shift and case: changed hours lock the unit and then its cases."""
    with suppress(UnitWoundUp):  # said in the words of the form by ``receivers.check``
        hold_active(unit_id)


def _lock_shift(actor: StaffActor) -> None:
    """Offering and ending the shift never pass each other."""
    active = Shift.objects.select_for_update(no_key=True).filter(
        pk=actor.shift_id or 0, user_id=actor.user_id, unit_id=actor.unit_id, ended_at__isnull=True
    )
    if active.first() is None:
        raise ShiftEnded


def _check_words(case: Case, to_unit: Unit, offering: Offering) -> None:
    setting, giver = policy(case.unit), place_of(case.unit)
    if len(offering.message) > rules.MESSAGE_LIMIT:
        raise MessageLong(rules.MESSAGE_LIMIT)
    if offering.misdirected and not case_rules.clean_text(offering.message):
        raise ReasonMissing
    if rules.must_document_first(setting, giver, place_of(to_unit)) and not offering.documented_first:
        raise NotDocumented
    words = case_rules.clean_text(offering.patient_message)
    chat_open = case_rules.may_write_in(case, now())
    if words and not chat_open:
        raise ChatIsOver
    if not words and chat_open and rules.must_tell_patient(setting):
        raise PatientNotTold


def _outcome(case: Case, offer: Handover) -> Offered:
    return Offered(str(offer.public_id), str(case.public_id), str(offer.state))
