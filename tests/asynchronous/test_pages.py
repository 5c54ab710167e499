"""The pages of asynchronous cases: tabs, steps, the telephone, the resident's side; with and without script."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cases import commands as case_commands
from cases.asynchronous import queries
from cases.asynchronous.models import Rating, SimulatedCall
from cases.models import Case
from direkt1177.accounts.actors import StaffActor
from direkt1177.accounts.models import User
from direkt1177.residents.models import Person
from direkt1177.units.clock import moved, now
from direkt1177.units.models import StaffedHours, Unit
from tests import factories
from tests.asynchronous.test_commands import known_patient, unit_of, write
from tests.factories import key, make_closed_case, make_person, make_staff
from tests.signing_in import resident_client, staff_client

pytestmark = pytest.mark.django_db
LIST = "/personal/asynkrona/"


@pytest.fixture
def nurse() -> StaffActor:
    """A nurse on shift."""
    return make_staff()


@pytest.fixture
def browser(nurse: StaffActor) -> Client:
    """Hers."""
    return staff_client(nurse)


def said(answer: Any) -> str:
    """The text of an answer, without marks."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


@pytest.mark.req("ASY-02", "ASY-03", "ASY-09")
def test_the_tabs_and_the_number_in_the_menu(browser: Client, nurse: StaffActor) -> None:
    case = make_closed_case(nurse, follow_up_days=3)
    seq = write(case, "Här är mina värden")
    page = browser.get(LIST)
    assert "Här är mina värden" in said(page) and case.patient.last_name in said(page)
    assert "1 att hantera" in said(browser.get(reverse("asynchronous:count")))
    done = browser.post(reverse("asynchronous:mark", args=[case.public_id]), {"seen": seq, "key": key()})
    assert done["Location"] == LIST
    assert "Ingen patient har skrivit" in said(browser.get(LIST))
    assert "Inte klar" in said(browser.get(f"{LIST}?flik=klara"))
    assert said(browser.get(reverse("asynchronous:count"))).strip() == ""
    browser.post(reverse("asynchronous:undo", args=[case.public_id]), {"key": key()})
    # Live: htmx gets the list alone, with the numbers of the tabs.
    part = browser.get(LIST, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part and 'hx-swap-oob="innerHTML"' in part and "Markera som klar" in part
    late = browser.post(reverse("asynchronous:mark", args=[case.public_id]), {"seen": 1, "key": key()})
    assert late.status_code == 409 and "Patienten har skrivit igen" in said(late)


@pytest.mark.req("ASY-02")
def test_others_cases_show_their_holder_only(nurse: StaffActor) -> None:
    case = make_closed_case(nurse, follow_up_days=3)
    write(case, "KANARIEORD")
    colleague = staff_client(make_staff(unit_of(nurse)))
    for choice in (f"p{nurse.user_id}", f"r{nurse.role_id}"):
        page = colleague.get(LIST, {"vems": choice})
        html = page.content.decode()
        table = html[html.index("<table") : html.index("</table")]
        assert nurse.name in table and "En kollegas ärende" in table and "Markera som klar" not in table
        assert "KANARIEORD" not in html and case.patient.last_name not in html and case.contact_reason not in table


@pytest.mark.req("ASY-08")
def test_time_that_is_out_is_said_to_both(browser: Client, nurse: StaffActor) -> None:
    case = make_closed_case(nurse, follow_up_days=1)
    write(case)
    assert case.follow_up_until is not None
    with moved(case.follow_up_until):
        page = said(staff_client(nurse).get(LIST))
        assert "Tiden ute, obesvarat" in page and "Förläng 7 dagar" in page
        theirs = said(resident_client(case.patient).get(reverse("cases:mine_case", args=[case.public_id])))
    assert "Ditt senaste meddelande är inte besvarat än" in theirs


@pytest.mark.req("ASY-08")
def test_the_resident_reads_when_the_case_ends(nurse: StaffActor) -> None:
    unit = Unit.objects.get(pk=nurse.unit_id)
    StaffedHours.objects.filter(unit=unit).update(start="08:00", end="16:30")
    case = make_closed_case(nurse, follow_up_days=1)
    page = said(resident_client(case.patient).get(reverse("cases:mine_case", args=[case.public_id])))
    assert "kl. 16.30. Sedan avslutas ärendet av sig självt" in page


@pytest.mark.req("ASY-04", "ASY-05", "CAS-17")
def test_nytt_asynk_in_two_steps(browser: Client, nurse: StaffActor) -> None:
    patient = known_patient(nurse)
    url = reverse("asynchronous:search")
    short = browser.post(url, {"number": "8001011234", "purpose": "contact"})
    assert short.status_code == 422 and "12 siffror" in said(short)
    found = browser.post(url, {"number": patient.personal_number, "purpose": "contact"})
    steps = found["Location"]
    assert patient.personal_number not in steps
    first = browser.get(steps)
    assert 'value="Administrativt"' in first.content.decode() and "Nästa" in said(first)
    form = {"form_key": key(), "reason": "Administrativt", "days": 3, "reader": patient.pk, "kind": "text"}
    second = browser.post(steps, form | {"do": "next"})
    assert "Slutför" in said(second) and "Patienten kan skriva" in said(second)
    refused = browser.post(steps, form | {"do": "send", "text": "Hej!", "checked": "on"})
    assert refused.status_code == 422 and "Fråga patienten först" in said(refused) and "Hej!" in said(refused)
    done = browser.post(steps, form | {"do": "send", "text": "Hej!", "checked": "on", "agreed": "on"})
    case = Case.objects.get(patient=patient, holder_id=nurse.user_id)
    assert done["Location"] == reverse("cases:case", args=[case.public_id])
    # From the case page with the patient prefilled.
    page = browser.get(done["Location"])
    assert "Nytt: asynkront ärende" in said(page)
    again = browser.get(reverse("asynchronous:from_case", args=[case.public_id]))
    assert again["Location"] == steps
    mine = said(resident_client(patient).get("/mina-arenden/"))
    assert "Administrativt" in mine


@pytest.mark.req("ASY-05", "NOT-06")
def test_without_the_precondition_next_is_closed_with_the_reason(browser: Client) -> None:
    stranger = make_person(mobile="")
    found = browser.post(reverse("asynchronous:search"), {"number": stranger.personal_number, "purpose": "contact"})
    page = browser.get(found["Location"])
    html = page.content.decode()
    assert "aldrig loggat in" in said(page) and 'aria-disabled="true" aria-describedby="closed-because"' in html
    assert "Mobilnummer saknas" in said(page) and 'value="next"' not in html
    form = {"form_key": key(), "reason": "A", "days": 3, "reader": stranger.pk, "do": "send", "text": "Hej"}
    assert browser.post(found["Location"], form).status_code == 409


def test_protected_persons_are_masked_and_get_no_sms(browser: Client) -> None:
    patient = known_patient(protected=Person.Protected.YES)
    found = browser.post(reverse("asynchronous:search"), {"number": patient.personal_number, "purpose": "contact"})
    page = browser.get(found["Location"])
    assert "inget SMS skickas" in said(page) and patient.last_name not in said(page)


@pytest.mark.req("ASY-07")
def test_image_by_phone_from_the_call_that_is_going_on(browser: Client, nurse: StaffActor) -> None:
    patient = known_patient(nurse)
    hsa_id = User.objects.get(pk=nurse.user_id).hsa_id
    call = SimulatedCall.objects.create(hsa_id=hsa_id, personal_number=patient.personal_number, began_at=now())
    url = reverse("asynchronous:search")
    assert "Nytt Asynk för den som ringer" in said(browser.get(url))
    other = staff_client(make_staff(unit_of(nurse)))
    assert "Nytt Asynk för den som ringer" not in said(other.get(url))
    start = reverse("asynchronous:from_call", args=[call.public_id])
    assert other.post(start).status_code == 409
    steps = browser.post(start)["Location"]
    assert "Bild till telefonsamtal" in browser.get(steps).content.decode()
    form = {"form_key": key(), "reason": "Bild till telefonsamtal", "days": 3, "reader": patient.pk, "kind": "image"}
    second = said(browser.post(steps, form | {"do": "next"}))
    assert "Svara här med bilden" in second
    SimulatedCall.objects.update(ended_at=now())
    assert browser.post(start).status_code == 409


def test_the_closed_chat_asks_once(nurse: StaffActor) -> None:
    case = make_closed_case(nurse)
    client = resident_client(case.patient)
    ask = reverse("asynchronous:rate", args=[case.public_id])
    assert ask in client.get(reverse("cases:mine_case", args=[case.public_id])).content.decode()
    assert "Hur nöjd är du" in said(client.get(ask))
    assert client.post(ask, {"key": key()}).status_code == 422
    part = client.post(ask, {"score": 5, "key": key()}, headers={"HX-Request": "true"})
    assert "utan ditt namn" in said(part) and Rating.objects.get().score == 5
    assert client.post(ask, {"score": 1, "key": key()}).status_code == 409
    assert "utan ditt namn" in said(client.get(ask)) and Rating.objects.count() == 1


def test_the_list_costs_the_same_at_one_and_many_rows(
    browser: Client, nurse: StaffActor, django_assert_num_queries: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            browser.get(LIST)
        return len(seen)

    write(make_closed_case(nurse, follow_up_days=2))
    browser.get(LIST)
    few = cost()
    for _ in range(5):
        write(make_closed_case(nurse, follow_up_days=2))
    assert cost() == few
    assert queries.SHOWN == 200
    del django_assert_num_queries


@pytest.mark.req("CHT-20")
def test_the_number_of_attempts_is_shown_at_closing(browser: Client, nurse: StaffActor) -> None:
    case = factories.make_started_case(nurse)
    case_commands.send_message(actor=nurse, case_id=case.public_id, client_id=key(), text="Är du där?")
    answer = browser.get(reverse("handover:attempts", args=[case.public_id]))
    assert "1 av 2" in said(answer)
