"""Properties of the engine over all answers (design §5), searched by Hypothesis on the bundled protocols."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from direkt1177.questions import kinds
from direkt1177.questions.flow import walk
from direkt1177.questions.kinds import UNKNOWN, AnswerValue, Question
from triage.engine.assess import SELF_CARE, Assessment, Person, assess, facts_of, next_step
from triage.engine.loader import bundled
from triage.engine.model import Protocol

pytestmark = pytest.mark.req("TRI-02")
ASSESSING = [item for item in bundled().values() if item.assesses]
PROTOCOLS = list(bundled().values())
SEARCH = settings(max_examples=400, deadline=None, derandomize=True)


@st.composite
def people(draw: st.DrawFn) -> Person:
    days = draw(st.one_of(st.integers(1, 400), st.integers(400, 100 * 365), st.sampled_from([30 * 365, 70 * 365])))
    return Person(
        age_days=days,
        age_years=days // 365,
        sex=draw(st.sampled_from(["female", "male", None])),
        by_guardian=days < 13 * 365 and draw(st.booleans()),
        protected=draw(st.booleans()) and draw(st.booleans()),
    )


def answer(question: Question, *, dangerous: float = 0.3) -> st.SearchStrategy[AnswerValue]:
    """Any answer a question can have; calm ones come more often, so that single criteria decide."""
    match question:
        case kinds.YesNo():
            base: st.SearchStrategy[Any] = st.sampled_from(["no", "no", "no", "yes"])
        case kinds.Several():
            some = st.lists(st.sampled_from([o.id for o in question.options]), unique=True, max_size=3)
            base = st.one_of(st.just([]), st.just([]), some)
        case kinds.Number():
            low, high = int(question.minimum), int(question.maximum)
            base = st.integers(low * 2, high * 2).map(lambda half: half / 2)
        case kinds.FreeText():
            base = st.just("")
        case kinds.Image():
            base = st.just([])
        case _:
            base = st.sampled_from([o.id for o in question.options])
    return st.one_of(base, base, base, st.just(UNKNOWN)) if kinds.allows_unknown(question) else base


def everything(protocol: Protocol) -> st.SearchStrategy[dict[str, AnswerValue]]:
    return st.fixed_dictionaries({item.id: answer(item) for item in protocol.questions})


@st.composite
def interviews(draw: st.DrawFn) -> tuple[Protocol, Person, dict[str, AnswerValue]]:
    protocol = draw(st.sampled_from(ASSESSING))
    return protocol, draw(people()), draw(everything(protocol))


def level(result: Assessment) -> int:
    return result.urgency if result.urgency is not None else SELF_CARE


@SEARCH
@given(interviews(), st.data())
def test_adding_a_red_flag_answer_never_lowers_the_urgency(
    interview: tuple[Protocol, Person, dict[str, AnswerValue]], data: st.DataObject
) -> None:
    protocol, person, answers = interview
    flags = [item for item in protocol.questions if item.red_flag]
    question = data.draw(st.sampled_from(flags))
    now = answers[question.id]
    assume(now != UNKNOWN)
    if isinstance(question, kinds.Several):
        assert isinstance(now, list)
        more: AnswerValue = [*now, data.draw(st.sampled_from([o.id for o in question.options]))]
    else:
        more = "yes"
    before = assess(protocol, answers, person)
    after = assess(protocol, {**answers, question.id: more}, person)
    assert level(after) <= level(before)


@SEARCH
@given(interviews(), st.data())
def test_replacing_any_no_by_unknown_never_lowers_the_urgency(
    interview: tuple[Protocol, Person, dict[str, AnswerValue]], data: st.DataObject
) -> None:
    protocol, person, answers = interview
    noes = [item.id for item in protocol.questions if answers[item.id] in ("no", []) and kinds.allows_unknown(item)]
    chosen = data.draw(st.lists(st.sampled_from(noes), min_size=1, unique=True)) if noes else []
    assume(chosen)
    before = assess(protocol, answers, person)
    after = assess(protocol, {**answers, **dict.fromkeys(chosen, UNKNOWN)}, person)
    assert level(after) <= level(before)


@SEARCH
@given(interviews())
def test_same_answers_same_assessment_whatever_lies_beside_the_path(
    interview: tuple[Protocol, Person, dict[str, AnswerValue]],
) -> None:
    protocol, person, answers = interview
    path = walk(protocol.questions, answers, facts_of(person))
    shuffled = dict(sorted(path.answers.items(), reverse=True))
    assert assess(protocol, answers, person) == assess(protocol, shuffled, person)


@SEARCH
@given(interviews())
def test_a_red_flag_word_never_lowers_the_urgency(interview: tuple[Protocol, Person, dict[str, AnswerValue]]) -> None:
    protocol, person, answers = interview
    plain = assess(protocol, answers, person)
    flagged = assess(protocol, answers, person, red_flag_words=("andnöd",))
    assert level(flagged) <= level(plain)
    assert flagged.flags == ("read_now",)


@SEARCH
@given(st.sampled_from(PROTOCOLS), people(), st.data())
def test_every_path_ends_and_answers_lead_from_question_to_question(
    protocol: Protocol, person: Person, data: st.DataObject
) -> None:
    answers: dict[str, AnswerValue] = {}
    for _turn in range(len(protocol.questions) + 1):
        step = next_step(protocol, answers, person, go_past=True)
        if step.question is None:
            assert step.done
            return
        assert step.question.id not in answers
        answers[step.question.id] = data.draw(answer(step.question))
    raise AssertionError("the interview did not end")


def samples(protocol: Protocol, count: int) -> Iterator[tuple[Person, dict[str, AnswerValue]]]:
    """Many interviews, the same every time."""
    rng = random.Random(1177)
    for _index in range(count):
        days = rng.choice([30, 120, 200, 6 * 365, 15 * 365, 30 * 365, 50 * 365, 70 * 365, 80 * 365])
        person = Person(
            age_days=days,
            age_years=days // 365,
            sex=rng.choice(["female", "male"]),
            by_guardian=days < 13 * 365 and rng.random() < 0.7,
            protected=rng.random() < 0.1,
        )
        yield person, {item.id: _random_answer(rng, item) for item in protocol.questions}


def _random_answer(rng: random.Random, question: Question) -> AnswerValue:
    if kinds.allows_unknown(question) and rng.random() < 0.1:
        return UNKNOWN
    match question:
        case kinds.YesNo():
            return rng.choice(["yes", "no"])
        case kinds.Several():
            return rng.sample(
                [item.id for item in question.options], k=rng.choice([0, 1, 1, min(2, len(question.options))])
            )
        case kinds.Number():
            return rng.randint(int(question.minimum), int(question.maximum))
        case kinds.FreeText():
            return ""
        case kinds.Image():
            return []
        case _:
            return rng.choice([item.id for item in question.options])


@pytest.mark.parametrize("protocol", PROTOCOLS, ids=lambda item: item.id)
def test_every_question_can_be_reached(protocol: Protocol) -> None:
    reached: set[str] = set()
    for person, answers in samples(protocol, 300):
        reached.update(item.id for item in walk(protocol.questions, answers, facts_of(person)).asked)
    assert reached == {item.id for item in protocol.questions}


@pytest.mark.parametrize("protocol", ASSESSING, ids=lambda item: item.id)
def test_every_rule_and_modifier_can_fire_for_certain(protocol: Protocol) -> None:
    wanted = {item.id for item in protocol.rules} | {item.id for item in protocol.modifiers} - {"red_flag_word"}
    seen: set[str] = set()
    for person, answers in samples(protocol, 3000):
        seen.update(item.id for item in assess(protocol, answers, person).fired if not item.by_unknown)
        if wanted <= seen:
            return
    assert wanted <= seen
