"""Query counts of sign-in and settings: the same for one person and for fifty."""

from __future__ import annotations

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from direkt1177.accounts import queries
from direkt1177.accounts.models import Membership
from direkt1177.units.models import Unit
from tests.factories import make_child, make_person, make_role, make_staff, make_unit
from tests.signing_in import resident_client, staff_client

pytestmark = pytest.mark.django_db


def test_actor_costs_one_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for client in (staff_client(make_staff()), resident_client(make_person(listed_unit=make_unit()))):
        session = client.session
        assert session.session_key
        session.get("x")  # the session itself is loaded
        with django_assert_num_queries(1):
            assert queries.actor_from_session(session) is not None


@pytest.mark.parametrize("address", ["/personal/logga-in/", "/logga-in/"])
def test_demo_lists(address: str, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    counts = []
    for _round in range(2):
        with django_assert_max_num_queries(6) as captured:
            assert Client().get(address).status_code == 200
        counts.append(len(captured.captured_queries))
        for _n in range(20):
            make_staff()
            make_child(make_person())
        # The first round has nobody, so that prefetching has nothing to do.
    with django_assert_max_num_queries(6) as captured:
        Client().get(address)
    assert len(captured.captured_queries) == counts[1]


@pytest.mark.parametrize("address", ["/personal/installningar/", "/personal/enhet/", "/personal/i-tjanst/"])
def test_staff_pages(address: str, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    actor = make_staff()
    client = staff_client(actor)
    client.get(address)
    counts = []
    for _round in range(2):
        with django_assert_max_num_queries(8) as captured:
            assert client.get(address).status_code == 200
        counts.append(len(captured.captured_queries))
        for _n in range(20):
            make_staff(Unit.objects.get(pk=actor.unit_id))
            Membership.objects.create(user_id=actor.user_id, unit=make_unit(), role=make_role())
    assert counts[0] == counts[1]
