"""A prepared queryset gives what the plain one gives, for every use of it."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.db import connection, models
from django.test.utils import CaptureQueriesContext

from cases import locking
from cases.commands import chat
from cases.models import Message
from cases.queries import card, lists, resident
from direkt1177.accounts import queries
from direkt1177.accounts.models import Membership
from direkt1177.realtime.prepared import Prepared
from direkt1177.residents import access
from direkt1177.residents import queries as residents
from direkt1177.residents.models import Person
from direkt1177.units.clock import now
from tests import factories


def _loaded(instance: models.Model) -> dict[str, object]:
    """Fields, annotations, and everything that came with the row."""
    own = {name: value for name, value in vars(instance).items() if name != "_state"}
    related = {
        name: _loaded(value) if isinstance(value, models.Model) else value
        for name, value in instance._state.fields_cache.items()
    }
    return {**own, "related": related, "class": type(instance)}


def test_every_use_gives_what_its_queryset_gives(db: None) -> None:
    """Same objects, same related objects, same annotations, one query, twice in a row and for other values."""
    nurse, other = factories.make_staff(), factories.make_staff()
    guardian = factories.make_person()
    child = factories.make_child(guardian)
    case = factories.make_started_case(nurse)
    foreign = factories.make_case(patient=child, started_by=guardian)
    line = Message.objects.get(case=case)
    uses: list[tuple[Prepared[Any], list[tuple[Any, ...]]]] = [
        (locking._LOCKED, [(case.public_id,), (foreign.public_id,), (uuid.uuid4(),)]),
        (chat._EARLIER, [(case.pk, line.author_key, line.client_id), (case.pk, "staff:0", "none")]),
        (card._CASE, [(case.public_id,), (foreign.public_id,)]),
        (card._LINE, [(case.pk, 1), (case.pk, 2)]),
        (lists._OWN, [(nurse.user_id,), (other.user_id,)]),
        (lists._BY_ID, [(c.public_id, c.unit_id, c.role_id) for c in (case, foreign)] + [(case.public_id, 1, 2)]),
        (resident._OWN, [(case.patient_id,), (child.pk,)]),
        (queries._MEMBERSHIP, [(nurse.membership_id, nurse.user_id), (nurse.membership_id, other.user_id)]),
        (queries._PERSON, [(guardian.pk,), (child.pk,)]),
        (access._CHILDREN, [(guardian.pk,), (child.pk,)]),
        (residents._ONE, [(guardian.pk,), (0,)]),
    ]
    for prepared, calls in uses:
        found = 0
        for values in [*calls, *calls]:
            plain = [_loaded(each) for each in prepared._make(*values)]
            with CaptureQueriesContext(connection) as asked:
                rows = prepared.all(*values)
            assert len(asked) == 1
            assert [_loaded(each) for each in rows] == plain, values
            found += len(rows)
        assert found, "no case in which something is found"


def test_a_value_that_does_not_reach_the_statement_is_an_error(db: None) -> None:
    """Otherwise the answer would be that of the sample."""
    forgotten: Prepared[Person] = Prepared(lambda _pk: Person.objects.filter(last_name="Testsson"), 1_999_999_991)
    with pytest.raises(ValueError, match="does not reach"):
        forgotten.all(1)


@pytest.mark.django_db(transaction=True)
def test_locking_needs_a_transaction() -> None:
    """A lock outside a transaction would be gone before anybody could rely on it."""
    case = factories.make_case()
    with pytest.raises(Exception, match="transaction"):
        locking._LOCKED.first(case.public_id)


def test_the_actor_of_a_membership_that_has_ended_is_nobody(db: None) -> None:
    """Conditions that are not gaps stay in the statement."""
    nurse = factories.make_staff()
    assert queries.staff_actor(user_id=nurse.user_id, membership_id=nurse.membership_id) is not None
    Membership.objects.filter(pk=nurse.membership_id).update(ended_at=now())
    assert queries.staff_actor(user_id=nurse.user_id, membership_id=nurse.membership_id) is None
