"""Preview and case page, and what the holder may do there."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases import commands
from cases.models import Case, Message, Phrase
from direkt1177.accounts.actors import StaffActor
from direkt1177.audit.models import ReadLog
from direkt1177.units.models import Unit
from tests import factories
from tests.signing_in import staff_client

HTMX = {"HX-Request": "true"}


@pytest.fixture
def browser(nurse: StaffActor) -> Client:
    """The nurse's browser."""
    return staff_client(nurse)


def text(response: Any) -> str:
    """The answer as text."""
    return str(response.content.decode())


@pytest.mark.req("QUE-09")
def test_preview_is_logged_and_links_to_the_triage_result(browser: Client, case: Case) -> None:
    before = ReadLog.objects.filter(action="preview").count()
    page = browser.get(reverse("cases:preview", args=[case.public_id]))
    assert page.status_code == 200
    assert "Ta emot" in text(page)
    assert "Förhandsvisningen är loggad" in text(page)
    assert ReadLog.objects.filter(action="preview", patients=[case.patient_id]).count() == before + 1


@pytest.mark.req("QUE-16")
def test_colleagues_case_shows_only_who_and_when(browser: Client, colleague: StaffActor) -> None:
    theirs = factories.make_started_case(colleague, contact_reason="Hemligt besvär")
    person = theirs.patient
    for name in ("cases:case", "cases:preview"):
        html = text(browser.get(reverse(name, args=[theirs.public_id])))
        assert colleague.name in html
        for secret in ("Hemligt besvär", person.last_name, person.personal_number, person.first_name):
            assert secret not in html
    for name in ("cases:case_head", "journal:note_panel"):
        answer = browser.get(reverse(name, args=[theirs.public_id]), headers=HTMX)
        assert answer.status_code == 409
        assert person.first_name not in text(answer)


def test_case_of_another_unit_is_like_an_absent_one(browser: Client) -> None:
    other = factories.make_case()
    for ident in (other.public_id, uuid.uuid4()):
        for name in ("cases:case", "cases:preview", "cases:case_head", "journal:note_panel"):
            assert browser.get(reverse(name, args=[ident])).status_code == 404


@pytest.mark.req("AUTH-18", "ENT-34", "CAS-09")
def test_case_page_has_strip_consents_and_follow_up(browser: Client, nurse: StaffActor) -> None:
    case = factories.make_closed_case(nurse, follow_up_days=3)
    html = text(browser.get(reverse("cases:case", args=[case.public_id])))
    number = case.patient.personal_number
    assert f'data-copy="{number}"' in html
    assert "Tillåtet" in html
    assert "Sjukvårdshistorik" in html  # the word the resident answered to (ENT-32)
    assert "Nekat" in html
    assert "Uppföljning: patienten får skriva till" in html
    assert html.index("Uppföljning: patienten") < html.index("data-composer")


@pytest.mark.req("CAS-04", "CAS-08", "CAS-25")
def test_the_whole_visit_by_forms(browser: Client, case: Case) -> None:
    page = reverse("cases:case", args=[case.public_id])
    browser.post(reverse("cases:receive", args=[case.public_id]), {"key": factories.key()})
    html = text(browser.get(page))
    assert "Starta besök" in html
    assert "Lägg tillbaka" in html
    assert "data-composer" not in html
    browser.post(reverse("cases:start_visit", args=[case.public_id]), {"key": factories.key()})
    html = text(browser.get(page))
    assert "data-composer" in html
    assert "Avsluta besök" in html
    sent = {"text": "Hej <b>du</b>", "key": factories.key()}
    assert browser.post(reverse("cases:send", args=[case.public_id]), sent).status_code == 302
    assert "Hej &lt;b&gt;du&lt;/b&gt;" in text(browser.get(page))
    closing = {"key": factories.key(), "form_key": factories.key(), "follow_up_days": "0"}
    assert browser.post(reverse("cases:close_visit", args=[case.public_id]), closing).status_code == 302
    html = text(browser.get(page))
    assert "data-composer" not in html
    assert "Besöket är avslutat" in html
    refused = browser.post(reverse("cases:send", args=[case.public_id]), sent | {"key": factories.key()})
    assert refused.status_code == 409
    assert "Inte skickat:" in text(refused)


