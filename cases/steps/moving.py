"""A case changes hands or state inside a command of a higher app; the caller holds its lock and records its event.

Every function raises the version, stores the case and returns the state before (design §2: the facts that the errand
must respect about handover stand on its own row).
"""

from __future__ import annotations

from datetime import datetime

from cases import rules
from cases.errors import OfferPending, TransitionRefused
from cases.locking import move
from cases.models import Case, CaseReader, UrgencyChange
from cases.states import CaseState
from direkt1177.accounts.actors import StaffActor
from direkt1177.units import policies
from direkt1177.units.calendars import calendar_for
from direkt1177.units.models import Unit
from direkt1177.units.steps import hold_active

_OFFER = ["offered_unit", "offered_role", "offered_user", "offered_at"]
_HOLDING = ["state", "holder", "holder_role", "unit", "role", "received_at", "queued_at", "resume_at", "version"]


def offer_case(case: Case, *, unit_id: int, role_id: int | None, user_id: int | None, at: datetime) -> str:
    """The case is offered: it shows in the addressee's queue while the holder keeps it (HOV-01, HOV-08).

    Args:
        case: locked; started, paused or asynchronous.
        unit_id: of the addressee.
        role_id, user_id: exactly one.
        at: moment of the offer.

    Raises:
        OfferPending: it is offered already.
        TransitionRefused: a visit that has not started is put back instead.
        UnitWoundUp: the addressee's unit is closed for good.
    """
    if case.offered_at is not None:
        raise OfferPending
    if case.state not in (CaseState.STARTED, CaseState.PAUSED, CaseState.ASYNCHRONOUS):
        raise TransitionRefused
    hold_active(unit_id)
    case.offered_unit_id, case.offered_role_id, case.offered_user_id = unit_id, role_id, user_id
    case.offered_at = at
    case.version += 1
    case.save(update_fields=[*_OFFER, "version"])
    return str(case.state)


def clear_offer(case: Case) -> str:
    """The offer no longer stands; the holder stays."""
    _without_offer(case)
    case.version += 1
    case.save(update_fields=[*_OFFER, "version"])
    return str(case.state)


def take_case(case: Case, *, actor: StaffActor, at: datetime) -> str:
    """The actor becomes the holder: of a waiting case, or of one that is offered to them or their role (HOV-02).

    A running visit goes on: chat, follow-up and original arrival stay as they are.

    Args:
        case: locked; the caller has checked the right.
        actor: the new holder.
        at: moment of taking.

    Raises:
        TransitionRefused: it is over.
    """
    before = str(case.state)
    if case.offered_at is not None:
        if case.offered_unit_id is not None and case.offered_unit_id != case.unit_id:
            _move_to_unit(case, case.offered_unit_id)
        case.role_id = case.offered_role_id or actor.role_id
        _without_offer(case)
        if case.state == CaseState.PAUSED:
            case.state, case.resume_at = CaseState.STARTED, None
        case.version += 1
    else:
        target = rules.state_when_taken(
            started_at=case.started_at,
            closed_at=case.closed_at,
            follow_up_until=case.follow_up_until,
            now=at,
        )
        move(case, target)
        if case.unit_id != actor.unit_id:  # it fell back to the giver's queue while offered to another unit
            _move_to_unit(case, actor.unit_id)
            case.role_id = actor.role_id
    case.holder_id, case.holder_role_id, case.received_at = actor.user_id, actor.role_id, at
    case.released_at = case.released_from = None
    case.save(update_fields=[*_HOLDING, *_OFFER, "provider", "released_at", "released_from"])
    return before


def release_case(case: Case, *, unit_id: int, role_id: int, at: datetime, ownerless: bool) -> str:
    """Nobody holds it any more: it lies in the queue of a unit and role, its chat stays open if it had begun.

    Args:
        case: locked and held.
        unit_id, role_id: the queue.
        at: moment.
        ownerless: marks it *utan ägare*: released by a coordinator or left behind, not passed on by its holder.

    Raises:
        TransitionRefused: it waits already, or is over.
    """
    giver = case.holder_id
    before = move(case, CaseState.WAITING)
    _without_offer(case)
    if unit_id != case.unit_id:
        _move_to_unit(case, unit_id)
    case.role_id = role_id
    case.holder = case.holder_role = case.received_at = case.resume_at = None
    case.queued_at = at
    if ownerless:
        case.released_at, case.released_from_id = at, giver
    case.save(update_fields=[*_HOLDING, *_OFFER, "provider", "released_at", "released_from"])
    return before


