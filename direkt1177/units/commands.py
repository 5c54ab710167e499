"""Changes of settings; each one is logged with old and new value (ADM-07, ADM-08)."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import ValidationError

from direkt1177.audit.actor import Actor
from direkt1177.audit.record import command, record
from direkt1177.audit.refusals import NotFound
from direkt1177.units.changed import announce
from direkt1177.units.clock import now
from direkt1177.units.errors import NotTheUnitsOwn, NoUnitOverride, PolicyValueRefused, UnknownPolicy
from direkt1177.units.events import PolicyChanged, PolicyEnded, RegionLoaded
from direkt1177.units.models import PolicyValue, Region, Unit
from direkt1177.units.policies import raw_value
from direkt1177.units.policy_model import Policy, setting_of
from direkt1177.units.region_files import RegionFile
from direkt1177.units.staffed_time import STOCKHOLM


@command
def set_policy_value(
    *,
    actor: Actor,
    region_id: int,
    key: str,
    value: Any,
    source: str,
    valid_from: date,
    unit_id: int | None = None,
    reason: str = "",
) -> PolicyValue:
    """Give a region or unit a value of one setting from a date on.

    An older value that is still open ends the day the new one begins.

    Args:
        value: raw, as from a form or file.
        source: document and place that say so.
        valid_from: first day, in Sweden.

    Raises:
        UnknownPolicy, PolicyValueRefused, NoUnitOverride: nothing is changed.
        NotFound: the region has no such unit.
    """
    if key not in Policy.model_fields:
        raise UnknownPolicy
    if unit_id is not None and not setting_of(key).per_unit:
        raise NoUnitOverride
    try:
        stored = raw_value(key, value)
    except ValidationError as error:
        raise PolicyValueRefused from error
    region = Region.objects.select_for_update(no_key=True).get(pk=region_id)
    unit = None if unit_id is None else Unit.objects.filter(pk=unit_id, provider__region=region).first()
    if unit is None and unit_id is not None:
        raise NotFound
    rows = PolicyValue.objects.filter(region=region, unit=unit, key=key)
    before = rows.filter(valid_from__lte=valid_from).order_by("-valid_from").first()
    old = before.value if before else None
    rows.filter(valid_from__lt=valid_from, valid_to__isnull=True).update(valid_to=valid_from)
    row, _created = rows.update_or_create(
        region=region,
        unit=unit,
        key=key,
        valid_from=valid_from,
        defaults={"value": stored, "source": source, "valid_to": None},
    )
    record(PolicyChanged(region.pk, unit_id, key, old, stored, source, reason), actor=actor)
    announce(_units_of(region) if unit is None else [unit.pk])
    return row


@command
def end_policy_value(*, actor: Actor, value_id: int, reason: str) -> PolicyValue:
    """End a unit's own value today, so that the region's holds again (HRS-02); the row stays as history.

    A value that begins today or later goes away; the log keeps what it was.

    Raises:
        NotTheUnitsOwn: it is the region's, or has ended already.
    """
    today = now().astimezone(STOCKHOLM).date()
    row = PolicyValue.objects.select_for_update(no_key=True).get(pk=value_id)
    if row.unit_id is None or (row.valid_to is not None and row.valid_to <= today):
        raise NotTheUnitsOwn
    record(PolicyEnded(row.unit_id, row.key, row.value, max(today, row.valid_from).isoformat(), reason), actor=actor)
    announce([row.unit_id])
    if row.valid_from >= today:
        row.delete()
    else:
        row.valid_to = today
        row.save(update_fields=["valid_to"])
    return row


@command
def load_region(*, actor: Actor, file: RegionFile) -> Region:
    """Bring a region and its policy values to what its checked data file says; loading again changes nothing.

    Values of the same first day that the file no longer states are removed; units' own values are left alone.
    """
    region, _created = Region.objects.update_or_create(
        code=file.region.code, defaults={"name": file.region.name, "service_name": file.region.service_name}
    )
    region = Region.objects.select_for_update(no_key=True).get(pk=region.pk)
    first, last = file.document.valid_from, file.document.valid_to
    existing = {row.key: row for row in PolicyValue.objects.filter(region=region, unit__isnull=True, valid_from=first)}
    stated = file.stated()
    changed: list[str] = []
    new: list[PolicyValue] = []
    for key, (value, source) in stated.items():
        row = existing.pop(key, None)
        if row is None:
            new.append(PolicyValue(region=region, key=key, value=value, source=source, valid_from=first, valid_to=last))
        elif (row.value, row.source) != (value, source):
            row.value, row.source = value, source
            row.save(update_fields=["value", "source"])
        else:
            continue
        changed.append(key)
    PolicyValue.objects.bulk_create(new)
    for key, row in existing.items():
        row.delete()
        changed.append(key)
    document = f"{file.document.title} {file.document.version}"
    if changed:
        record(RegionLoaded(region.pk, document, tuple(sorted(changed))), actor=actor)
        announce(_units_of(region))
    return region


def _units_of(region: Region) -> list[int]:
    return list(Unit.objects.filter(provider__region=region).values_list("pk", flat=True))
