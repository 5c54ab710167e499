"""The pages of calls: who is shown what, what a call may cost, the telephone, and which pages may open the camera."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cases.calls import commands
from cases.calls.models import Call
from direkt1177.accounts.actors import StaffActor
from direkt1177.residents.models import Guardianship, Person
from direkt1177.units.models import Unit
from tests.calls.calling import accept, ask, come_online, fee_version, visit
from tests.factories import key, make_child, make_person, make_staff, make_started_case, set_policy
from tests.signing_in import resident_client, staff_client

pytestmark = pytest.mark.django_db
OPEN = ("camera=(self)", "microphone=(self)", "autoplay=(self)")
CLOSED = ("camera=()", "microphone=()", "autoplay=()")


def said(answer: Any) -> str:
    """The text of an answer, without marks."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def panel(nurse: StaffActor, case: Any, client: Client | None = None) -> str:
    """The part above the chat, as HTML."""
    return (client or staff_client(nurse)).get(reverse("calls:panel", args=[case.public_id])).content.decode()


@pytest.mark.req("VID-01", "VID-02")
def test_the_icons_stand_above_the_chat_and_say_why_they_are_closed() -> None:
    nurse, case, _patient = visit()
    client = staff_client(nurse)
    page = client.get(reverse("cases:case", args=[case.public_id])).content.decode()
    head = page.index('id="chat-title"')
    assert head < page.index('id="calls"') < page.index("data-chat")
    closed = panel(nurse, case, client)
    assert closed.count('aria-disabled="true"') == 2 and "patienten är inte inne i tjänsten" in closed
    come_online(case)
    opened = panel(nurse, case, client)
    assert "aria-disabled" not in opened
    assert 'aria-label="Starta video"' in opened and 'aria-label="Starta röstsamtal"' in opened
    post = {"kind": "video", "key": key()}
    answer = client.post(reverse("calls:request", args=[case.public_id]), post)
    call = Call.objects.get(case=case)
    assert answer["Location"] == reverse("calls:call", args=[case.public_id, call.public_id])
    asked = panel(nurse, case, client)
    assert "Starta video" not in asked and "Väntar på att patienten svarar på videosamtalet" in asked
    again = client.post(reverse("calls:request", args=[case.public_id]), post | {"key": key()})
    assert again.status_code == 409 and "Öppna samtalet som pågår" in said(again)


@pytest.mark.req("VID-01")
def test_no_call_from_a_visit_that_has_not_begun_or_is_over() -> None:
    from tests.factories import make_closed_case, make_received_case

    nurse = make_staff()
    for case in (make_received_case(nurse), make_closed_case(nurse)):
        come_online(case)
        assert "Starta video" not in panel(nurse, case)


@pytest.mark.req("VID-03", "FEE-06")
def test_the_patient_reads_what_it_may_cost_before_saying_yes() -> None:
    nurse, case, _patient = visit()
    unit = Unit.objects.select_related("provider__region").get(pk=case.unit_id)
    set_policy(unit, "fee_text", "Samtalet kostar 100 kronor.")
    set_policy(unit, "fee_text_version", "prov-1")
    call = ask(nurse, case)
    client = resident_client(case.patient)
    card = client.get(reverse("calls:card", args=[case.public_id]))
    assert "vill prata med dig på video" in said(card) and "Avböj" in said(card)
    # The card's way to yes goes over the page that says what it costs.
    request = reverse("calls:mine", args=[case.public_id, call.public_id])
    assert f'href="{request}"' in card.content.decode() and 'value="accept"' not in card.content.decode()
    page = client.get(request)
    assert "Samtalet kostar 100 kronor." in said(page) and 'value="prov-1"' in page.content.decode()
    answer = reverse("calls:answer", args=[case.public_id, call.public_id])
    set_policy(unit, "fee_text", "Samtalet kostar 200 kronor.")
    set_policy(unit, "fee_text_version", "prov-2")
    stale = client.post(answer, {"key": key(), "answer": "accept", "fee_version": "prov-1"})
    assert stale.status_code == 409
    assert "Informationen om avgifter har ändrats" in said(stale) and "200 kronor" in said(stale)
    done = client.post(answer, {"key": key(), "answer": "accept", "fee_version": "prov-2"})
    assert done["Location"] == request
    assert "data-call" in client.get(request).content.decode()
    call.refresh_from_db()
    assert (call.state, call.fee_text_version) == ("accepted", "prov-2")


def test_accepted_after_hang_up_says_what_happened() -> None:
    nurse, case, _patient = visit()
    call = ask(nurse, case)
    client = resident_client(case.patient)
    commands.end_call(actor=nurse, case_id=case.public_id, call_id=call.public_id)
    post = {"key": key(), "answer": "accept", "fee_version": fee_version(case)}
    late = client.post(reverse("calls:answer", args=[case.public_id, call.public_id]), post)
    assert late.status_code == 409 and "Samtalet har lagts på eller besvarades inte i tid" in said(late)
    assert "Samtalet är avslutat" in said(client.get(reverse("calls:mine", args=[case.public_id, call.public_id])))
    assert said(client.get(reverse("calls:card", args=[case.public_id]))).strip() == ""


def test_who_only_reads_sees_no_call() -> None:
    nurse = make_staff()
    guardian, other = make_person(), make_person()
    child = make_child(guardian)
    Guardianship.objects.create(guardian=other, child=child)
    case = make_started_case(nurse, patient=child, started_by=guardian)
    call = ask(nurse, case)
    reader = resident_client(other)
    assert said(reader.get(reverse("calls:card", args=[case.public_id]))).strip() == ""
    assert "call-card" not in reader.get(reverse("cases:mine_case", args=[case.public_id])).content.decode()
    assert reader.get(reverse("calls:mine", args=[case.public_id, call.public_id])).status_code == 404
    starter = resident_client(guardian)
    assert f"Ha {child.first_name} hos dig" in said(
        starter.get(reverse("calls:mine", args=[case.public_id, call.public_id]))
    )


