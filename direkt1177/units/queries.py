"""Reading regions, units and their staffed time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from direkt1177.units.calendars import calendar_for, calendars_for
from direkt1177.units.clock import now
from direkt1177.units.models import CareRole, Region, Unit
from direkt1177.units.names import unit_name_at, unit_names_at
from direkt1177.units.picker import Opening as Mark
from direkt1177.units.picker import PickerState, picker_state, picker_states
from direkt1177.units.reply_time import ReplyWindow, reply_window
from direkt1177.units.routes import Route, redirect_target, route_of, routes_of
from direkt1177.units.staffed_time import (
    STOCKHOLM,
    Interval,
    intervals_on,
    next_staffed,
    staffed_until,
)

__all__ = [
    "DayHours",
    "Mark",
    "Opening",
    "PickerState",
    "Route",
    "calendar_for",
    "calendars_for",
    "closed_now",
    "expected_reply",
    "in_use",
    "opening",
    "picker_state",
    "picker_states",
    "redirect_target",
    "region_of",
    "role_by_code",
    "route_of",
    "routes_of",
    "several_regions",
    "unit_by_slug",
    "unit_name_at",
    "unit_names_at",
    "units_in_region",
    "units_to_choose",
]


@dataclass(frozen=True, slots=True)
class DayHours:
    """Opening hours of one date; no intervals means closed."""

    day: date
    intervals: tuple[Interval, ...]


@dataclass(frozen=True, slots=True)
class Opening:
    """What the entrance tells of a unit's staffing (HRS-04)."""

    staffed: bool
    until: datetime | None
    next_at: datetime | None
    week: tuple[DayHours, ...]


def units_in_region(region_id: int) -> list[Unit]:
    """Active units of a region with their care providers, by name; one query."""
    units = Unit.objects.filter(provider__region_id=region_id, active=True)
    return list(units.select_related("provider__region").order_by("name"))


def several_regions() -> bool:
    """Whether a unit's name alone may not tell where it is (ORG-03)."""
    return len(Region.objects.values_list("pk", flat=True)[:2]) > 1


def units_to_choose(region_id: int) -> list[Unit]:
    """Health centres and branches that a resident may choose (ENT-09); rehab and advice lines are reached by staff."""
    return [u for u in units_in_region(region_id) if u.type in (Unit.Type.PRIMARY_CARE, Unit.Type.BRANCH)]


def unit_by_slug(slug: str) -> Unit | None:
    """The active unit that a contact card's link names (ENT-06)."""
    return Unit.objects.select_related("provider__region").filter(slug=slug, active=True).first()


def in_use(unit: Unit | None) -> Unit | None:
    """The unit itself, or the one that goes on in its place since it was wound up; None when nobody does (UCH-01)."""
    for _step in range(10):
        if unit is None or unit.active:
            return unit
        if unit.successor_id is None:
            return None
        unit = Unit.objects.select_related("provider__region").filter(pk=unit.successor_id).first()
    return None


def closed_now(unit: Unit) -> Route | None:
    """Where new cases of a unit go while a closure of its own holds; None when none does."""
    route = route_of(unit)
    return route if route.own_closure is not None else None


def region_of(unit: Unit) -> Region:
    """The region of a unit."""
    return unit.provider.region


def role_by_code(code: str) -> CareRole:
    """A care role by its code.

    Raises:
        CareRole.DoesNotExist: no such role is set up.
    """
    return CareRole.objects.get(code=code)


def opening(unit: Unit, *, role: CareRole | int | None = None, at: datetime | None = None) -> Opening:
    """Whether somebody answers now, until when, when next, and the hours of the coming seven days."""
    at = at or now()
    calendar = calendar_for(unit, role)
    today = at.astimezone(STOCKHOLM).date()
    days = [today + timedelta(days=n) for n in range(7)]
    until = staffed_until(calendar, at)
    return Opening(
        staffed=until is not None,
        until=until,
        next_at=next_staffed(calendar, at),
        week=tuple(DayHours(day, intervals_on(calendar, day)) for day in days),
    )


def expected_reply(unit: Unit, at: datetime | None = None, *, role: CareRole | int | None = None) -> ReplyWindow | None:
    """When somebody who hands a case to this unit can expect an answer there (REH-02, REH-03).

    Args:
        at: when the case arrives; now when left out.
        role: whose hours; None is the unit as a whole.
    """
    return reply_window(calendar_for(unit, role), at or now())
