"""Condition trees: plain data that says when a question is asked and when a rule fires.

A tree is made of ``all``, ``any``, ``not`` and comparisons. What an answer "I don't know" (*vet inte*) means depends
on who asks, so evaluation takes a ``Reading``. A negation is pushed down to the comparisons: a comparison under an odd
number of ``not`` is an *exception* ("unless it hurts when pressed"), one under an even number is a *criterion*.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator

Scalar = bool | int | float | str


class Mark(enum.Enum):
    """What stands in place of a value when a question has none."""

    UNKNOWN = "unknown"  # answered "I don't know"
    OPEN = "open"  # asked, not answered yet
    NOT_ASKED = "not_asked"  # does not apply
    RULED_OUT = "ruled_out"  # "I don't know", but the control question was answered no


@dataclass(frozen=True)
class Reading:
    """How comparisons without a definite value count: the truth of the whole (possibly negated) comparison.

    Args:
        criterion: an unknown answer to a criterion counts as met.
        exception: an unknown answer to an exception counts as "the exception does not hold".
    """

    criterion: bool
    exception: bool


#: Only what was said counts; an exception nobody confirmed does not hold.
CERTAIN = Reading(criterion=False, exception=True)
#: An unknown answer counts as yes on every criterion.
CAUTIOUS = Reading(criterion=True, exception=True)
#: True only when every answer that matters is definite (self-care).
STRICT = Reading(criterion=False, exception=False)


class Data(BaseModel):
    """Frozen data read from a file: unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Compare(Data):
    """One comparison of an answer or of a fact about the person with a value."""

    question: str | None = None
    fact: str | None = None
    is_: Scalar | None = Field(default=None, alias="is")
    in_: tuple[Scalar, ...] | None = Field(default=None, alias="in")
    has: tuple[str, ...] | str | None = None
    at_least: float | None = None
    above: float | None = None
    at_most: float | None = None
    below: float | None = None

    @model_validator(mode="after")
    def _one_of_each(self) -> Self:
        if (self.question is None) == (self.fact is None):
            raise ValueError("a comparison names either a question or a fact")
        given = [self.is_, self.in_, self.has, self.at_least, self.above, self.at_most, self.below]
        if sum(value is not None for value in given) != 1:
            raise ValueError("a comparison has exactly one of is, in, has, at_least, above, at_most, below")
        return self

    def matches(self, value: Any) -> bool:
        """Say whether a definite value meets the comparison; a value of another type never does."""
        if self.is_ is not None:
            return bool(value == self.is_)
        if self.in_ is not None:
            return value in self.in_
        if self.has is not None:
            wanted = (self.has,) if isinstance(self.has, str) else self.has
            return isinstance(value, list | tuple) and any(item in value for item in wanted)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        if self.at_least is not None:
            return value >= self.at_least
        if self.above is not None:
            return value > self.above
        if self.at_most is not None:
            return value <= self.at_most
        return self.below is not None and value < self.below


class AllOf(Data):
    """Every part holds."""

    all: tuple[Condition, ...] = Field(min_length=1)


class AnyOf(Data):
    """At least one part holds."""

    any: tuple[Condition, ...] = Field(min_length=1)


class Not(Data):
    """The part does not hold."""

    not_: Condition = Field(alias="not")


def _kind(value: Any) -> str:
    """Tell which node a piece of data is by the key that only that node has."""
    if isinstance(value, AllOf) or (isinstance(value, dict) and "all" in value):
        return "all"
    if isinstance(value, AnyOf) or (isinstance(value, dict) and "any" in value):
        return "any"
    if isinstance(value, Not) or (isinstance(value, dict) and ("not" in value or "not_" in value)):
        return "not"
    return "compare"


Condition = Annotated[
    Annotated[AllOf, Tag("all")]
    | Annotated[AnyOf, Tag("any")]
    | Annotated[Not, Tag("not")]
    | Annotated[Compare, Tag("compare")],
    Discriminator(_kind),
]
AllOf.model_rebuild()
AnyOf.model_rebuild()
Not.model_rebuild()

Lookup = Callable[[Compare], Any]


def holds(condition: Condition, lookup: Lookup, reading: Reading, *, positive: bool = True) -> bool:
    """Evaluate a tree.

    Args:
        condition: the tree.
        lookup: gives the value a comparison is about, or a ``Mark``.
        reading: what unknown answers count as.
        positive: False inside an odd number of negations.
    """
    match condition:
        case AllOf(all=parts) | AnyOf(any=parts):
            every = isinstance(condition, AllOf) == positive
            results = (holds(part, lookup, reading, positive=positive) for part in parts)
            return all(results) if every else any(results)
        case Not(not_=part):
            return holds(part, lookup, reading, positive=not positive)
        case Compare():
            value = lookup(condition)
            if value is Mark.OPEN:
                return False
            if value is Mark.UNKNOWN:
                return reading.criterion if positive else reading.exception
            met = not isinstance(value, Mark) and condition.matches(value)
            return met == positive
    raise TypeError(condition)  # pragma: no cover


def comparisons(condition: Condition, *, positive: bool = True) -> Iterator[tuple[Compare, bool]]:
    """Walk the tree's comparisons, each with whether it is a criterion (True) or an exception (False)."""
    match condition:
        case AllOf(all=parts) | AnyOf(any=parts):
            for part in parts:
                yield from comparisons(part, positive=positive)
        case Not(not_=part):
            yield from comparisons(part, positive=not positive)
        case Compare():
            yield condition, positive
