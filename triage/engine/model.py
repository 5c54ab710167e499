"""What a protocol is: questions, urgency rules, modifiers, advice. Data only; ``assess.py`` gives it its meaning."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from direkt1177.questions import kinds
from direkt1177.questions.conditions import Compare, Condition, Data, comparisons
from direkt1177.questions.kinds import Question, Slug
from direkt1177.questions.voice import unknown_placeholders

NOTICE = "Demo, ej för klinisk användning"

Urgency = Annotated[int, Field(ge=1, le=4)]
#: What a condition may ask about the person. Ages are whole numbers, ``sex`` is female or male.
FACTS = frozenset({"age_days", "age_years", "sex", "by_guardian", "protected", "red_flag_word"})


class CareLevel(enum.StrEnum):
    """Where the resident should turn, stored with the assessment."""

    EMERGENCY = "emergency"  # 112, now
    URGENT = "urgent"  # within a few hours
    WITHIN_DAY = "within_day"  # within a day
    PLANNED = "planned"  # weekdays, within a week
    SELF_CARE = "self_care"  # at home, with advice
    NOT_ASSESSED = "not_assessed"  # no protocol, or computing is off: staff assess


class Result(Data):
    """What the resident reads: what to do and how soon, never a number."""

    icon: str
    tag: str
    title: str
    text: str


class Advice(Data):
    """One piece of self-care advice."""

    icon: str
    title: str
    text: str = ""


class SafetyLine(Data):
    """One line of the safety net: when to seek care again, and whom to ring."""

    text: str
    call: Literal["112", "1177"] | None = None


class Rule(Data):
    """One urgency rule.

    Args:
        urgency: 1 (immediately) to 4 (weekdays, within a week).
        reason: for staff, in Swedish, why this urgency.
        covers: criteria of the clinical outline that the rule stands for ("l1.2").
    """

    id: Slug
    urgency: Urgency
    when: Condition
    reason: str
    covers: tuple[str, ...] = ()


class Modifier(Data):
    """Something about the person or the course that makes any result more urgent, never less.

    Args:
        at_least: the result is at least this urgent.
        raise_one: one step more urgent, never past 2 (1 needs a criterion of its own).
        no_self_care: no automatic self-care.
    """

    id: Slug
    when: Condition
    reason: str
    at_least: Annotated[int, Field(ge=1, le=4)] | None = None
    raise_one: bool = False
    no_self_care: bool = False
    covers: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        if not (self.at_least or self.raise_one or self.no_self_care):
            raise ValueError("a modifier does at_least, raise_one or no_self_care")
        return self


class SelfCare(Data):
    """When the result is self-care, and what the resident then reads."""

    when: Condition
    title: str
    text: str
    advice: tuple[Advice, ...] = Field(min_length=1)
    covers: tuple[str, ...] = ()


class Sign(Data):
    """One line of the emergency gate; ``when`` limits it by facts (a child, a person who may be pregnant)."""

    icon: str
    text: str
    when: Condition | None = None
    covers: tuple[str, ...] = ()


class Common(Data):
    """The global file: gate, result texts, and questions and modifiers that every protocol shares."""

    id: Literal["common"]
    version: str
    notice: Literal["Demo, ej för klinisk användning"]
    gate: tuple[Sign, ...] = Field(min_length=1)
    results: dict[Literal["urgent", "within_day", "planned", "not_assessed"], Result]
    questions: tuple[Question, ...]
    modifiers: tuple[Modifier, ...]
    post_triage: tuple[Question, ...]


class ProtocolData(Data):
    """One protocol file.

    Args:
        id: the protocol's id, also the contact reason's.
        title: contact reason as staff and resident read it.
        common: ids of the global questions this protocol asks, placed where the list says ``{common: id}``.
        assesses: False for the general interview: it never gives an urgency (shown as *ej bedömd*).
        new_within: the question of duration that tells a new symptom (under 7 days) from an older one.
    """

    id: Slug
    version: str = Field(pattern=r"^\d{4}\.\d+$")
    notice: Literal["Demo, ej för klinisk användning"]
    title: str
    codes: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    scope: Condition | None = None
    assesses: bool = True
    questions: tuple[Question | CommonQuestion, ...] = Field(min_length=1)
    rules: tuple[Rule, ...] = ()
    modifiers: tuple[Modifier, ...] = ()
    skip_modifiers: tuple[Slug, ...] = ()
    new_within: Compare | None = None
    self_care: SelfCare | None = None
    safety_net: tuple[SafetyLine, ...] = ()
    post_triage: tuple[Question, ...] = ()


class CommonQuestion(Data):
    """Stands in a protocol's list for a question of the global file."""

    common: Slug


