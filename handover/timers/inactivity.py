"""When a patient has been silent too long, and when a case may be closed without reply (INA-01..08): pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from cases.states import CaseState
from direkt1177.units import staffed_time
from direkt1177.units.staffed_time import Calendar

#: Messages closer than this to the first of an attempt belong to it (CHT-20).
ONE_ATTEMPT = timedelta(minutes=15)


class Missing(StrEnum):
    """What still stands in the way of closing without reply."""

    NOT_STARTED = "not_started"
    OFFERED = "offered"
    PATIENT_WROTE = "patient_wrote"
    TIME = "time"
    ATTEMPTS = "attempts"
    PHONE = "phone"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to reach the patient: a burst of messages in the chat, an SMS reminder, a phone call."""

    at: datetime
    way: str


def silent_since(
    state: str, *, last_staff_seq: int, last_patient_seq: int, last_staff_at: datetime | None
) -> datetime | None:
    """From when the clock of inactivity runs: the last message of staff that no message of the patient follows.

    Only while the visit goes on: a paused case has a day on which staff go on, follow-up ends by itself, and before
    *Starta besök* nobody has asked anything. A visit that lies in a queue again keeps its clock (INA-08).

    Args:
        state: of the case; ``waiting`` counts when the visit has begun, which the caller knows.
        last_staff_seq, last_patient_seq: numbers of the last messages; 0 for none.
        last_staff_at: when staff last wrote.
    """
    if state not in (CaseState.STARTED, CaseState.WAITING) or last_staff_at is None:
        return None
    return last_staff_at if last_staff_seq > last_patient_seq else None


def inactive_at(since: datetime, *, hours: float, staffed: bool, calendar: Calendar) -> datetime | None:
    """When the silence has lasted as long as policy ``inactivity_threshold`` says.

    Args:
        since: from ``silent_since``.
        hours: threshold.
        staffed: count only staffed time, the tail included; the clock stands still outside (INA-07).
        calendar: of the unit and role that holds the case.

    Returns:
        UTC; None when the unit has no such staffed time within the horizon.
    """
    if not staffed:
        return since + timedelta(hours=hours)
    try:
        return staffed_time.add_staffed(calendar, since, timedelta(hours=hours))
    except staffed_time.NeverStaffed:
        return None


def attempts(messages: Iterable[datetime], others: Iterable[Attempt]) -> list[Attempt]:
    """Contact attempts since the patient last wrote, in order (INA-03, CHT-20).

    Args:
        messages: when staff wrote in the chat after the patient's last message, warnings included.
        others: SMS reminders and phone calls since then.
    """
    found: list[Attempt] = []
    begun: datetime | None = None
    for at in sorted(messages):
        if begun is None or at - begun >= ONE_ATTEMPT:
            found.append(Attempt(at, "chat"))
            begun = at
    return sorted([*found, *others], key=lambda one: one.at)


def missing(
    state: str,
    *,
    offered: bool,
    since: datetime | None,
    due: datetime | None,
    now: datetime,
    made: Sequence[Attempt],
    least: int,
    urgency: int | None,
    phone_urgencies: Sequence[int],
) -> list[Missing]:
    """What is missing before the holder may close without reply; empty when they may (INA-02, INA-03, INA-05).

    Args:
        state: of the case.
        offered: an offer of it still stands.
        since, due: the clock of inactivity; ``since`` is None when the patient wrote last.
        now: UTC.
        made: attempts since the patient last wrote.
        least: policy ``min_contact_attempts``.
        urgency: of the case.
        phone_urgencies: those for which somebody must have tried by phone.
    """
    if state != CaseState.STARTED:
        return [Missing.NOT_STARTED]
    found = [Missing.OFFERED] if offered else []
    if since is None:
        return [*found, Missing.PATIENT_WROTE]
    if due is None or now < due:
        found.append(Missing.TIME)
    if len(made) < least:
        found.append(Missing.ATTEMPTS)
    if urgency in phone_urgencies and not any(one.way == "phone" for one in made):
        found.append(Missing.PHONE)
    return found
