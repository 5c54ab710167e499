"""Question types: what is accepted, what is refused with which words, who is spoken to."""

from __future__ import annotations

from datetime import date

import pytest
from django.template.loader import render_to_string
from django.utils import translation
from pydantic import TypeAdapter

from direkt1177.questions import answers, kinds
from direkt1177.questions.conditions import CAUTIOUS, CERTAIN, STRICT, Condition, Mark, holds
from direkt1177.questions.flow import walk
from direkt1177.questions.rendering import view_of
from direkt1177.questions.voice import FOR_STAFF, TO_YOU, Voice

_ANY: TypeAdapter[kinds.Question] = TypeAdapter(kinds.Question)
_TREE: TypeAdapter[Condition] = TypeAdapter(Condition)
OPTIONS = [{"id": "a", "text": "Alfa", "days": 0}, {"id": "b", "text": "Beta", "days": 1}]
EVERY: list[dict[str, object]] = [
    {"kind": "yes_no"},
    {"kind": "one", "options": OPTIONS},
    {"kind": "several", "options": OPTIONS},
    {"kind": "number", "unit": "°C", "unit_name": "grader", "minimum": 34, "maximum": 43, "decimals": 1},
    {"kind": "duration", "options": OPTIONS},
    {"kind": "body_site", "options": [{"id": "a", "text": "Huvud", "place": "head"}, {"id": "b", "text": "Annat"}]},
    {"kind": "free_text", "required": True, "max_length": 10},
    {"kind": "image"},
]


@pytest.fixture(autouse=True)
def _english() -> object:
    with translation.override(None):
        yield


def question(**data: object) -> kinds.Question:
    return _ANY.validate_python({"id": "q", "text": "Har {du} ont?", "short": "smärta", **data})


def number(**more: object) -> kinds.Question:
    return question(**EVERY[3], **{"unknown_text": "Jag har inte mätt", **more})


@pytest.mark.parametrize(
    ("typed", "stored"),
    [("38,5", 38.5), ("38.5", 38.5), (" 38 ", 38.0), ("38,5 °C", 38.5), ("34", 34), ("38,54", 38.5)],
)
def test_numbers_are_read_the_swedish_way(typed: str, stored: float) -> None:
    assert answers.check(number(), {"q_q": [typed]}).value == stored


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("385", "Write a number between 34 and 43. Did you mean 38,5?"),
        ("12", "Write a number between 34 and 43."),
        ("", "Write a number between 34 and 43."),
        ("hög", "Write digits only, a number between 34 and 43."),
        ("1e5", "Write digits only, a number between 34 and 43."),
        ("9" * 400, "Write digits only, a number between 34 and 43."),
        ("nan", "Write digits only, a number between 34 and 43."),
    ],
)
def test_a_bad_number_says_what_to_do_and_keeps_what_was_typed(typed: str, message: str) -> None:
    outcome = answers.check(number(), {"q_q": [typed]})
    assert (outcome.value, outcome.error, outcome.typed) == (None, message, (typed,))
    shown = view_of(number(), voice=TO_YOU, checked=outcome)
    assert shown.value == typed


def test_not_measured_is_an_answer_but_not_beside_a_number() -> None:
    assert answers.check(number(), {"q_q": [""], "q_q_unknown": ["1"]}).value == kinds.UNKNOWN
    assert "not both" in answers.check(number(), {"q_q": ["38"], "q_q_unknown": ["1"]}).error
    assert answers.check(number(unknown_text=""), {"q_q": [""], "q_q_unknown": ["1"]}).error


def test_a_list_of_several_needs_a_choice_and_none_is_one() -> None:
    several = question(kind="several", options=OPTIONS)
    assert answers.check(several, {}).error == "Choose what fits, or “Inget av detta”."
    assert answers.check(several, {"q_q": ["none"]}).value == []
    assert answers.check(several, {"q_q": ["b", "a", "a"]}).value == ["a", "b"]
    assert answers.check(several, {"q_q": ["a", "none"]}).error
    assert answers.check(several, {"q_q": ["c"]}).error
    assert answers.check(several, {"q_q": ["unknown"]}).value == kinds.UNKNOWN


def test_only_offered_answers_are_accepted() -> None:
    assert answers.check(question(kind="yes_no"), {"q_q": ["unknown"]}).value == kinds.UNKNOWN
    assert answers.check(question(kind="yes_no", allow_unknown=False), {"q_q": ["unknown"]}).error
    assert answers.check(question(kind="yes_no"), {"q_q": ["yes", "no"]}).error
    assert answers.check(question(kind="one", options=OPTIONS), {"q_q": ["c"]}).error


