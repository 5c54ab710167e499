"""What becomes of one own case at the end of the shift: carried out inside the command that ends it (CAS-11)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime

from cases import rules as case_rules
from cases import steps as case_steps
from cases.events import VisitClosed, VisitPaused
from cases.locking import move
from cases.models import Case
from cases.states import CaseState
from direkt1177.accounts.actors import StaffActor
from direkt1177.accounts.models import Membership
from direkt1177.audit.record import record
from direkt1177.units.calendars import calendar_for
from direkt1177.units.models import CareRole, Unit
from direkt1177.units.policies import policy
from direkt1177.units.policy_model import Policy
from handover.models import Handover
from handover.offers.rules import must_tell_patient
from handover.offers.steps import end_offer, release_offered
from handover.shifts import rules
from handover.shifts.errors import (
    BookingIncomplete,
    ChoiceNotAllowed,
    DayNotStaffed,
    FollowUpDays,
    NobodyHasThatRole,
    PatientTextMissing,
)
from handover.shifts.events import CaseLeftToRole, CasePutBackAtEnd
from handover.shifts.rules import Choice, Held, Offered
from handover.states import HandoverState


@dataclass(frozen=True, slots=True)
class Wish:
    """What the holder wants done with one case.

    Attributes:
        case: public id.
        choice: which of ``Choice``.
        role_id: hand over: to whom at the own unit.
        text: hand over and pause: words to the patient.
        day: pause: the local date to go on.
        days: close and make asynchronous: how long the patient may come back.
        booked_for: close and book: when, aware.
        booked_where: close and book: in which system or where.
    """

    case: str
    choice: Choice
    role_id: int | None = None
    text: str = ""
    day: date | None = None
    days: int = 0
    booked_for: datetime | None = None
    booked_where: str = ""

    def body(self) -> list[str]:
        """For the idempotency key."""
        values = (
            self.case, self.choice, self.role_id, self.text, self.day, self.days, self.booked_for, self.booked_where,
        )  # fmt: skip
        return [str(value) for value in values]


@dataclass(slots=True)
class Desk:
    """Who ends the shift, when, and the unit's settings, read once for all cases."""

    actor: StaffActor
    at: datetime
    unit: Unit
    policy: Policy
    roles: frozenset[int] = field(default_factory=frozenset)

    @classmethod
    def of(cls, actor: StaffActor, at: datetime) -> Desk:
        """The actor's own unit."""
        unit = Unit.objects.select_related("provider__region").get(pk=actor.unit_id)
        held = Membership.objects.filter(unit=unit, ended_at__isnull=True, user__is_active=True)
        return cls(actor, at, unit, policy(unit), frozenset(held.values_list("role_id", flat=True)))


def held_of(case: Case) -> Held:
    """What the rules look at."""
    offered = Offered.NOBODY
    if case.offered_user_id is not None:
        offered = Offered.COLLEAGUE
    elif case.offered_role_id is not None:
        offered = Offered.ROLE if case.offered_unit_id == case.unit_id else Offered.UNIT
    return Held(str(case.state), case.resume_at, offered)


def settle(case: Case, wish: Wish, desk: Desk) -> None:
    """Carry out one choice.

    Args:
        case: locked, held by the actor.
        wish: what is to become of it.
        desk: of the actor.

    Raises:
        ChoiceNotAllowed: the region does not allow it, or not for a case in this state.
        ChoiceRefused: one of its subclasses says what is missing.
    """
    if wish.choice not in rules.choices_for(held_of(case), desk.policy, desk.at):
        raise ChoiceNotAllowed
    _DO[wish.choice](case, wish, desk)


def _put_back(case: Case, wish: Wish, desk: Desk) -> None:
    del wish
    before = move(case, CaseState.WAITING)
    if case.role_id not in desk.roles and case.holder_role_id is not None:
        case.role_id = case.holder_role_id  # nobody is left in the role it was addressed to
    case.holder = case.holder_role = case.received_at = None
    case.queued_at = desk.at
    case.save(update_fields=["state", "role", "holder", "holder_role", "received_at", "queued_at", "version"])
    record(CasePutBackAtEnd.by(case, giver_id=desk.actor.user_id, from_state=before), actor=desk.actor)


def _close(case: Case, wish: Wish, desk: Desk) -> None:
    if wish.days and rules.follow_up_by_closing(desk.policy):
        _asynchronous(case, wish, desk)
        return
    _without_offer(case, desk)
    before = case_steps.close_case(case, by=desk.actor.user_id, at=desk.at)
    _closed(case, before, desk, days=0)


