"""Residents' part of the demo's errands: real interviews, answered through the real engine and commands."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from random import Random
from typing import Any
from uuid import UUID

from direkt1177.accounts.actors import ResidentActor
from direkt1177.questions import kinds
from direkt1177.questions.flow import fits
from direkt1177.questions.kinds import AnswerValue, Question
from direkt1177.units.clock import moved, now
from direkt1177.units.models import Unit
from direkt1177.units.policies import policy
from triage import commands
from triage.access import open_interview
from triage.commands.ending import NEVER, unread_until
from triage.engine.assess import next_step
from triage.models import Interview
from triage.queries import load

_CALM: Mapping[str, AnswerValue] = {"fever": 37.0, "pain": 2, "pregnancy": "none", "effort_pain": "no_pain"}
_MEDICINES = ("Inga.", "Alvedon vid behov.", "Alvedon och Ipren.", "Blodtrycksmedicin varje morgon.", "P-piller.")
_ALLERGIES = ("", "", "Nej.", "Penicillin, fick utslag.", "Inte vad jag vet.")


class StoryError(ValueError):
    """A story of the data file does not fit the protocol it is told in."""


def send_case(
    *, actor: ResidentActor, patient_id: int, unit_id: int, story: Mapping[str, Any], at: datetime, random: Random
) -> UUID:
    """Answer the whole interview and send it at ``at``.

    Returns:
        The public id of the case.
    """
    key = f"demo-{random.getrandbits(64):016x}"
    with moved(at - timedelta(minutes=6)):
        interview = commands.start_interview(
            actor=actor, key=f"{key}-a", kind="seek_care", patient_id=patient_id, unit_id=unit_id
        )
        _write(interview, gate_answer="no")
        commands.describe_complaint(actor=actor, interview_id=interview, text=story["words"], reason_id=story["reason"])
        emergency = _answer_all(actor, interview, story)
    with moved(at - timedelta(minutes=2)):
        if emergency:
            commands.choose_contact_after_112(actor=actor, interview_id=interview)
        else:
            commands.continue_after_result(actor=actor, interview_id=interview, to_staff=True)
        _write(interview, **_last_pages(story, emergency=emergency, unit_id=unit_id, random=random))
    return _send(actor, interview, f"{key}-b", at)


def _last_pages(story: Mapping[str, Any], *, emergency: bool, unit_id: int, random: Random) -> dict[str, Any]:
    """What the pages after the result save: further questions, consents, fee information."""
    answers = {"medicines": random.choice(_MEDICINES), "allergies": random.choice(_ALLERGIES), "images": []}
    consents = {"care_history": random.random() < 0.9, "medication_list": random.random() < 0.95}
    more = {} if emergency else {"post_answers": answers, "added_text": story.get("added", ""), "more_done": True}
    return {
        **more,
        "consents": consents,
        "fee_accepted_at": now(),
        "fee_text_version": _fee_version(unit_id),
    }


@cache
def _fee_version(unit_id: int) -> str:
    return policy(Unit.objects.get(pk=unit_id)).fee_text_version


def _write(interview: UUID, **fields: Any) -> None:
    """Save plain answers as their pages' commands do; those neither log nor decide anything, and there are many."""
    Interview.objects.filter(public_id=interview).update(**fields)


def send_question(
    *, actor: ResidentActor, unit_id: int, story: Mapping[str, Any], at: datetime, random: Random
) -> UUID:
    """Ask an administrative question at ``at``; gives the public id of the case."""
    key = f"demo-{random.getrandbits(64):016x}"
    with moved(at - timedelta(minutes=3)):
        interview = commands.start_interview(
            actor=actor, key=f"{key}-a", kind="admin_question", patient_id=actor.person_id, unit_id=unit_id
        )
        commands.write_admin_question(actor=actor, interview_id=interview, subject=story["subject"], text=story["text"])
    return _send(actor, interview, f"{key}-b", at)


def leave_draft(*, actor: ResidentActor, unit_id: int, story: Mapping[str, Any], at: datetime) -> None:
    """Begin an interview and leave it at the first questions, to go on with later."""
    with moved(at):
        interview = commands.start_interview(
            actor=actor, key="demo-draft", kind="seek_care", patient_id=actor.person_id, unit_id=unit_id
        )
        commands.answer_gate(actor=actor, interview_id=interview, yes_or_unsure=False)
        commands.describe_complaint(actor=actor, interview_id=interview, text=story["words"], reason_id=story["reason"])


def _send(actor: ResidentActor, interview: UUID, key: str, at: datetime) -> UUID:
    with moved(at):
        unread = unread_until(load(open_interview(actor=actor, public_id=interview)))
        if unread is not None:
            next_at = None if unread == NEVER else unread
            commands.warn_unstaffed(actor=actor, interview_id=interview, next_at=next_at)
        return commands.send_interview(
            actor=actor, interview_id=interview, key=key, despite_unstaffed=unread is not None
        )


def _answer_all(actor: ResidentActor, interview: UUID, story: Mapping[str, Any]) -> bool:
    """Answer every question that applies; the last one through its command, which also shows 112 when it must.

    Returns:
        Whether the emergency page ended the questions.
    """
    loaded = load(open_interview(actor=actor, public_id=interview))
    protocol = loaded.protocol
    if protocol is None:
        raise StoryError(story["reason"])
    answers: dict[str, AnswerValue] = {}
    last: tuple[str, AnswerValue] | None = None
    step = next_step(protocol, answers, loaded.person)
    while step.question is not None:
        last = (step.question.id, _answer(step.question, story))
        answers[last[0]] = last[1]
        step = next_step(protocol, answers, loaded.person)
    if last is None:
        raise StoryError(story["reason"])
    _write(interview, answers={k: v for k, v in answers.items() if k != last[0]})
    commands.answer_question(actor=actor, interview_id=interview, question_id=last[0], value=last[1])
    return step.emergency is not None


def _answer(question: Question, story: Mapping[str, Any]) -> AnswerValue:
    told = story.get("answers", {})
    answer = told[question.id] if question.id in told else _calm(question)
    if not fits(question, answer):
        raise StoryError(f"{story['reason']}: {answer!r} is no answer to {question.id}")
    return answer


def _calm(question: Question) -> AnswerValue:
    """The answer of somebody without that trouble."""
    if question.id in _CALM:
        return _CALM[question.id]
    match question:
        case kinds.YesNo():
            return "no"
        case kinds.Several() | kinds.Image():
            return []
        case kinds.Number():
            return question.minimum
        case kinds.FreeText():
            return "Lite grann." if question.required else ""
        case _:
            return kinds.options_of(question)[-1].id
