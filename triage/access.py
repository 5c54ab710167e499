"""The doors to interviews: only who answers it, only while they may act for the patient (ENT-16..25)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from direkt1177.accounts.actors import AnyActor, ResidentActor
from direkt1177.audit.read_log import log_read
from direkt1177.audit.refusals import NotFound
from direkt1177.residents import access as residents_access
from direkt1177.units.clock import now
from direkt1177.units.policies import policy
from triage.errors import AlreadyEnded
from triage.models import Interview
from triage.rules import DRAFT_LIFE


@dataclass(frozen=True)
class OpenInterview:
    """An interview that may be worked on, and in which relation to the patient."""

    interview: Interview
    relation: str


def open_interview(
    *, actor: AnyActor | None, public_id: UUID, log: bool = False, lock: bool = False, ended: bool = False
) -> OpenInterview:
    """Open an interview for the resident who answers it.

    Args:
        actor: who asks.
        public_id: of the interview.
        log: write a row in the read log (pages that show all answers).
        lock: lock the row, inside a command.
        ended: also one that has ended (the page after it).

    Raises:
        NotFound: absent, somebody else's, too old, or the right to act for the patient has ended.
        AlreadyEnded: it was sent or ended.
    """
    if not isinstance(actor, ResidentActor):
        raise NotFound
    with transaction.atomic():
        if lock:
            # Locked alone and read afterwards: joined rows would be those of before the wait.
            Interview.objects.select_for_update(no_key=True).filter(public_id=public_id).values_list("pk").first()
        rows = Interview.objects.select_related("patient", "unit__provider__region", "protocol_version", "case")
        interview = rows.filter(public_id=public_id, person_id=actor.person_id).first()
        if interview is None:
            raise NotFound
        settings = policy(interview.unit)
        relation = residents_access.may_act_for(
            actor, interview.patient, min_age=settings.min_age_years, own_from=settings.guardian_until_age
        )
        is_open = interview.outcome == Interview.Outcome.OPEN
        if not is_open and not ended:
            raise AlreadyEnded
        if is_open and interview.updated_at < now() - DRAFT_LIFE:
            raise NotFound
        if log:
            log_read(
                actor=actor,
                action="open",
                object_type="interview",
                object_id=str(interview.public_id),
                patients=[interview.patient_id],
                basis=relation,
            )
    return OpenInterview(interview, relation)
