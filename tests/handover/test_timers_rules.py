"""The pure rules of inactivity and targets, against an oracle that walks minute by minute."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, time, timedelta

import pytest

from cases.states import CaseState
from direkt1177.units.red_days import is_closed_day
from direkt1177.units.staffed_time import STOCKHOLM, Calendar, Interval
from handover.timers import inactivity, targets
from handover.timers.inactivity import Attempt, Missing

MINUTE = timedelta(minutes=1)
AT = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)
# The two years hold four changes of clocks and all red days twice.
FIRST, LAST = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 12, 31, tzinfo=UTC)
CLOCK_CHANGES = [
    datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC),
    datetime(2027, 3, 28, 1, tzinfo=UTC), datetime(2027, 10, 31, 1, tzinfo=UTC),
]  # fmt: skip


def _schedule(dice: random.Random) -> Calendar:
    """Up to three intervals a day, with deviations and a tail; whole minutes."""

    def day() -> tuple[Interval, ...]:
        marks = sorted(dice.sample(range(0, 23 * 60 + 50, 10), 2 * dice.choice([0, 1, 1, 1, 2, 3])))
        ends = [time(minute // 60, minute % 60) for minute in marks]
        return tuple(Interval(*ends[i : i + 2]) for i in range(0, len(ends), 2))

    exceptions = {date(2026, 1, 1) + timedelta(days=dice.randrange(730)): day() for _ in range(dice.randrange(30))}
    weekly = tuple(day() for _ in range(7))
    if not any(weekly):
        weekly = ((Interval(time(8), time(16)),), *weekly[1:])
    tail = timedelta(minutes=dice.choice([0, 0, 15, 30, 90]))
    return Calendar(weekly=weekly, exceptions=exceptions, tail=tail, open_on_red_days=dice.random() < 0.2)


def _staffed(calendar: Calendar, minute: datetime) -> bool:
    """The oracle: looks at one minute by the clock on the wall, and knows nothing of spans or sums."""
    for back in (0, 1):
        day = (minute.astimezone(STOCKHOLM) - timedelta(days=back)).date()
        if day in calendar.exceptions:
            intervals = calendar.exceptions[day]
        elif is_closed_day(day) and not calendar.open_on_red_days:
            continue
        else:
            intervals = calendar.weekly[day.weekday()]
        for interval in intervals:
            if _wall(day, interval.start, 0) <= minute < _wall(day, interval.end, 1) + calendar.tail:
                return True
    return False


def _wall(day: date, clock: time, fold: int) -> datetime:
    """A time on the wall as a moment; in the missing hour the moment the clocks move."""
    local = datetime.combine(day, clock, tzinfo=STOCKHOLM).replace(fold=fold)
    there = local.astimezone(UTC)
    if there.astimezone(STOCKHOLM).replace(tzinfo=None) != local.replace(tzinfo=None):
        return there.replace(minute=0) if fold == 0 else local.replace(fold=0).astimezone(UTC).replace(minute=0)
    return there


def _walk(calendar: Calendar, start: datetime, minutes: int) -> datetime | None:
    at, left = start, minutes
    for _ in range(60 * 24 * 60):
        if not left:
            return at
        left -= _staffed(calendar, at)
        at += MINUTE
    return None


def _starts(dice: random.Random) -> list[datetime]:
    span = int((LAST - FIRST) / MINUTE)
    anywhere = [FIRST + MINUTE * dice.randrange(span) for _ in range(2)]
    near = dice.choice(CLOCK_CHANGES) + MINUTE * dice.randrange(-36 * 60, 24 * 60)
    return [*anywhere, near]


@pytest.mark.req("INA-01", "INA-07", "QUE-14", "HRS-03")
@pytest.mark.parametrize("part", range(4))
def test_silence_and_targets_in_staffed_time_against_a_walk_by_the_minute(part: int) -> None:
    """200 schedules, two years, four changes of clocks, red days."""
    dice = random.Random(part)
    checked = 0
    for _ in range(50):
        calendar = _schedule(dice)
        for start in _starts(dice):
            minutes = dice.choice([15, 120, 120, 240])
            expected = _walk(calendar, start, minutes)
            if expected is None:
                continue
            found = inactivity.inactive_at(start, hours=minutes / 60, staffed=True, calendar=calendar)
            assert found == expected, (calendar, start, minutes)
            assert targets.response_escalates_at(start, minutes=minutes, calendar=calendar) == expected
            checked += 1
    assert checked > 100


@pytest.mark.req("INA-01")
def test_calendar_time_does_not_stop_at_night() -> None:
    closed = Calendar(weekly=((),) * 7)
    due = inactivity.inactive_at(AT, hours=24, staffed=False, calendar=closed)
    assert due == AT + timedelta(hours=24)
    assert inactivity.inactive_at(AT, hours=2, staffed=True, calendar=closed) is None


@pytest.mark.req("INA-07")
@pytest.mark.parametrize(
    ("state", "staff", "patient", "runs"),
    [
        ("started", 3, 2, True),
        ("started", 3, 4, False),
        ("started", 1, 0, True),
        ("waiting", 3, 2, True),
        ("received", 3, 2, False),
        ("paused", 3, 2, False),
        ("asynchronous", 3, 2, False),
        ("closed", 3, 2, False),
    ],
)
def test_the_clock_runs_from_the_last_message_of_staff(state: str, staff: int, patient: int, runs: bool) -> None:
    since = inactivity.silent_since(state, last_staff_seq=staff, last_patient_seq=patient, last_staff_at=AT)
    assert since == (AT if runs else None)


def test_no_clock_before_staff_have_written() -> None:
    assert inactivity.silent_since("started", last_staff_seq=0, last_patient_seq=0, last_staff_at=None) is None


@pytest.mark.req("INA-03", "CHT-20")
def test_messages_within_a_quarter_are_one_attempt() -> None:
    times = [AT + MINUTE * m for m in (0, 5, 14, 15, 29, 31)]
    made = inactivity.attempts(times, [Attempt(AT + MINUTE * 20, "sms"), Attempt(AT + MINUTE * 2, "phone")])
    assert [(one.at - AT, one.way) for one in made] == [
        (timedelta(0), "chat"),
        (MINUTE * 2, "phone"),
        (MINUTE * 15, "chat"),
        (MINUTE * 20, "sms"),
        (MINUTE * 31, "chat"),
    ]


READY = {
    "state": "started",
    "offered": False,
    "since": AT,
    "due": AT + timedelta(hours=2),
    "now": AT + timedelta(hours=2),
    "made": [Attempt(AT, "chat"), Attempt(AT + timedelta(hours=1), "phone")],
    "least": 2,
    "urgency": 2,
    "phone_urgencies": (1, 2),
}


@pytest.mark.req("INA-02", "INA-03", "INA-05")
@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, []),
        ({"state": "paused"}, [Missing.NOT_STARTED]),
        ({"state": "asynchronous"}, [Missing.NOT_STARTED]),
        ({"offered": True}, [Missing.OFFERED]),
        ({"since": None}, [Missing.PATIENT_WROTE]),
        ({"due": None}, [Missing.TIME]),
        ({"now": AT + timedelta(minutes=119)}, [Missing.TIME]),
        ({"least": 3}, [Missing.ATTEMPTS]),
        ({"made": [Attempt(AT, "chat"), Attempt(AT, "sms")]}, [Missing.PHONE]),
        ({"made": [Attempt(AT, "chat"), Attempt(AT, "sms")], "urgency": 3}, []),
        ({"made": [Attempt(AT, "chat"), Attempt(AT, "sms")], "urgency": None}, []),
        ({"made": [], "now": AT}, [Missing.TIME, Missing.ATTEMPTS, Missing.PHONE]),
    ],
)
def test_what_is_missing_before_closing_without_reply(change: dict[str, object], expected: list[Missing]) -> None:
    facts = READY | change
    state = str(facts.pop("state"))
    assert inactivity.missing(state, **facts) == expected  # type: ignore[arg-type]


@pytest.mark.req("QUE-15")
@pytest.mark.parametrize(
    ("state", "stop", "received", "replied", "runs"),
    [
        ("waiting", "reply", None, None, True),
        ("waiting", "received", None, None, True),
        ("received", "received", AT, None, False),
        ("received", "reply", AT, None, True),
        ("started", "reply", AT, None, True),
        ("started", "reply", AT, AT, False),
        ("paused", "reply", AT, None, False),
        ("closed", "reply", AT, None, False),
    ],
)
def test_the_response_target_stops_as_the_policy_says(
    state: str, stop: str, received: datetime | None, replied: datetime | None, runs: bool
) -> None:
    due = AT + timedelta(minutes=15)
    found = targets.response_open_until(
        state, due_at=due, clock_stop=stop, received_at=received, first_reply_at=replied
    )
    assert found == (due if runs else None)


@pytest.mark.req("TRI-04")
def test_the_assessment_target_runs_by_the_clock_until_staff_have_written() -> None:
    due = AT + timedelta(minutes=120)
    for state in CaseState:
        found = targets.assessment_open_until(state, due_at=due, first_reply_at=None)
        assert found == (due if state in ("waiting", "received", "started") else None)
    assert targets.assessment_open_until("started", due_at=due, first_reply_at=AT) is None
    assert targets.assessment_escalates_at(due, minutes=30) == due + timedelta(minutes=30)
