"""*Starta besök*, *Avsluta besök*, end of follow-up (CAS-04, CAS-08, CAS-25)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from cases import access, follow_ups, rules, steps
from cases.commands.outcome import Done, do_once, done, lock_held, move
from cases.effects import stretch_of
from cases.errors import BookingTimeRefused, FollowUpTooLong, OfferPending, ProfileIncomplete, TransitionRefused
from cases.events import FollowUpEnded, VisitClosed, VisitStarted
from cases.messages import append_message, checked_text, filled, moment_words
from cases.models import Case, Message
from cases.states import CaseState
from direkt1177.accounts.actors import SYSTEM, StaffActor
from direkt1177.accounts.models import User
from direkt1177.audit.record import command, record
from direkt1177.units import policies
from direkt1177.units.clock import now
from direkt1177.units.models import Unit


@command
def start_visit(*, actor: StaffActor, case_id: UUID | str, key: str) -> Done:
    """*Starta besök*: opens the chat with the unit's welcome message (CAS-04, CAS-05).

    Raises:
        ProfileIncomplete: the patient could not be shown first name, last name and title (AUTH-11).
        TransitionRefused: it is already started or over.
        NotHolder, HeldByColleague, CaseClosed, NotFound: see ``lock_held``.
    """
    ident = access.parse_id(case_id)

    def start() -> Done:
        case = lock_held(actor, ident)
        if not rules.may_start(case.state, holds=True):
            raise TransitionRefused
        if not User.objects.get(pk=actor.user_id).profile_complete:
            raise ProfileIncomplete
        before, at = move(case, CaseState.STARTED), now()
        case.started_at = at
        append_message(
            case,
            author=Message.Author.STAFF,
            author_key=actor.key,
            author_name=actor.name,
            author_title=actor.title,
            client_id=f"welcome-{case.version}",
            kind=Message.Kind.WELCOME,
            text=_welcome_text(case.unit_id, actor),
            at=at,
        )
        case.save(update_fields=["state", "started_at", "version"])
        record(
            VisitStarted.of(
                case,
                from_state=before,
                seq=case.last_seq,
                by_staff=True,
                stretch=stretch_of(case),
                sms_due_at=at + rules.UNREAD_SMS_AFTER,
            ),
            actor=actor,
        )
        return done(case)

    return do_once(actor=actor, key=key, command="start_visit", body={"case": str(ident)}, do=start)


@command
def close_visit(*, actor: StaffActor, case_id: UUID | str, follow_up_days: int, key: str) -> Done:
    """*Avsluta besök*: close, or keep the chat open to the patient for some days (CAS-08).

    Args:
        actor: the holder.
        case_id: public id.
        follow_up_days: 0 closes at once; above that the case is asynchronous to the end of that local day.
        key: idempotency key.

    Raises:
        FollowUpTooLong: more days than the region allows.
        OfferPending: it is offered to somebody; the offer is withdrawn first (HOV-01).
        TransitionRefused: not started, or closed already.
        NotHolder, HeldByColleague, CaseClosed, NotFound: see ``lock_held``.
    """
    ident = access.parse_id(case_id)

    def close() -> Done:
        case = lock_held(actor, ident)
        if not rules.may_close(case.state, holds=True):
            raise TransitionRefused
        unit = Unit.objects.select_related("provider__region").get(pk=case.unit_id)
        limit = policies.policy(unit).follow_up_max_days
        if not 0 <= follow_up_days <= limit:
            raise FollowUpTooLong(limit)
        at = now()
        if follow_up_days:
            before = steps.make_asynchronous(case, by=actor.user_id, days=follow_up_days, at=at)
        else:
            before = steps.close_case(case, by=actor.user_id, at=at)
        data = {"follow_up_days": follow_up_days, "kind": str(case.close_kind)}
        record(VisitClosed.of(case, from_state=before, holder_id=actor.user_id, data=data), actor=actor)
        return done(case)

    body = {"case": str(ident), "days": follow_up_days}
    return do_once(actor=actor, key=key, command="close_visit", body=body, do=close)


@command
def close_and_book(
    *, actor: StaffActor, case_id: UUID | str, booked_for: datetime, booked_where: str, message: str, key: str
) -> Done:
    """*Avsluta och boka tid*: close a visit whose patient got a time in the record system (CAS-13).

    Args:
        actor: the holder.
        case_id: public id.
        booked_for: the booked time, UTC, in the future.
        booked_where: digital meeting or physical visit and where, up to 120 characters; stored and told to the patient.
        message: to the patient before closing; ``{time}`` and ``{where}`` are filled in; empty sends nothing.
        key: idempotency key.

    Raises:
        BookingTimeRefused: the time has passed.
        OfferPending: it is offered to somebody; the offer is withdrawn first.
        MessageTooLong: above the limit of a message.
        TransitionRefused: not started, or closed already.
        NotHolder, HeldByColleague, CaseClosed, NotFound: see ``lock_held``.
    """
    ident = access.parse_id(case_id)
    where = rules.clean_text(booked_where)[:120]
    text = checked_text(filled(message, time=moment_words(booked_for), where=where))

    def close() -> Done:
        case, at = lock_held(actor, ident), now()
        if not rules.may_close(case.state, holds=True):
            raise TransitionRefused
        if booked_for <= at:
            raise BookingTimeRefused
        if case.offered_at is not None:
            raise OfferPending
        steps.tell_patient(case, actor=actor, text=text, client_id=f"booked-{case.version}")
        kind = Case.CloseKind.BOOKED
        before = steps.close_case(case, by=actor.user_id, at=at, kind=kind, booked_for=booked_for, booked_where=where)
        data = {"follow_up_days": 0, "kind": str(kind), "booked_for": booked_for.isoformat(), "where": where}
        record(VisitClosed.of(case, from_state=before, holder_id=actor.user_id, data=data), actor=actor)
        return done(case)

    body = {"case": str(ident), "for": booked_for.isoformat(), "where": where, "message": message}
    return do_once(actor=actor, key=key, command="close_and_book", body=body, do=close)


@command
def end_follow_up(*, case_pk: int) -> bool:
    """Close one case whose follow-up has run out; harmless when called twice or too early.

    One that is offered stays until somebody has taken it or the offer is gone; one that waits in a queue is nobody's
    to close without having been read, so it stays there; and so does one whose newest message is the patient's and
    unanswered: the patient can no longer write, but somebody must have read it (ASY-08).

    Args:
        case_pk: primary key, from the tick.

    Returns:
        Whether it was closed now.
    """
    case = (
        Case.objects.select_for_update(skip_locked=True, no_key=True)
        .filter(pk=case_pk, state=CaseState.ASYNCHRONOUS, offered_at__isnull=True)
        .first()
    )
    at = now()
    if case is None or case.follow_up_until is None or not rules.follow_up_is_over(case.follow_up_until, at):
        return False
    if rules.is_unanswered(
        last_patient_seq=case.last_patient_seq,
        last_staff_seq=case.last_staff_seq,
        staff_seen_seq=case.staff_seen_seq,
        handled_seq=follow_ups.handled_seq([case.pk]).get(case.pk, 0),
    ):
        return False
    holder = case.holder_id
    before = move(case, CaseState.CLOSED)
    case.ended_at = case.follow_up_until
    case.holder = case.holder_role = None
    case.save(update_fields=["state", "ended_at", "holder", "holder_role", "version"])
    record(FollowUpEnded.of(case, from_state=before, holder_id=holder), actor=SYSTEM)
    return True


def _welcome_text(unit_id: int, actor: StaffActor) -> str:
    unit = Unit.objects.select_related("provider__region").get(pk=unit_id)
    return filled(policies.policy(unit).welcome_message, name=actor.name, title=actor.title, unit=unit.name)
