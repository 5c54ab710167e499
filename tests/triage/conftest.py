"""A unit, a resident listed there, and a walk through the entrance in their browser."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import pytest
import time_machine

from direkt1177.residents.models import Person
from direkt1177.units.models import StaffedHours, Unit
from tests.factories import make_person, make_role, make_unit
from tests.signing_in import resident_client
from tests.triage.walking import Walk


@pytest.fixture
def unit() -> Unit:
    make_role("nurse")
    make_role("medical_admin")
    return make_unit(name="Granbackens hälsocentral")


@pytest.fixture
def person(unit: Unit) -> Person:
    return make_person(listed_unit=unit, sex="female", birth_date=date(1994, 5, 4))


@pytest.fixture
def walk(person: Person) -> Walk:
    return Walk(resident_client(person))


SUNDAY_NIGHT = datetime.fromisoformat("2026-03-01T03:00:00+01:00")


@pytest.fixture
def sunday(unit: Unit) -> Iterator[None]:
    StaffedHours.objects.filter(unit=unit).delete()
    for day in range(5):
        StaffedHours.objects.create(unit=unit, weekday=day, start="08:00", end="16:00")
    with time_machine.travel(SUNDAY_NIGHT, tick=True):
        yield
