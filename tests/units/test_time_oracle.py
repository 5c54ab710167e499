"""Staffed time against a second implementation: every minute of 24 months painted on a strip, 200 schedules.

The strip knows nothing of the code under test: it finds red days by its own calendar, walks the clock on the wall
minute by minute, and answers by looking at the paint. 2026 and 2027 hold four changes of the clock.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from random import Random
from zoneinfo import ZoneInfo

import pytest

from direkt1177.units.red_days import is_closed_day
from direkt1177.units.reply_time import reply_window
from direkt1177.units.staffed_time import (
    Calendar,
    Interval,
    add_staffed,
    is_staffed,
    next_staffed,
    staffed_between,
    staffed_until,
)

WALL = ZoneInfo("Europe/Stockholm")
FIRST, LAST = date(2026, 1, 1), date(2027, 12, 31)
START = datetime(2025, 12, 31, 23, 0, tzinfo=UTC)  # local midnight
BEYOND = 75  # days painted after the last one asked about
MINUTE = timedelta(minutes=1)
SCHEDULES = 200
CHANGES = (date(2026, 3, 29), date(2026, 10, 25), date(2027, 3, 28), date(2027, 10, 31))


def _easter(year: int) -> date:
    """Gauss, as in any almanac."""
    a, b, c = year % 19, year % 4, year % 7
    d = (19 * a + 24) % 30
    e = (2 * b + 4 * c + 6 * d + 5) % 7
    day = date(year, 3, 22) + timedelta(days=d + e)
    return day - timedelta(days=7) if (d, e) in ((29, 6), (28, 6)) and (d == 29 or a > 10) else day


@lru_cache
def _red(year: int) -> frozenset[date]:
    def first(month: int, day: int, weekday: int) -> date:
        found = date(year, month, day)
        return found + timedelta(days=(weekday - found.weekday()) % 7)

    easter = _easter(year)
    fixed = {date(year, m, d) for m, d in ((1, 1), (1, 6), (5, 1), (6, 6), (12, 24), (12, 25), (12, 26), (12, 31))}
    moving = {easter + timedelta(days=n) for n in (-2, -1, 0, 1, 39, 48, 49)}
    saints = first(10, 31, 5)
    return frozenset(fixed | moving | {first(6, 19, 4), first(6, 20, 5), saints})


@dataclass(frozen=True)
class Plan:
    """A schedule in minutes of the day: what both sides are made from."""

    week: tuple[tuple[tuple[int, int], ...], ...]
    exceptions: dict[date, tuple[tuple[int, int], ...]]
    tail: int
    open_on_red_days: bool

    def on(self, day: date) -> tuple[tuple[int, int], ...]:
        """The intervals of a date."""
        if day in self.exceptions:
            return self.exceptions[day]
        if not self.open_on_red_days and day in _red(day.year):
            return ()
        return self.week[day.weekday()]

    def calendar(self) -> Calendar:
        """The same for the code under test; 1440 is written as it is stored."""

        def intervals(pairs: tuple[tuple[int, int], ...]) -> tuple[Interval, ...]:
            return tuple(Interval(_clock(a), _clock(b) if b < 1440 else time(23, 59)) for a, b in pairs)

        return Calendar(
            weekly=tuple(intervals(day) for day in self.week),
            exceptions={day: intervals(pairs) for day, pairs in self.exceptions.items()},
            tail=timedelta(minutes=self.tail),
            open_on_red_days=self.open_on_red_days,
        )


def _clock(minute: int) -> time:
    return time(minute // 60, minute % 60)


@lru_cache
def _wall() -> tuple[tuple[date, tuple[int, ...]], ...]:
    """Every date with what the clock on the wall shows in each of its minutes: 1380, 1440 or 1500 of them."""
    days, moment = [], START
    day = FIRST
    while day <= LAST + timedelta(days=BEYOND):
        shown = []
        while (local := moment.astimezone(WALL)).date() == day:
            shown.append(local.hour * 60 + local.minute)
            moment += MINUTE
        days.append((day, tuple(shown)))
        day += timedelta(days=1)
    return tuple(days)


def _paint(plan: Plan, *, tail: bool) -> bytes:
    """One byte a minute: 1 while somebody is there."""
    length = sum(len(shown) for _day, shown in _wall())
    strip, begin = bytearray(length + 1), 0
    for day, shown in _wall():
        for opens, closes in plan.on(day):
            # On odd nights: from the first minute that shows the opening time or later, to the last before closing.
            first = next(i for i, minute in enumerate(shown) if minute >= opens)
            last = next(i for i in range(len(shown) - 1, -1, -1) if shown[i] < closes)
            stop = last + 1 + (plan.tail if tail else 0)
            for index in range(begin + first, min(begin + stop, length)):
                strip[index] = 1
        begin += len(shown)
    return bytes(strip)


def _generated(number: int) -> Plan:
    random = Random(number)

    def day(chance: float) -> tuple[tuple[int, int], ...]:
        if random.random() > chance:
            return ()
        edges = sorted(random.sample(range(0, 1441, random.choice((1, 5, 30))), 2 * random.choice((1, 1, 1, 2, 3))))
        pairs = [(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if a < 1439]
        return tuple(pairs)

    week = tuple(day(0.9 if weekday < 5 else 0.25) for weekday in range(7))
    if random.random() < 0.05:
        week = (((0, 1440),),) * 7
    days = (LAST - FIRST).days
    exceptions = {FIRST + timedelta(days=random.randrange(days)): day(0.5) for _n in range(random.randrange(12))}
    exceptions |= {change: day(0.7) for change in CHANGES if random.random() < 0.4}
    return Plan(week, exceptions, random.choice((0, 0, 15, 30, 240)), random.random() < 0.2)


def _moments(random: Random) -> Iterator[int]:
    """Minutes after START to ask about: anywhere, around the changes of the clock, around red days."""
    span = int((datetime(2028, 1, 1, tzinfo=WALL) - START) / MINUTE)
    for _n in range(10):
        yield random.randrange(span)
    for day in (*random.sample(CHANGES, 2), *random.sample(sorted(_red(2026) | _red(2027)), 2)):
        night = int((datetime.combine(day, time(), WALL) - START) / MINUTE)
        yield min(max(night + random.randrange(-60, 8 * 60), 0), span - 1)


def test_the_red_days_are_those_of_the_almanac() -> None:
    day = FIRST
    while day <= LAST:
        assert is_closed_day(day) == (day in _red(day.year)), day
        day += timedelta(days=1)


@pytest.mark.req("HRS-01", "HRS-03", "REH-02")
@pytest.mark.parametrize("part", range(4))
def test_two_hundred_schedules_over_24_months(part: int) -> None:
    for number in range(part, SCHEDULES, 4):
        plan, random = _generated(number), Random(-number)
        calendar = plan.calendar()
        for tail in (False, True):
            strip = _paint(plan, tail=tail)
            for minute in _moments(random):
                _compare(calendar, strip, minute, random, tail=tail, name=(number, minute, tail))


def _compare(calendar: Calendar, strip: bytes, minute: int, random: Random, *, tail: bool, name: object) -> None:
    moment = START + minute * MINUTE
    assert is_staffed(calendar, moment, tail=tail) == bool(strip[minute]), name
    opens = strip.find(1, minute)
    if opens < 0:
        return
    assert next_staffed(calendar, moment, tail=tail) == START + opens * MINUTE, name
    closes = strip.find(0, opens)
    if closes - minute < 7 * 24 * 60:
        expected = START + closes * MINUTE if opens == minute else None
        assert staffed_until(calendar, moment, tail=tail) == expected, name
        if not tail:
            window = reply_window(calendar, moment)
            assert window is not None
            assert (window.start, window.end, window.begun) == (
                START + opens * MINUTE, START + closes * MINUTE, opens == minute,
            ), name  # fmt: skip
    later = minute + random.choice((30, 600, 3 * 1440, 20 * 1440))
    worked = strip.count(1, minute, later)
    assert staffed_between(calendar, moment, START + later * MINUTE, tail=tail) == worked * MINUTE, name
    if worked:
        # The first moment by which so much has been worked: right after the last painted minute of the stretch.
        reached = strip.rfind(1, minute, later) + 1
        assert add_staffed(calendar, moment, worked * MINUTE, tail=tail) == START + reached * MINUTE, name
