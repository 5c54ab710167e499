"""``seed_demo --regions all``: four region trees side by side, each with its own rules, people and errands."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Generator
from datetime import datetime
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.models import Case
from cases.states import CaseState
from direkt1177.accounts.demo_persons import resident_groups, staff_groups
from direkt1177.accounts.models import Membership, Shift, User
from direkt1177.demo.files import REGIONS, official_numbers
from direkt1177.residents.models import Person
from direkt1177.residents.queries import age_of
from direkt1177.units.clock import moved
from direkt1177.units.models import Region, Unit
from direkt1177.units.policies import policy
from direkt1177.units.queries import opening, redirect_target
from direkt1177.units.region_files import codes
from direkt1177.units.staffed_time import STOCKHOLM
from tests.signing_in import resident_client

MONDAY = datetime(2026, 11, 23, 11, 0, tzinfo=STOCKHOLM)
MORE = tuple(code for code in REGIONS if code != REGIONS[0])


@pytest.fixture(scope="module")
def demo(django_db_setup: None, django_db_blocker: Any) -> Generator[None, None, None]:
    """Four regions, seeded once for this module and rolled back after it; the clock stands at 11.00 on a Monday."""
    with django_db_blocker.unblock(), moved(MONDAY):
        around = transaction.atomic()
        around._from_testcase = True  # type: ignore[attr-defined]
        with around:
            call_command("seed_demo", seed=1, cases=60, regions="all", verbosity=0)
            yield
            transaction.set_rollback(True)


def test_every_region_that_ships_has_demo_data() -> None:
    assert set(REGIONS) == set(codes())


@pytest.mark.req("ORG-01", "ORG-02", "ORG-03", "ORG-04")
def test_four_trees_with_branch_and_advice_line(demo: None) -> None:
    assert set(Region.objects.values_list("code", flat=True)) == set(REGIONS)
    for code in MORE:
        units = Unit.objects.filter(provider__region__code=code)
        assert Counter(units.values_list("type", flat=True)) == {"primary_care": 2, "branch": 1, "advice_line": 1}
        assert set(units.values_list("provider__kind", flat=True)) == {"public", "private"}
        branch, line = units.get(type="branch"), units.get(type="advice_line")
        assert branch.parent is not None
        assert branch.parent.provider == branch.provider
        assert opening(line, at=datetime(2026, 12, 25, 3, 0, tzinfo=STOCKHOLM)).staffed  # a red day, at night
        assert not opening(branch, at=datetime(2026, 12, 25, 11, 0, tzinfo=STOCKHOLM)).staffed


@pytest.mark.req("ORG-21")
def test_cases_of_a_branch_go_to_its_centre_unless_somebody_decided_otherwise(demo: None) -> None:
    own = {}
    for branch in Unit.objects.filter(type="branch").select_related("parent", "provider__region"):
        target = redirect_target(branch)
        own[branch.provider.region.code] = target == branch
        assert Case.objects.filter(unit=branch).exists() == (target == branch)
    assert own == {"jonkoping": False, "uppsala": False, "skane": True}


def test_staff_residents_and_errands_everywhere(demo: None) -> None:
    for code in MORE:
        cases = Case.objects.filter(unit__provider__region__code=code)
        assert cases.count() == 12
        assert set(cases.values_list("state", flat=True)) >= {"waiting", "started", "asynchronous", "closed"}
        assert cases.filter(unit__type="advice_line", state="started").exists()
        assert cases.filter(unit__type="advice_line", state="waiting").exists()
        assert cases.filter(kind="admin_question").exists()
        assert Person.objects.filter(listed_unit__provider__region__code=code, protected="yes").exists()
        assert User.objects.filter(admin_permissions__unit__provider__region__code=code).exists()
        for unit in Unit.objects.filter(provider__region__code=code, type__in=("primary_care", "advice_line")):
            assert Shift.objects.filter(unit=unit, ended_at__isnull=True).exists(), unit
    assert Case.objects.filter(unit__provider__region__code=REGIONS[0]).count() == 60
    for case in Case.objects.filter(state=CaseState.WAITING):
        assert Membership.objects.filter(unit=case.unit, role=case.role, ended_at__isnull=True).exists(), case.unit
    for unit in Unit.objects.filter(type__in=("primary_care", "branch")):
        for kind in ("seek_care", "admin_question"):
            role = policy(redirect_target(unit)).receiving_role(kind)
            assert Membership.objects.filter(unit=redirect_target(unit), role__code=role).exists(), (unit, role)


def test_nobody_crosses_a_border_and_nobody_real_is_meant(demo: None) -> None:
    official = set(official_numbers()) | set(official_numbers("testpersonnummer_more"))
    for case in Case.objects.select_related("unit__provider", "patient__listed_unit__provider"):
        if case.patient.listed_unit is not None:
            assert case.patient.listed_unit.provider.region_id == case.unit.provider.region_id
    for membership in Membership.objects.select_related("user"):
        regions = membership.user.memberships.values_list("unit__provider__region", flat=True)
        assert len(set(regions)) == 1
    for person in Person.objects.all():
        assert person.personal_number in official or age_of(person.birth_date) < 1
        assert not person.mobile or re.fullmatch(r"\+467017406(0[5-9]|[1-9]\d)", person.mobile), person.mobile
    numbers = list(Person.objects.exclude(mobile="").values_list("mobile", flat=True))
    assert len(numbers) == len(set(numbers))


def first_region(regions: str) -> list[Any]:
    """Seed a few errands, look at those of the first region, take everything back."""
    point = transaction.savepoint()
    with moved(MONDAY):
        call_command("seed_demo", seed=3, cases=5, regions=regions, verbosity=0)
        people = Person.objects.filter(listed_unit__provider__region__code=REGIONS[0]).order_by("personal_number")
        cases = Case.objects.filter(unit__provider__region__code=REGIONS[0]).order_by("pk")
        found = [
            list(people.values_list("personal_number", "first_name", "public_id", "mobile")),
            list(cases.values_list("patient__personal_number", "contact_reason", "arrived_at")),
        ]
    transaction.savepoint_rollback(point)
    return found


def test_the_first_region_is_the_same_with_and_without_the_others(db: None) -> None:
    alone = first_region(REGIONS[0])
    assert len(alone[1]) == 5
    assert first_region("all") == alone


def test_the_sign_in_pages_name_every_region(demo: None, client: Client) -> None:
    with CaptureQueriesContext(connection) as queries:
        groups = staff_groups()
    assert len(queries) <= 4
    headings = [group.heading for group in groups]
    assert len(headings) == len(set(headings))
    for unit in Unit.objects.filter(memberships__isnull=False).distinct().select_related("provider__region"):
        assert any(h.startswith(unit.name) and h.endswith(unit.provider.region.name) for h in headings), unit
    listed = {person.value for group in groups for person in group.persons}
    assert listed == {u.hsa_id for u in User.objects.all() if u.memberships.exists() or u.admin_permissions.exists()}
    residents = {person.value for group in resident_groups() for person in group.persons}
    everybody = Person.objects.filter(listed_unit__isnull=False)
    assert residents >= {str(person.public_id) for person in everybody}
    for name in ("accounts:staff_sign_in", "accounts:resident_sign_in"):
        page = client.get(reverse(name)).content.decode()
        for region in Region.objects.all():
            assert region.name in page, (name, region)


@pytest.mark.req("ENT-06", "ENT-07", "ENT-09")
def test_a_resident_is_in_the_region_of_the_link_else_of_the_listed_unit(demo: None) -> None:
    for code in REGIONS:
        region = Region.objects.get(code=code)
        person = Person.objects.filter(
            listed_unit__provider__region=region, listed_unit__type="primary_care", protected="no",
            birth_date__lt="2000-01-01",
        ).first()  # fmt: skip
        assert person is not None
        page = resident_client(person).get(reverse("triage:start")).content.decode()
        assert region.name in page
        assert not any(other.name in page for other in Region.objects.exclude(pk=region.pk))
    kalmar = Person.objects.filter(listed_unit__slug="exempelby", protected="no", birth_date__lt="2000-01-01").first()
    assert kalmar is not None
    page = resident_client(kalmar).get(reverse("triage:start"), {"enhet": "rapsfaltet"}).content.decode()
    assert "Region Skåne" in page
    assert "Region Kalmar" not in page


@pytest.mark.req("ENT-09")
def test_an_unlisted_resident_without_a_link_chooses_between_units_of_all_regions(demo: None) -> None:
    person = Person.objects.filter(listed_unit__isnull=True, protected="no", birth_date__lt="2000-01-01").first()
    assert person is not None
    page = resident_client(person).get(reverse("triage:start")).content.decode()
    for unit in Unit.objects.filter(type__in=("primary_care", "branch")).select_related("provider__region"):
        assert re.search(rf"{re.escape(unit.name)}.*?{re.escape(unit.provider.region.name)}", page), unit
    for unit in Unit.objects.exclude(type__in=("primary_care", "branch")):
        assert unit.name not in page


def test_some_regions_only_and_a_region_that_is_not_there(db: None) -> None:
    with moved(MONDAY):
        call_command("seed_demo", seed=1, cases=5, regions="skane, uppsala", verbosity=0)
    assert set(Region.objects.values_list("code", flat=True)) == {"uppsala", "skane"}
    assert Case.objects.filter(unit__provider__region__code="skane").count() == 1
    with pytest.raises(CommandError, match="atlantis"):
        call_command("seed_demo", regions="atlantis", verbosity=0)