def test_put_back_returns_to_the_queue(browser: Client, nurse: StaffActor) -> None:
    case = factories.make_received_case(nurse)
    answer = browser.post(reverse("cases:put_back", args=[case.public_id]), {"key": factories.key()})
    assert answer["Location"] == "/personal/drop-in/"
    assert Case.objects.get(pk=case.pk).state == "waiting"


@pytest.mark.parametrize("days", ["", "abc", "-1", "9999", "1.5", "99999999999999999999", "\x00"])
@pytest.mark.req("CAS-08")
def test_bad_follow_up_keeps_the_dialog_open(browser: Client, nurse: StaffActor, days: str) -> None:
    case = factories.make_started_case(nurse)
    body = {"key": factories.key(), "form_key": factories.key(), "follow_up_days": days}
    for headers in ({}, HTMX):
        answer = browser.post(reverse("cases:close_visit", args=[case.public_id]), body, headers=headers)
        assert answer.status_code == 422
        assert "Välj" in text(answer)
    assert Case.objects.get(pk=case.pk).state == "started"


@pytest.mark.req("TRI-11")
def test_change_of_urgency_is_kept_in_history(browser: Client, nurse: StaffActor) -> None:
    case = factories.make_started_case(nurse)
    body = {
        "key": factories.key(),
        "form_key": factories.key(),
        "urgency": "1",
        "reason": "Fått svårt att andas",
        "version": str(case.version),
    }
    assert browser.post(reverse("cases:change_urgency", args=[case.public_id]), body).status_code == 302
    html = text(browser.get(reverse("cases:case", args=[case.public_id])))
    assert "Fått svårt att andas" in html
    assert "3 → 1" in html
    stale = body | {"key": factories.key(), "urgency": "2"}
    answer = browser.post(reverse("cases:change_urgency", args=[case.public_id]), stale, headers=HTMX)
    assert answer.status_code == 409
    assert "Fått svårt att andas" in text(answer)


@pytest.mark.parametrize(
    "change",
    [
        {"urgency": ""},
        {"urgency": "0"},
        {"urgency": "6"},
        {"urgency": "x"},
        {"urgency": "3"},  # it is 3 already: nothing to say "changed" of
        {"reason": "y" * 301},
        {"version": "-1"},
        {"version": "z"},
    ],
)
def test_bad_urgency_form_keeps_what_was_typed(browser: Client, nurse: StaffActor, change: dict[str, str]) -> None:
    case = factories.make_started_case(nurse)
    body = {"key": factories.key(), "form_key": factories.key(), "urgency": "2", "reason": "Skrivet", "version": "2"}
    answer = browser.post(reverse("cases:change_urgency", args=[case.public_id]), body | change, headers=HTMX)
    assert answer.status_code == 422
    assert change.get("reason", "Skrivet") in text(answer)
    assert Case.objects.get(pk=case.pk).urgency == 3


@pytest.mark.parametrize("words", ["", "   ", "\x00", "x" * 4001])
def test_bad_messages_are_refused_in_swedish(browser: Client, nurse: StaffActor, words: str) -> None:
    case = factories.make_started_case(nurse)
    answer = browser.post(reverse("cases:send", args=[case.public_id]), {"text": words, "key": factories.key()})
    assert answer.status_code == 422
    html = text(answer)
    assert "Skriv något" in html or "högst" in html or "Null" in html
    assert words.replace("\x00", "") in html, "what was typed stays"
    assert Message.objects.filter(case=case).count() == 1


