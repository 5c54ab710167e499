"""Pure rules of asynchronous cases: in which tab, may it be begun, may the patient be asked. No database, no clock."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from enum import StrEnum

from cases.states import CaseState

REASON_LIMIT = 120
PURPOSE_LIMIT = 200
# R: at most so many searches by personal identity number in a minute.
SEARCHES_A_MINUTE = 30
# So long a search lets its user begin a case for the person found.
SEARCH_HOLDS = timedelta(hours=1)
SCORES = (1, 2, 3, 4, 5)


class Lack(StrEnum):
    """Why care may not begin a case with somebody (ASY-05)."""

    NEVER_SIGNED_IN = "never_signed_in"
    NO_DIALOGUE = "no_dialogue"


def lacking(precondition: Collection[str], *, signed_in: bool, dialogue: bool) -> list[Lack]:
    """What is missing before care may write first (ASY-05); agreement is asked for when the case is begun.

    Args:
        precondition: policy ``care_initiated_precondition``.
        signed_in: the person who would read it has signed in to the service before.
        dialogue: they have sent a case of their own before, and with it accepted to write with care here.
    """
    found = []
    if "earlier_sign_in" in precondition and not signed_in:
        found.append(Lack.NEVER_SIGNED_IN)
    if "dialogue_consent" in precondition and not dialogue:
        found.append(Lack.NO_DIALOGUE)
    return found


def needs_agreement(precondition: Collection[str]) -> bool:
    """Whether staff must have asked the patient, on the telephone for example."""
    return "agreement" in precondition


def needs_check(*, policy: bool, masked: bool) -> bool:
    """Whether staff must say that they have checked for protected identity before the first message (ENT-28)."""
    return policy or masked


def may_mark(state: str, *, last_patient_seq: int, seen: int) -> bool:
    """Whether a follow-up may be marked as done by somebody who saw it up to a message (ASY-03).

    Args:
        state: of the case.
        last_patient_seq: number of the patient's newest message.
        seen: number of the newest message on the page that was clicked.
    """
    return state == CaseState.ASYNCHRONOUS and last_patient_seq <= seen


def may_rate(state: str, *, close_kind: str, rated: bool) -> bool:
    """Whether the patient is asked how it was: once, after a visit that somebody answered, never after silence."""
    return state == CaseState.CLOSED and close_kind != "no_reply" and not rated


def is_overdue(follow_up_until: datetime | None, now: datetime) -> bool:
    """Whether the last day is over; shown as *tiden ute, obesvarat* where an answer is still waited for."""
    return follow_up_until is not None and now >= follow_up_until


def choosable_days(limit: int, known: Iterable[int] = (1, 2, 3, 4, 5, 6, 7, 10, 14, 21, 28, 60, 90)) -> list[int]:
    """Numbers of days to choose from, up to what policy allows (ASY-04)."""
    return [days for days in known if days <= limit]
