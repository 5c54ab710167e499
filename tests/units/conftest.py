"""A region from its data file with one health centre, one branch and one rehab unit."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from direkt1177.accounts.actors import SYSTEM
from direkt1177.units.commands import load_region
from direkt1177.units.models import CareProvider, CareRole, Region, Unit
from direkt1177.units.region_files import read_region_file


@dataclass
class Place:
    """What the tests of units stand on."""

    region: Region
    centre: Unit
    branch: Unit
    rehab: Unit
    nurse: CareRole


@pytest.fixture
def place(db: None) -> Place:
    """Region Kalmar with three units."""
    region = load_region(actor=SYSTEM, file=read_region_file("kalmar"))
    provider = CareProvider.objects.create(
        region=region, name="Vård i test", organisation_number="5560000001", kind=CareProvider.Kind.PUBLIC
    )
    centre = Unit.objects.create(
        provider=provider, slug="exempelby", name="Exempelby", type=Unit.Type.PRIMARY_CARE, hsa_id="SE5560000001-1"
    )
    branch = Unit.objects.create(
        provider=provider, slug="filial", name="Filial", type=Unit.Type.BRANCH, hsa_id="SE5560000001-2", parent=centre
    )
    rehab = Unit.objects.create(
        provider=provider, slug="rehab", name="Rehab", type=Unit.Type.REHAB, hsa_id="SE5560000001-3"
    )
    nurse, _new = CareRole.objects.get_or_create(code="nurse", defaults={"name": "Sjuksköterska"})
    return Place(region, centre, branch, rehab, nurse)
