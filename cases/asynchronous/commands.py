"""Every change of asynchronous cases: one durable transaction each (ASY-01..09)."""

from __future__ import annotations

from uuid import UUID

from cases import access as case_access
from cases import rules as case_rules
from cases import steps as case_steps
from cases.asynchronous import access, rules, steps
from cases.asynchronous.errors import (
    AgreementMissing,
    CheckMissing,
    NewMessageCame,
    NotInFollowUp,
    PreconditionMissing,
    RatedAlready,
    ReasonMissing,
)
from cases.asynchronous.events import CareInitiated, FollowUpDone, FollowUpExtended, FollowUpNotDone, VisitRated
from cases.asynchronous.models import Mark, Rated, Rating
from cases.commands.outcome import Done, do_once, done, lock_case, lock_held
from cases.errors import FollowUpTooLong, MessageEmpty, ProfileIncomplete, ShiftEnded
from cases.messages import checked_text
from cases.models import Case
from cases.states import CaseState
from direkt1177.accounts.actors import ResidentActor, StaffActor
from direkt1177.accounts.models import Shift, User
from direkt1177.audit.record import command, record
from direkt1177.audit.refusals import NotFound
from direkt1177.units.calendars import calendar_for
from direkt1177.units.clock import now
from direkt1177.units.models import Unit
from direkt1177.units.policies import policy
from direkt1177.units.steps import hold_active

# The first of contact reasons, which keeps the case out of clinical lists.
ADMINISTRATIVE = "administrativt"


@command
def mark_done(*, actor: StaffActor, case_id: UUID | str, seen: int, key: str) -> Done:
    """*Markera som klar*: the follow-up needs no answer until the patient writes again (ASY-03).

    Args:
        actor: the holder.
        case_id: public id.
        seen: number of the newest message on the page that was clicked.
        key: idempotency key.

    Raises:
        NewMessageCame: the patient has written since.
        NotInFollowUp: it is no follow-up any more.
        NotHolder, HeldByColleague, CaseClosed, NotFound: see ``lock_held``.
    """
    ident = case_access.parse_id(case_id)

    def mark() -> Done:
        case = _lock_follow_up(actor, ident)
        if not rules.may_mark(case.state, last_patient_seq=case.last_patient_seq, seen=seen):
            raise NewMessageCame
        steps.set_mark(case, seq=min(seen, case.last_seq), by=actor.user_id)
        record(FollowUpDone.of(case, from_state=case.state, data={"seq": seen}), actor=actor)
        return done(case)

    return do_once(actor=actor, key=key, command="mark_done", body={"case": str(ident), "seen": seen}, do=mark)


@command
def undo_mark(*, actor: StaffActor, case_id: UUID | str, key: str) -> Done:
    """Take the mark back: what the patient wrote waits for an answer again.

    Raises:
        NotInFollowUp: it is no follow-up any more.
        NotHolder, HeldByColleague, CaseClosed, NotFound: see ``lock_held``.
    """
    ident = case_access.parse_id(case_id)

    def undo() -> Done:
        case = _lock_follow_up(actor, ident)
        if Mark.objects.filter(case=case, seq__gt=0).exists():
            steps.set_mark(case, seq=0, by=actor.user_id)
            record(FollowUpNotDone.of(case, from_state=case.state), actor=actor)
        return done(case)

    return do_once(actor=actor, key=key, command="undo_mark", body={"case": str(ident)}, do=undo)


@command
def extend_follow_up(*, actor: StaffActor, case_id: UUID | str, days: int, key: str) -> Done:
    """*Förläng*: so many days from today; also when the time is out and the patient waits for an answer (ASY-08).

    Args:
        actor: the holder.
        case_id: public id.
        days: 1 to policy ``follow_up_max_days``.
        key: idempotency key.

    Raises:
        FollowUpTooLong: none, or more than the region allows.
        NotInFollowUp: it is no follow-up any more.
        NotHolder, HeldByColleague, CaseClosed, NotFound: see ``lock_held``.
    """
    ident = case_access.parse_id(case_id)

    def extend() -> Done:
        case, at = _lock_follow_up(actor, ident), now()
        unit = _unit(actor)
        _check_days(unit, days)
        end = case_rules.follow_up_end(days, at, calendar_for(unit, case.role_id))
        # Never shorter: the patient was promised the days before.
        case.follow_up_until = max(end, case.follow_up_until or end)
        case.version += 1
        case.save(update_fields=["follow_up_until", "version"])
        record(FollowUpExtended.of(case, from_state=case.state, data={"days": days}), actor=actor)
        return done(case)

    body = {"case": str(ident), "days": days}
    return do_once(actor=actor, key=key, command="extend_follow_up", body=body, do=extend)


