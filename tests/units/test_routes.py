"""Where cases go, the picker's marks, expected replies: pure rules by property, queries by count."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from direkt1177.units import leftovers
from direkt1177.units.clock import moved
from direkt1177.units.closures import follow
from direkt1177.units.errors import UnitClosed, UnitWoundUp
from direkt1177.units.leftovers import Leftover
from direkt1177.units.models import CalendarException, Closure, StaffedHours, Unit
from direkt1177.units.queries import (
    Mark,
    expected_reply,
    picker_state,
    picker_states,
    redirect_target,
    route_of,
    routes_of,
)
from direkt1177.units.reply_time import words_in_swedish
from tests.factories import set_policy
from tests.units.conftest import Place
from tests.units.test_closures import at, hold, make

MONDAY = at("2026-03-02 09:00")
PLACES = st.integers(0, 7)


@pytest.fixture
def clock(db: None) -> Any:
    """Monday 2 March 2026, nine o'clock."""
    with moved(MONDAY):
        yield


@given(st.dictionaries(PLACES, st.none() | PLACES), PLACES)
def test_any_chain_ends_and_never_goes_round(onward: dict[int, int | None], start: int) -> None:
    path = follow(start, onward)
    assert path.passed[0] == start
    assert len(set(path.passed)) == len(path.passed)
    assert all(onward[a] == b for a, b in zip(path.passed, path.passed[1:], strict=False))
    if path.end is None:
        following = onward[path.passed[-1]]
        assert following is None or following in path.passed
    else:
        assert path.end == path.passed[-1]
        assert path.end not in onward


@pytest.mark.req("HRS-12")
def test_a_loop_in_the_database_closes_instead_of_going_round(place: Place, clock: None) -> None:
    other = make(place, "andra", "Andra")
    for unit, target in ((place.centre, other), (other, place.centre)):  # past the commands
        Closure.objects.create(
            unit=unit, target=target, kind="planned", status="approved", starts_at=MONDAY, chain="region_then_order",
            ends_at=MONDAY + timedelta(hours=1), grounds="training", requested_at=MONDAY, reason="x", manager="y",
        )  # fmt: skip
    for unit in (place.centre, other, place.branch):
        assert route_of(unit).unit is None
        with pytest.raises(UnitClosed):
            redirect_target(unit)


def test_a_unit_that_was_wound_up_leads_to_its_successor_or_nowhere(place: Place, clock: None) -> None:
    Unit.objects.filter(pk=place.centre.pk).update(active=False)
    centre = Unit.objects.get(pk=place.centre.pk)
    with pytest.raises(UnitWoundUp):
        redirect_target(centre)
    other, third = make(place, "andra", "Andra"), make(place, "tredje", "Tredje")
    Unit.objects.filter(pk=centre.pk).update(successor=other)
    Unit.objects.filter(pk=other.pk).update(active=False, successor=third)
    assert redirect_target(Unit.objects.get(pk=centre.pk)) == third
    assert redirect_target(place.branch) == third


# --- the picker -------------------------------------------------------------------------------------------------------


@pytest.mark.req("HRS-14")
def test_the_picker_marks_closed_unstaffed_and_staffed_units(place: Place, clock: None) -> None:
    other = make(place, "andra", "Andra")
    hold(place.centre, target_id=other.pk)

    def words(unit: Unit, moment: str) -> tuple[Mark, str]:
        state = picker_state(unit, at=at(moment))
        return state.kind, state.words

    assert words(place.centre, "2026-03-02 10:00") == (Mark.STAFFED, "bemannad till måndag 2 mars kl. 16.00")
    assert words(place.centre, "2026-03-06 14:30") == (
        Mark.UNSTAFFED, "obemannad, bemannad igen måndag 9 mars kl. 08.00",
    )  # fmt: skip
    assert words(place.centre, "2026-03-24 10:00") == (
        Mark.CLOSED, "stängd till tisdag 24 mars kl. 16.00, Andra tar emot nya ärenden",
    )  # fmt: skip
    assert words(place.branch, "2026-03-02 10:00") == (Mark.CLOSED, "Exempelby tar emot nya ärenden")
    state = picker_state(place.branch, at=at("2026-03-24 10:00"))
    assert (state.redirected, state.instead, state.open) == (True, other, False)
    assert words(place.rehab, "2026-03-02 10:00") == (Mark.STAFFED, "bemannad till måndag 2 mars kl. 12.00")
    StaffedHours.objects.create(unit=other, role=place.nurse, weekday=1, start=time(9), end=time(12))
    assert picker_state(other, role=place.nurse, at=at("2026-03-02 10:00")).next_at == at("2026-03-03 09:00")
    Unit.objects.filter(pk=other.pk).update(active=False)
    gone = picker_state(Unit.objects.get(pk=other.pk))
    assert (gone.kind, gone.words, gone.instead) == (Mark.CLOSED, "stängd för gott", None)


