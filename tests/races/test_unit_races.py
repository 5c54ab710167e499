"""Two administrators at the same instant, and a case sent while its unit is closed for good."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time, timedelta
from functools import partial
from typing import Any

import pytest

from cases.models import Case
from direkt1177.accounts.actors import SYSTEM
from direkt1177.audit.refusals import Refusal
from direkt1177.units.branch_commands import decide_branch
from direkt1177.units.clock import now
from direkt1177.units.closure_commands import change_target, decide_closure, request_closure
from direkt1177.units.closure_queries import closures_of
from direkt1177.units.closures import Act
from direkt1177.units.commands import set_policy_value
from direkt1177.units.errors import UnitWoundUp
from direkt1177.units.hours_commands import set_staffed_hours
from direkt1177.units.models import Closure, Unit, UnitChange
from direkt1177.units.staffed_time import STOCKHOLM, Interval
from direkt1177.units.unit_change_commands import carry_out_unit_change, plan_unit_change
from direkt1177.units.unit_commands import rename_unit
from tests.factories import make_case, make_person, make_region, make_role, make_unit
from tests.races.threads import together

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 4


def ask(unit: Unit, target: Unit | None = None) -> Closure:
    """Ask for a closure on one day a month ahead."""
    day = now().astimezone(STOCKHOLM).replace(hour=8, minute=0, second=0, microsecond=0) + timedelta(days=30)
    return request_closure(
        actor=SYSTEM, unit_id=unit.pk, starts_at=day, ends_at=day + timedelta(hours=8), grounds="exceptional",
        reason="Utbildning", manager="Vera", target_id=target.pk if target else None,
    )  # fmt: skip


def one_wins(jobs: list[Callable[[], Any]]) -> Refusal:
    """Exactly one of two is done; the other is refused by name."""
    results = together(jobs)
    refused = [each for each in results if isinstance(each, Refusal)]
    assert len(refused) == 1, results
    assert not any(isinstance(each, Exception) and not isinstance(each, Refusal) for each in results), results
    return refused[0]


@pytest.mark.req("HRS-12")
def test_two_administrators_never_make_a_loop_an_overlap_or_a_closed_target() -> None:
    for _round in range(ROUNDS):
        region = make_region()
        one, two, three = (make_unit(region=region) for _n in range(3))
        loop = one_wins([partial(ask, one, two), partial(ask, two, one)])
        assert loop.code in ("closure_receives", "closure_target_closed")
        one, two, three = (make_unit(region=region) for _n in range(3))
        assert one_wins([partial(ask, one, two), partial(ask, one, three)]).code == "closure_overlaps"
        one, two, three = (make_unit(region=region) for _n in range(3))
        closed = one_wins([partial(ask, one, two), partial(ask, two)])
        assert closed.code in ("closure_receives", "closure_target_closed")


def test_a_new_target_is_not_chosen_while_it_asks_for_a_closure_of_its_own() -> None:
    for _round in range(ROUNDS):
        region = make_region()
        one, two, three = (make_unit(region=region) for _n in range(3))
        closure = ask(one, two)
        for act in (Act.AGREE, Act.ORDER):
            decide_closure(actor=SYSTEM, closure_id=closure.pk, act=act)
        change = partial(change_target, actor=SYSTEM, closure_id=closure.pk, target_id=three.pk, text="full")
        assert one_wins([change, partial(ask, three)]).code in ("closure_receives", "closure_target_closed")


@pytest.mark.req("ORG-21")
def test_a_branch_is_not_made_a_target_while_it_is_decided_to_send_on() -> None:
    for _round in range(ROUNDS):
        region = make_region()
        centre = make_unit(region=region)
        branch = make_unit(provider=centre.provider, type="branch", parent=centre)
        today = now().astimezone(STOCKHOLM).date()
        facts: dict[str, Any] = {"actor": SYSTEM, "unit_id": branch.pk, "decided_by": "Vera", "decided_on": today}
        decide_branch(own_cases=True, valid_from=today, condition="Varje dag", **facts)
        back = partial(decide_branch, own_cases=False, valid_from=today, **facts)
        refused = one_wins([partial(ask, make_unit(region=region), branch), back])
        assert refused.code in ("branch_receives", "closure_target_redirects")


def test_one_decision_on_a_closure_counts() -> None:
    for _round in range(ROUNDS):
        closure = ask(make_unit())
        say = partial(decide_closure, actor=SYSTEM, closure_id=closure.pk)
        refused = one_wins([partial(say, act=Act.AGREE, text="ja"), partial(say, act=Act.REJECT, text="nej")])
        assert refused.code == "closure_act_refused"
        (shown,) = closures_of([closure.unit_id])
        assert len(shown.closure.decisions.all()) == 2


@pytest.mark.req("UCH-02")
def test_a_case_sent_while_its_unit_is_wound_up_is_there_first_or_refused() -> None:
    make_role("nurse")
    seen = set()
    for _round in range(ROUNDS * 2):
        unit, person = make_unit(), make_person()
        today = now().astimezone(STOCKHOLM).date()
        change = plan_unit_change(actor=SYSTEM, unit_id=unit.pk, kind="wind_up", takes_effect=today, reason="x")
        refused = one_wins(
            [
                partial(make_case, unit, patient=person),
                partial(carry_out_unit_change, actor=SYSTEM, change_id=change.pk),
            ]
        )
        active = Unit.objects.get(pk=unit.pk).active
        assert active == Case.objects.filter(unit=unit).exists()
        assert active == (UnitChange.objects.get(pk=change.pk).status == "planned")
        assert active != isinstance(refused, UnitWoundUp)
        seen.add(refused.code)
    assert seen <= {"unit_wound_up", "unit_work_left"}


@pytest.mark.req("UCH-03")
def test_two_renames_leave_one_history_without_gaps() -> None:
    for _round in range(ROUNDS):
        unit = make_unit()
        results = together(
            [partial(rename_unit, actor=SYSTEM, unit_id=unit.pk, name=n, hsa_id=unit.hsa_id) for n in ("Ett", "Två")]
        )
        assert not any(isinstance(each, Exception) for each in results), results
        rows = list(unit.names.order_by("pk"))
        assert [a.valid_to for a in rows[:-1]] == [b.valid_from for b in rows[1:]]
        assert rows[-1].name == Unit.objects.get(pk=unit.pk).name


def test_cases_arrive_while_hours_settings_and_closures_change() -> None:
    make_role("nurse")
    for number in range(ROUNDS):
        unit = make_unit()
        week = {day: [Interval(time(8), time(12 + number))] for day in range(5)}
        today = now().astimezone(STOCKHOLM).date()
        results = together(
            [
                partial(make_case, unit, patient=make_person()),
                partial(make_case, unit, patient=make_person()),
                partial(set_staffed_hours, actor=SYSTEM, unit_id=unit.pk, week=week),
                partial(
                    set_policy_value, actor=SYSTEM, region_id=unit.provider.region_id, unit_id=unit.pk, source="x",
                    key="response_target", value=20 + number, valid_from=today,
                ),
                partial(ask, unit),
            ]
        )  # fmt: skip
        assert not [each for each in results if isinstance(each, Exception)], results
        assert Case.objects.filter(unit=unit).count() == 2
