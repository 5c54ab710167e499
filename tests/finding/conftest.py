"""A care provider with two units, a nurse and her colleague at the first, and another provider."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from django.test import Client

from cases.models import Case
from direkt1177.accounts.actors import StaffActor
from direkt1177.residents.models import Person
from direkt1177.units.models import Unit
from tests import factories
from tests.signing_in import staff_client


@dataclass
class Place:
    """Where the tests happen.

    Attributes:
        browser: the nurse's.
        patient: with a visit of the colleague, one at the sister unit, one at another provider.
    """

    unit: Unit
    sister: Unit
    foreign: Unit
    nurse: StaffActor
    colleague: StaffActor
    browser: Client
    patient: Person
    held: Case
    elsewhere: Case
    abroad: Case


@pytest.fixture
def place(db: None) -> Place:
    """Made anew."""
    unit = factories.make_unit()
    sister = factories.make_unit(provider=unit.provider, name="Systerhälsocentralen")
    foreign = factories.make_unit(region=unit.provider.region, name="Främmande vårdcentral")
    nurse, colleague = factories.make_staff(unit), factories.make_staff(unit)
    patient = factories.make_person(first_name="Kanariefågel")
    return Place(
        unit=unit,
        sister=sister,
        foreign=foreign,
        nurse=nurse,
        colleague=colleague,
        browser=staff_client(nurse),
        patient=patient,
        held=factories.make_started_case(colleague, patient=patient, contact_reason="Kollegans besvär"),
        elsewhere=factories.make_started_case(
            factories.make_staff(sister), patient=patient, contact_reason="Systers besvär"
        ),
        abroad=factories.make_started_case(
            factories.make_staff(foreign), patient=patient, contact_reason="Främmande besvär"
        ),
    )
