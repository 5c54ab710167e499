"""Winding up, takeover, branch decisions, names through time (ORG-21, UCH-01..03)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from direkt1177.accounts.actors import SYSTEM
from direkt1177.audit.models import ChangeLog
from direkt1177.units.branch_commands import decide_branch
from direkt1177.units.change_errors import (
    ChangeNotOpen,
    ChangePlannedAlready,
    ConditionMissing,
    DayIsPast,
    DecisionDates,
    NameTaken,
    NameUnchanged,
    NotABranch,
    NotBeforeTheDay,
    RegionNotTold,
    SuccessorRefused,
    WorkLeft,
)
from direkt1177.units.clock import moved
from direkt1177.units.closure_queries import branches_of, takeovers_to_tell, told_too_late
from direkt1177.units.errors import UnitWoundUp
from direkt1177.units.models import BranchDecision, CareProvider, Unit, UnitChange
from direkt1177.units.queries import redirect_target, unit_name_at, unit_names_at
from direkt1177.units.steps import hold_active
from direkt1177.units.unit_change_commands import (
    cancel_unit_change,
    carry_out_unit_change,
    confirm_region_told,
    plan_unit_change,
)
from direkt1177.units.unit_commands import rename_unit
from tests.factories import make_case, make_closed_case, make_staff, make_started_case
from tests.units.conftest import Place
from tests.units.test_closures import at, hold, make

MONDAY = at("2026-03-02 09:00")
TODAY = date(2026, 3, 2)


@pytest.fixture(autouse=True)
def clock(db: None) -> Any:
    """Monday 2 March 2026, nine o'clock."""
    with moved(MONDAY):
        yield


@pytest.fixture
def successor(place: Place) -> Unit:
    """A unit of another care provider in the region."""
    provider = CareProvider.objects.create(
        region=place.region, name="Nya Vård AB", organisation_number="5560000009", kind="private"
    )
    return Unit.objects.create(provider=provider, slug="nya", name="Nya", type="primary_care", hsa_id="SE-NYA")


def plan(unit: Unit, **more: Any) -> UnitChange:
    """Wind up on Monday 16 March."""
    facts: dict[str, Any] = {"kind": "wind_up", "takes_effect": date(2026, 3, 16), "reason": "Upphandling", **more}
    return plan_unit_change(actor=SYSTEM, unit_id=unit.pk, **facts)


@pytest.mark.req("UCH-02")
def test_a_unit_with_work_left_is_not_wound_up_and_hears_what_is_left(place: Place) -> None:
    unit = make(place, "liten", "Liten")
    nurse = make_staff(unit)
    make_case(unit)
    make_case(unit)
    make_started_case(nurse)
    make_closed_case(nurse, follow_up_days=7)
    change = plan(unit, takes_effect=TODAY)
    with pytest.raises(WorkLeft) as refused:
        carry_out_unit_change(actor=SYSTEM, change_id=change.pk)
    text = str(refused.value.message)
    for words in ("patienter i kö: 2", "pågående besök: 1", "ärenden med uppföljning: 1"):
        assert words in text
    assert Unit.objects.get(pk=unit.pk).active
    assert UnitChange.objects.get().status == "planned"


@pytest.mark.req("UCH-02")
def test_branches_and_closures_that_lean_on_it_hold_it_too(place: Place) -> None:
    other = make(place, "andra", "Andra")
    hold(other, target_id=place.centre.pk)
    change = plan(place.centre, takes_effect=TODAY)
    with pytest.raises(WorkLeft) as refused:
        carry_out_unit_change(actor=SYSTEM, change_id=change.pk)
    assert [row.count for row in refused.value.leftovers] == [1, 1]