@pytest.mark.req("ENT-29")
def test_patient_info_masks_at_once(browser: Client, nurse: StaffActor) -> None:
    case = factories.make_started_case(nurse)
    name = case.patient.last_name
    url = reverse("cases:case", args=[case.public_id])
    assert name in text(browser.get(f"{url}?flik=patientinfo"))
    answer = browser.post(
        reverse("cases:protect", args=[case.public_id]), {"protected": "yes", "form_key": "k"}, headers=HTMX
    )
    assert answer.status_code == 200
    assert "SKYDDAD IDENTITET" in text(answer)
    assert name not in text(browser.get(url))
    bad = browser.post(reverse("cases:protect", args=[case.public_id]), {"protected": "maybe"}, headers=HTMX)
    assert bad.status_code == 422


def test_all_visits_lists_only_what_the_user_may_open(
    browser: Client, nurse: StaffActor, colleague: StaffActor
) -> None:
    patient = factories.make_person()
    factories.make_closed_case(nurse, patient=patient, contact_reason="Egen äldre")
    factories.make_closed_case(colleague, patient=patient, contact_reason="Kollegans")
    case = factories.make_started_case(nurse, patient=patient)
    html = text(browser.get(f"{reverse('cases:case', args=[case.public_id])}?flik=besok"))
    assert "Egen äldre" in html
    assert "Kollegans" not in html


@pytest.mark.req("CHT-02")
def test_phrases_of_region_unit_and_own(browser: Client, unit: Unit, nurse: StaffActor, colleague: StaffActor) -> None:
    Phrase.objects.create(level="national", category="Avslut", title="Nationell", text="Text N")
    Phrase.objects.create(level="unit", unit=unit, category="Avslut", title="Enhetens", text="Text E")
    Phrase.objects.create(level="personal", user_id=nurse.user_id, category="Eget", title="Min", text="Text M")
    Phrase.objects.create(level="personal", user_id=colleague.user_id, category="Eget", title="Deras", text="Text D")
    html = text(browser.get(reverse("cases:phrases")))
    assert all(word in html for word in ("Nationell", "Enhetens", "Text M"))
    assert "Text D" not in html


def test_case_page_costs_the_same_at_one_and_fifty_messages(browser: Client, nurse: StaffActor) -> None:
    case = factories.make_started_case(nurse)
    url = reverse("cases:case", args=[case.public_id])
    browser.get(url)
    few = _queries(browser, url)
    for _ in range(50):
        commands.send_message(actor=nurse, case_id=case.public_id, client_id=factories.key(), text="Rad")
    assert _queries(browser, url) == few


def _queries(browser: Client, url: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert browser.get(url).status_code == 200
    return len(captured)


def test_panels_add_to_the_log_only_when_the_page_was_not_opened(browser: Client, nurse: StaffActor) -> None:
    case = factories.make_started_case(nurse)
    logged = ReadLog.objects.filter(action="open", object_id=str(case.public_id))
    panels = [reverse(f"{name}", args=[case.public_id]) for name in ("cases:case_head", "journal:note_panel")]
    browser.get(panels[0], headers=HTMX)
    assert logged.count() == 1, "a panel asked for by itself is a reading"
    for url in panels:
        browser.get(url, headers=HTMX)
    assert logged.count() == 1
    browser.get(reverse("cases:case", args=[case.public_id]))
    assert logged.count() == 2


@pytest.mark.req("AUTH-18", "JOU-05")
def test_copying_is_logged_on_the_case_and_in_the_preview(
    browser: Client, unit: Unit, nurse: StaffActor, colleague: StaffActor
) -> None:
    for case in (factories.make_started_case(nurse), factories.make_case(unit)):
        assert browser.post(reverse("cases:copied", args=[case.public_id])).status_code == 204
        assert ReadLog.objects.filter(action="copy", object_id=str(case.public_id)).count() == 1
    theirs = factories.make_started_case(colleague)
    assert browser.post(reverse("cases:copied", args=[theirs.public_id])).status_code == 409