def test_free_text_is_cleaned_and_limited() -> None:
    text = question(kind="free_text", required=True, max_length=5)
    assert answers.check(text, {"q_q": ["  a\r\nb\x00 "]}).value == "a\nb"
    assert answers.check(text, {"q_q": ["   "]}).error == "Write a few words."
    assert answers.check(text, {"q_q": ["abcdefg"]}).error == "The text is 2 characters too long. Shorten it."


@pytest.mark.parametrize("data", EVERY, ids=lambda item: str(item["kind"]))
def test_every_type_draws_itself_with_hint_error_and_nothing_chosen(data: dict[str, object]) -> None:
    asked = question(**data, hint="Till exempel", why="Därför")
    plain = render_to_string("questions/_question.html", {"q": view_of(asked, voice=TO_YOU)})
    assert "Har du ont?" in plain and "Till exempel" in plain
    assert "Därför" in plain or asked.kind == "image"
    assert " checked" not in plain
    outcome = answers.check(asked, {"q_q": ["<b>fel</b>"]})
    if not outcome.ok:
        bad = render_to_string("questions/_question.html", {"q": view_of(asked, voice=TO_YOU, checked=outcome)})
        assert outcome.error.replace("'", "&#x27;") in bad
        assert "<b>fel" not in bad


def test_a_saved_answer_is_shown_again() -> None:
    several = question(kind="several", options=OPTIONS)
    assert [o.id for o in view_of(several, voice=TO_YOU, saved=[]).options if o.checked] == ["none"]
    assert [o.id for o in view_of(several, voice=TO_YOU, saved=["b"]).options if o.checked] == ["b"]
    assert view_of(number(), voice=TO_YOU, saved=38.5).value == "38,5"


def test_yesterday_names_the_weekday() -> None:
    with translation.override("sv"):
        shown = view_of(question(kind="duration", options=OPTIONS), voice=TO_YOU, today=date(2026, 3, 2))
    assert shown.options[1].hint == "söndag"


def test_one_text_serves_the_person_a_guardian_and_staff() -> None:
    text = "Har {du} ont i {din} hals när {du} rör {sig}? {Du} och {dina} besvär."
    assert TO_YOU(text) == "Har du ont i din hals när du rör dig? Du och dina besvär."
    assert Voice("Alma")(text) == "Har Alma ont i Almas hals när Alma rör sig? Alma och Almas besvär."
    assert Voice("Lukas")("{din}") == "Lukas"
    assert FOR_STAFF("{Du} hostar") == "Patienten hostar"


@pytest.mark.parametrize(
    ("answer", "cautious", "certain", "strict"),
    [("yes", True, True, True), ("no", False, False, False), (Mark.UNKNOWN, True, False, False)],
)
def test_what_unknown_counts_as_on_a_criterion(answer: object, cautious: bool, certain: bool, strict: bool) -> None:
    tree = _TREE.validate_python({"question": "q", "is": "yes"})
    results = [holds(tree, lambda _compare: answer, reading) for reading in (CAUTIOUS, CERTAIN, STRICT)]
    assert results == [cautious, certain, strict]


def test_an_unknown_exception_does_not_hold_and_an_open_question_decides_nothing() -> None:
    tree = _TREE.validate_python({"not": {"question": "q", "is": "yes"}})
    assert holds(tree, lambda _c: Mark.UNKNOWN, CERTAIN)
    assert not holds(tree, lambda _c: Mark.UNKNOWN, STRICT)
    assert not holds(tree, lambda _c: Mark.OPEN, CAUTIOUS)
    assert holds(tree, lambda _c: Mark.NOT_ASKED, STRICT)


def test_answers_to_questions_that_no_longer_apply_are_left_out() -> None:
    first = question(kind="yes_no")
    second = question(kind="yes_no", id="r", ask_when={"question": "q", "is": "yes"})
    assert walk([first, second], {"q": "yes", "r": "yes"}, {}).answers == {"q": "yes", "r": "yes"}
    assert walk([first, second], {"q": "no", "r": "yes"}, {}).answers == {"q": "no"}
    assert [item.id for item in walk([first, second], {"q": "unknown"}, {}).asked] == ["q", "r"]
