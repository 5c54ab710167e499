"""Beginning an interview, and being warned that nobody reads it in time."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from cases.models import Case
from direkt1177.accounts.actors import ResidentActor
from direkt1177.audit.idempotency import once
from direkt1177.audit.record import command, record
from direkt1177.audit.refusals import NotFound
from direkt1177.residents import access as residents_access
from direkt1177.residents.models import Person
from direkt1177.units.clock import now
from direkt1177.units.models import Unit
from direkt1177.units.policies import policy
from direkt1177.units.queries import redirect_target
from triage.access import open_interview
from triage.errors import CannotBeChosen
from triage.events import InterviewStarted, UnstaffedWarningShown
from triage.models import Interview


@command
def start_interview(*, actor: ResidentActor, key: str, kind: str, patient_id: int, unit_id: int) -> UUID:
    """Begin to seek care or to ask an administrative question (ENT-01, ENT-15..25).

    Args:
        actor: who answers.
        key: idempotency key of the form.
        kind: of ``Case.Kind``.
        patient_id: primary key of the person it is about.
        unit_id: primary key of the unit that it is addressed to; who takes it is decided when it is sent (HRS-12).

    Returns:
        The public id of the interview.

    Raises:
        CannotBeChosen: too young, too old, protected, blocked, or no relation.
        NotFound: no such unit.
        UnitClosed: it is closed and nobody takes its new cases (HRS-18).
    """

    def do() -> dict[str, str]:
        unit = Unit.objects.select_related("provider__region", "parent").filter(pk=unit_id, active=True).first()
        patient = Person.objects.filter(pk=patient_id).first()
        if unit is None:
            raise NotFound
        settings = policy(redirect_target(unit))
        if patient is None:
            raise CannotBeChosen
        try:
            residents_access.may_act_for(
                actor, patient, min_age=settings.min_age_years, own_from=settings.guardian_until_age
            )
        except NotFound:
            raise CannotBeChosen from None
        at = now()
        interview = Interview.objects.create(
            kind=Case.Kind(kind),
            person_id=actor.person_id,
            patient=patient,
            unit=unit,
            created_at=at,
            updated_at=at,
        )
        record(InterviewStarted.of(interview, kind=kind, unit=unit.pk), actor=actor)
        return {"interview": str(interview.public_id)}

    body = {"kind": kind, "patient": patient_id, "unit": unit_id}
    return UUID(once(actor=actor, key=key, command="start_interview", body=body, do=do)["interview"])


@command
def warn_unstaffed(*, actor: ResidentActor, interview_id: UUID, next_at: datetime | None) -> None:
    """Note that the resident is shown "Ingen läser ditt ärende före …".

    Args:
        next_at: the staffed minute told, aware; None when no staffed time is known at all.
    """
    interview = open_interview(actor=actor, public_id=interview_id, lock=True).interview
    interview.unstaffed_warned_at = now()
    interview.unstaffed_next_at = next_at
    interview.version += 1
    interview.save(update_fields=["unstaffed_warned_at", "unstaffed_next_at", "version"])
    record(UnstaffedWarningShown.of(interview), actor=actor)
