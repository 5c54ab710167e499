"""Winding a unit up for good and takeover by another care provider (UCH-01, UCH-02)."""

from __future__ import annotations

from datetime import date

from direkt1177.audit.actor import Actor
from direkt1177.audit.record import command, record
from direkt1177.audit.refusals import NotFound
from direkt1177.units import change_events as events
from direkt1177.units.change_errors import (
    ChangeNotOpen,
    ChangePlannedAlready,
    DayIsPast,
    NotBeforeTheDay,
    RegionNotTold,
    SuccessorRefused,
    WorkLeft,
)
from direkt1177.units.changed import announce
from direkt1177.units.clock import now
from direkt1177.units.leftovers import leftovers_of
from direkt1177.units.models import Region, Unit, UnitChange
from direkt1177.units.own_leftovers import places_left
from direkt1177.units.staffed_time import STOCKHOLM

_KIND, _STATUS = UnitChange.Kind, UnitChange.Status


@command
def plan_unit_change(
    *, actor: Actor, unit_id: int, kind: str, takes_effect: date, reason: str, successor_id: int | None = None
) -> UnitChange:
    """Set the day on which a unit is wound up or taken over.

    Args:
        actor: the unit's management or regional administration; the caller has checked where.
        kind: of ``UnitChange.Kind``.
        takes_effect: today or later, in Sweden. Regional administration is to know of a takeover three weeks before.
        successor_id: the unit that goes on and gets cases addressed to the old one; needed at a takeover, where it
            belongs to the care provider that takes over.

    Raises:
        ChangeRefused: one of its kinds says what to change.
        NotFound: no such unit in use.
    """
    unit = _locked(unit_id)
    successor = None
    if successor_id is not None:
        successor = Unit.objects.select_related("provider").filter(pk=successor_id, active=True).first()
    if takes_effect < now().astimezone(STOCKHOLM).date():
        raise DayIsPast
    if UnitChange.objects.filter(unit=unit, status=_STATUS.PLANNED).exists():
        raise ChangePlannedAlready
    if not _fits(unit, successor, kind, wanted=successor_id is not None):
        raise SuccessorRefused
    change = UnitChange.objects.create(
        unit=unit, kind=_KIND(kind), takes_effect=takes_effect, successor=successor, reason=reason,
        planned_by_key=actor.key, planned_by=actor.name, planned_at=now(),
    )  # fmt: skip
    record(events.UnitChangePlanned.of(change, before=""), actor=actor)
    return change


@command
def confirm_region_told(*, actor: Actor, change_id: int) -> UnitChange:
    """Regional administration confirms that it knows of the change (UCH-01).

    Raises:
        ChangeNotOpen: carried out, cancelled or confirmed already.
    """
    change = _open(change_id)
    if change.region_told_at is not None:
        raise ChangeNotOpen
    change.region_told_at, change.region_told_by = now(), actor.name
    change.save(update_fields=["region_told_at", "region_told_by"])
    record(events.RegionTold.of(change, before=change.status), actor=actor)
    return change


@command
def cancel_unit_change(*, actor: Actor, change_id: int, reason: str) -> UnitChange:
    """It does not happen.

    Raises:
        ChangeNotOpen: carried out or cancelled already.
    """
    change = _open(change_id)
    return _end(actor, change, _STATUS.CANCELLED, events.UnitChangeCancelled, reason)


@command
def carry_out_unit_change(*, actor: Actor, change_id: int, reason: str = "") -> UnitChange:
    """Close the unit for good on its day, when nothing is left to do there (UCH-02).

    A case that is being sent at the same instant is either there first and stops this, or is refused (see
    ``steps.hold_active``). What the unit has had stays in the record; its successor gets what is addressed to it.

    Raises:
        ChangeNotOpen, NotBeforeTheDay, RegionNotTold, SuccessorRefused: not yet, or no longer.
        WorkLeft: open cases, queued patients, usable tickets, pending offers, follow-up; with numbers.
    """
    change = _open(change_id)
    unit = _locked(change.unit_id)
    if change.takes_effect > now().astimezone(STOCKHOLM).date():
        raise NotBeforeTheDay(change.takes_effect)
    if change.kind == _KIND.TAKEOVER and change.region_told_at is None:
        raise RegionNotTold
    if not _fits(unit, change.successor, change.kind, wanted=change.successor is not None):
        raise SuccessorRefused
    left = [*leftovers_of(unit.pk), *places_left(unit)]
    if left:
        raise WorkLeft(left)
    unit.active, unit.wound_up_at, unit.successor = False, now(), change.successor
    unit.save(update_fields=["active", "wound_up_at", "successor"])
    announce([unit.pk])
    return _end(actor, change, _STATUS.DONE, events.UnitChangeDone, reason)


def _fits(unit: Unit, successor: Unit | None, kind: str, *, wanted: bool) -> bool:
    if successor is None:
        return kind == _KIND.WIND_UP and not wanted
    same_region = successor.provider.region_id == unit.provider.region_id
    other_provider = kind != _KIND.TAKEOVER or successor.provider_id != unit.provider_id
    return successor.active and successor.pk != unit.pk and same_region and other_provider


def _locked(unit_id: int) -> Unit:
    """The unit in use, locked after its region."""
    row = Unit.objects.filter(pk=unit_id).values_list("provider__region_id", flat=True).first()
    if row is None:
        raise NotFound
    Region.objects.select_for_update(no_key=True).get(pk=row)
    locked = Unit.objects.select_for_update(no_key=True, of=("self",)).select_related("provider")
    unit = locked.filter(pk=unit_id, active=True).first()
    if unit is None:
        raise NotFound
    return unit


def _open(change_id: int) -> UnitChange:
    """The change, locked after its region, while it is planned."""
    region = Region.objects.filter(providers__units__changes=change_id).first()
    if region is None:
        raise NotFound
    Region.objects.select_for_update(no_key=True).get(pk=region.pk)
    change = UnitChange.objects.select_related("unit", "successor__provider").get(pk=change_id)
    if change.status != _STATUS.PLANNED:
        raise ChangeNotOpen
    return change


def _end(
    actor: Actor, change: UnitChange, status: UnitChange.Status, event: type[events.UnitChangeEvent], reason: str
) -> UnitChange:
    before, change.status, change.ended_at = change.status, status, now()
    change.save(update_fields=["status", "ended_at"])
    record(event.of(change, before=before, reason=reason), actor=actor)
    return change
