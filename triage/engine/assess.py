"""From answers to an assessment. Pure and deterministic; the property tests hold what is promised here.

- The lowest number of the rules that fire wins.
- "Vet inte" on a criterion of urgency 1-3 counts as yes, unless its control question was answered no.
- Urgency 1 reached through unknown answers alone becomes 2, with the advice about 112 and a mark of what was not
  answered.
- Nothing matched is never self-care: 3 for a new symptom, otherwise 4. Self-care needs definite answers.
- Urgency 5 is no result: it is self-care plus the resident's choice to go on (``GO_ON_URGENCY``).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from direkt1177.questions.conditions import CAUTIOUS, CERTAIN, STRICT, Mark, comparisons, holds
from direkt1177.questions.flow import Answers, Facts, Path, walk
from direkt1177.questions.kinds import Question
from direkt1177.questions.wording import anamnesis
from triage.engine.model import NOTICE, CareLevel, Modifier, Protocol, Rule

#: The urgency of a case whose resident was advised self-care and chose staff all the same (TRI-05).
GO_ON_URGENCY = 5
SELF_CARE = 5
CARE_LEVELS = {
    1: CareLevel.EMERGENCY,
    2: CareLevel.URGENT,
    3: CareLevel.WITHIN_DAY,
    4: CareLevel.PLANNED,
    SELF_CARE: CareLevel.SELF_CARE,
}
READ_NOW = "read_now"


@dataclass(frozen=True)
class Person:
    """What the engine knows about the person the interview is about.

    Args:
        age_days: whole days since birth.
        age_years: whole years since birth.
        sex: "female", "male" or None when not known.
        by_guardian: a guardian answers for a child.
        protected: the person has a protected identity.
    """

    age_days: int
    age_years: int
    sex: str | None = None
    by_guardian: bool = False
    protected: bool = False


@dataclass(frozen=True)
class Fired:
    """A rule or modifier that took part in the result.

    Args:
        urgency: the urgency it asks for; None when it only forbids self-care or raises a step.
        by_unknown: it fired only because "vet inte" counts as yes.
    """

    id: str
    urgency: int | None
    reason: str
    by_unknown: bool = False


@dataclass(frozen=True)
class Assessment:
    """What the engine says, stored with the case for ever.

    Args:
        urgency: 1-4; None for self-care and for *ej bedömd*.
        could_not_answer: what was answered "vet inte" in the rules that decided (for the mark "kunde inte svara: …").
        advice_112: show the advice about 112 beside the result.
        flags: ``read_now`` when free text holds red-flag words.
    """

    urgency: int | None
    care_level: CareLevel
    fired: tuple[Fired, ...]
    anamnesis: str
    could_not_answer: tuple[str, ...]
    advice_112: bool
    flags: tuple[str, ...]
    red_flag_words: tuple[str, ...]
    protocol_id: str
    protocol_version: str
    protocol_sha256: str
    notice: str = NOTICE

    def as_data(self) -> dict[str, Any]:
        """Give the assessment as plain data for storing."""
        return asdict(self)


@dataclass(frozen=True)
class Step:
    """What comes next in the interview: a question, the emergency page, or the result.

    Args:
        question: the question to show, or None.
        emergency: a rule of urgency 1 that already holds for certain: stop and show 112.
    """

    path: Path
    question: Question | None = None
    emergency: Rule | None = None
    done: bool = field(default=False)


def facts_of(person: Person, red_flag_words: tuple[str, ...] = ()) -> Facts:
    """Give the facts that conditions may ask about."""
    return {**asdict(person), "red_flag_word": bool(red_flag_words)}


def in_scope(protocol: Protocol, person: Person) -> bool:
    """Whether the protocol is meant for this person at all (age, sex); without a scope it is for everybody."""
    return protocol.scope is None or holds(protocol.scope, walk((), {}, facts_of(person)).lookup, STRICT)


def next_step(protocol: Protocol, answers: Answers, person: Person, *, go_past: bool = False) -> Step:
    """Say what the interview shows next.

    Args:
        go_past: the resident has seen the emergency page for these answers and goes on with the questions.
    """
    path = walk(protocol.questions, answers, facts_of(person))
    emergency = next((r for r in protocol.rules if r.urgency == 1 and holds(r.when, path.lookup, CERTAIN)), None)
    if emergency is not None and not go_past:
        return Step(path, emergency=emergency)
    question = path.next
    return Step(path, question=question, done=question is None)


def assess(protocol: Protocol, answers: Answers, person: Person, *, red_flag_words: tuple[str, ...] = ()) -> Assessment:
    """Assess an interview (design §5, TRI-02).

    Args:
        answers: question id to stored answer; unanswered questions are neutral but rule out self-care.
        red_flag_words: red-flag words of the free text that the chosen contact reason does not itself ask about.
            They raise the flag *read now* and forbid self-care; they never lower anything.
    """
    path = walk(protocol.questions, answers, facts_of(person, red_flag_words))
    if protocol.assesses:
        fired, level, capped = _decide(protocol, path)
    else:
        fired, level, capped = [], None, False
    urgency = level if level in (1, 2, 3, 4) else None
    return Assessment(
        urgency=urgency,
        care_level=CARE_LEVELS[level] if level is not None else CareLevel.NOT_ASSESSED,
        fired=tuple(sorted(fired, key=lambda item: (item.urgency or 9, item.id))),
        anamnesis=anamnesis(protocol.title, path),
        could_not_answer=_not_answered(protocol, path, fired),
        advice_112=urgency == 1 or capped,
        flags=(READ_NOW,) if red_flag_words else (),
        red_flag_words=red_flag_words,
        protocol_id=protocol.id,
        protocol_version=protocol.version,
        protocol_sha256=protocol.sha256,
    )


def _decide(protocol: Protocol, path: Path) -> tuple[list[Fired], int, bool]:
    """Give what fired, the level 1-5 (5 is self-care) and whether a 1 by unknown answers was made a 2."""
    fired = [item for rule in protocol.rules if (item := _fire(rule, path)) is not None]
    modifiers = [m for m in protocol.modifiers if holds(m.when, path.lookup, CAUTIOUS)]
    fired_modifiers = [_fired_modifier(item, path) for item in modifiers]
    certain_1 = any(item.urgency == 1 and not item.by_unknown for item in (*fired, *fired_modifiers))
    asked_for = [item.urgency for item in (*fired, *fired_modifiers) if item.urgency is not None]
    capped = 1 in asked_for and not certain_1
    asked_for = [max(value, 2) if capped else value for value in asked_for]
    if any(item.urgency is not None for item in fired):
        level = min(asked_for)
    elif _is_self_care(protocol, path) and not any(item.no_self_care for item in modifiers):
        level = min([SELF_CARE, *asked_for])
    else:
        fallback = _not_matched(protocol, path)
        fired.append(fallback)
        level = min([fallback.urgency or 3, *asked_for])
    if any(item.raise_one for item in modifiers) and level > 2:
        level -= 1
    return [*fired, *fired_modifiers], level, capped


def _fire(rule: Rule, path: Path) -> Fired | None:
    certain = holds(rule.when, path.lookup, CERTAIN)
    if certain or (rule.urgency <= 3 and holds(rule.when, path.lookup, CAUTIOUS)):
        return Fired(rule.id, rule.urgency, rule.reason, by_unknown=not certain)
    return None


def _fired_modifier(modifier: Modifier, path: Path) -> Fired:
    certain = holds(modifier.when, path.lookup, CERTAIN)
    return Fired(modifier.id, modifier.at_least, modifier.reason, by_unknown=not certain)


def _is_self_care(protocol: Protocol, path: Path) -> bool:
    return protocol.self_care is not None and path.complete and holds(protocol.self_care.when, path.lookup, STRICT)


def _not_matched(protocol: Protocol, path: Path) -> Fired:
    """Nothing matched, or the interview is not complete: 3 for a new symptom (or unknown duration), otherwise 4."""
    new = protocol.new_within is None or protocol.new_within.question is None
    if protocol.new_within is not None and protocol.new_within.question is not None:
        value = path.lookup(protocol.new_within)
        new = isinstance(value, Mark) or protocol.new_within.matches(value)
    reason = "Svaren räcker inte för egenvård; besväret är nytt" if new else "Svaren räcker inte för egenvård"
    return Fired("not_matched", 3 if new else 4, reason)


def _not_answered(protocol: Protocol, path: Path, fired: list[Fired]) -> tuple[str, ...]:
    """Name what was answered "vet inte" in everything that fired through unknown answers."""
    ids = {item.id for item in fired if item.by_unknown}
    conditions = [item.when for item in protocol.rules if item.id in ids]
    conditions += [item.when for item in protocol.modifiers if item.id in ids]
    names: list[str] = []
    for condition in conditions:
        for compare, _positive in comparisons(condition):
            question = protocol.question(compare.question or "")
            if question is not None and path.value(question.id) is Mark.UNKNOWN and question.short not in names:
                names.append(question.short)
    return tuple(names)
