"""Sign-in of staff and residents: ports, safe return address, session key, unit, shift."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from direkt1177.accounts.models import Membership, Shift, User
from direkt1177.audit.models import ChangeLog
from direkt1177.units.clock import now
from tests.factories import make_child, make_person, make_role, make_staff, make_unit
from tests.signing_in import admin_client, resident_client, staff_client

pytestmark = pytest.mark.django_db
FIRST = {"shift_type": "primary_on_call"}


@pytest.fixture
def nurse() -> User:
    """Anna, nurse at one unit, never signed in."""
    return User.objects.get(pk=make_staff(on_shift=False).user_id)


def _membership(user: User) -> Membership:
    return Membership.objects.get(user=user, ended_at=None)


def test_page_lists_demo_staff_by_unit(client: Client, nurse: User) -> None:
    page = client.get("/personal/logga-in/").content.decode()
    assert _membership(nurse).unit.name in page
    assert nurse.full_name in page
    assert "Sjuksköterska" in page
    assert nurse.hsa_id in page


def test_page_lists_residents_with_family_and_protection(client: Client) -> None:
    parent = make_person(first_name="Petra")
    make_child(parent, first_name="Alma")
    make_person(first_name="Hemlig", protected="yes")
    page = client.get("/logga-in/").content.decode()
    assert "Petra" in page
    assert "förälder till Alma" in page
    assert "skyddad identitet" in page


def test_long_groups_of_residents_are_folded_and_families_are_not(client: Client) -> None:
    make_child(make_person(first_name="Petra"), first_name="Alma")
    units = [make_unit(), make_unit()]
    for unit in units:
        make_person(listed_unit=unit)
    page = client.get("/logga-in/").content.decode()
    folded = re.findall(r"<summary>.*?</svg>\s*(.*?)\s*</summary>", page, re.DOTALL)
    assert sorted(folded) == sorted(f"Vuxna, {unit.name}, {unit.provider.region.name} (1)" for unit in units)
    before, _found, _after = page.partition("<details")
    assert "Petra" in before, "families are chosen without opening anything"


@pytest.mark.req("AUTH-08", "AUTH-09", "SHF-02")
def test_first_time_needs_shift_type_and_confirm(client: Client, nurse: User) -> None:
    answer = client.post("/personal/logga-in/", {"person": nurse.hsa_id, "next": "/personal/drop-in/?flik=x"})
    assert answer["Location"] == "/personal/enhet/?next=%2Fpersonal%2Fdrop-in%2F%3Fflik%3Dx"
    page = client.get(answer["Location"]).content.decode()
    assert "Primärjour" in page
    assert "Bekräfta" in page
    assert "Lastbalanserare" in page
    wrong = client.post("/personal/enhet/", {"membership": _membership(nurse).pk})
    assert wrong.status_code == 422
    assert not Shift.objects.exists()
    # The queue cannot be used before.
    assert client.get("/personal/installningar/")["Location"].startswith("/personal/enhet/")

    done = client.post(
        "/personal/enhet/", {"membership": _membership(nurse).pk, **FIRST, "next": "/personal/drop-in/?flik=x"}
    )
    assert done["Location"] == "/personal/drop-in/?flik=x"
    shift = Shift.objects.get()
    assert (shift.user, shift.ended_at, shift.shift_type) == (nurse, None, "primary_on_call")
    nurse.refresh_from_db()
    assert nurse.load_balancer_enabled is False


@pytest.mark.req("SHF-02", "AUTH-06")
def test_second_time_goes_straight_on(client: Client, nurse: User) -> None:
    User.objects.filter(pk=nurse.pk).update(shift_type="primary_on_call")
    answer = client.post("/personal/logga-in/", {"person": nurse.hsa_id, "next": "/personal/installningar/"})
    assert answer["Location"] == "/personal/installningar/"
    assert client.get("/personal/installningar/").status_code == 200
    assert Shift.objects.get().user == nurse


@pytest.mark.req("AUTH-06")
@pytest.mark.parametrize(
    "evil",
    [
        "https://evil.example/",
        "//evil.example/",
        "http:evil",
        "javascript:alert(1)",
        "/\\evil.example",
        "",
        "\0",
        "evil",
    ],
)
def test_return_address_is_on_our_own_host(client: Client, nurse: User, evil: str) -> None:
    User.objects.filter(pk=nurse.pk).update(shift_type="primary_on_call")
    assert client.post("/personal/logga-in/", {"person": nurse.hsa_id, "next": evil})["Location"] == "/personal/"
    person = make_person()
    assert client.post("/logga-in/", {"person": str(person.public_id), "next": evil})["Location"] == "/"


@pytest.mark.req("AUTH-06", "AUTH-07")
@pytest.mark.parametrize(
    ("address", "entry"),
    [
        ("/personal/installningar/?a=b", "/personal/logga-in/?next=%2Fpersonal%2Finstallningar%2F%3Fa%3Db"),
        ("/min-profil/", "/logga-in/?next=%2Fmin-profil%2F"),
        ("/", "/logga-in/?next=%2F"),
        ("/admin/", "/admin/login/?next=/admin/"),
    ],
)
def test_pages_lead_to_their_own_entry_and_back(client: Client, address: str, entry: str) -> None:
    assert client.get(address)["Location"] == entry


def test_manage_uses_the_same_sign_in(client: Client) -> None:
    assert client.get("/admin/login/?next=/admin/")["Location"] == "/personal/logga-in/?next=%2Fadmin%2F"


@pytest.mark.parametrize("answer", [{}, {"person": "x"}, {"person": "\0"}, {"person": "å" * 5000}, {"next": "/"}])
@pytest.mark.parametrize("address", ["/personal/logga-in/", "/logga-in/"])
def test_bad_choice_is_told(client: Client, address: str, answer: dict[str, str]) -> None:
    response = client.post(address, answer)
    assert response.status_code == 422
    assert "Välj vem som loggar in" in response.content.decode()


def test_inactive_user_is_not_let_in(client: Client, nurse: User) -> None:
    User.objects.filter(pk=nurse.pk).update(is_active=False)
    assert client.post("/personal/logga-in/", {"person": nurse.hsa_id}).status_code == 422


@pytest.mark.req("ENT-16", "ENT-17")
def test_child_signs_in_from_the_13th_birthday(client: Client) -> None:
    today = now().date()
    twelve = make_person(birth_date=today.replace(year=today.year - 13) + timedelta(days=2))
    thirteen = make_person(birth_date=today.replace(year=today.year - 13) - timedelta(days=1))
    refused = client.post("/logga-in/", {"person": str(twelve.public_id)})
    assert refused.status_code == 422
    assert "under 13" in refused.content.decode()
    assert client.post("/logga-in/", {"person": str(thirteen.public_id)}).status_code == 302


def test_session_key_is_new_at_sign_in_and_at_choosing_unit(client: Client, nurse: User) -> None:
    client.get("/logga-in/?enhet=x")
    session = client.session
    session["planted"] = 1
    session.save()
    keys = [session.session_key]
    client.post("/personal/logga-in/", {"person": nurse.hsa_id})
    keys.append(client.session.session_key)
    client.post("/personal/enhet/", {"membership": _membership(nurse).pk, **FIRST})
    keys.append(client.session.session_key)
    assert len(set(keys)) == 3
    assert "planted" not in client.session
    assert set(Session.objects.values_list("session_key", flat=True)) == {keys[-1]}


def test_one_session_is_one_kind_of_actor(nurse: User) -> None:
    client = staff_client(make_staff())
    person = make_person()
    client.post("/logga-in/", {"person": str(person.public_id)})
    assert client.get("/min-profil/").status_code == 200
    assert client.get("/personal/installningar/")["Location"].startswith("/personal/logga-in/")


@pytest.mark.req("AUTH-17", "SHF-03")
def test_sign_out_ends_the_session_not_the_shift() -> None:
    actor = make_staff()
    client = staff_client(actor)
    assert client.get("/personal/logga-ut/").status_code == 405
    response = client.post("/personal/logga-ut/")
    assert response["Clear-Site-Data"]
    assert Shift.objects.get(user_id=actor.user_id).ended_at is None
    assert client.get("/personal/installningar/")["Location"].startswith("/personal/logga-in/")
    assert ChangeLog.objects.filter(event="signed_out", actor_key=actor.key).exists()


@pytest.mark.req("SHF-04")
def test_running_shift_elsewhere_is_shown_after_sign_in(nurse: User) -> None:
    other = make_unit(name="Fjärdens hälsocentral")
    User.objects.filter(pk=nurse.pk).update(shift_type="primary_on_call")
    Shift.objects.create(
        user=nurse, unit=other, role=make_role(), shift_type="primary_on_call", started_at=now() - timedelta(hours=20)
    )
    client = Client()
    answer = client.post("/personal/logga-in/", {"person": nurse.hsa_id})
    assert "Fjärdens hälsocentral" in client.get(answer["Location"]).content.decode()


@pytest.mark.req("SHF-07", "ORG-06")
def test_change_of_unit_ends_the_shift_at_the_left_one_and_other_sessions() -> None:
    actor = make_staff()
    user = User.objects.get(pk=actor.user_id)
    elsewhere = Membership.objects.create(user=user, unit=make_unit(), role=make_role("doctor"))
    client, other = staff_client(actor), staff_client(actor)
    answer = client.post("/personal/enhet/", {"membership": elsewhere.pk, "next": "/personal/installningar/"})
    assert answer["Location"] == "/personal/installningar/"
    left, new = Shift.objects.filter(user=user).order_by("id")
    assert left.ended_at is not None
    assert (new.unit, new.role.code, new.ended_at) == (elsewhere.unit, "doctor", None)
    assert client.get("/personal/installningar/").context["actor"].role_code == "doctor"
    assert other.get("/personal/installningar/")["Location"].startswith("/personal/logga-in/")


def test_another_users_membership_cannot_be_chosen() -> None:
    client, stranger = staff_client(make_staff()), make_staff()
    assert client.post("/personal/enhet/", {"membership": stranger.membership_id}).status_code == 422


def test_idle_staff_are_signed_out_but_not_while_they_work_over_the_socket() -> None:
    client = staff_client(make_staff())
    session = client.session
    session["seen"] = (timezone.now() - timedelta(minutes=61)).isoformat()
    session.save()
    # No page for an hour, but the log has something newer than that.
    assert client.get("/personal/installningar/").status_code == 200

    with time_machine.travel(timezone.now() + timedelta(minutes=61), tick=False):
        assert client.get("/personal/installningar/")["Location"].startswith("/personal/logga-in/")


def test_sessions_end_after_12_and_8_hours() -> None:
    staff, resident = staff_client(make_staff()), resident_client(make_person())
    for client, hours in ((staff, 12), (resident, 8)):
        expires = Session.objects.get(session_key=client.session.session_key).expire_date
        assert abs(expires - timezone.now() - timedelta(hours=hours)) < timedelta(minutes=1)


def test_user_without_role_is_sent_where_they_may_be(nurse: User) -> None:
    Membership.objects.update(ended_at=now())
    client = admin_client(nurse)
    page = client.get("/personal/enhet/").content.decode()
    assert "Du har ingen vårdroll" in page


def test_signed_in_pages_are_not_cached() -> None:
    client = resident_client(make_person(birth_date=date(1990, 1, 1)))
    assert "no-store" in client.get("/min-profil/")["Cache-Control"]
