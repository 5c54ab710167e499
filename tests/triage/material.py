"""Answers and persons for the tests of triage."""

from __future__ import annotations

from direkt1177.questions import kinds
from direkt1177.questions.kinds import AnswerValue, Question
from triage.engine.assess import Person
from triage.engine.loader import bundled
from triage.engine.model import Protocol

ADULT = Person(age_days=30 * 365, age_years=30, sex="male")
CHILD = Person(age_days=6 * 365, age_years=6, sex="female", by_guardian=True)

_CALM: dict[str, AnswerValue] = {
    "duration": "days2",
    "fever": 37.4,
    "pain": 3,
    "pregnancy": "none",
    "timing": "now_short",
    "place": "middle",
    "local": "yes",
    "strain": "yes",
    "effort_pain": "no_pain",
    "since": "days",
}


def calm(protocol: Protocol) -> dict[str, AnswerValue]:
    """The answers that lead to self-care where the protocol has it: no to everything dangerous."""
    return {item.id: _calm(item) for item in protocol.questions if item.controls is None}


def _calm(question: Question) -> AnswerValue:
    if question.id in _CALM and not (isinstance(question, kinds.YesNo) and question.id == "pain"):
        return _CALM[question.id] if not isinstance(question, kinds.BodySite) else question.options[0].id
    match question:
        case kinds.YesNo():
            return "no"
        case kinds.Several() | kinds.Image():
            return []
        case kinds.Number():
            return question.minimum
        case kinds.FreeText():
            return ""
        case _:
            return question.options[0].id


def throat(**changed: AnswerValue) -> dict[str, AnswerValue]:
    """Answers to the sore throat interview, self-care unless something is changed."""
    return {**calm(bundled()["sore_throat"]), **changed}
