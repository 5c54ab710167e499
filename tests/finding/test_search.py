"""*Sök patient*, what it shows of whom, and opening one visit with a reason (QUE-21, L-01, L-09)."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.finding.models import Opening, Search
from direkt1177.audit.models import ChangeLog, ReadLog
from direkt1177.residents.models import Person
from direkt1177.units.clock import moved, now
from tests import factories
from tests.factories import key
from tests.finding.conftest import Place
from tests.signing_in import staff_client

SEARCH = "/personal/sok-patient/"


def search(browser: Client, number: str, **more: str) -> Any:
    """The answer to a search, followed to its result."""
    return browser.post(SEARCH, {"number": number, "purpose": "care_initiated", **more}, follow=True)


def html(answer: Any) -> str:
    """The page as text."""
    return str(answer.content.decode())


def main_part(answer: Any) -> str:
    """The content without what differs by moment and id."""
    text = html(answer).partition('<main class="main')[2]
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d\d\.\d\d", "#", text)


@pytest.mark.req("QUE-21")
@pytest.mark.parametrize("form", ["twelve", "ten", "dashed"])
def test_finds_own_units_cases_and_only_that_others_exist(place: Place, form: str) -> None:
    number = place.patient.personal_number
    typed = {"twelve": number, "ten": number[2:], "dashed": f"{number[2:8]}-{number[8:]}"}[form]
    answer = search(place.browser, typed)
    text = html(answer)
    assert "Kanariefågel" in text
    assert place.colleague.name in text  # holder and state, no content
    assert "Systerhälsocentralen" in text
    for secret in ("Kollegans besvär", "Systers besvär", "Främmande"):
        assert secret not in text
    assert number not in answer.redirect_chain[-1][0]


@pytest.mark.req("QUE-21")
def test_every_search_is_logged_with_its_purpose(place: Place) -> None:
    search(place.browser, place.patient.personal_number, purpose="other", other="Rättad provtagning")
    search(place.browser, factories.make_person().personal_number, purpose="phone")
    rows = ReadLog.objects.filter(action="search", actor_key=place.nurse.key).order_by("pk")
    assert [(row.patients, row.reason) for row in rows] == [
        ([place.patient.pk], "Rättad provtagning"),
        ([], "samtal i telefon"),
    ]
    shown = ReadLog.objects.filter(action="list", object_id="search_result", actor_key=place.nurse.key)
    assert [row.patients for row in shown] == [[place.patient.pk]]


@pytest.mark.req("QUE-21")
def test_another_providers_patient_is_like_nobody(place: Place) -> None:
    theirs = factories.make_person(first_name="Kanariefrämling")
    factories.make_case(place.foreign, patient=theirs)
    nobody = factories.personal_number(theirs.birth_date, 998)
    assert not Person.objects.filter(personal_number=nobody).exists()
    answer, missing = search(place.browser, theirs.personal_number), search(place.browser, nobody)
    assert "Kanarie" not in html(answer)
    assert main_part(answer) == main_part(missing)


@pytest.mark.req("ENT-26")
def test_protected_persons_are_masked(place: Place) -> None:
    Person.objects.filter(pk=place.patient.pk).update(protected="yes")
    text = html(search(place.browser, place.patient.personal_number))
    assert "Kanariefågel" not in text
    assert "Skyddad" in text


def test_bad_input_says_what_to_do_and_keeps_what_was_typed(place: Place) -> None:
    for wrong, said in (
        ({"number": "19800101-0000"}, "Kontrollera siffrorna"),
        ({"number": ""}, "Skriv hela numret"),
        ({"number": place.patient.personal_number, "purpose": ""}, "Välj varför du söker"),
        ({"number": place.patient.personal_number, "purpose": "other", "other": " "}, "Skriv vad syftet är"),
    ):
        answer = place.browser.post(SEARCH, {"purpose": "phone", **wrong})
        assert answer.status_code == 422
        assert said in html(answer)
        assert wrong["number"] in html(answer)
    assert not Search.objects.exists()


def test_at_most_thirty_a_minute(place: Place, settings: Any, redis_client: Any) -> None:
    assert settings.RATE_LIMITS["search"] == "30/minute"
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "search": "2/minute"}
    answers = [place.browser.post(SEARCH, {"number": "x", "purpose": "phone"}).status_code for _ in range(3)]
    assert answers == [422, 422, 429]


def test_the_result_is_the_searchers_for_half_an_hour(place: Place) -> None:
    page = search(place.browser, place.patient.personal_number).redirect_chain[-1][0]
    assert staff_client(place.colleague).get(page).status_code == 404
    with moved(now() + timedelta(minutes=31)):
        late = place.browser.get(page)
        assert late.status_code == 410
        assert "Kanariefågel" not in html(late)
        assert place.browser.get(reverse("finding:open_found", args=[place.elsewhere.public_id])).status_code == 404


@pytest.mark.req("QUE-21")
def test_another_units_visit_opens_by_choice_with_reason_for_an_hour(place: Place) -> None:
    address = reverse("finding:open_found", args=[place.elsewhere.public_id])
    page = reverse("cases:case", args=[place.elsewhere.public_id])
    form = {"reason": "Ringer upp patienten om provsvar", "form_key": key()}
    assert place.browser.post(address, form).status_code == 404  # nobody has searched
    assert not Opening.objects.exists()
    search(place.browser, place.patient.personal_number)
    assert place.browser.get(page).status_code == 404
    asks = html(place.browser.get(address))
    assert "Systerhälsocentralen" in asks
    assert "Kanariefågel" not in asks
    assert place.browser.post(address, {"reason": " ", "form_key": key()}).status_code == 422
    assert place.browser.post(address, form)["Location"] == page
    text = html(place.browser.get(page))
    assert "Kanariefågel" in text
    assert "öppnat ärendet med angivet skäl" in text
    assert "data-composer" not in text
    logged = ReadLog.objects.filter(action="open", object_id=str(place.elsewhere.public_id), basis="search")
    assert logged.filter(reason=form["reason"], patients=[place.patient.pk]).exists()
    assert ChangeLog.objects.filter(event="found_case_opened", patient_id=place.patient.pk).count() == 1
    closing = place.browser.post(
        reverse("cases:close_visit", args=[place.elsewhere.public_id]), {"follow_up_days": "0", "key": key()}
    )
    assert closing.status_code in (403, 404)
    with moved(now() + timedelta(minutes=61)):
        assert place.browser.get(page).status_code == 404


def test_another_provider_never_opens(place: Place) -> None:
    search(place.browser, place.patient.personal_number)
    for ident in (place.abroad.public_id, uuid4()):
        answer = place.browser.post(
            reverse("finding:open_found", args=[ident]), {"reason": "Vill läsa", "form_key": key()}
        )
        assert answer.status_code == 404


def test_colleagues_held_case_is_not_opened_this_way(place: Place) -> None:
    search(place.browser, place.patient.personal_number)
    address = reverse("finding:open_found", args=[place.held.public_id])
    answer = place.browser.post(address, {"reason": "Vill läsa", "form_key": key()})
    assert answer.status_code == 409
    assert place.colleague.name in html(answer)
    assert not Opening.objects.exists()


@pytest.mark.req("QUE-21")
def test_all_visits_of_the_present_patient_follow_the_same_rule(place: Place) -> None:
    mine = factories.make_started_case(place.nurse, patient=place.patient)
    tab = html(place.browser.get(reverse("cases:case", args=[mine.public_id]) + "?flik=besok"))
    panel = reverse("finding:other_visits", args=[mine.public_id])
    assert panel in tab
    text = html(place.browser.get(panel, headers={"HX-Request": "true"}))
    assert place.colleague.name in text
    assert "Systerhälsocentralen" in text
    assert "besvär" not in text.replace("Kontaktorsak", "")
    assert "Främmande" not in text
    opened = place.browser.post(
        reverse("finding:open_found", args=[place.elsewhere.public_id]), {"reason": "Samma besvär", "form_key": key()}
    )
    assert opened.status_code == 302


def test_queries_do_not_grow_with_the_visits(place: Place) -> None:
    page = search(place.browser, place.patient.personal_number).redirect_chain[-1][0]
    with CaptureQueriesContext(connection) as few:
        place.browser.get(page)
    for unit in (place.unit, place.sister):
        staff = factories.make_staff(unit)
        for _ in range(4):
            factories.make_started_case(staff, patient=place.patient)
    with CaptureQueriesContext(connection) as many:
        place.browser.get(page)
    assert len(many) == len(few)
