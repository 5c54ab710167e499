"""How an interview ends: a case, self-care, a call to 112, or left."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from cases.models import Case
from cases.steps import NewCase, create_case
from direkt1177.accounts.actors import SYSTEM, ResidentActor
from direkt1177.audit.idempotency import once
from direkt1177.audit.record import command, record
from direkt1177.units import rules as unit_rules
from direkt1177.units.clock import now
from direkt1177.units.models import CareRole
from direkt1177.units.queries import calendar_for, role_by_code
from direkt1177.units.staffed_time import is_staffed
from triage import queries, rules, tickets
from triage.access import open_interview
from triage.engine.assess import facts_of
from triage.engine.loader import GENERAL
from triage.engine.model import CareLevel
from triage.errors import ClosedNow, NotReady, ReceiverChanged, SendingRefused
from triage.events import InterviewEnded
from triage.models import Interview

BATCH = 500
NEVER = datetime.max.replace(tzinfo=UTC)


@command
def end_with_112(*, actor: ResidentActor, interview_id: UUID) -> None:
    """ "Jag ringer 112": the answers are stored, there is no case.

    Raises:
        NotReady: the page *Ring 112 nu* was not shown.
    """
    interview = open_interview(actor=actor, public_id=interview_id, lock=True).interview
    if interview.advice_112_shown_at is None:
        raise NotReady
    _end(actor, interview, Interview.Outcome.CALLED_112)


@command
def end_with_self_care(*, actor: ResidentActor, interview_id: UUID) -> None:
    """*Nöjd med råden*: interview and advice are stored, there is no case (TRI-05).

    Raises:
        NotReady: the result is not self-care.
    """
    loaded = queries.load(open_interview(actor=actor, public_id=interview_id, lock=True))
    interview = loaded.interview
    assessment = queries.assessment_of(loaded)
    if assessment is None or not rules.may_show(rules.Page.RESULT, loaded.state):
        raise NotReady
    level = rules.shown_level(assessment.care_level, enabled=queries.computed_urgency_enabled())
    if level is not CareLevel.SELF_CARE:
        raise NotReady
    interview.assessment = _frozen(loaded)
    _end(actor, interview, Interview.Outcome.SELF_CARE, "assessment")


@command
def send_interview(
    *, actor: ResidentActor, interview_id: UUID, key: str, despite_unstaffed: bool = False, shown_unit: str = ""
) -> UUID:
    """Send: the case enters the queue of the receiving unit and role, once (ENT-12, TRI-02).

    Args:
        key: idempotency key; a second press gets the same case.
        despite_unstaffed: chosen on the page that says that nobody reads it in time.
        shown_unit: public id of the receiving unit that the page named; empty when it named none.

    Returns:
        The public id of the case.

    Raises:
        NotReady: a page is left, or nobody reads it in time and that has not been accepted.
        SendingRefused: nobody reads it in time and the region refuses then.
        ClosedNow: the unit takes nothing outside staffed hours.
        UnitClosed: a closure without receiving unit has begun (HRS-18).
        ReceiverChanged: another unit takes it than the page said (HRS-12).
    """

    def do() -> dict[str, str]:
        opened = open_interview(actor=actor, public_id=interview_id, lock=True, ended=True)
        if opened.interview.case is not None:
            return {"case": str(opened.interview.case.public_id)}
        if opened.interview.outcome != Interview.Outcome.OPEN:
            raise NotReady
        loaded = queries.load(opened)
        receiver = loaded.route.receiver()
        if shown_unit not in ("", str(receiver.public_id)):
            raise ReceiverChanged(receiver.name)
        case = _create(actor, loaded, despite_unstaffed)
        return {"case": str(case.public_id)}

    body = {"interview": str(interview_id)}
    return UUID(once(actor=actor, key=key, command="send_interview", body=body, do=do)["case"])


@command
def abandon_drafts() -> int:
    """Close interviews that nobody went on with for 24 hours; run by the tick.

    Returns:
        How many were closed.
    """
    due = Interview.objects.select_for_update(skip_locked=True, no_key=True).filter(
        outcome=Interview.Outcome.OPEN, updated_at__lt=now() - rules.DRAFT_LIFE
    )
    found = list(due.order_by("updated_at")[:BATCH])
    for interview in found:
        _end(SYSTEM, interview, Interview.Outcome.ABANDONED)
    return len(found)


def urgency_of(loaded: queries.Loaded) -> rules.Urgency:
    """The urgency the case would get if it were sent now."""
    if loaded.interview.ticket is not None:
        return rules.Urgency(loaded.interview.ticket_urgency, None)
    if loaded.interview.kind == Case.Kind.ADMIN_QUESTION:
        return rules.Urgency(None, None)
    assessment = queries.assessment_of(loaded)
    return rules.case_urgency(
        care_level=assessment.care_level if assessment is not None else None,
        computed=assessment.urgency if assessment is not None else None,
        contact_after_112=loaded.interview.contact_after_112,
        chose_staff=loaded.interview.chose_staff_after_self_care,
        enabled=queries.computed_urgency_enabled(),
    )


def unread_until(loaded: queries.Loaded) -> datetime | None:
    """When somebody reads it first, if that is after the assessment target; None when it is read in time.

    Administrative questions have no target (TRI-14).
    """
    interview = loaded.interview
    if interview.kind == Case.Kind.ADMIN_QUESTION:
        return None
    calendar = calendar_for(loaded.receiver, receiving_role(loaded))
    return unit_rules.unread_until(calendar, loaded.policy, urgency_of(loaded).urgency, now())


def receiving_role(loaded: queries.Loaded) -> CareRole:
    """Whose queue it enters: the ticket's role, else the one that policy names for the entrance."""
    return loaded.interview.role or role_by_code(loaded.policy.receiving_role(loaded.interview.kind))