@pytest.mark.req("VID-07", "ENT-27")
def test_a_protected_patient_is_asked_in_a_call_and_never_shown_a_number_of() -> None:
    nurse = make_staff()
    patient = make_person(protected=Person.Protected.YES, mobile="+46701234567")
    case = make_started_case(nurse, patient=patient)
    come_online(case)
    shown = panel(nurse, case)
    assert "1234567" not in shown.replace(" ", "") and "123 45 67" not in shown and "tel:" not in shown
    assert "Numret visas inte." in shown and "bara i ett video- eller röstsamtal" in shown
    assert 'aria-label="Starta video"' in shown and 'aria-label="Starta röstsamtal"' in shown
    call = accept(case, ask(nurse, case))
    window = staff_client(nurse).get(reverse("calls:call", args=[case.public_id, call.public_id]))
    assert "säg namn och platser, skriv dem inte" in said(window)
    for secret in (patient.first_name, patient.last_name, "1234567", "123 45 67"):
        assert secret not in window.content.decode()


@pytest.mark.req("VID-08")
def test_the_telephone_is_the_way_on_and_an_interpreter_where_the_region_has_one() -> None:
    nurse = make_staff()
    case = make_started_case(nurse, patient=make_person(mobile="+46701234567"))
    come_online(case)
    shown = panel(nurse, case)
    assert 'href="tel:070' in shown and "med tolk" in shown
    call = accept(case, ask(nurse, case))
    window = staff_client(nurse).get(reverse("calls:call", args=[case.public_id, call.public_id])).content.decode()
    assert 'href="tel:070' in window
    other = resident_client(case.patient).get(reverse("calls:mine", args=[case.public_id, call.public_id]))
    assert "tel:070" not in other.content.decode() and "ringa dig på telefon" in said(other)
    unit = Unit.objects.select_related("provider__region").get(pk=case.unit_id)
    set_policy(unit, "language_support", "swedish_only")
    assert "med tolk" not in panel(nurse, case)


@pytest.mark.req("VID-06")
def test_the_checklist_stands_where_one_waits_and_tries_out() -> None:
    nurse, case, _patient = visit()
    call = ask(nurse, case)
    client = staff_client(nurse)
    for address in (reverse("calls:call", args=[case.public_id, call.public_id]), reverse("calls:hardware")):
        shown = said(client.get(address))
        for word in ("Lugn miljö", "ljus", "bakgrund", "kamera", "Headset", "arbetskläder", "bemötande", "tydligt tal"):
            assert word in shown, (address, word)


@pytest.mark.req("AUTH-14", "VID-04")
def test_only_calls_and_the_hardware_page_may_open_camera_and_microphone() -> None:
    """The case that a page of calls opens for itself; the policy on content stays what it is everywhere."""
    nurse, case, _patient = visit()
    call = ask(nurse, case)
    staff, patient = staff_client(nurse), resident_client(case.patient)
    own = [case.public_id, call.public_id]

    def policies(client: Client, address: str) -> tuple[str, str]:
        answer = client.get(address)
        assert answer.status_code == 200, address
        return answer["Permissions-Policy"], answer["Content-Security-Policy"]

    opened = [policies(patient, reverse("calls:mine", args=own))]  # the request, to try out
    accept(case, call)
    opened += [
        policies(patient, reverse("calls:mine", args=own)),
        policies(staff, reverse("calls:call", args=own)),
        policies(staff, reverse("calls:hardware")),
    ]
    commands.end_call(actor=nurse, case_id=case.public_id, call_id=call.public_id)
    closed = [
        policies(staff, reverse("calls:call", args=own)),  # it is over
        policies(patient, reverse("calls:mine", args=own)),
        policies(staff, reverse("cases:case", args=[case.public_id])),
        policies(staff, reverse("accounts:settings")),
        policies(staff, reverse("calls:panel", args=[case.public_id])),
        policies(patient, reverse("cases:mine_case", args=[case.public_id])),
        policies(patient, "/"),
    ]
    for rights, _content in opened:
        assert all(word in rights.split(", ") for word in OPEN) and "geolocation=()" in rights
    for rights, _content in closed:
        assert all(word in rights.split(", ") for word in CLOSED)
    contents = {re.sub(r"'nonce-[^']+'", "", content) for _rights, content in opened + closed}
    assert len(contents) == 1 and "connect-src 'self'" in contents.pop()


def test_ways_to_one_another_are_told_to_the_two_sides_only(settings: Any) -> None:
    settings.CALL_TURN, settings.CALL_TURN_SECRET = ["turn:turn.example.se"], "hemlig"
    nurse, case, _patient = visit()
    call = ask(nurse, case)
    address = reverse("calls:join", args=[case.public_id, call.public_id])
    session = {"session": "a-page-of-mine"}
    json = {"Accept": "application/json"}
    early = staff_client(nurse).post(address, session, headers=json)
    assert (early.status_code, early.json()["code"]) == (409, "call_not_answered")
    accept(case, call)
    told = resident_client(case.patient).post(address, session, headers=json)
    assert told.json()["ice_servers"][0]["urls"] == ["turn:turn.example.se"]
    assert told.json()["relay_only"] is False and "no-store" in told["Cache-Control"]
    stranger = resident_client(make_person()).post(address, session, headers=json)
    assert stranger.status_code == 404 and "turn:" not in stranger.content.decode()
