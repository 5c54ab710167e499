"""Residents' own pages: home, profile, support."""

from __future__ import annotations

from datetime import time

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from direkt1177.audit.models import ChangeLog
from direkt1177.residents.models import Person
from direkt1177.units.models import StaffedHours
from tests.factories import make_child, make_person, make_region, make_unit, set_policy
from tests.signing_in import resident_client

pytestmark = pytest.mark.django_db


@pytest.mark.req("ENT-01", "ENT-02", "ENT-03", "ENT-04", "ENT-07")
def test_home_has_the_regions_texts_and_four_items() -> None:
    unit = make_unit(region=make_region(name="Region Exempel"))
    set_policy(unit, "entrance_text_seek_care", "Du kan starta ett möte dygnet runt.")
    set_policy(unit, "entrance_text_admin_question", "Här görs ingen medicinsk bedömning.")
    page = resident_client(make_person(first_name="Petra", listed_unit=unit)).get("/").content.decode()
    assert "Hej Petra!" in page
    assert "Region Exempel" in page
    for word in ("Hem", "Mina ärenden", "Min profil", "Support"):
        assert f"<span>{word}</span>" in page
    for text in (
        "Sök vård",
        "Du kan starta ett möte dygnet runt.",
        "Administrativa frågor",
        "ingen medicinsk bedömning",
    ):
        assert text in page


@pytest.mark.req("ENT-06")
def test_link_carries_the_unit_through_sign_in() -> None:
    unit = make_unit(name="Länkens hälsocentral", region=make_region(name="Region Länk"))
    person = make_person(listed_unit=make_unit(name="Listans hälsocentral"))
    client = Client()
    address = f"/?enhet={unit.slug}"
    entry = client.get(address)["Location"]
    assert "Region Länk" in client.get(entry).content.decode()
    answer = client.post("/logga-in/", {"person": str(person.public_id), "next": address})
    assert answer["Location"] == address
    page = client.get(address).content.decode()
    assert "Länkens hälsocentral" in page
    assert "Region Länk" in page
    assert "Listans" not in page


@pytest.mark.parametrize("slug", ["finns-inte", "\0", "å" * 5000, "' OR 1=1"])
def test_unknown_unit_in_link_changes_nothing(slug: str) -> None:
    unit = make_unit(name="Listans hälsocentral")
    client = resident_client(make_person(listed_unit=unit))
    assert "Listans hälsocentral" in client.get("/", {"enhet": slug}).content.decode()


def test_home_tells_when_nobody_answers() -> None:
    unit = make_unit(always_open=False)
    StaffedHours.objects.bulk_create(
        StaffedHours(unit=unit, weekday=day, start=time(8), end=time(16)) for day in range(5)
    )
    person = make_person(listed_unit=unit)
    with time_machine.travel("2026-03-01T02:00:00Z", tick=False):  # Sunday 03.00
        assert "Vi svarar igen måndag 2 mars kl. 08.00" in resident_client(person).get("/").content.decode()
    with time_machine.travel("2026-03-02T09:00:00Z", tick=False):
        assert "Vi svarar nu, till kl. 16.00" in resident_client(person).get("/").content.decode()


def test_home_without_listing_works() -> None:
    assert resident_client(make_person()).get("/").status_code == 200


def test_home_of_protected_person_has_no_name() -> None:
    client = resident_client(make_person(first_name="Kanariefågel", protected="yes"))
    assert "Kanariefågel" not in client.get("/").content.decode()


@pytest.mark.req("ENT-14")
def test_profile_keeps_number_in_e164_and_logs_no_content() -> None:
    person = make_person(mobile="")
    client = resident_client(person)
    assert "inte lämnat något mobilnummer" in client.get("/min-profil/").content.decode()
    answer = client.post("/min-profil/", {"mobile": "070-174 06 05", "email": "a@example.se"}, follow=True)
    page = answer.content.decode()
    assert "Sparat" in page
    assert 'value="070-174 06 05"' in page
    person.refresh_from_db()
    assert (person.mobile, person.email) == ("+46701740605", "a@example.se")
    row = ChangeLog.objects.get(event="contact_details_changed")
    assert row.data == {"fields": ["mobile", "email"]}
    client.post("/min-profil/", {"mobile": "", "email": ""})
    person.refresh_from_db()
    assert (person.mobile, person.email) == ("", "")


@pytest.mark.parametrize(
    ("mobile", "email"),
    [
        ("abc", ""),
        ("08-465 004 00", ""),
        ("\0", ""),
        ("1" * 3000, ""),
        ("", "x"),
        ("", "a" * 400 + "@b.se"),
        ("", "\0"),
    ],
)
def test_bad_details_are_told_and_typed_text_kept(mobile: str, email: str) -> None:
    person = make_person()
    before = (person.mobile, person.email)
    response = resident_client(person).post("/min-profil/", {"mobile": mobile, "email": email})
    assert response.status_code == 422
    page = response.content.decode()
    assert "Något behöver ändras" in page
    if mobile == "abc":
        assert 'value="abc"' in page
    person.refresh_from_db()
    assert (person.mobile, person.email) == before


def test_profile_shows_own_children_only_as_the_entrance_does() -> None:
    parent = make_person()
    make_child(parent, first_name="Alma")
    make_child(parent, first_name="Skyddad", protected="yes")
    page = resident_client(parent).get("/min-profil/").content.decode()
    assert "Alma" in page
    assert "Skyddad" not in page


@pytest.mark.req("ENT-39")
def test_support_is_open_to_all_and_comes_from_policy(client: Client) -> None:
    page = client.get("/support/").content.decode()
    assert "0771-25 10 10" in page
    assert "06.00" in page
    unit = make_unit()
    set_policy(unit, "support_phone", "0480-12 34 56")
    assert "0480-12 34 56" in resident_client(make_person(listed_unit=unit)).get("/support/").content.decode()


@pytest.mark.parametrize("address", ["/", "/min-profil/", "/support/"])
def test_query_count_does_not_grow_with_the_family(
    address: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    parent: Person = make_person(listed_unit=make_unit())
    counts = []
    for _round in range(2):
        client = resident_client(parent)
        client.get(address)
        with django_assert_max_num_queries(11) as captured:
            assert client.get(address).status_code == 200
        counts.append(len(captured.captured_queries))
        for n in range(20):
            make_child(parent, first_name=f"Barn {n}")
    assert counts[0] == counts[1]
