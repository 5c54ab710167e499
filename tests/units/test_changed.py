"""Apps above hear of everything that time depends on, with the units it concerns (design §2)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time, timedelta
from typing import Any

import pytest

from direkt1177.accounts.actors import SYSTEM
from direkt1177.units import changed
from direkt1177.units import hours_commands as hours
from direkt1177.units.branch_commands import decide_branch
from direkt1177.units.clock import now
from direkt1177.units.commands import end_policy_value, load_region, set_policy_value
from direkt1177.units.region_files import read_region_file
from direkt1177.units.staffed_time import STOCKHOLM, Interval
from tests.units.conftest import Place

Heard = list[frozenset[int]]


@pytest.fixture
def heard(place: Place) -> Iterator[Heard]:
    """What a listener is told."""
    told: Heard = []
    changed.register(told.append)
    yield told
    changed._listeners.remove(told.append)


def test_a_setting_of_the_region_concerns_all_its_units_and_an_own_one_its_unit(place: Place, heard: Heard) -> None:
    facts: dict[str, Any] = {
        "actor": SYSTEM,
        "region_id": place.region.pk,
        "source": "x",
        "valid_from": date(2026, 1, 1),
    }
    everyone = frozenset({place.centre.pk, place.branch.pk, place.rehab.pk})
    set_policy_value(key="response_target", value=20, **facts)
    row = set_policy_value(key="response_target", value=10, unit_id=place.centre.pk, **facts)
    end_policy_value(actor=SYSTEM, value_id=row.pk, reason="slut")
    load_region(actor=SYSTEM, file=read_region_file("kalmar"))  # the document comes back with what it says
    assert heard == [everyone, {place.centre.pk}, {place.centre.pk}]
    set_policy_value(key="staffed_tail_minutes", value=5, **(facts | {"valid_from": date(2024, 11, 11)}))
    load_region(actor=SYSTEM, file=read_region_file("kalmar"))
    assert heard[3:] == [everyone, everyone]


def test_hours_exceptions_and_branch_decisions_concern_their_unit(place: Place, heard: Heard) -> None:
    unit, today = place.branch.pk, now().astimezone(STOCKHOLM).date()
    hours.set_staffed_hours(actor=SYSTEM, unit_id=unit, week={0: [Interval(time(8), time(12))]})
    row = hours.add_calendar_exception(actor=SYSTEM, unit_id=unit, day=today + timedelta(days=3), why="Städdag")
    hours.change_calendar_exception(actor=SYSTEM, exception_id=row.pk, day=today + timedelta(days=4), why="Städdag")
    hours.remove_calendar_exception(actor=SYSTEM, exception_id=row.pk)
    decide_branch(
        actor=SYSTEM, unit_id=unit, own_cases=True, decided_by="Vera", decided_on=today, valid_from=today,
        condition="Varje dag",
    )  # fmt: skip
    assert heard == [frozenset({unit})] * 5
    hours.set_staffed_hours(actor=SYSTEM, unit_id=unit, week={0: [Interval(time(8), time(12))]})
    assert len(heard) == 5  # nothing was changed