@pytest.mark.req("HRS-14")
def test_a_hundred_units_ask_as_many_questions_as_two(place: Place, clock: None) -> None:
    other = make(place, "andra", "Andra")
    hold(place.centre, target_id=other.pk)
    counts = []
    for number in (2, 30):
        for n in range(number):
            Unit.objects.get_or_create(
                slug=f"s-{n}",
                defaults={
                    "provider": place.centre.provider, "name": f"E{n}", "hsa_id": f"SE-{n}",
                    "type": "branch" if n % 2 else "primary_care", "parent": place.centre if n % 2 else None,
                },
            )  # fmt: skip
        units = list(Unit.objects.filter(slug__startswith="s-").select_related("provider__region"))
        with CaptureQueriesContext(connection) as queries:
            states = picker_states(units, role=place.nurse, at=at("2026-03-24 10:00"))
            assert len({state.words for state in states.values()}) == 2
            routes_of(units, at("2026-03-24 10:00"))
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 18


# --- expected reply ---------------------------------------------------------------------------------------------------


@pytest.mark.req("REH-01", "REH-02")
@pytest.mark.parametrize(
    ("moment", "words"),
    [
        ("2026-03-02 08:00", "i dag mellan kl. 10.00 och 12.00"),
        ("2026-03-02 10:00", "i dag före kl. 12.00"),
        ("2026-03-02 11:59", "i dag före kl. 12.00"),
        ("2026-03-02 12:00", "i morgon mellan kl. 10.00 och 12.00"),
        ("2026-03-06 12:00", "måndag 9 mars mellan kl. 10.00 och 12.00"),  # Friday noon
        ("2026-04-02 12:00", "tisdag 7 april mellan kl. 10.00 och 12.00"),  # before Easter
        ("2026-12-23 13:00", "måndag 28 december mellan kl. 10.00 och 12.00"),
        ("2026-03-28 13:00", "måndag 30 mars mellan kl. 10.00 och 12.00"),  # the clock changes meanwhile
    ],
)
def test_when_the_rehab_unit_answers(place: Place, moment: str, words: str) -> None:
    with moved(at(moment)):
        assert words_in_swedish(expected_reply(place.rehab), at(moment)) == words


@pytest.mark.req("REH-02")
def test_a_unit_that_never_closes_or_never_opens_has_words_too(place: Place) -> None:
    StaffedHours.objects.bulk_create(
        StaffedHours(unit=place.rehab, weekday=day, start=time(0), end=time(23, 59)) for day in range(7)
    )
    place.rehab.open_on_red_days = True
    assert words_in_swedish(expected_reply(place.rehab, MONDAY), MONDAY) == "dygnet runt"
    assert words_in_swedish(None, MONDAY) == "så snart de kan"


def test_an_exception_moves_the_reply(place: Place, clock: None) -> None:
    CalendarException.objects.create(unit=place.rehab, date=MONDAY.date(), reason="Studiedag")
    assert words_in_swedish(expected_reply(place.rehab), MONDAY) == "i morgon mellan kl. 10.00 och 12.00"


@pytest.mark.req("REH-06")
def test_the_decision_aid_is_the_regions_text(place: Place) -> None:
    from direkt1177.units.policies import policy

    assert policy(place.rehab).rehab_decision_aid == ""
    set_policy(place.rehab, "rehab_decision_aid", "Ont i ryggen utan varningstecken: rehab")
    fresh = Unit.objects.get(pk=place.rehab.pk)
    assert policy(fresh).rehab_decision_aid == "Ont i ryggen utan varningstecken: rehab"


# --- what is left ----------------------------------------------------------------------------------------------------


def test_whoever_reports_leftovers_is_asked_once(place: Place) -> None:
    def count(_unit: int) -> list[Leftover]:
        return [Leftover("biljetter", 2), Leftover("överlämningar", 0)]

    leftovers.register(count)
    leftovers.register(count)
    try:
        assert [row for row in leftovers.leftovers_of(place.centre.pk) if row.label == "biljetter"] == [
            Leftover("biljetter", 2)
        ]
    finally:
        leftovers._counters.remove(count)
