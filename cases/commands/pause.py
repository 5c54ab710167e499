"""*Pausa besök* and going on again (CAS-12, CAS-14, CAS-15)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from cases import access, rules, steps
from cases.commands.outcome import Done, do_once, done, lock_held, move
from cases.errors import NotResumable, PatientNotTold, PauseTimeRefused, ShiftEnded, TransitionRefused
from cases.events import VisitPaused, VisitResumed
from cases.messages import checked_text, filled, moment_words
from cases.models import Case
from cases.states import CaseState
from direkt1177.accounts.actors import StaffActor
from direkt1177.accounts.models import Shift
from direkt1177.audit.record import command, record
from direkt1177.units import policies
from direkt1177.units.clock import now
from direkt1177.units.models import Unit


@command
def pause_visit(*, actor: StaffActor, case_id: UUID | str, resume_at: datetime, message: str, key: str) -> Done:
    """*Pausa besök* until a later day; it stays with the holder, who may still write (CAS-12).

    A visit that is paused already gets another time.

    Args:
        actor: the holder, or a guest who takes part.
        case_id: public id.
        resume_at: when the visit goes on, UTC; from now on and at most ``rules.PAUSE_DAYS`` days ahead.
        message: to the patient, sent under the actor's name; ``{resume}`` becomes the day and time in words.
        key: idempotency key.

    Raises:
        PauseTimeRefused: in the past or too far ahead.
        PatientNotTold: no message although the region says that the patient must be told (CAS-14).
        MessageTooLong: above the limit of a message.
        TransitionRefused: the visit has not started, or is closed.
        NotHolder, HeldByColleague, CaseClosed, NotFound: see ``lock_held``.
    """
    ident = access.parse_id(case_id)
    text = checked_text(filled(message, resume=moment_words(resume_at)))

    def pause() -> Done:
        case = lock_held(actor, ident, guests=True)
        if not rules.may_pause(case.state, holds=True):
            raise TransitionRefused
        if not rules.is_pause_time(resume_at, now()):
            raise PauseTimeRefused(rules.PAUSE_DAYS)
        unit = Unit.objects.select_related("provider__region").get(pk=case.unit_id)
        if not text and policies.policy(unit).inform_patient_on_handover == "must":
            raise PatientNotTold
        before = steps.pause_case(case, resume_at=resume_at)
        record(VisitPaused.of(case, from_state=before, data={"resume_at": resume_at.isoformat()}), actor=actor)
        steps.tell_patient(case, actor=actor, text=text, client_id=f"paused-{case.version}")
        return done(case)

    body = {"case": str(ident), "resume_at": resume_at.isoformat(), "message": message}
    return do_once(actor=actor, key=key, command="pause_visit", body=body, do=pause)


@command
def resume_visit(*, actor: StaffActor, case_id: UUID | str, key: str) -> Done:
    """*Fortsätt besöket*: the paused visit goes on, whether its time has come or not.

    Raises:
        NotResumable: it is not paused.
        ShiftEnded: its holder has no active shift, so a started visit would be nobody's (I-01).
        NotHolder, HeldByColleague, CaseClosed, NotFound: see ``lock_held``.
    """
    ident = access.parse_id(case_id)

    def resume() -> Done:
        # The shift before the case, as whoever ends one does: the two never pass each other.
        seen = Case.objects.filter(public_id=ident).values_list("holder_id", "unit_id").first() or (None, 0)
        on_shift = Shift.objects.select_for_update(no_key=True).filter(
            user_id=seen[0] or 0, unit_id=seen[1], ended_at__isnull=True
        )
        there = on_shift.first() is not None
        case = lock_held(actor, ident, guests=True)
        if case.state != CaseState.PAUSED or (case.holder_id, case.unit_id) != seen:
            raise NotResumable
        if not there:
            raise ShiftEnded
        before = move(case, CaseState.STARTED)
        case.resume_at = None
        case.save(update_fields=["state", "resume_at", "version"])
        record(VisitResumed.of(case, from_state=before), actor=actor)
        return done(case)

    return do_once(actor=actor, key=key, command="resume_visit", body={"case": str(ident)}, do=resume)
