"""Parts that commands of higher apps call inside their own transaction."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from cases import rules
from cases.events import CaseArrived
from cases.models import Case, Consent, Upload
from cases.states import CaseState
from direkt1177.audit.actor import Actor
from direkt1177.audit.record import record
from direkt1177.residents.models import Person
from direkt1177.units import policies, staffed_time
from direkt1177.units import queries as unit_queries
from direkt1177.units.clock import now
from direkt1177.units.models import CareRole, Unit
from direkt1177.units.policy_model import Policy
from direkt1177.units.steps import hold_active


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCase:
    """The facts of a case about to be sent.

    Attributes:
        kind: ``seek_care`` or ``admin_question``.
        unit_id, role_id: where it goes.
        patient_id, started_by_id: whom it is about, who wrote.
        urgency: 1 to 5; None when not assessed or administrative.
        computed_urgency: what the engine said, kept for ever; None when switched off.
        consents: item -> allowed (ENT-32).
        interview: public id of the interview whose pending images move to the case.
        from_ticket: it came with a ticket of another unit (TIK-08); the urgency is the ticket's.
    """

    kind: str
    unit_id: int
    role_id: int
    patient_id: int
    started_by_id: int
    contact_reason: str
    contact_reason_code: str = ""
    free_text: str = ""
    urgency: int | None = None
    computed_urgency: int | None = None
    read_now: bool = False
    could_not_answer: str = ""
    advice_112_shown_at: datetime | None = None
    unstaffed_warned_at: datetime | None = None
    unstaffed_next_at: datetime | None = None
    fee_accepted_at: datetime | None = None
    fee_text_version: str = ""
    consents: Mapping[str, bool] = field(default_factory=dict)
    interview: UUID | None = None
    from_ticket: bool = False


def create_case(*, actor: Actor, facts: NewCase) -> Case:
    """Put a new case into the queue of a unit and role (ENT-12, CAS-01).

    Call inside a ``@command``; the caller's idempotency key guards against double sending.

    Args:
        actor: who sends.
        facts: as collected by the caller, already checked.

    Returns:
        The waiting case.

    Raises:
        UnitWoundUp: the unit is closed for good (UCH-02).
    """
    hold_active(facts.unit_id)
    unit = Unit.objects.select_related("provider__region").get(pk=facts.unit_id)
    role = CareRole.objects.get(pk=facts.role_id)
    patient = Person.objects.get(pk=facts.patient_id)
    policy = policies.policy(unit)
    at = now()
    minutes = policy.response_target_minutes
    response_due = None
    if minutes is not None:
        calendar = unit_queries.calendar_for(unit, role)
        with suppress(staffed_time.NeverStaffed):
            response_due = staffed_time.add_staffed(calendar, at, timedelta(minutes=minutes))
    case = Case.objects.create(
        kind=facts.kind,
        state=CaseState.WAITING,
        provider_id=unit.provider_id,
        unit=unit,
        role=role,
        patient=patient,
        started_by_id=facts.started_by_id,
        contact_reason=facts.contact_reason,
        contact_reason_code=facts.contact_reason_code,
        free_text=rules.clean_text(facts.free_text),
        urgency=facts.urgency,
        computed_urgency=facts.computed_urgency,
        sort_rank=rules.sort_rank(facts.kind, facts.urgency),
        arrived_at=at,
        queued_at=at,
        response_due_at=response_due,
        assessment_due_at=_assessment_due(policy, facts.urgency, at),
        read_now=facts.read_now,
        could_not_answer=facts.could_not_answer,
        advice_112_shown_at=facts.advice_112_shown_at,
        unstaffed_warned_at=facts.unstaffed_warned_at,
        unstaffed_next_at=facts.unstaffed_next_at,
        listed_elsewhere=patient.listed_unit_id is not None and patient.listed_unit_id != unit.pk,
        fee_accepted_at=facts.fee_accepted_at,
        fee_text_version=facts.fee_text_version,
        from_ticket=facts.from_ticket,
    )
    Consent.objects.bulk_create(
        [
            Consent(case=case, item=item, allowed=allowed, by_id=facts.started_by_id, at=at)
            for item, allowed in facts.consents.items()
        ]
    )
    if facts.interview is not None:
        Upload.objects.filter(interview=facts.interview, case__isnull=True).update(case=case)
    record(CaseArrived.of(case, from_state="", data={"urgency": case.urgency, "kind": case.kind}), actor=actor)
    return case


def _assessment_due(policy: Policy, urgency: int | None, at: datetime) -> datetime | None:
    return rules.assessment_due(at, None if urgency is None else policy.assessment_minutes(urgency))
