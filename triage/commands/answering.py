"""Answers on the way: each page saves what it asks, so that nothing is lost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from direkt1177.accounts.actors import ResidentActor
from direkt1177.audit.record import command, record
from direkt1177.audit.refusals import Invalid
from direkt1177.questions.answers import clean_text
from direkt1177.questions.flow import fits, walk
from direkt1177.questions.kinds import AnswerValue
from direkt1177.units.clock import now
from triage import queries, rules, search, steps
from triage.access import OpenInterview, open_interview
from triage.engine.assess import facts_of, in_scope, next_step
from triage.engine.loader import GENERAL
from triage.errors import NotReady
from triage.events import EmergencyAdviceShown
from triage.models import Interview

WORDS_LIMIT = 4000


@command
def answer_gate(*, actor: ResidentActor, interview_id: UUID, yes_or_unsure: bool) -> None:
    """Answer the emergency gate; "ja eller osäker" leads to 112. Going back after a mis-tap is allowed."""
    interview = _locked(actor, interview_id)
    interview.gate_answer = "yes" if yes_or_unsure else "no"
    interview.contact_after_112 = False
    if yes_or_unsure:
        _show_112(actor, interview, source="gate")
    _save(interview, ["gate_answer", "contact_after_112", "advice_112_shown_at"])


@command
def choose_contact_after_112(*, actor: ResidentActor, interview_id: UUID) -> None:
    """ "Jag vill ändå kontakta vårdpersonal" on the page *Ring 112 nu*: the case gets urgency 1.

    Raises:
        NotReady: the page was not shown.
    """
    interview = _locked(actor, interview_id)
    if interview.advice_112_shown_at is None:
        raise NotReady
    interview.contact_after_112 = True
    _save(interview, ["contact_after_112"])


@command
def save_words(*, actor: ResidentActor, interview_id: UUID, text: str) -> None:
    """Keep the resident's own words while they are still writing.

    Raises:
        Invalid: longer than 4,000 characters.
    """
    interview = _locked(actor, interview_id)
    interview.own_words = _limited(text)
    _save(interview, ["own_words"])


@command
def describe_complaint(*, actor: ResidentActor, interview_id: UUID, text: str, reason_id: str) -> None:
    """Tell in own words and choose a contact reason; the protocol version of this moment is kept (TRI-01, TRI-17).

    Another reason than before starts the questions anew; answers to questions both protocols share stay.

    Raises:
        Invalid: no such reason, or a text that is too long.
        NotReady: the gate is not answered.
    """
    interview = _locked(actor, interview_id)
    reason = search.reasons().get(reason_id)
    if reason is None:
        raise Invalid
    if not interview.gate_answer:
        raise NotReady
    interview.own_words = _limited(text)
    if reason_id != interview.contact_reason_code or interview.protocol_version is None:
        interview.protocol_version = steps.current_version(actor=actor, protocol_id=reason.protocol)
        protocol = steps.protocol_of(interview.protocol_version)
        if not in_scope(protocol, queries.engine_person(interview.patient, by_guardian=False)):
            # A grown-up who chose "fever in a child": general questions, no computed urgency.
            interview.protocol_version = steps.current_version(actor=actor, protocol_id=GENERAL)
            protocol = steps.protocol_of(interview.protocol_version)
        known = {item.id: item for item in protocol.questions}
        interview.answers = {k: v for k, v in interview.answers.items() if k in known and fits(known[k], v)}
        _open_result_again(interview)
    interview.contact_reason = reason.title
    interview.contact_reason_code = reason.id
    _save(interview, ["own_words", "protocol_version", "answers", "contact_reason", "contact_reason_code", *_RESULT])


@command
def answer_question(*, actor: ResidentActor, interview_id: UUID, question_id: str, value: AnswerValue) -> bool:
    """Save one answer; answers to questions that no longer apply are dropped (TRI-10 keeps every no).

    Args:
        value: as checked by ``questions.answers``.

    Returns:
        Whether answers of other questions were dropped, so that the page can say so.

    Raises:
        NotReady: the question does not apply, or the answer is none it can have.
    """
    loaded = queries.load(_opened(actor, interview_id))
    interview = loaded.interview
    protocol = loaded.protocol
    question = protocol.question(question_id) if protocol is not None else None
    if protocol is None or question is None or question not in loaded.path.asked or not fits(question, value):
        raise NotReady
    before = loaded.path
    path = walk(protocol.questions, {**before.answers, question_id: value}, facts_of(loaded.person))
    changed = before.answers.get(question_id) != value
    interview.answers = dict(path.answers)
    if changed:
        _open_result_again(interview)
        if interview.gate_answer == "no":
            interview.contact_after_112 = False
    step = next_step(protocol, path.answers, loaded.person)
    if step.emergency is not None:
        _show_112(actor, interview, source=step.emergency.id)
    _save(interview, ["answers", "contact_after_112", "advice_112_shown_at", *_RESULT])
    return bool(set(before.answers) - set(path.answers))


@command
def continue_after_result(*, actor: ResidentActor, interview_id: UUID, to_staff: bool) -> None:
    """Go on from the result page; after self-care advice that is the choice that gives urgency 5 (TRI-05).

    Raises:
        NotReady: questions are left.
    """
    loaded = queries.load(_opened(actor, interview_id))
    interview = loaded.interview
    assessment = queries.assessment_of(loaded)
    if not rules.may_show(rules.Page.RESULT, loaded.state) or assessment is None:
        raise NotReady
    interview.result_seen = True
    interview.chose_staff_after_self_care = to_staff and assessment.care_level == "self_care"
    if assessment.advice_112:
        _show_112(actor, interview, source="unknown_answers")
    _save(interview, ["advice_112_shown_at", *_RESULT])


@command
def answer_more(*, actor: ResidentActor, interview_id: UUID, answers: Mapping[str, AnswerValue], text: str) -> None:
    """Save the questions after the result and the added text; neither alters the urgency (TRI-06).

    Raises:
        NotReady: the result was not seen.
        Invalid: a text that is too long.
    """
    loaded = queries.load(_opened(actor, interview_id))
    interview = loaded.interview
    if not rules.may_show(rules.Page.MORE, loaded.state) or loaded.protocol is None:
        raise NotReady
    known = {item.id: item for item in loaded.protocol.post_triage}
    interview.post_answers = {k: v for k, v in answers.items() if k in known and fits(known[k], v)}
    interview.added_text = _limited(text)
    interview.more_done = True
    _save(interview, ["post_answers", "added_text", "more_done"])


@command
def give_consents(*, actor: ResidentActor, interview_id: UUID, consents: Mapping[str, bool]) -> None:
    """Answer *Tillåt* or *Tillåt inte* for each item; refusing never stops the case (ENT-32, ENT-33).

    Raises:
        Invalid: an item is missing or unknown.
    """
    interview = _locked(actor, interview_id)
    if set(consents) != set(rules.CONSENT_ITEMS):
        raise Invalid
    interview.consents = dict(consents)
    _save(interview, ["consents"])


@command
def accept_fee(*, actor: ResidentActor, interview_id: UUID, text_version: str) -> None:
    """*Acceptera och fortsätt* on the fee page, with time and the version of the text shown (ENT-36).

    Raises:
        Invalid: the text was changed since it was shown; it must be shown again.
    """
    loaded = queries.load(_opened(actor, interview_id))
    interview = loaded.interview
    if text_version != loaded.policy.fee_text_version:
        raise Invalid
    interview.fee_accepted_at = now()
    interview.fee_text_version = text_version
    _save(interview, ["fee_accepted_at", "fee_text_version"])


@command
def write_admin_question(*, actor: ResidentActor, interview_id: UUID, subject: str, text: str) -> None:
    """Write an administrative question (ENT-02).

    Raises:
        Invalid: empty or too long.
    """
    interview = _locked(actor, interview_id)
    interview.own_words = _limited(text)
    interview.contact_reason = clean_text(subject)[:120]
    if not interview.own_words or not interview.contact_reason:
        raise Invalid
    _save(interview, ["own_words", "contact_reason"])


_RESULT = ("result_seen", "chose_staff_after_self_care")


def _open_result_again(interview: Interview) -> None:
    """A changed answer may change the result: it is shown again before anything is sent."""
    interview.result_seen = False
    interview.chose_staff_after_self_care = False


def _show_112(actor: ResidentActor, interview: Interview, *, source: str) -> None:
    """Keep when the advice was first shown; it is never taken back, also not after a mis-tap."""
    if interview.advice_112_shown_at is None:
        interview.advice_112_shown_at = now()
        record(EmergencyAdviceShown.of(interview, source=source), actor=actor)


def _opened(actor: ResidentActor, interview_id: UUID) -> OpenInterview:
    return open_interview(actor=actor, public_id=interview_id, lock=True)


def _locked(actor: ResidentActor, interview_id: UUID) -> Interview:
    return _opened(actor, interview_id).interview


def _save(interview: Interview, fields: Iterable[str]) -> None:
    interview.version += 1
    interview.updated_at = now()
    interview.save(update_fields=[*fields, "version", "updated_at"])


def _limited(text: str) -> str:
    text = clean_text(text)
    if len(text) > WORDS_LIMIT:
        raise Invalid
    return text