def _create(actor: ResidentActor, loaded: queries.Loaded, despite_unstaffed: bool) -> Case:
    interview, settings = loaded.interview, loaded.policy
    admin = interview.kind == Case.Kind.ADMIN_QUESTION
    typed = admin and interview.ticket is None
    ready = bool(interview.own_words) if typed else rules.next_page(loaded.state) == rules.Page.SUMMARY
    if not ready:
        raise NotReady
    if interview.ticket is not None:
        tickets.lock(interview.ticket)
    role = receiving_role(loaded)
    if not settings.accept_outside_hours and not is_staffed(calendar_for(loaded.receiver, role), now()):
        raise ClosedNow
    unread = unread_until(loaded)
    if unread is not None:
        if settings.unstaffed_urgent_action == "refuse":
            raise SendingRefused
        if not despite_unstaffed or interview.unstaffed_warned_at is None:
            raise NotReady
    urgency = urgency_of(loaded)
    frozen = {} if admin else _frozen(loaded)
    protocol_id = loaded.protocol.id if loaded.protocol is not None else GENERAL
    written = "\n".join([interview.own_words, interview.added_text, *_texts(interview)])
    case = create_case(
        actor=actor,
        facts=NewCase(
            kind=interview.kind,
            unit_id=loaded.receiver.pk,
            role_id=role.pk,
            patient_id=interview.patient_id,
            started_by_id=actor.person_id,
            contact_reason=interview.contact_reason,
            contact_reason_code=interview.contact_reason_code,
            free_text=interview.own_words if admin else interview.added_text,
            urgency=urgency.urgency,
            computed_urgency=urgency.computed,
            read_now=bool(queries.foreign_red_flags(written, interview.contact_reason_code, protocol_id)),
            could_not_answer=rules.mark_of_unknown(tuple(frozen.get("could_not_answer", ()))),
            advice_112_shown_at=interview.advice_112_shown_at,
            unstaffed_warned_at=interview.unstaffed_warned_at if unread is not None else None,
            unstaffed_next_at=unread if unread is not None and unread != NEVER else None,
            fee_accepted_at=interview.fee_accepted_at,
            fee_text_version=interview.fee_text_version,
            consents=dict(interview.consents),
            interview=interview.public_id,
            from_ticket=interview.ticket is not None,
        ),
    )
    interview.case = case
    if not admin:
        interview.assessment = frozen
        interview.answers = dict(loaded.path.answers)
    _end(actor, interview, Interview.Outcome.CASE, "case", "assessment", "answers")
    if interview.ticket is not None:
        tickets.used(actor=actor, ticket=interview.ticket, case=case)
    return case


def _frozen(loaded: queries.Loaded) -> dict[str, Any]:
    """The assessment as stored for ever, with the facts about the person it was made from."""
    if loaded.interview.ticket is not None:
        return {"facts": dict(facts_of(loaded.person, ()))}
    assessment = queries.assessment_of(loaded)
    if assessment is None:
        return {}
    facts = dict(facts_of(loaded.person, assessment.red_flag_words))
    return {**assessment.as_data(), "facts": facts, "computed_urgency_enabled": queries.computed_urgency_enabled()}


def _texts(interview: Interview) -> list[str]:
    return [item for item in [*interview.answers.values(), *interview.post_answers.values()] if isinstance(item, str)]


def _end(actor: Any, interview: Interview, outcome: Interview.Outcome, *fields: str) -> None:
    interview.outcome = outcome
    interview.ended_at = interview.updated_at = now()
    interview.version += 1
    interview.save(update_fields=["outcome", "ended_at", "updated_at", "version", *fields])
    record(InterviewEnded.of(interview), actor=actor)
