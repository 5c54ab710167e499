"""Parts that run inside commands, of this app and of those below."""

from __future__ import annotations

from datetime import datetime

from cases import rules
from cases.asynchronous.models import Mark
from cases.models import Case
from cases.states import CaseState
from direkt1177.accounts.actors import StaffActor
from direkt1177.audit.actor import Actor
from direkt1177.residents.models import Person
from direkt1177.units.calendars import calendar_for
from direkt1177.units.clock import now
from direkt1177.units.models import Unit


def create_held(
    *,
    actor: StaffActor,
    unit: Unit,
    patient: Person,
    started_by_id: int,
    reason: str,
    kind: str,
    days: int,
    at: datetime,
) -> Case:
    """A new case in state asynchronous, held by the actor: it never lies in a queue (ASY-01, ASY-04).

    It counts as closed by its holder from the start, so that a note is asked for and the follow-up goes on when
    somebody else takes it.

    Args:
        actor: on an active shift (the caller's rule).
        unit: the actor's, active.
        patient, started_by_id: whom it is about, and who reads and writes: the patient or a guardian.
        reason: contact reason, already cleaned.
        kind: of ``Case.Kind``.
        days: 1 or more.
        at: moment.
    """
    return Case.objects.create(
        kind=kind,
        state=CaseState.ASYNCHRONOUS,
        provider_id=unit.provider_id,
        unit=unit,
        role_id=actor.role_id,
        patient=patient,
        started_by_id=started_by_id,
        contact_reason=reason,
        sort_rank=rules.sort_rank(kind, None),
        arrived_at=at,
        queued_at=at,
        holder_id=actor.user_id,
        holder_role_id=actor.role_id,
        received_at=at,
        started_at=at,
        closed_at=at,
        closed_by_id=actor.user_id,
        close_kind=Case.CloseKind.DONE,
        follow_up_until=rules.follow_up_end(days, at, calendar_for(unit, actor.role_id)),
        listed_elsewhere=patient.listed_unit_id is not None and patient.listed_unit_id != unit.pk,
    )


def set_mark(case: Case, *, seq: int, by: int | None) -> None:
    """Up to this message the follow-up needs no answer; the case is locked."""
    Mark.objects.update_or_create(case=case, defaults={"seq": seq, "at": now(), "by_id": by})


def visit_closed(event: object, actor: Actor) -> None:
    """Closing into a follow-up: what its holder had seen of the patient's then needs no answer (ASY-03)."""
    del actor
    if getattr(event, "to_state", "") != CaseState.ASYNCHRONOUS:
        return
    case = Case.objects.get(public_id=event.public_id)  # type: ignore[attr-defined]
    set_mark(case, seq=case.staff_seen_seq, by=None)
