"""Who may seek care for whom, by age (ENT-15..17): pure."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

MIN_AGE = 1
OWN_SIGN_IN_FROM = 13


class Refusal(StrEnum):
    """Why somebody cannot be chosen."""

    TOO_YOUNG = "too_young"  # under 1 year: not handled here (ENT-15)
    NEEDS_GUARDIAN = "needs_guardian"  # a child's own sign-in (ENT-16)
    OWN_SIGN_IN = "own_sign_in"  # from the 13th birthday, hard (ENT-17)


def age_on(birth_date: date, day: date) -> int:
    """Whole years on a day; born on 29 February has birthday on 1 March in other years."""
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))


def refusal_for(
    birth_date: date, day: date, relation: str, min_age: int = MIN_AGE, own_from: int = OWN_SIGN_IN_FROM
) -> Refusal | None:
    """The reason of age for which a person cannot be the patient today, or None.

    Args:
        birth_date: of the patient.
        day: today in Sweden.
        relation: ``self`` or ``guardian``: who writes.
        min_age: youngest age in years that is handled.
        own_from: age in years from which only the young person may act.
    """
    age = age_on(birth_date, day)
    if relation == "self":
        return Refusal.NEEDS_GUARDIAN if age < own_from else None
    if age < min_age:
        return Refusal.TOO_YOUNG
    return Refusal.OWN_SIGN_IN if age >= own_from else None
