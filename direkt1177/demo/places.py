"""Region, care providers, units, roles and shared phrases of a region of the demo."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time
from random import Random
from typing import Any
from uuid import UUID

from cases.models import Phrase
from direkt1177.accounts.actors import SYSTEM
from direkt1177.demo.files import RegionData, read
from direkt1177.units.branch_commands import decide_branch
from direkt1177.units.clock import moved
from direkt1177.units.commands import load_region, set_policy_value
from direkt1177.units.models import CareProvider, CareRole, Region, StaffedHours, Unit
from direkt1177.units.policy_model import parse_hours
from direkt1177.units.region_files import read_region_file
from direkt1177.units.staffed_time import STOCKHOLM

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


def build_places(random: Random, data: RegionData) -> Places:
    """Load the region's settings and make its providers, units, roles and phrases."""
    places = Places(load_region(actor=SYSTEM, file=read_region_file(data.code)))
    for order, role in enumerate(read("roles")):
        places.roles[role["code"]], _new = CareRole.objects.get_or_create(
            code=role["code"], defaults={"name": role["name"], "order": order}
        )
    for entry in data.providers:
        provider = CareProvider.objects.create(
            region=places.region,
            name=entry["name"],
            kind=entry["kind"],
            organisation_number=entry["organisation_number"],
        )
        for unit in entry["units"]:
            places.units[unit["slug"]] = _build_unit(random, places, provider, unit)
    Phrase.objects.bulk_create(
        Phrase(level=Phrase.Level.UNIT, unit=unit, **phrase)
        for unit in places.units.values()
        for phrase in read("phrases")["unit"]
    )
    return places


def _build_unit(random: Random, places: Places, provider: CareProvider, entry: dict[str, Any]) -> Unit:
    always = entry.get("hours") == "always"
    unit = Unit.objects.create(
        provider=provider,
        public_id=draw_uuid(random),
        slug=entry["slug"],
        type=entry["type"],
        parent=places.units[entry["parent"]] if "parent" in entry else None,
        name=entry["name"],
        hsa_id=f"{HSA_PREFIX}-{entry['hsa']}",
        phone=entry["phone"],
        open_on_red_days=always,
    )
    if always:
        start, end = parse_hours("00.00-24.00")
        StaffedHours.objects.bulk_create(
            StaffedHours(unit=unit, weekday=weekday, start=start, end=end) for weekday in range(7)
        )
    if own_cases := entry.get("own_cases"):
        day: date = own_cases["valid_from"]
        with moved(datetime.combine(day, time(9), STOCKHOLM)):
            decide_branch(actor=SYSTEM, unit_id=unit.pk, own_cases=True, decided_on=day, **own_cases)
    if aid := entry.get("decision_aid"):
        set_policy_value(actor=SYSTEM, region_id=places.region.pk, key="rehab_decision_aid", **aid)
    return unit
