"""What the holder does about a silent patient: warn, remind, phone, close without reply (INA-02..06)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from cases import access, rules
from cases import steps as case_steps
from cases.events import VisitClosed
from cases.locking import lock_held
from cases.models import Case
from cases.states import CaseState
from direkt1177.accounts.actors import StaffActor
from direkt1177.audit.idempotency import once
from direkt1177.audit.record import command, record
from direkt1177.outbox.effects import EffectSpec, enqueue
from direkt1177.units import policies
from direkt1177.units.clock import now
from direkt1177.units.models import Unit
from handover.models import ContactAttempt
from handover.timers import queries
from handover.timers.errors import (
    AskedJustNow,
    ConditionsMissing,
    NoSmsPossible,
    PatientNotSilent,
    WarningNotUsed,
)
from handover.timers.events import ContactTried, PatientWarned
from handover.timers.inactivity import ONE_ATTEMPT


@command
def send_warning(*, actor: StaffActor, case_id: UUID | str, key: str) -> None:
    """*Skicka varning*: the unit's ready text in the chat; the clock then runs anew from it (INA-04).

    Args:
        actor: the holder.
        case_id: public id.
        key: idempotency key; also names the message.

    Raises:
        WarningNotUsed: the region reminds by SMS instead.
        PatientNotSilent: the patient wrote last, or the visit is not ongoing.
        AskedJustNow: a warning went out within a quarter of an hour.
        NotHolder, HeldByColleague, CaseClosed, NotFound: see ``lock_held``.
    """

    def warn(case: Case) -> None:
        settings = policies.policy(case.unit)
        if settings.inactivity_warning != "chat_message":
            raise WarningNotUsed
        _must_be_silent(case)
        _not_twice(case, ContactAttempt.Way.WARNING)
        text = settings.inactivity_warning_text
        case_steps.tell_patient(case, actor=actor, text=text, client_id=f"warning-{case.last_seq}")
        _attempt(case, actor, ContactAttempt.Way.WARNING)
        record(PatientWarned.of(case, from_state=case.state), actor=actor)

    _once(actor, case_id, key, "send_warning", {}, warn)


@command
def send_sms_reminder(*, actor: StaffActor, case_id: UUID | str, key: str) -> None:
    """*Skicka SMS-påminnelse* by hand (INA-04, NOT-01 o): only that there is something to answer after sign-in.

    Raises:
        NoSmsPossible: no mobile number, or a protected person.
        PatientNotSilent, AskedJustNow, NotHolder, HeldByColleague, CaseClosed, NotFound: as ``send_warning``.
    """

    def remind(case: Case) -> None:
        _must_be_silent(case)
        sms = queries.sms_state(case)
        if sms != "ok":
            raise NoSmsPossible(masked=sms == "masked")
        _not_twice(case, ContactAttempt.Way.SMS)
        attempt = _attempt(case, actor, ContactAttempt.Way.SMS)
        enqueue(
            EffectSpec(
                kind="resident_sms",
                key=f"reminder:{case.public_id}:{attempt.pk}",
                aggregate=f"case:{case.public_id}",
                payload={"person": case.started_by_id, "template": "reminder", "unit": case.unit_id},
            )
        )
        record(ContactTried.of(case, from_state=case.state, data={"way": "sms"}), actor=actor)

    _once(actor, case_id, key, "send_sms_reminder", {}, remind)


@command
def record_phone_attempt(*, actor: StaffActor, case_id: UUID | str, reached: bool, note: str, key: str) -> None:
    """*Registrera telefonförsök* (INA-05).

    Args:
        actor: the holder.
        case_id: public id.
        reached: whether somebody answered.
        note: up to 300 characters; may be empty.
        key: idempotency key.

    Raises:
        NotHolder, HeldByColleague, CaseClosed, NotFound: see ``lock_held``.
    """
    cleaned = rules.clean_text(note)[:300]

    def phone(case: Case) -> None:
        _attempt(case, actor, ContactAttempt.Way.PHONE, reached=reached, note=cleaned)
        record(ContactTried.of(case, from_state=case.state, data={"way": "phone", "reached": reached}), actor=actor)

    _once(actor, case_id, key, "record_phone_attempt", {"reached": reached, "note": cleaned}, phone)


@command
def close_without_reply(*, actor: StaffActor, case_id: UUID | str, key: str) -> None:
    """*Avsluta utan svar*: the unit's text to the patient, then closed without follow-up (INA-02, INA-06).

    Raises:
        ConditionsMissing: time, attempts or phone are missing, an offer stands, or the patient has written.
        NotHolder, HeldByColleague, CaseClosed, NotFound: see ``lock_held``.
    """

    def close(case: Case) -> None:
        at = now()
        settings = policies.policy(case.unit)
        _silence, _tried, missing = queries.state_of_silence(case, settings, at)
        if missing:
            raise ConditionsMissing(missing)
        case_steps.tell_patient(case, actor=actor, text=settings.no_reply_text, client_id=f"no-reply-{case.last_seq}")
        before = case_steps.close_case(case, by=actor.user_id, at=at, kind=Case.CloseKind.NO_REPLY)
        data = {"follow_up_days": 0, "kind": str(Case.CloseKind.NO_REPLY)}
        record(VisitClosed.of(case, from_state=before, holder_id=actor.user_id, data=data), actor=actor)

    _once(actor, case_id, key, "close_without_reply", {}, close)


def _once(
    actor: StaffActor,
    case_id: UUID | str,
    key: str,
    name: str,
    body: dict[str, Any],
    do: Callable[[Case], None],
) -> None:
    ident = access.parse_id(case_id)

    def run() -> dict[str, Any]:
        case = lock_held(actor, ident)
        case.unit = Unit.objects.select_related("provider__region").get(pk=case.unit_id)
        do(case)
        return {}

    once(actor=actor, key=key, command=name, body={"case": str(ident), **body}, do=run)


def _must_be_silent(case: Case) -> None:
    if case.state != CaseState.STARTED or case.last_staff_seq <= case.last_patient_seq:
        raise PatientNotSilent


def _not_twice(case: Case, way: str) -> None:
    if ContactAttempt.objects.filter(case=case, way=way, at__gt=now() - ONE_ATTEMPT).exists():
        raise AskedJustNow


def _attempt(case: Case, actor: StaffActor, way: str, *, reached: bool = False, note: str = "") -> ContactAttempt:
    return ContactAttempt.objects.create(case=case, way=way, reached=reached, note=note, by_id=actor.user_id, at=now())