@pytest.mark.req("UCH-02")
def test_an_empty_unit_is_wound_up_on_its_day_and_takes_no_case_any_more(place: Place) -> None:
    unit = make(place, "liten", "Liten")
    change = plan(unit)
    with pytest.raises(NotBeforeTheDay):
        carry_out_unit_change(actor=SYSTEM, change_id=change.pk)
    with moved(at("2026-03-16 00:00")):
        carry_out_unit_change(actor=SYSTEM, change_id=change.pk, reason="klart")
        with pytest.raises(UnitWoundUp):
            make_case(unit)
        with pytest.raises(ChangeNotOpen):
            carry_out_unit_change(actor=SYSTEM, change_id=change.pk)
    row = Unit.objects.get(pk=unit.pk)
    assert (row.active, row.wound_up_at) == (False, at("2026-03-16 00:00"))
    with pytest.raises(UnitWoundUp):
        hold_active(unit.pk)
    hold_active(place.centre.pk)
    logged = ChangeLog.objects.filter(event__startswith="unit_change_").order_by("pk")
    assert [(entry.event, entry.to_state) for entry in logged] == [
        ("unit_change_planned", "planned"), ("unit_change_done", "done"),
    ]  # fmt: skip


@pytest.mark.req("UCH-01")
def test_a_takeover_needs_a_successor_of_another_provider_and_a_region_that_knows(
    place: Place, successor: Unit
) -> None:
    unit = make(place, "liten", "Liten")
    for wrong in (None, unit.pk, place.centre.pk, 999999):
        with pytest.raises(SuccessorRefused):
            plan(unit, kind="takeover", successor_id=wrong)
    with pytest.raises(DayIsPast):
        plan(unit, takes_effect=date(2026, 3, 1))
    change = plan(unit, kind="takeover", successor_id=successor.pk)
    with pytest.raises(ChangePlannedAlready):
        plan(unit)
    with moved(at("2026-03-16 09:00")):
        with pytest.raises(RegionNotTold):
            carry_out_unit_change(actor=SYSTEM, change_id=change.pk)
        confirm_region_told(actor=SYSTEM, change_id=change.pk)
        with pytest.raises(ChangeNotOpen):
            confirm_region_told(actor=SYSTEM, change_id=change.pk)
        carry_out_unit_change(actor=SYSTEM, change_id=change.pk)
        assert redirect_target(Unit.objects.get(pk=unit.pk)) == successor


@pytest.mark.req("UCH-01")
def test_regional_administration_is_reminded_three_weeks_ahead(place: Place, successor: Unit) -> None:
    change = plan(place.centre, kind="takeover", successor_id=successor.pk, takes_effect=date(2026, 6, 1))
    assert takeovers_to_tell(place.region.pk) == []
    assert takeovers_to_tell(place.region.pk, date(2026, 5, 3)) == []
    assert takeovers_to_tell(place.region.pk, date(2026, 5, 4)) == [change]  # a week before the limit
    assert not told_too_late(change)
    with moved(at("2026-05-12 08:00")):
        assert told_too_late(change)  # 11 May is the last day
    with moved(at("2026-05-11 08:00")):
        told = confirm_region_told(actor=SYSTEM, change_id=change.pk)
        assert takeovers_to_tell(place.region.pk, date(2026, 5, 11)) == []
    assert not told_too_late(told)


def test_a_change_can_be_taken_back(place: Place) -> None:
    change = plan(place.centre)
    cancel_unit_change(actor=SYSTEM, change_id=change.pk, reason="ny upphandling")
    with pytest.raises(ChangeNotOpen):
        cancel_unit_change(actor=SYSTEM, change_id=change.pk, reason="igen")
    plan(place.centre)


# --- branches ---------------------------------------------------------------------------------------------------------


