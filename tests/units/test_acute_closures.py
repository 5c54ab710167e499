"""Acute closures, and another receiving unit for the rest of one (HRS-12, HRS-15, HRS-16)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from direkt1177.accounts.actors import SYSTEM
from direkt1177.audit.models import ChangeLog
from direkt1177.units.clock import moved
from direkt1177.units.closure_commands import change_target, close_acutely, decide_closure
from direkt1177.units.closure_errors import (
    ActRefused,
    AcuteNotAllowed,
    AcuteTooLong,
    ClosureNotAhead,
    ReceivesMeanwhile,
    TargetRedirects,
    TargetRefused,
    VerificationMissing,
)
from direkt1177.units.closures import Act
from direkt1177.units.errors import UnitClosed
from direkt1177.units.models import Closure, ClosureDecision, Unit
from direkt1177.units.queries import redirect_target
from tests.units.conftest import Place
from tests.units.test_closures import MONDAY, ask, at, jonkoping, make


@pytest.fixture(autouse=True)
def clock(db: None) -> Any:
    """Monday 2 March 2026, nine o'clock."""
    with moved(MONDAY):
        yield


@pytest.fixture
def other(place: Place) -> Unit:
    """A second health centre of the same region."""
    return make(place, "andra", "Andra")


def close_now(unit: Unit, **more: Any) -> Closure:
    """An acute closure until Monday noon."""
    facts: dict[str, Any] = {
        "ends_at": at("2026-03-02 12:00"), "reason": "Tre sjuka", "manager": "Vera Chef", "caller": "Vera Chef",
        "verified": "Motringd via växeln", **more,
    }  # fmt: skip
    return close_acutely(actor=SYSTEM, unit_id=unit.pk, **facts)


@pytest.mark.req("HRS-15", "HRS-16")
def test_an_acute_closure_holds_at_once_with_the_callers_verification(place: Place, other: Unit) -> None:
    for missing in ({"caller": " "}, {"verified": ""}):
        with pytest.raises(VerificationMissing):
            close_now(place.centre, **missing)
    closure = close_now(place.centre, target_id=other.pk)
    assert redirect_target(place.centre) == other
    rows = list(ClosureDecision.objects.filter(closure=closure))
    assert [(row.kind, row.caller, row.text) for row in rows] == [
        ("verified", "Vera Chef", "Motringd via växeln"), ("approved", "", "Tre sjuka"),
    ]  # fmt: skip
    logged = ChangeLog.objects.get(event="closure_acute").data
    assert (logged["caller"], logged["verified"], logged["reason"]) == ("Vera Chef", "Motringd via växeln", "Tre sjuka")


@pytest.mark.req("HRS-15")
def test_acute_closures_only_where_the_region_allows_them_and_for_days() -> None:
    with pytest.raises(AcuteNotAllowed):
        close_now(jonkoping().centre)


@pytest.mark.req("HRS-15")
def test_an_acute_closure_is_for_days_not_weeks(place: Place) -> None:
    with pytest.raises(AcuteTooLong):
        close_now(place.centre, ends_at=MONDAY + timedelta(days=7, minutes=1))
    with pytest.raises(ClosureNotAhead):
        close_now(place.centre, ends_at=MONDAY)


@pytest.mark.req("HRS-12")
def test_another_unit_takes_over_for_the_rest_of_the_closure(place: Place, other: Unit) -> None:
    third = make(place, "tredje", "Tredje")
    closure = ask(place.centre, target_id=other.pk)
    retarget: dict[str, Any] = {"actor": SYSTEM, "closure_id": closure.pk, "text": "Andra är fulla"}
    with pytest.raises(ActRefused):
        change_target(target_id=third.pk, **retarget)  # not decided
    for act in (Act.AGREE, Act.ORDER):
        decide_closure(actor=SYSTEM, closure_id=closure.pk, act=act)
    with pytest.raises(ReceivesMeanwhile):
        ask(other)
    with moved(at("2026-03-24 10:00")):
        for wrong in (place.rehab.pk, place.branch.pk, place.centre.pk):
            with pytest.raises((TargetRefused, TargetRedirects)):
                change_target(target_id=wrong, **retarget)
        change_target(target_id=third.pk, **retarget)
        assert redirect_target(place.centre) == third
        with pytest.raises(ActRefused):
            change_target(target_id=third.pk, **retarget)
        close_now(other, ends_at=at("2026-03-24 12:00"), target_id=third.pk)  # which the first one can now do
        change_target(target_id=None, **retarget)
        with pytest.raises(UnitClosed):
            redirect_target(place.centre)
    rows = ClosureDecision.objects.filter(closure=closure, kind="retargeted")
    assert [row.text for row in rows] == ["Tredje: Andra är fulla", "Andra är fulla"]
