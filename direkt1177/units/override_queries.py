"""Where units differ from the region's hours, for regional administration (HRS-02)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Q

from direkt1177.units.hours import line_of
from direkt1177.units.models import CalendarException, PolicyValue, StaffedHours, Unit
from direkt1177.units.policies import check_value
from direkt1177.units.policy_model import setting_of
from direkt1177.units.policy_values import WEEKDAYS
from direkt1177.units.policy_words import WORDS, words_of
from direkt1177.units.staffed_time import Interval

_KEYS = ("staffed_hours", "staffed_tail_minutes", "accept_outside_hours")


@dataclass(slots=True)
class Overrides:
    """What a unit has of its own.

    Attributes:
        weeks: whose hours (empty: the whole unit's) and the days' hours in words.
        settings: own values of settings about hours, as label and words.
        exceptions: dates to come with other hours.
    """

    unit: Unit
    weeks: list[tuple[str, str]] = field(default_factory=list)
    settings: list[tuple[str, str]] = field(default_factory=list)
    exceptions: list[CalendarException] = field(default_factory=list)


def hour_overrides(region_ids: Collection[int], today: date) -> list[Overrides]:
    """Units of regions with hours, settings about hours or coming exceptions of their own, by name; four queries."""
    units = Unit.objects.filter(provider__region__in=region_ids, active=True).order_by("name")
    found = {unit.pk: Overrides(unit) for unit in units}
    weeks: dict[tuple[int, str], dict[int, list[Interval]]] = {}
    hours = (
        StaffedHours.objects.filter(unit__in=found).select_related("role").order_by("role__order", "weekday", "start")
    )
    for row in hours:
        week = weeks.setdefault((row.unit_id, row.role.name if row.role else ""), {})
        week.setdefault(row.weekday, []).append(Interval(row.start, row.end))
    for (unit_id, role), week in weeks.items():
        days = [f"{WORDS[WEEKDAYS[day]]} {line_of(intervals)}" for day, intervals in sorted(week.items())]
        found[unit_id].weeks.append((role, "; ".join(days)))
    values = PolicyValue.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=today), unit__in=found, key__in=_KEYS, valid_from__lte=today
    )
    for value in values.order_by("key", "valid_from"):
        if value.unit_id is not None:
            label = str(setting_of(value.key).label)
            found[value.unit_id].settings.append((label, words_of(check_value(value.key, value.value))))
    for exception in CalendarException.objects.filter(unit__in=found, date__gte=today).order_by("date", "start"):
        found[exception.unit_id].exceptions.append(exception)
    return [each for each in found.values() if each.weeks or each.settings or each.exceptions]
