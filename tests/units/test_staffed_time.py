"""Staffed time: several intervals a day, red days, exceptions, tail, and the nights when clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from direkt1177.units.red_days import closed_days
from direkt1177.units.staffed_time import (
    STOCKHOLM,
    Calendar,
    Interval,
    NeverStaffed,
    add_staffed,
    intervals_on,
    is_staffed,
    next_staffed,
    staffed_between,
    staffed_until,
)

MINUTE = timedelta(minutes=1)


def at(text: str) -> datetime:
    """Local time of Stockholm."""
    return datetime.fromisoformat(text).replace(tzinfo=STOCKHOLM)


def hours(*pairs: str) -> tuple[Interval, ...]:
    """``hours("08.00-16.00")``."""
    found = []
    for pair in pairs:
        start, end = pair.split("-")
        found.append(Interval(time.fromisoformat(start.replace(".", ":")), time.fromisoformat(end.replace(".", ":"))))
    return tuple(found)


KALMAR = Calendar(weekly=(*[hours("08.00-16.00")] * 4, hours("08.00-14.30"), (), ()), tail=timedelta(minutes=30))
ALWAYS = Calendar(weekly=(hours("00.00-23.59"),) * 7, open_on_red_days=True)
NEVER = Calendar(weekly=((),) * 7)
LUNCH = Calendar(weekly=(hours("08.00-12.00", "13.00-16.00"),) * 7)


@pytest.mark.req("HRS-01")
def test_a_week_in_kalmar() -> None:
    assert is_staffed(KALMAR, at("2026-03-02 08:00"))
    assert not is_staffed(KALMAR, at("2026-03-02 16:00"))
    assert not is_staffed(KALMAR, at("2026-03-06 14:30"))
    assert staffed_until(KALMAR, at("2026-03-02 10:00")) == at("2026-03-02 16:00")
    assert staffed_until(KALMAR, at("2026-03-02 16:00")) is None
    # Sunday at 03.00: nobody before Monday at 08.00.
    assert next_staffed(KALMAR, at("2026-03-01 03:00")) == at("2026-03-02 08:00")
    assert next_staffed(KALMAR, at("2026-03-06 14:30")) == at("2026-03-09 08:00")


@pytest.mark.req("HRS-03")
def test_the_tail_is_for_staff_and_timers_not_for_promises() -> None:
    assert is_staffed(KALMAR, at("2026-03-02 16:10"), tail=True)
    assert not is_staffed(KALMAR, at("2026-03-02 16:10"))
    assert add_staffed(KALMAR, at("2026-03-02 15:55"), timedelta(minutes=15)) == at("2026-03-02 16:10")
    assert add_staffed(KALMAR, at("2026-03-02 15:55"), timedelta(minutes=15), tail=False) == at("2026-03-03 08:10")


def test_several_intervals_a_day() -> None:
    assert not is_staffed(LUNCH, at("2026-03-02 12:30"))
    assert next_staffed(LUNCH, at("2026-03-02 12:30")) == at("2026-03-02 13:00")
    assert add_staffed(LUNCH, at("2026-03-02 11:30"), timedelta(hours=1)) == at("2026-03-02 13:30")
    assert staffed_between(LUNCH, at("2026-03-02 00:00"), at("2026-03-03 00:00")) == timedelta(hours=7)


def test_answers_are_in_utc() -> None:
    found = next_staffed(KALMAR, at("2026-03-01 03:00"))
    assert found is not None
    assert found.utcoffset() == timedelta(0)
    assert add_staffed(KALMAR, at("2026-03-02 09:00"), MINUTE).tzinfo is UTC


@pytest.mark.parametrize(
    "day", ["2026-01-06", "2026-04-03", "2026-05-14", "2026-06-19", "2026-12-24", "2026-12-31", "2027-06-25"]
)
def test_red_days_and_closed_eves_are_closed(day: str) -> None:
    assert date.fromisoformat(day).weekday() < 5
    assert not is_staffed(KALMAR, at(f"{day} 10:00"))
    assert is_staffed(ALWAYS, at(f"{day} 10:00"))


def test_half_days_are_open_unless_the_unit_says_otherwise() -> None:
    day = date(2026, 4, 2)  # Skärtorsdagen
    assert is_staffed(KALMAR, at("2026-04-02 15:00"))
    shorter = Calendar(weekly=KALMAR.weekly, exceptions={day: hours("08.00-12.00")})
    assert staffed_until(shorter, at("2026-04-02 09:00")) == at("2026-04-02 12:00")
    assert next_staffed(shorter, at("2026-04-02 12:00")) == at("2026-04-07 08:00")  # over the whole of Easter


def test_an_exception_wins_over_a_red_day_and_over_the_week() -> None:
    calendar = Calendar(
        weekly=KALMAR.weekly, exceptions={date(2026, 5, 14): hours("09.00-11.00"), date(2026, 5, 15): ()}
    )
    assert is_staffed(calendar, at("2026-05-14 10:00"))
    assert not is_staffed(calendar, at("2026-05-15 10:00"))
    assert intervals_on(calendar, date(2026, 5, 15)) == ()


def test_every_saturday_eve_is_named() -> None:
    assert closed_days(2026)[date(2026, 4, 4)] == "Påskafton"
    assert closed_days(2026)[date(2026, 5, 23)] == "Pingstafton"
    assert date(2026, 3, 1) not in closed_days(2026)  # a plain Sunday is closed by the week's pattern


def test_spring_night_loses_an_hour() -> None:
    night = Calendar(weekly=(hours("00.00-06.00"),) * 7)
    assert staffed_between(night, at("2026-03-29 00:00"), at("2026-03-29 12:00")) == timedelta(hours=5)
    assert add_staffed(night, at("2026-03-29 01:30"), timedelta(hours=1)) == at("2026-03-29 03:30")
    from_missing = Calendar(weekly=(hours("02.30-04.00"),) * 7)
    assert next_staffed(from_missing, at("2026-03-29 00:00")) == at("2026-03-29 03:00")
    only_missing = Calendar(weekly=(hours("02.10-02.40"),) * 7)
    assert next_staffed(only_missing, at("2026-03-29 00:00")) == at("2026-03-30 02:10")


def test_autumn_night_gains_an_hour() -> None:
    night = Calendar(weekly=(hours("00.00-06.00"),) * 7)
    assert staffed_between(night, at("2026-10-25 00:00"), at("2026-10-25 12:00")) == timedelta(hours=7)
    twice = Calendar(weekly=(hours("02.15-02.45"),) * 7)
    first = at("2026-10-25 02:15").astimezone(UTC)
    last = at("2026-10-25 02:45").replace(fold=1).astimezone(UTC)
    assert next_staffed(twice, at("2026-10-25 00:00")) == first
    assert staffed_until(twice, first) == last
    assert staffed_between(twice, at("2026-10-25 00:00"), at("2026-10-25 12:00")) == timedelta(minutes=90)


def test_a_unit_that_never_closes_and_one_that_never_opens() -> None:
    moment = at("2026-12-24 23:59")
    until = staffed_until(ALWAYS, moment)
    assert until is not None
    assert until - moment > timedelta(days=7)
    assert add_staffed(ALWAYS, moment, timedelta(hours=5)) == moment.astimezone(UTC) + timedelta(hours=5)
    assert next_staffed(NEVER, moment) is None
    assert staffed_between(NEVER, moment, moment + timedelta(days=3)) == timedelta(0)
    with pytest.raises(NeverStaffed):
        add_staffed(NEVER, moment, MINUTE)
    with pytest.raises(ValueError, match="added"):
        add_staffed(ALWAYS, moment, -MINUTE)


def test_a_calendar_that_makes_no_sense_is_refused() -> None:
    with pytest.raises(ValueError, match="seven"):
        Calendar(weekly=((),))
    with pytest.raises(ValueError, match="tail"):
        Calendar(weekly=((),) * 7, tail=timedelta(days=2))
    with pytest.raises(ValueError, match="after"):
        Interval(time(9), time(9))


# --- against a slow oracle that walks local minutes -----------------------------------------------------------------

# Not inside 02-03, where the two nights have their own tests above.
clocks = st.sampled_from([time(h, m) for h in range(24) if h != 2 for m in (0, 20, 40)])


@st.composite
def intervals(draw: st.DrawFn) -> tuple[Interval, ...]:
    """Up to three intervals, in any order, possibly overlapping."""
    found = []
    for _ in range(draw(st.integers(0, 3))):
        start, end = sorted((draw(clocks), draw(clocks)))
        if start < end:
            found.append(Interval(start, end))
    return tuple(found)


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    """A week, exceptions around the nights when clocks change, any tail up to a day."""
    days = st.sampled_from(
        [date(2026, 3, 28), date(2026, 3, 29), date(2026, 3, 30), date(2026, 10, 25), date(2026, 6, 19)]
    )
    return Calendar(
        weekly=tuple(draw(intervals()) for _ in range(7)),
        exceptions=draw(st.dictionaries(days, intervals(), max_size=2)),
        tail=timedelta(minutes=draw(st.sampled_from([0, 15, 30, 600]))),
        open_on_red_days=draw(st.booleans()),
    )


starts = st.sampled_from(
    [
        at("2026-03-28 21:00"),
        at("2026-03-29 01:00"),
        at("2026-10-24 22:00"),
        at("2026-10-25 01:30"),
        at("2026-06-18 12:00"),
    ]
).flatmap(lambda base: st.integers(-300, 300).map(lambda m: base.astimezone(UTC) + timedelta(minutes=m)))


def staffed_by_the_clock(calendar: Calendar, moment: datetime) -> bool:
    """What a person with a wall clock and the timetable on the door would say."""
    local = moment.astimezone(STOCKHOLM)
    return any(i.start <= local.time() < i.end for i in intervals_on(calendar, local.date()))


@settings(max_examples=60, deadline=None)
@given(calendar=calendars(), start=starts)
def test_it_agrees_with_the_clock_on_the_wall_minute_by_minute(calendar: Calendar, start: datetime) -> None:
    minutes = [start + MINUTE * n for n in range(0, 30 * 60, 7)]
    by_clock = [staffed_by_the_clock(calendar, moment) for moment in minutes]
    assert [is_staffed(calendar, moment) for moment in minutes] == by_clock
    found = next_staffed(calendar, start)
    first = next((m for m, staffed in zip(minutes, by_clock, strict=True) if staffed), None)
    if first is not None:
        assert found is not None
        assert found <= first
        assert staffed_by_the_clock(calendar, found)
    if found is not None and found > start:
        assert not staffed_by_the_clock(calendar, found - MINUTE)


@settings(max_examples=100, deadline=None)
@given(calendar=calendars(), start=starts, minutes=st.integers(0, 3000), tail=st.booleans())
def test_adding_and_measuring_are_each_others_inverse(
    calendar: Calendar, start: datetime, minutes: int, tail: bool
) -> None:
    amount = MINUTE * minutes
    try:
        end = add_staffed(calendar, start, amount, tail=tail)
    except NeverStaffed:
        assert staffed_between(calendar, start, start + timedelta(days=390), tail=tail) < amount
        return
    assert end >= start + amount
    assert staffed_between(calendar, start, end, tail=tail) == amount
    if amount:
        assert is_staffed(calendar, end - timedelta(seconds=1), tail=tail)


@settings(max_examples=100, deadline=None)
@given(calendar=calendars(), start=starts, a=st.integers(0, 4000), b=st.integers(0, 4000))
def test_staffed_time_adds_up(calendar: Calendar, start: datetime, a: int, b: int) -> None:
    middle, end = start + MINUTE * a, start + MINUTE * (a + b)
    whole = staffed_between(calendar, start, end)
    assert whole == staffed_between(calendar, start, middle) + staffed_between(calendar, middle, end)
    assert timedelta(0) <= whole <= end - start
    assert whole >= staffed_between(calendar, start, end, tail=False)
