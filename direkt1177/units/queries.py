"""Reading regions, units and their staffed time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import F, Q

from direkt1177.units.clock import now
from direkt1177.units.models import CalendarException, CareRole, Region, StaffedHours, Unit
from direkt1177.units.policies import policy
from direkt1177.units.policy_model import parse_hours
from direkt1177.units.policy_values import WEEKDAYS, HoursText, WeeklyHours
from direkt1177.units.staffed_time import (
    STOCKHOLM,
    Calendar,
    Interval,
    intervals_on,
    next_staffed,
    staffed_until,
)


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


def redirect_target(unit: Unit) -> Unit:
    """Where a new case to this unit goes: a branch's parent while the branch rule holds (ORG-21), else itself."""
    if unit.type == Unit.Type.BRANCH and unit.parent is not None and policy(unit).branch_redirect_default:
        return unit.parent
    return unit


def region_of(unit: Unit) -> Region:
    """The region of a unit."""
    return unit.provider.region


def role_by_code(code: str) -> CareRole:
    """A care role by its code.

    Raises:
        CareRole.DoesNotExist: no such role is set up.
    """
    return CareRole.objects.get(code=code)


def calendar_for(unit: Unit, role: CareRole | int | None = None) -> Calendar:
    """When a unit, or one of its roles, is staffed.

    Hours are the role's own if it has any, else the unit's, else the region's policy (rehab units: its rehab hours).
    Three queries at most: hours, exceptions, policy.

    Args:
        role: a role or its id; None means the unit as a whole.
    """
    role_id = role.pk if isinstance(role, CareRole) else role
    settings = policy(unit)
    return Calendar(
        weekly=_weekly(unit, role_id),
        exceptions=_exceptions(unit),
        tail=timedelta(minutes=settings.staffed_tail_minutes),
        open_on_red_days=unit.open_on_red_days,
    )


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


def _weekly(unit: Unit, role_id: int | None) -> tuple[tuple[Interval, ...], ...]:
    rows = list(StaffedHours.objects.filter(Q(role_id=role_id) | Q(role__isnull=True), unit=unit))
    own = [row for row in rows if role_id is not None and row.role_id == role_id]
    chosen = own or [row for row in rows if row.role_id is None]
    if not chosen:
        return _weekly_of_policy(unit)
    by_day: defaultdict[int, list[Interval]] = defaultdict(list)
    for row in chosen:
        by_day[row.weekday].append(Interval(row.start, row.end))
    return tuple(tuple(by_day[day]) for day in range(7))


def _weekly_of_policy(unit: Unit) -> tuple[tuple[Interval, ...], ...]:
    settings = policy(unit)
    hours: WeeklyHours = settings.staffed_hours
    if unit.type == Unit.Type.REHAB and settings.rehab_hours is not None:
        hours = dict.fromkeys(WEEKDAYS[:5], settings.rehab_hours)
    return tuple(_intervals(hours.get(day, ())) for day in WEEKDAYS)


def _intervals(texts: Sequence[HoursText]) -> tuple[Interval, ...]:
    return tuple(Interval(*parse_hours(text)) for text in texts)


def _exceptions(unit: Unit) -> dict[date, tuple[Interval, ...]]:
    since = now().astimezone(STOCKHOLM).date() - timedelta(days=30)
    found: defaultdict[date, list[Interval]] = defaultdict(list)
    for row in CalendarException.objects.filter(unit=unit, date__gte=since).order_by("date", F("start")):
        intervals = found[row.date]
        if row.start is not None and row.end is not None:
            intervals.append(Interval(row.start, row.end))
    return {day: tuple(intervals) for day, intervals in found.items()}