def _asynchronous(case: Case, wish: Wish, desk: Desk) -> None:
    limit = desk.policy.follow_up_max_days
    if not 1 <= wish.days <= limit:
        raise FollowUpDays(limit)
    _without_offer(case, desk)
    before = case_steps.make_asynchronous(case, by=desk.actor.user_id, days=wish.days, at=desk.at)
    _closed(case, before, desk, days=wish.days)


def _book(case: Case, wish: Wish, desk: Desk) -> None:
    if wish.booked_for is None or wish.booked_for <= desk.at or not wish.booked_where.strip():
        raise BookingIncomplete
    _without_offer(case, desk)
    before = case_steps.close_case(
        case,
        by=desk.actor.user_id,
        at=desk.at,
        kind=Case.CloseKind.BOOKED,
        booked_for=wish.booked_for,
        booked_where=wish.booked_where.strip()[:120],
    )
    _closed(case, before, desk, days=0)


def _pause(case: Case, wish: Wish, desk: Desk) -> None:
    resume = None
    if wish.day is not None:
        resume = rules.resume_moment(calendar_for(desk.unit, case.role_id), wish.day, desk.at)
    if resume is None:
        raise DayNotStaffed
    text = case_rules.clean_text(wish.text)
    if not text:
        raise PatientTextMissing
    _without_offer(case, desk)
    before = case_steps.pause_case(case, resume_at=resume)
    record(VisitPaused.of(case, from_state=before, data={"resume_at": resume.isoformat()}), actor=desk.actor)
    _tell(case, text, desk, "pause")


def _hand_over(case: Case, wish: Wish, desk: Desk) -> None:
    """Since the shift ends now, there is nobody left to offer it: the role is responsible from this moment."""
    role_id = wish.role_id
    if role_id is None or role_id not in desk.roles:
        raise NobodyHasThatRole
    text = case_rules.clean_text(wish.text)
    if not text and must_tell_patient(desk.policy) and case_rules.may_write_in(case, desk.at):
        raise PatientTextMissing
    _without_offer(case, desk)
    told = _tell(case, text, desk, "left")
    from_role = case.holder_role_id or case.role_id
    before = case_steps.release_case(case, unit_id=case.unit_id, role_id=role_id, at=desk.at, ownerless=False)
    Handover.objects.create(
        case=case,
        state=HandoverState.QUEUED,
        from_user_id=desk.actor.user_id,
        from_unit_id=case.unit_id,
        from_role_id=from_role,
        to_unit_id=case.unit_id,
        to_role_id=role_id,
        old_urgency=case.urgency,
        urgency=case.urgency,
        patient_told_seq=told,
        offered_at=desk.at,
        decided_at=desk.at,
        decided_by_id=desk.actor.user_id,
    )
    event = CaseLeftToRole.by(case, giver_id=desk.actor.user_id, from_state=before, from_role=from_role)
    record(event, actor=desk.actor)


def _let_offer_stand(case: Case, wish: Wish, desk: Desk) -> None:
    del wish
    release_offered(case, actor=desk.actor, at=desk.at)


def _keep(case: Case, wish: Wish, desk: Desk) -> None:
    del wish
    _without_offer(case, desk)


_DO: dict[Choice, Callable[[Case, Wish, Desk], None]] = {
    Choice.PUT_BACK: _put_back,
    Choice.CLOSE: _close,
    Choice.ASYNCHRONOUS: _asynchronous,
    Choice.BOOK: _book,
    Choice.PAUSE: _pause,
    Choice.HAND_OVER: _hand_over,
    Choice.OFFER: _let_offer_stand,
    Choice.KEEP: _keep,
}


def roles_at(unit_id: int) -> list[CareRole]:
    """Roles of the unit that somebody holds, in their order."""
    held = Membership.objects.filter(unit_id=unit_id, ended_at__isnull=True, user__is_active=True).values("role_id")
    return list(CareRole.objects.filter(pk__in=held).order_by("order", "name"))


def _without_offer(case: Case, desk: Desk) -> None:
    end_offer(case, actor=desk.actor, at=desk.at)


def _closed(case: Case, before: str, desk: Desk, *, days: int) -> None:
    data = {"follow_up_days": days, "kind": case.close_kind}
    event = VisitClosed.of(case, from_state=before, holder_id=desk.actor.user_id, data=data)
    record(event, actor=desk.actor)


def _tell(case: Case, text: str, desk: Desk, what: str) -> int | None:
    if not text or not case_rules.may_write_in(case, desk.at):
        return None
    message = case_steps.tell_patient(
        case, actor=desk.actor, text=text[: case_rules.MESSAGE_LIMIT], client_id=f"{what}-{case.version}"
    )
    return None if message is None else message.seq