def pause_case(case: Case, *, resume_at: datetime) -> str:
    """*Pausa till* a later day; it stays with the holder (CAS-12).

    Raises:
        TransitionRefused: only a started visit is paused.
    """
    if case.state == CaseState.PAUSED:
        before = str(case.state)
        case.version += 1
    else:
        before = move(case, CaseState.PAUSED)
    case.resume_at = resume_at
    case.save(update_fields=["state", "resume_at", "version"])
    return before


def make_asynchronous(case: Case, *, by: int, days: int, at: datetime) -> str:
    """*Avsluta besök* into a follow-up of some days; the holder stays (CAS-08, ASY-10).

    Raises:
        OfferPending: an offer of it still stands.
        TransitionRefused: not started or paused.
    """
    if case.offered_at is not None:
        raise OfferPending
    before = move(case, CaseState.ASYNCHRONOUS)
    case.closed_at, case.closed_by_id, case.resume_at = at, by, None
    case.close_kind = Case.CloseKind.DONE
    unit = Unit.objects.select_related("provider__region").get(pk=case.unit_id)
    case.follow_up_until = rules.follow_up_end(days, at, calendar_for(unit, case.role_id))
    case.save(
        update_fields=["state", "closed_at", "closed_by", "close_kind", "follow_up_until", "resume_at", "version"]
    )
    return before


def close_case(
    case: Case,
    *,
    by: int,
    at: datetime,
    kind: str = Case.CloseKind.DONE,
    booked_for: datetime | None = None,
    booked_where: str = "",
) -> str:
    """*Avsluta besök* at once (CAS-08, CAS-13, INA-02).

    Args:
        case: locked; started, paused or asynchronous.
        by: user id of who closes.
        at: moment.
        kind: of ``Case.CloseKind``.
        booked_for, booked_where: time in the record system, for kind ``booked``.

    Raises:
        OfferPending: an offer of it still stands.
        TransitionRefused: not begun, or over.
    """
    if case.offered_at is not None:
        raise OfferPending
    was_closed = case.closed_at if case.state == CaseState.ASYNCHRONOUS else None
    before = move(case, CaseState.CLOSED)
    case.closed_at, case.closed_by_id, case.ended_at = was_closed or at, by, at
    case.close_kind, case.booked_for, case.booked_where = kind, booked_for, booked_where
    case.holder = case.holder_role = case.resume_at = None
    case.save(
        update_fields=[
            "state", "closed_at", "closed_by", "ended_at", "close_kind", "booked_for", "booked_where", "holder",
            "holder_role", "resume_at", "version",
        ]
    )  # fmt: skip
    return before


def change_urgency(case: Case, *, by: int, urgency: int, reason: str, at: datetime) -> bool:
    """Another urgency, with its row of history (TRI-11, HOV-04); False when it is the same.

    Args:
        case: locked.
        by: user id.
        urgency: 1 to 5.
        reason: why.
        at: moment.
    """
    if urgency == case.urgency:
        return False
    old, case.urgency = case.urgency, urgency
    case.sort_rank = rules.sort_rank(case.kind, urgency)
    unit = Unit.objects.select_related("provider__region").get(pk=case.unit_id)
    case.assessment_due_at = rules.assessment_due(case.arrived_at, policies.policy(unit).assessment_minutes(urgency))
    case.save(update_fields=["urgency", "sort_rank", "assessment_due_at"])
    UrgencyChange.objects.create(case=case, old=old, new=urgency, by_id=by, reason=reason, at=at)
    return True


def grant_reading(
    case: Case, *, basis: str, unit_id: int, user_id: int | None, role_id: int | None, at: datetime
) -> CaseReader:
    """Let a user, or whoever has a role at a unit, read the case without working in it.

    Args:
        case: any.
        basis: of ``CaseReader.Basis``; stands in the read log.
        unit_id: where they must be signed in.
        user_id, role_id: exactly one.
        at: from when.
    """
    return CaseReader.objects.create(
        case=case, basis=basis, unit_id=unit_id, user_id=user_id, role_id=role_id, since=at
    )


def end_reading(reader_ids: list[int], *, at: datetime) -> None:
    """The right to read ends."""
    CaseReader.objects.filter(pk__in=reader_ids, ended_at__isnull=True).update(ended_at=at)


def _without_offer(case: Case) -> None:
    case.offered_unit = case.offered_role = case.offered_user = case.offered_at = None


def _move_to_unit(case: Case, unit_id: int) -> None:
    unit = Unit.objects.get(pk=unit_id)
    case.unit, case.provider_id = unit, unit.provider_id
    case.listed_elsewhere = case.patient.listed_unit_id is not None and case.patient.listed_unit_id != unit_id
    case.save(update_fields=["listed_elsewhere"])
