"""Entering with a ticket (TIK-07): tickets lie in an app above, which registers here what it knows of them.

There is no new triage interview: only what comes after a result is asked, then the case is sent like any other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from cases.models import Case
from direkt1177.accounts.actors import ResidentActor
from direkt1177.audit.record import record
from direkt1177.residents.models import Person
from direkt1177.units.clock import now
from direkt1177.units.models import Unit
from triage import queries, search, steps
from triage.engine.assess import in_scope
from triage.engine.loader import GENERAL
from triage.events import InterviewStarted
from triage.models import Interview


class Tickets(Protocol):
    """What the app above does when a case is sent with a ticket."""

    def lock(self, ticket: UUID) -> None:
        """Lock the ticket; refuse when it cannot be used now."""

    def used(self, *, actor: ResidentActor, ticket: UUID, case: Case) -> None:
        """The locked ticket has become this case."""

    def documented(self, ticket: UUID) -> frozenset[str]:
        """Questions whose answers the giver's exported note contains already: flags, never its text (TIK-10)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What a ticket says about the case it will become."""

    ticket: UUID
    kind: str
    unit: Unit
    role_id: int
    urgency: int
    contact_reason: str
    contact_reason_code: str


_registered: list[Tickets] = []


def register(tickets: Tickets) -> None:
    """Tell triage who answers for tickets (from ``AppConfig.ready``)."""
    _registered[:] = [tickets]


def lock(ticket: UUID) -> None:
    """Lock a ticket before its case is made; what it raises refuses the sending."""
    _registered[0].lock(ticket)


def used(*, actor: ResidentActor, ticket: UUID, case: Case) -> None:
    """Say which case a ticket has become, in the same transaction."""
    _registered[0].used(actor=actor, ticket=ticket, case=case)


def documented(ticket: UUID) -> frozenset[str]:
    """Which answers need not be written again (TIK-10)."""
    return _registered[0].documented(ticket)


def begin(*, actor: ResidentActor, patient: Person, entry: Entry) -> Interview:
    """Open what is asked of somebody who uses a ticket, or find it again; call inside a command.

    The questions are those after the result of the contact reason's protocol, else the common ones (TIK-07).

    Args:
        actor: who uses it; the caller has checked the right and locked the ticket.
        patient: whom it is about.
        entry: what the ticket says.
    """
    open_one = Interview.objects.filter(ticket=entry.ticket, outcome=Interview.Outcome.OPEN).first()
    at = now()
    if open_one is not None:
        if open_one.person_id == actor.person_id:
            open_one.updated_at = at
            open_one.save(update_fields=["updated_at"])
            return open_one
        # The child has had its 13th birthday meanwhile: whoever began it may no longer end it.
        open_one.outcome, open_one.ended_at = Interview.Outcome.ABANDONED, at
        open_one.save(update_fields=["outcome", "ended_at"])
    version = None
    if entry.kind == Case.Kind.SEEK_CARE:
        reason = search.reasons().get(entry.contact_reason_code, search.OTHER)
        version = steps.current_version(actor=actor, protocol_id=reason.protocol)
        person = queries.engine_person(patient, by_guardian=actor.person_id != patient.pk)
        if not in_scope(steps.protocol_of(version), person):
            version = steps.current_version(actor=actor, protocol_id=GENERAL)
    interview = Interview.objects.create(
        kind=entry.kind,
        person_id=actor.person_id,
        patient=patient,
        unit=entry.unit,
        contact_reason=entry.contact_reason,
        contact_reason_code=entry.contact_reason_code,
        protocol_version=version,
        ticket=entry.ticket,
        role_id=entry.role_id,
        ticket_urgency=entry.urgency,
        created_at=at,
        updated_at=at,
    )
    record(InterviewStarted.of(interview, kind=entry.kind, unit=entry.unit.pk, ticket=str(entry.ticket)), actor=actor)
    return interview
