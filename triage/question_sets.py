"""Forms that staff send along with a ticket: sets of questions as data, answered before the visit (TIK-02, row 6).

They have the question types of the protocols and are shown with the same templates; none of them assesses anything.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from direkt1177.questions.conditions import Data
from direkt1177.questions.kinds import Question, Slug
from triage.engine.loader import ProtocolError, read_yaml

FILE = Path(__file__).resolve().parent / "protocols" / "forms" / "forms.yaml"


class QuestionSet(Data):
    """One form.

    Args:
        title: as staff choose it and the patient reads it.
        unit_types: for which kinds of receiving unit it is offered.
    """

    id: Slug
    title: str
    unit_types: tuple[Literal["primary_care", "branch", "rehab", "advice_line"], ...] = Field(min_length=1)
    questions: tuple[Question, ...] = Field(min_length=1)


class _File(Data):
    version: str
    notice: Literal["Demo, ej för klinisk användning"]
    forms: tuple[QuestionSet, ...] = Field(min_length=1)


@functools.cache
def question_sets() -> dict[str, QuestionSet]:
    """All forms by id, in the order of the file.

    Raises:
        ProtocolError: the file does not hold what it must.
    """
    try:
        read = _File.model_validate(read_yaml(FILE.read_text(encoding="utf-8"), FILE.name))
    except ValidationError as problem:
        raise ProtocolError(f"{FILE.name}: {problem}") from problem
    return {item.id: item for item in read.forms}


def offered_to(unit_type: str) -> list[QuestionSet]:
    """Forms that a receiving unit of this type works with."""
    return [item for item in question_sets().values() if unit_type in item.unit_types]