@pytest.mark.req("ORG-21")
def test_a_branchs_decision_has_decider_date_and_condition_and_stays(place: Place) -> None:
    facts: dict[str, Any] = {
        "actor": SYSTEM, "unit_id": place.branch.pk, "own_cases": True, "decided_by": "Vera Chef", "decided_on": TODAY,
        "valid_from": TODAY, "condition": "Sjuksköterska varje dag",
    }  # fmt: skip
    for error, wrong in (
        (ConditionMissing, {"condition": " "}),
        (DecisionDates, {"decided_on": TODAY + timedelta(days=1)}),
        (DecisionDates, {"valid_from": TODAY - timedelta(days=1)}),
        (NotABranch, {"unit_id": place.centre.pk}),
    ):
        with pytest.raises(error):
            decide_branch(**{**facts, **wrong})
    decide_branch(**{**facts, "valid_from": TODAY + timedelta(days=7)})
    (shown,) = branches_of([place.branch.pk])
    assert (shown.redirected, shown.decision, shown.coming.decided_by if shown.coming else "") == (
        True, None, "Vera Chef",
    )  # fmt: skip
    assert redirect_target(place.branch, at("2026-03-08 23:59")) == place.centre
    assert redirect_target(place.branch, at("2026-03-09 00:00")) == place.branch
    with moved(at("2026-03-10 09:00")):
        decide_branch(**{**facts, "own_cases": False, "condition": "", "valid_from": date(2026, 3, 10)})
        assert redirect_target(place.branch) == place.centre
    assert BranchDecision.objects.count() == 2
    with pytest.raises(DatabaseError), transaction.atomic():
        BranchDecision.objects.update(decided_by="Någon annan")


# --- names ------------------------------------------------------------------------------------------------------------


@pytest.mark.req("UCH-03")
def test_a_unit_has_the_name_and_hsa_id_of_the_moment(place: Place) -> None:
    unit = place.centre
    first = unit_name_at(unit, MONDAY)
    assert (first.name, first.hsa_id, first.now) == ("Exempelby", "SE5560000001-1", "")
    with moved(at("2026-04-01 00:00")):
        rename_unit(actor=SYSTEM, unit_id=unit.pk, name="Nya  Exempelby", hsa_id="se5560000001-9", reason="byte")
    with moved(at("2026-05-01 00:00")):
        rename_unit(actor=SYSTEM, unit_id=unit.pk, name="Nyaste", hsa_id="SE5560000001-9")
    unit = Unit.objects.select_related("provider").get(pk=unit.pk)
    moments = [at(text) for text in ("2020-01-01 00:00", "2026-03-31 23:59", "2026-04-01 00:00", "2026-05-01 00:00")]
    with CaptureQueriesContext(connection) as queries:
        found = unit_names_at([(unit, moment) for moment in moments])
    assert len(queries) == 1
    assert [(found[unit.pk, m].name, found[unit.pk, m].hsa_id) for m in moments] == [
        ("Exempelby", "SE5560000001-1"), ("Exempelby", "SE5560000001-1"), ("Nya Exempelby", "SE5560000001-9"),
        ("Nyaste", "SE5560000001-9"),
    ]  # fmt: skip
    assert (found[unit.pk, moments[0]].now, found[unit.pk, moments[3]].now) == ("Nyaste", "")
    assert found[unit.pk, moments[0]].provider == "Vård i test"
    row = ChangeLog.objects.filter(event="unit_renamed").first()
    assert row is not None and row.data["old"] == {"name": "Exempelby", "hsa_id": "SE5560000001-1"}


@pytest.mark.req("UCH-03")
def test_a_name_is_refused_when_nothing_changes_or_the_hsa_id_is_taken(place: Place) -> None:
    same: dict[str, Any] = {"actor": SYSTEM, "unit_id": place.centre.pk, "name": "Exempelby"}
    with pytest.raises(NameUnchanged):
        rename_unit(hsa_id=" se5560000001-1 ", **same)
    with pytest.raises(NameTaken):
        rename_unit(hsa_id=place.rehab.hsa_id.lower(), **same)


def test_two_names_in_one_moment_leave_the_last(place: Place) -> None:
    for name in ("Ett", "Två"):
        rename_unit(actor=SYSTEM, unit_id=place.centre.pk, name=name, hsa_id=place.centre.hsa_id)
    unit = Unit.objects.get(pk=place.centre.pk)
    assert [(row.name, row.valid_from) for row in unit.names.order_by("pk")] == [("Exempelby", None), ("Två", MONDAY)]
    assert unit_name_at(unit, datetime.max.replace(tzinfo=MONDAY.tzinfo, year=2030)).name == "Två"
