"""Shared by the tests of the errand."""

from __future__ import annotations

import pytest

from cases.models import Case
from direkt1177.accounts.actors import StaffActor
from direkt1177.units.models import Unit
from tests import factories


@pytest.fixture
def unit(db: None) -> Unit:
    """A health centre that is always staffed."""
    return factories.make_unit()


@pytest.fixture
def nurse(unit: Unit) -> StaffActor:
    """A nurse on shift there."""
    return factories.make_staff(unit)


@pytest.fixture
def colleague(unit: Unit) -> StaffActor:
    """Another nurse on shift there."""
    return factories.make_staff(unit)


@pytest.fixture
def doctor(unit: Unit) -> StaffActor:
    """A doctor on shift there."""
    return factories.make_staff(unit, "doctor", title="Specialistläkare")


@pytest.fixture
def case(unit: Unit) -> Case:
    """A case waiting for the nurses."""
    return factories.make_case(unit)
