"""Calendars of units, redirection, and "nobody reads this in time"."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from direkt1177.accounts.actors import SYSTEM
from direkt1177.units import rules
from direkt1177.units.branch_commands import decide_branch
from direkt1177.units.clock import moved, now
from direkt1177.units.models import CalendarException, StaffedHours, Unit
from direkt1177.units.policies import policy
from direkt1177.units.policy_model import Policy
from direkt1177.units.queries import calendar_for, opening, redirect_target, unit_by_slug, units_to_choose
from direkt1177.units.staffed_time import STOCKHOLM, Calendar, is_staffed, next_staffed, staffed_until
from tests.units.conftest import Place


def at(text: str) -> datetime:
    """Local time of Stockholm."""
    return datetime.fromisoformat(text).replace(tzinfo=STOCKHOLM)


@pytest.mark.req("HRS-01", "HRS-02")
def test_hours_come_from_the_region_then_the_unit_then_the_role(place: Place) -> None:
    monday = at("2026-03-02 16:15")
    assert staffed_until(calendar_for(place.centre), at("2026-03-02 10:00")) == at("2026-03-02 16:00")
    StaffedHours.objects.create(unit=place.centre, weekday=0, start=time(8), end=time(17))
    assert is_staffed(calendar_for(place.centre), monday)
    assert not is_staffed(calendar_for(place.centre), at("2026-03-03 10:00"))  # the unit's own week is the whole week
    StaffedHours.objects.create(unit=place.centre, role=place.nurse, weekday=1, start=time(9), end=time(12))
    assert not is_staffed(calendar_for(place.centre, place.nurse), monday)
    assert is_staffed(calendar_for(place.centre, place.nurse), at("2026-03-03 10:00"))


@pytest.mark.req("REH-01", "ORG-04")
def test_the_rehab_unit_has_the_regions_rehab_hours(place: Place) -> None:
    calendar = calendar_for(place.rehab)
    assert next_staffed(calendar, at("2026-03-02 12:00")) == at("2026-03-03 10:00")
    assert staffed_until(calendar, at("2026-03-02 10:30")) == at("2026-03-02 12:00")


def test_exceptions_close_or_change_a_day(place: Place) -> None:
    day = now().astimezone(STOCKHOLM).date() + timedelta(days=7)
    CalendarException.objects.create(unit=place.centre, date=day, reason="Utbildning")
    other = day + timedelta(days=1)
    CalendarException.objects.create(unit=place.centre, date=other, start=time(9), end=time(10), reason="Halvdag")
    CalendarException.objects.create(unit=place.centre, date=other, start=time(13), end=time(14), reason="Halvdag")
    calendar = calendar_for(place.centre)
    assert calendar.exceptions[day] == ()
    assert [i.start for i in calendar.exceptions[other]] == [time(9), time(13)]


def test_a_calendar_takes_three_queries_whatever_it_holds(place: Place) -> None:
    for weekday in range(5):
        StaffedHours.objects.create(unit=place.centre, weekday=weekday, start=time(8), end=time(17))
    unit = Unit.objects.get(pk=place.centre.pk)
    with CaptureQueriesContext(connection) as queries:
        calendar_for(unit, place.nurse)
    assert len(queries) == 3


@pytest.mark.req("HRS-04")
def test_what_the_entrance_says_of_a_unit(place: Place) -> None:
    friday_evening = opening(place.centre, at=at("2026-03-06 15:00"))
    assert not friday_evening.staffed
    assert friday_evening.until is None
    assert friday_evening.next_at == at("2026-03-09 08:00")
    assert [len(day.intervals) for day in friday_evening.week] == [1, 0, 0, 1, 1, 1, 1]
    assert opening(place.centre, at=at("2026-03-06 10:00")).until == at("2026-03-06 14:30")


@pytest.mark.req("ORG-21", "ORG-04")
def test_a_branch_sends_its_cases_to_the_health_centre_unless_decided_otherwise(place: Place) -> None:
    assert redirect_target(place.branch) == place.centre
    assert redirect_target(place.centre) == place.centre
    day = now().astimezone(STOCKHOLM).date()
    decide_branch(
        actor=SYSTEM, unit_id=place.branch.pk, own_cases=True, decided_by="Vera Chef", decided_on=day, valid_from=day,
        condition="Sjuksköterska varje dag",
    )  # fmt: skip
    assert redirect_target(Unit.objects.get(pk=place.branch.pk)) == place.branch


def test_residents_choose_health_centres_that_are_active(place: Place) -> None:
    assert [u.slug for u in units_to_choose(place.region.pk)] == ["exempelby", "filial"]
    Unit.objects.filter(pk=place.branch.pk).update(active=False)
    assert [u.slug for u in units_to_choose(place.region.pk)] == ["exempelby"]
    assert unit_by_slug("exempelby") == place.centre
    assert unit_by_slug("filial") is None


# --- nobody there -----------------------------------------------------------------------------------------------------


def test_nobody_at_three_on_a_sunday(place: Place) -> None:
    calendar, settings = calendar_for(place.centre), policy(place.centre)
    sunday = at("2026-03-01 03:00")
    for urgency in (1, 2, 3):
        assert rules.unread_until(calendar, settings, urgency, sunday) == at("2026-03-02 08:00")
    assert rules.unread_until(calendar, settings, 4, sunday) is None
    assert rules.unread_until(calendar, settings, 5, sunday) is None


@pytest.mark.parametrize(
    ("urgency", "moment", "unread"),
    [
        (1, "2026-03-02 15:59", False),
        (1, "2026-03-02 16:00", True),
        (1, "2026-03-02 07:59", True),  # at once means now, not in a minute
        (2, "2026-03-02 06:00", False),  # staffed from the very minute of the target on
        (2, "2026-03-02 05:59", True),
        (2, "2026-03-02 15:30", False),
        (3, "2026-03-05 15:00", False),
        (3, "2026-03-06 15:00", True),  # Friday afternoon: nobody within 24 hours
    ],
)
def test_the_edges_of_nobody_there(place: Place, urgency: int, moment: str, unread: bool) -> None:
    found = rules.unread_until(calendar_for(place.centre), policy(place.centre), urgency, at(moment))
    assert (found is not None) is unread


def test_a_unit_that_never_opens_is_never_there() -> None:
    found = rules.nobody_before(Calendar(weekly=((),) * 7), at("2026-03-02 10:00"), at("2026-03-03 10:00"))
    assert found == datetime.max.replace(tzinfo=UTC)
    assert rules.response_due(Policy(), Calendar(weekly=((),) * 7), at("2026-03-02 10:00")) is None


@pytest.mark.req("TRI-03", "TRI-04", "QUE-14")
def test_the_two_targets_of_a_case(place: Place) -> None:
    calendar, settings = calendar_for(place.centre), policy(place.centre)
    arrived = at("2026-03-06 14:50")  # in the tail of a Friday
    assert rules.response_due(settings, calendar, arrived) == at("2026-03-09 08:05")
    assert rules.assessment_due(settings, 2, arrived) == at("2026-03-06 16:50")
    assert rules.assessment_due(settings, 5, arrived) is None


# --- the clock --------------------------------------------------------------------------------------------------------


def test_the_clock_moves_by_the_setting_and_stands_still_where_told(settings: object) -> None:
    with time_machine.travel("2026-03-02 10:00:00+00:00", tick=False):
        assert now() == datetime(2026, 3, 2, 10, tzinfo=UTC)
        settings.CLOCK_OFFSET_SECONDS = -3600  # type: ignore[attr-defined]
        assert now() == datetime(2026, 3, 2, 9, tzinfo=UTC)
        with moved(at("2026-03-01 03:00")):
            assert now() == at("2026-03-01 03:00")
        assert now() == datetime(2026, 3, 2, 9, tzinfo=UTC)
    with pytest.raises(ValueError, match="aware"), moved(datetime(2026, 3, 1)):
        pass