@command
def begin_case(
    *,
    actor: StaffActor,
    person_id: UUID,
    reader_id: int,
    reason: str,
    days: int,
    text: str,
    agreed: bool,
    checked: bool,
    key: str,
) -> Done:
    """*Nytt Asynk*: care writes first; the actor holds the case from the start (ASY-01, ASY-04, ASY-07).

    Args:
        actor: on an active shift.
        person_id: public id of the patient, searched for before (``access.recipients``).
        reader_id: primary key of who reads and answers: the patient, or a guardian of a child.
        reason: contact reason, 1 to 120 characters.
        days: of the follow-up, 1 to policy ``follow_up_max_days``.
        text: the first message, 1 to 4,000 characters.
        agreed: staff say that the patient agrees (ASY-05).
        checked: staff say that they have checked for protected identity.
        key: idempotency key.

    Raises:
        PreconditionMissing, AgreementMissing: policy ``care_initiated_precondition`` (ASY-05).
        CheckMissing: policy ``require_protected_check``, and always for protected persons.
        ReasonMissing, MessageEmpty, MessageTooLong, FollowUpTooLong: input.
        ProfileIncomplete: the patient could not be shown who writes (AUTH-11).
        ShiftEnded: no active shift.
        UnitWoundUp: the unit is closed for good.
        NotFound, NobodyToWriteTo: see ``access.recipients``; or the reader is none of them.
    """
    cleaned = " ".join(case_rules.clean_text(reason).split())
    first = checked_text(text)

    def begin() -> Done:
        found = access.recipients(actor=actor, person_id=person_id)
        place = next((n for n, one in enumerate(found.people) if one.pk == reader_id), None)
        if place is None:
            raise NotFound
        if not 1 <= len(cleaned) <= rules.REASON_LIMIT:
            raise ReasonMissing
        if not first:
            raise MessageEmpty
        unit = _begin_here(actor)
        settings = policy(unit)
        _check_days(unit, days)
        if found.lacks[place]:
            raise PreconditionMissing(found.lacks[place])
        if rules.needs_agreement(settings.care_initiated_precondition) and not agreed:
            raise AgreementMissing
        if rules.needs_check(policy=settings.require_protected_check, masked=found.patient.is_masked) and not checked:
            raise CheckMissing
        at = now()
        administrative = cleaned.casefold() == ADMINISTRATIVE
        case = steps.create_held(
            actor=actor, unit=unit, patient=found.patient, started_by_id=reader_id, reason=cleaned,
            kind=Case.Kind.ADMIN_QUESTION if administrative else Case.Kind.SEEK_CARE, days=days, at=at,
        )  # fmt: skip
        data = {"days": days, "agreed": agreed, "checked": checked, "kind": str(case.kind)}
        sms_now = settings.async_sms == "new_case"
        record(CareInitiated.of(case, from_state="", data=data, sms_now=sms_now), actor=actor)
        case_steps.tell_patient(case, actor=actor, text=first, client_id="first")
        return done(case)

    body = {
        "person": str(person_id), "reader": reader_id, "reason": reason, "days": days, "text": text,
        "agreed": agreed, "checked": checked,
    }  # fmt: skip
    return do_once(actor=actor, key=key, command="begin_case", body=body, do=begin)


@command
def rate_visit(*, actor: ResidentActor, case_id: UUID, score: int, key: str) -> Done:
    """*Hur nöjd är du?*: once for a closed visit; the answer is stored apart from case and person.

    Args:
        actor: who wrote in the case.
        case_id: public id.
        score: 1 to 5.
        key: idempotency key.

    Raises:
        RatedAlready: it has been answered; the first answer stays.
        NotFound: not closed, closed without reply, or not the actor's to answer.
    """
    opened = access.rateable_case(actor=actor, public_id=case_id)
    if score not in rules.SCORES:
        raise NotFound

    def rate() -> Done:
        case = lock_case(opened.case.public_id)
        _row, new = Rated.objects.get_or_create(case=case)
        if not new:
            raise RatedAlready
        Rating.objects.create(
            unit_id=case.unit_id,
            role_id=case.role_id,
            kind=case.kind,
            month=now().astimezone(case_rules.LOCAL).date().replace(day=1),
            score=score,
        )
        record(VisitRated(case_id=str(case.public_id), patient_id=case.patient_id), actor=actor)
        return done(case)

    # The score is no part of what is remembered of the request.
    return do_once(actor=actor, key=key, command="rate_visit", body={"case": str(case_id)}, do=rate)


def _lock_follow_up(actor: StaffActor, ident: UUID) -> Case:
    case = lock_held(actor, ident)
    if case.state != CaseState.ASYNCHRONOUS:
        raise NotInFollowUp
    return case


def _unit(actor: StaffActor) -> Unit:
    return Unit.objects.select_related("provider__region").get(pk=actor.unit_id)


def _begin_here(actor: StaffActor) -> Unit:
    """The actor's unit, active, with the actor's shift locked so that it does not end meanwhile."""
    hold_active(actor.unit_id)
    if actor.shift_id is None:
        raise ShiftEnded
    active = Shift.objects.select_for_update(no_key=True).filter(
        pk=actor.shift_id, user_id=actor.user_id, unit_id=actor.unit_id, ended_at__isnull=True
    )
    if active.first() is None:
        raise ShiftEnded
    if not User.objects.get(pk=actor.user_id).profile_complete:
        raise ProfileIncomplete
    return _unit(actor)


def _check_days(unit: Unit, days: int) -> None:
    limit = policy(unit).follow_up_max_days
    if not 1 <= days <= limit:
        raise FollowUpTooLong(limit)
