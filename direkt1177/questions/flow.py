"""Which questions are asked, in what order, and what each answer is worth. Pure: answers in, path out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from direkt1177.questions import kinds
from direkt1177.questions.conditions import CAUTIOUS, Compare, Mark, holds
from direkt1177.questions.kinds import UNKNOWN, AnswerValue, Question

Answers = Mapping[str, AnswerValue]
Facts = Mapping[str, Any]


@dataclass(frozen=True)
class Path:
    """The questions that apply, given the answers so far.

    Args:
        asked: questions that apply, in order.
        answers: the answers to them; answers to questions that no longer apply are left out.
        facts: facts about the person; a missing or None fact is unknown.
    """

    asked: tuple[Question, ...]
    answers: Answers
    facts: Facts

    def lookup(self, compare: Compare) -> Any:
        """Give the value a comparison is about, or a ``Mark`` in its place."""
        if compare.fact is not None:
            value = self.facts.get(compare.fact)
            return Mark.UNKNOWN if value is None else value
        return self.value(compare.question or "")

    def value(self, question_id: str) -> Any:
        """Give the comparable value of an answer, or a ``Mark``."""
        question = self._find(question_id)
        if question is None:
            return Mark.NOT_ASKED
        if question_id not in self.answers:
            return Mark.OPEN
        answer = self.answers[question_id]
        if answer == UNKNOWN:
            control = next((item for item in self.asked if item.controls == question_id), None)
            ruled_out = control is not None and self.answers.get(control.id) == "no"
            return Mark.RULED_OUT if ruled_out else Mark.UNKNOWN
        if isinstance(question, kinds.Duration):
            chosen = kinds.option(question, str(answer))
            return chosen.days if chosen is not None else Mark.UNKNOWN
        return answer

    @property
    def next(self) -> Question | None:
        """The first question without an answer, or None when all are answered."""
        return next((item for item in self.asked if item.id not in self.answers), None)

    @property
    def complete(self) -> bool:
        """Say whether every question that applies has an answer."""
        return self.next is None

    def _find(self, question_id: str) -> Question | None:
        return next((item for item in self.asked if item.id == question_id), None)


def walk(questions: Sequence[Question], answers: Answers, facts: Facts) -> Path:
    """Follow the questions in order and keep those that apply.

    A question with ``ask_when`` applies when its condition holds or might hold ("I don't know" counts as "might"). A
    control question applies only while the question it controls is answered "I don't know".
    """
    path = Path((), {}, facts)
    for question in questions:
        if not _applies(question, path):
            continue
        kept = {**path.answers, question.id: answers[question.id]} if question.id in answers else path.answers
        path = Path((*path.asked, question), kept, facts)
    return path


def _applies(question: Question, path: Path) -> bool:
    if question.controls is not None and path.answers.get(question.controls) != UNKNOWN:
        return False
    return question.ask_when is None or holds(question.ask_when, path.lookup, CAUTIOUS)


def fits(question: Question, answer: Any) -> bool:
    """Say whether a stored answer is one this question can have (after a protocol got a new version it may not)."""
    ids = {item.id for item in kinds.options_of(question)}
    if answer == UNKNOWN and not isinstance(question, kinds.FreeText):
        return kinds.allows_unknown(question)
    match question:
        case kinds.YesNo():
            return answer in ("yes", "no")
        case kinds.One() | kinds.Duration() | kinds.BodySite():
            return isinstance(answer, str) and answer in ids
        case kinds.Several():
            return isinstance(answer, list) and set(answer) <= ids
        case kinds.Number():
            is_number = isinstance(answer, int | float) and not isinstance(answer, bool)
            return is_number and question.minimum <= answer <= question.maximum
        case kinds.FreeText():
            return isinstance(answer, str)
        case kinds.Image():
            return isinstance(answer, list)


def position(path: Path, question_id: str) -> tuple[int, int]:
    """Give a question's number on the path (from 1) and roughly how many follow it."""
    ids = [item.id for item in path.asked]
    index = ids.index(question_id) if question_id in ids else len(ids)
    return index + 1, max(0, len(ids) - index - 1)