ProtocolData.model_rebuild()


class Protocol(Data):
    """A protocol ready for use: common questions, modifiers and results put in, with the hash of all its content."""

    id: str
    version: str
    sha256: str
    title: str
    codes: tuple[str, ...]
    scope: Condition | None
    assesses: bool
    questions: tuple[Question, ...]
    rules: tuple[Rule, ...]
    modifiers: tuple[Modifier, ...]
    new_within: Compare | None
    self_care: SelfCare | None
    safety_net: tuple[SafetyLine, ...]
    post_triage: tuple[Question, ...]
    gate: tuple[Sign, ...]
    results: dict[str, Result]

    @model_validator(mode="after")
    def _sound(self) -> Self:
        problems = list(_problems(self))
        if problems:
            raise ValueError(f"protocol {self.id}: " + "; ".join(problems))
        return self

    def question(self, question_id: str) -> Question | None:
        """Find a question of the interview by id."""
        return next((item for item in self.questions if item.id == question_id), None)


def conditions_of(protocol: Protocol) -> Iterator[Condition]:
    """Give every condition of a protocol that decides the result."""
    yield from (item.when for item in protocol.rules)
    yield from (item.when for item in protocol.modifiers)
    if protocol.self_care is not None:
        yield protocol.self_care.when


def _problems(protocol: Protocol) -> Iterator[str]:
    """Find what a schema cannot: misprints, cycles and phrasings that would break the promises of the engine."""
    everything = (*protocol.questions, *protocol.post_triage)
    ids = [item.id for item in everything]
    yield from (f"the id {item} stands twice" for item in sorted({i for i in ids if ids.count(i) > 1}))
    rule_ids = [item.id for item in protocol.rules] + [item.id for item in protocol.modifiers]
    yield from (f"the rule {item} stands twice" for item in sorted({i for i in rule_ids if rule_ids.count(i) > 1}))
    seen: dict[str, Question] = {}
    for question in everything:
        if question.ask_when is not None:
            yield from _misprints(question.ask_when, seen, f"ask_when of {question.id}")
        if question.controls is not None:
            controlled = seen.get(question.controls)
            if controlled is None or not kinds.allows_unknown(controlled) or not isinstance(question, kinds.YesNo):
                yield f"{question.id} must be yes/no and control an earlier question that allows “vet inte”"
        seen[question.id] = question
        for text in (question.text, question.hint, question.why, *(o.text for o in kinds.options_of(question))):
            yield from (f"{question.id}: {{{word}}} is no placeholder" for word in unknown_placeholders(text))
    before_result = {item.id: item for item in protocol.questions}
    for condition in (*conditions_of(protocol), *([protocol.new_within] if protocol.new_within else [])):
        yield from _misprints(condition, before_result, "a rule")
    for rule in protocol.rules:
        for compare, positive in comparisons(rule.when):
            asked = before_result.get(compare.question or "")
            if rule.urgency <= 3 and positive and isinstance(asked, kinds.YesNo) and compare.is_ == "no":
                yield f"{rule.id}: phrase {compare.question} so that yes is the dangerous answer (or use not)"
    if protocol.assesses and (protocol.new_within is None or not protocol.rules):
        yield "a protocol that assesses needs rules and new_within"
    if not protocol.assesses and (protocol.rules or protocol.self_care):
        yield "the general interview has neither rules nor self-care"


def _misprints(condition: Condition, known: dict[str, Question], where: str) -> Iterator[str]:
    for compare, _positive in comparisons(condition):
        if compare.fact is not None:
            if compare.fact not in FACTS:
                yield f"{where}: {compare.fact} is no fact"
            continue
        question = known.get(compare.question or "")
        if question is None:
            yield f"{where}: no earlier question {compare.question}"
            continue
        yield from (f"{where}: {question.id} has no answer {value}" for value in _impossible(question, compare))


def _impossible(question: Question, compare: Compare) -> Iterator[str]:
    """Give the values of a comparison that the question can never have."""
    numeric = isinstance(question, kinds.Number | kinds.Duration)
    if (compare.is_, compare.in_, compare.has) == (None, None, None):
        if not numeric:
            yield "a number"
        return
    has = (compare.has,) if isinstance(compare.has, str) else compare.has or ()
    if bool(has) != isinstance(question, kinds.Several):
        yield "for this comparison"
        return
    wanted = has or compare.in_ or (compare.is_,)
    options = {item.id for item in kinds.options_of(question)}
    allowed: set[object] = {"yes", "no"} if isinstance(question, kinds.YesNo) else {*options}
    yield from (str(value) for value in wanted if value not in allowed)
