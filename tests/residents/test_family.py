"""Whom a resident may seek care for (ENT-15..25)."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine

from direkt1177.audit.refusals import NotFound
from direkt1177.outbox.models import Effect
from direkt1177.realtime.models import FeedChange
from direkt1177.residents import access, rules
from direkt1177.residents.effects import end_rights_at_13
from direkt1177.residents.models import Guardianship, Person
from direkt1177.residents.queries import guardians_of, people_for, person_view
from direkt1177.residents.tasks import find_birthdays
from direkt1177.units.clock import now
from tests.factories import make_child, make_person, resident
from tests.signing_in import resident_client

pytestmark = pytest.mark.django_db


def born(years: int, months: int = 0) -> date:
    """A birth date so many years and months ago."""
    day = now().date()
    month = day.month - months
    return date(day.year - years - (month < 1), (month - 1) % 12 + 1, min(day.day, 28))


def _choices(person: Person) -> list[tuple[str, str | None]]:
    return [(choice.person.first_name, choice.reason) for choice in people_for(person)]


@pytest.mark.req("ENT-15", "ENT-16", "ENT-17", "ENT-18")
def test_children_by_age() -> None:
    parent = make_person(first_name="Petra")
    for name, birth in (
        ("Love", born(0, 8)),
        ("Alma", born(4)),
        ("Tolv", born(12)),
        ("Tuva", born(13)),
        ("Vux", born(18)),
    ):
        make_child(parent, first_name=name, birth_date=birth)
    make_child(make_person(), first_name="Grannbarn")
    assert sorted(_choices(parent)) == [
        ("Alma", None),
        ("Love", "too_young"),
        ("Petra", None),
        ("Tolv", None),
        ("Tuva", "own_sign_in"),
    ]


@pytest.mark.req("ENT-21", "ENT-24", "ENT-25")
def test_blocked_and_protected_children_are_left_out_without_a_word() -> None:
    parent = make_person(first_name="Petra")
    blocked = make_child(parent, first_name="Blockad")
    Guardianship.objects.filter(child=blocked).update(blocked=True)
    for protected in ("yes", "unknown"):
        make_child(parent, first_name="Skyddad", protected=protected)
    make_child(parent, first_name="Alma")
    assert _choices(parent) == [("Petra", None), ("Alma", None)]
    Person.objects.filter(pk=parent.pk).update(protected="yes")
    parent.refresh_from_db()
    assert [name for name, _reason in _choices(parent)] == ["Petra"]


@pytest.mark.req("ENT-16", "ENT-18")
def test_door_for_self_and_guardian() -> None:
    parent = make_person()
    child = make_child(parent)
    assert access.may_act_for(resident(parent), parent) == "self"
    assert access.may_act_for(resident(parent), child) == "guardian"
    for stranger in (make_person(), make_child(parent)):
        with pytest.raises(NotFound):
            access.may_act_for(resident(stranger), child)
    with pytest.raises(NotFound):
        access.may_act_for(resident(child), child)


@pytest.mark.req("ENT-15", "ENT-21", "ENT-24", "ENT-25")
@pytest.mark.parametrize("why", ["baby", "teen", "blocked", "child protected", "child unknown", "guardian protected"])
def test_door_refuses(why: str) -> None:
    parent = make_person(protected="yes" if why == "guardian protected" else "no")
    child = make_child(
        parent,
        birth_date={"baby": born(0, 8), "teen": born(13)}.get(why, born(6)),
        protected={"child protected": "yes", "child unknown": "unknown"}.get(why, "no"),
    )
    if why == "blocked":
        Guardianship.objects.filter(child=child).update(blocked=True)
    with pytest.raises(NotFound):
        access.may_act_for(resident(parent), child)


@pytest.mark.req("ENT-17")
def test_the_13th_birthday_is_a_hard_cut_in_swedish_time() -> None:
    parent = make_person()
    child = make_child(parent, birth_date=date(2013, 5, 10))
    with time_machine.travel("2026-05-09T21:59:00Z", tick=False):  # 23.59 the day before in Sweden
        assert access.may_act_for(resident(parent), child) == "guardian"
        assert access.children_readable_by(resident(parent)) == [child.pk]
    with time_machine.travel("2026-05-09T22:01:00Z", tick=False):
        with pytest.raises(NotFound):
            access.may_act_for(resident(parent), child)
        assert access.children_readable_by(resident(parent)) == []
        assert access.may_act_for(resident(child), child) == "self"


@pytest.mark.req("ENT-17")
def test_open_screens_of_guardians_close_after_the_13th_birthday_once() -> None:
    parent, other = make_person(), make_person()
    make_child(other, birth_date=date(2013, 5, 11))
    child = make_child(parent, birth_date=date(2013, 5, 10))
    with time_machine.travel("2026-05-09T21:50:00Z", tick=False):
        client = resident_client(parent)
        assert find_birthdays() == 0
    with time_machine.travel("2026-05-09T22:01:00Z", tick=False):
        assert find_birthdays() == 1
        assert find_birthdays() == 0
        effect = Effect.objects.get(kind="turned_13")
        assert effect.payload == {"person": child.pk}
        end_rights_at_13(effect)
        assert FeedChange.objects.filter(feed=f"me:person:{parent.pk}", object="authz").exists()
        assert client.get("/min-profil/")["Location"].startswith("/logga-in/")


@pytest.mark.req("ENT-21", "ENT-22")
def test_staff_see_guardians_but_not_blocked_ones() -> None:
    first = make_person(first_name="Petra")
    child = make_child(first)
    blocked, protected = make_person(first_name="Blockad"), make_person(first_name="Hemlig", protected="yes")
    Guardianship.objects.create(guardian=blocked, child=child, blocked=True)
    Guardianship.objects.create(guardian=protected, child=child)
    assert [view.name for view in guardians_of(child.pk)] == ["Petra Testsson", "SKYDDAD IDENTITET"]


@pytest.mark.parametrize(
    ("birth", "text"),
    [
        (born(0), "0 månader"),
        (born(0, 1), "1 månad"),
        (born(0, 8), "8 månader"),
        (born(1, 3), "1 år"),
        (born(4), "4 år"),
    ],
)
def test_age_in_words(birth: date, text: str) -> None:
    assert person_view(make_person(birth_date=birth)).age_text == text


def test_born_on_29_february() -> None:
    assert rules.age_on(date(2012, 2, 29), date(2025, 2, 28)) == 12
    assert rules.age_on(date(2012, 2, 29), date(2025, 3, 1)) == 13
