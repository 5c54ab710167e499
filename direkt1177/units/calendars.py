"""When units are staffed: rows and policies as ``Calendar`` values, for one unit or many (HRS-01..03, REH-01)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date, timedelta

from django.db.models import F, Q

from direkt1177.units.clock import now
from direkt1177.units.models import CalendarException, CareRole, StaffedHours, Unit
from direkt1177.units.policies import policies_of, policy
from direkt1177.units.policy_model import Policy, parse_hours
from direkt1177.units.policy_values import WEEKDAYS, HoursText, WeeklyHours
from direkt1177.units.staffed_time import STOCKHOLM, Calendar, Interval

Week = tuple[tuple[Interval, ...], ...]
Exceptions = dict[date, tuple[Interval, ...]]


def calendar_for(unit: Unit, role: CareRole | int | None = None) -> Calendar:
    """When a unit, or one of its roles, is staffed.

    Hours are the role's own if it has any, else the unit's, else the region's policy (rehab units: its rehab hours).
    Three queries at most: hours, exceptions, policy.

    Args:
        role: a role or its id; None means the unit as a whole.
    """
    role_id = role.pk if isinstance(role, CareRole) else role
    rows = _rows([unit.pk], role_id)[unit.pk]
    return _calendar(unit, policy(unit), rows, role_id, _exceptions([unit.pk])[unit.pk])


def calendars_for(units: Iterable[Unit], role: CareRole | int | None = None) -> dict[int, Calendar]:
    """The same for many units by unit id; three queries whatever their number."""
    units = list(units)
    ids = [unit.pk for unit in units]
    role_id = role.pk if isinstance(role, CareRole) else role
    rows, exceptions, settings = _rows(ids, role_id), _exceptions(ids), policies_of(units)
    return {unit.pk: _calendar(unit, settings[unit.pk], rows[unit.pk], role_id, exceptions[unit.pk]) for unit in units}


def _calendar(
    unit: Unit, settings: Policy, rows: Sequence[StaffedHours], role_id: int | None, exceptions: Exceptions
) -> Calendar:
    return Calendar(
        weekly=_weekly(unit, settings, rows, role_id),
        exceptions=exceptions,
        tail=timedelta(minutes=settings.staffed_tail_minutes),
        open_on_red_days=unit.open_on_red_days,
    )


def _rows(unit_ids: Collection[int], role_id: int | None) -> defaultdict[int, list[StaffedHours]]:
    found: defaultdict[int, list[StaffedHours]] = defaultdict(list)
    for row in StaffedHours.objects.filter(Q(role_id=role_id) | Q(role__isnull=True), unit__in=unit_ids):
        found[row.unit_id].append(row)
    return found


def _weekly(unit: Unit, settings: Policy, rows: Sequence[StaffedHours], role_id: int | None) -> Week:
    own = [row for row in rows if role_id is not None and row.role_id == role_id]
    chosen = own or [row for row in rows if row.role_id is None]
    if not chosen:
        return _weekly_of_policy(unit, settings)
    by_day: defaultdict[int, list[Interval]] = defaultdict(list)
    for row in chosen:
        by_day[row.weekday].append(Interval(row.start, row.end))
    return tuple(tuple(by_day[day]) for day in range(7))


def _weekly_of_policy(unit: Unit, settings: Policy) -> Week:
    hours: WeeklyHours = settings.staffed_hours
    if unit.type == Unit.Type.REHAB and settings.rehab_hours is not None:
        hours = dict.fromkeys(WEEKDAYS[:5], settings.rehab_hours)
    return tuple(_intervals(hours.get(day, ())) for day in WEEKDAYS)


def _intervals(texts: Sequence[HoursText]) -> tuple[Interval, ...]:
    return tuple(Interval(*parse_hours(text)) for text in texts)


def _exceptions(unit_ids: Collection[int]) -> defaultdict[int, Exceptions]:
    since = now().astimezone(STOCKHOLM).date() - timedelta(days=30)
    found: defaultdict[int, Exceptions] = defaultdict(dict)
    rows = CalendarException.objects.filter(unit__in=unit_ids, date__gte=since).order_by("date", F("start"))
    for row in rows:
        days = found[row.unit_id]
        intervals = days.setdefault(row.date, ())
        if row.start is not None and row.end is not None:
            days[row.date] = (*intervals, Interval(row.start, row.end))
    return found
