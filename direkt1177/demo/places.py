"""Region, care providers, units, roles and shared phrases of the demo."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from uuid import UUID

from cases.models import Phrase
from direkt1177.accounts.actors import SYSTEM
from direkt1177.demo.files import read
from direkt1177.units.commands import load_region
from direkt1177.units.models import CareProvider, CareRole, Region, Unit
from direkt1177.units.region_files import read_region_file

HSA_PREFIX = "TSTNMT2321000156"


@dataclass(slots=True)
class Places:
    """What was built, by the names of the data file."""

    region: Region
    units: dict[str, Unit] = field(default_factory=dict)
    roles: dict[str, CareRole] = field(default_factory=dict)


def draw_uuid(random: Random) -> UUID:
    """A version 4 UUID out of the seeded generator: the same seed gives the same addresses."""
    return UUID(int=random.getrandbits(128), version=4)


def build_places(random: Random) -> Places:
    """Load the region's data file and make its providers, units, roles and phrases."""
    data = read("places")
    places = Places(load_region(actor=SYSTEM, file=read_region_file(data["region"])))
    for order, role in enumerate(data["roles"]):
        places.roles[role["code"]], _new = CareRole.objects.get_or_create(
            code=role["code"], defaults={"name": role["name"], "order": order}
        )
    for entry in data["providers"]:
        provider = CareProvider.objects.create(
            region=places.region,
            name=entry["name"],
            kind=entry["kind"],
            organisation_number=entry["organisation_number"],
        )
        for unit in entry["units"]:
            places.units[unit["slug"]] = Unit.objects.create(
                provider=provider,
                public_id=draw_uuid(random),
                slug=unit["slug"],
                type=unit["type"],
                name=unit["name"],
                hsa_id=f"{HSA_PREFIX}-{unit['hsa']}",
                phone=unit["phone"],
            )
    Phrase.objects.bulk_create(
        Phrase(level=Phrase.Level.UNIT, unit=unit, **phrase)
        for unit in places.units.values()
        for phrase in read("phrases")["unit"]
    )
    return places
