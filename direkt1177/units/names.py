"""What a unit was called at a moment (UCH-03): visits and exports show the name and HSA-id valid then."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from direkt1177.units.models import CareProvider, Unit, UnitName


@dataclass(frozen=True, slots=True)
class NameThen:
    """Name, HSA-id and care provider of a unit at a moment; ``now`` is today's name when it differs, else empty."""

    name: str
    hsa_id: str
    provider: str
    now: str = ""


def unit_name_at(unit: Unit, at: datetime) -> NameThen:
    """What a unit was called at a moment (aware); one query besides its provider."""
    return unit_names_at([(unit, at)])[unit.pk, at]


def unit_names_at(wanted: Collection[tuple[Unit, datetime]]) -> dict[tuple[int, datetime], NameThen]:
    """The same for many units and moments, by unit id and moment; one query when providers are loaded."""
    rows: dict[int, list[UnitName]] = {}
    for row in UnitName.objects.filter(unit__in={unit.pk for unit, _at in wanted}).select_related("provider"):
        rows.setdefault(row.unit_id, []).append(row)
    return {(unit.pk, at): _then(unit, rows.get(unit.pk, ()), at) for unit, at in wanted}


def _then(unit: Unit, rows: Collection[UnitName], at: datetime) -> NameThen:
    for row in rows:
        if (row.valid_from is None or row.valid_from <= at) and (row.valid_to is None or at < row.valid_to):
            return NameThen(row.name, row.hsa_id, row.provider.name, unit.name if unit.name != row.name else "")
    return NameThen(unit.name, unit.hsa_id, unit.provider.name)


def keep_name(unit: Unit, *, name: str, hsa_id: str, at: datetime) -> None:
    """Write the old and the new name down; call inside a command that changes the row, with the unit locked.

    Args:
        unit: as it is before the change.
        name, hsa_id: as it will be.
        at: from when the new name holds.
    """
    provider: CareProvider = unit.provider
    current = UnitName.objects.filter(unit=unit, valid_to__isnull=True).first()
    if current is None:
        UnitName.objects.create(
            unit=unit, name=unit.name, hsa_id=unit.hsa_id, provider=provider, valid_from=None, valid_to=at
        )
    elif current.valid_from is not None and current.valid_from >= at:
        # Twice within one tick of the clock: only the last name was ever seen.
        UnitName.objects.filter(pk=current.pk).update(name=name, hsa_id=hsa_id)
        return
    else:
        UnitName.objects.filter(pk=current.pk).update(valid_to=at)
    UnitName.objects.create(unit=unit, name=name, hsa_id=hsa_id, provider=provider, valid_from=at, valid_to=None)
