"""Pages of staff: queue, preview, case, what the holder may do."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
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
from direkt1177.residents.models import Person
from direkt1177.units.clock import now
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


@pytest.mark.req("QUE-01", "QUE-02", "QUE-03")
@pytest.mark.parametrize(
    ("address", "heading"),
    [
        ("/personal/", "Startsida"),
        ("/personal/drop-in/", "Drop in"),
        ("/personal/drop-in/?flik=mottagna", "Drop in"),
        ("/personal/drop-in/?flik=avslutade", "Drop in"),
        ("/personal/asynkrona/", "Asynkrona"),
    ],
)
def test_lists_open_with_menu_and_title(browser: Client, address: str, heading: str) -> None:
    page = browser.get(address)
    assert page.status_code == 200
    html = text(page)
    assert f"<h1>{heading}</h1>" in html
    for word in ("Startsida", "Drop in", "Asynkrona", "Logga ut"):
        assert word in html


@pytest.mark.req("QUE-05")
def test_queue_is_sorted_by_urgency_then_arrival(browser: Client, unit: Unit) -> None:
    late = factories.make_case(unit, urgency=3)
    urgent = factories.make_case(unit, urgency=1)
    early = factories.make_case(unit, urgency=3)
    Case.objects.filter(pk=early.pk).update(arrived_at=now() - timedelta(hours=3))
    html = text(browser.get("/personal/drop-in/"))
    places = [html.index(f'data-object="case:{case.public_id}"') for case in (urgent, early, late)]
    assert places == sorted(places)


@pytest.mark.req("QUE-24", "ENT-26")
def test_row_shows_the_facts_and_masks(browser: Client, unit: Unit) -> None:
    hidden = factories.make_person(protected=Person.Protected.YES, first_name="Hemliga", last_name="Namnet")
    factories.make_case(unit, patient=hidden, urgency=2, read_now=True)
    html = text(browser.get("/personal/drop-in/"))
    assert "SKYDDAD IDENTITET" in html
    assert "Hemliga" not in html
    for word in ("Skyndsamt", "Halsont", "Sjuksköterska", "Läs nu"):
        assert word in html


@pytest.mark.req("QUE-04")
def test_another_roles_queue_is_shown_with_take_anyway(browser: Client, unit: Unit, doctor: StaffActor) -> None:
    theirs = factories.make_case(unit, "doctor")
    assert str(theirs.public_id) not in text(browser.get("/personal/drop-in/"))
    html = text(browser.get(f"/personal/drop-in/?roll={doctor.role_id}"))
    assert str(theirs.public_id) in html
    assert "data-other-role" in html
    assert "Ta emot nästa" not in html


@pytest.mark.parametrize(
    "query", ["roll=abc", "roll=99999999", "roll=-1", "roll=%00", "efter=x|y", "flik=%F0%9F", "enhet="]
)
def test_queue_survives_bad_addresses(browser: Client, query: str) -> None:
    assert browser.get(f"/personal/drop-in/?{query}").status_code == 200


def test_another_unit_is_chosen_on_its_own_page(browser: Client) -> None:
    answer = browser.get("/personal/drop-in/?enhet=424242")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/personal/enhet/")


def test_queue_continues_by_keyset_after_fifty(browser: Client, unit: Unit) -> None:
    cases = [factories.make_case(unit) for _ in range(52)]
    html = text(browser.get("/personal/drop-in/"))
    assert html.count("<tr data-object=") == 50
    address = re.search(r'href="([^"]*efter=[^"]*)"', html)
    assert address is not None
    rest = text(browser.get(address[1].replace("&amp;", "&")))
    shown = {str(c.public_id) for c in cases if f'data-object="case:{c.public_id}"' in rest}
    assert shown == {str(c.public_id) for c in cases[50:]}
    assert 'data-feed="queue:' not in rest


@pytest.mark.req("CAS-02")
def test_take_sends_to_the_case(browser: Client, case: Case, nurse: StaffActor) -> None:
    answer = browser.post(reverse("cases:receive", args=[case.public_id]), {"key": factories.key()})
    assert answer.status_code == 302
    assert answer["Location"] == f"/personal/arende/{case.public_id}/"
    case.refresh_from_db()
    assert case.holder_id == nurse.user_id
    assert browser.get(answer["Location"]).status_code == 200


@pytest.mark.req("CAS-02")
def test_loser_is_told_who_and_when_in_a_fragment(browser: Client, case: Case, colleague: StaffActor) -> None:
    commands.receive_case(actor=colleague, case_id=case.public_id, key=factories.key())
    headers = HTMX | {"Idempotency-Key": factories.key()}
    answer = browser.post(reverse("cases:receive", args=[case.public_id]), headers=headers)
    assert answer.status_code == 409
    assert answer["HX-Retarget"] == "#refusals"
    assert colleague.name in text(answer)
    case.refresh_from_db()
    assert case.holder_id == colleague.user_id


@pytest.mark.req("CAS-02")
def test_take_by_htmx_redirects_the_page(browser: Client, case: Case) -> None:
    headers = HTMX | {"Idempotency-Key": factories.key()}
    answer = browser.post(reverse("cases:receive", args=[case.public_id]), headers=headers)
    assert answer.status_code == 204
    assert answer["HX-Redirect"] == f"/personal/arende/{case.public_id}/"


@pytest.mark.parametrize("key", ["", "short", "x" * 81, "nyckel-åäö-åäö", "line\nbreak"])
def test_take_without_a_proper_key_is_refused(browser: Client, case: Case, key: str) -> None:
    answer = browser.post(reverse("cases:receive", args=[case.public_id]), {"key": key})
    assert answer.status_code == 422
    case.refresh_from_db()
    assert case.state == "waiting"


@pytest.mark.req("QUE-13")
def test_other_roles_case_needs_take_anyway(browser: Client, unit: Unit, nurse: StaffActor) -> None:
    theirs = factories.make_case(unit, "doctor")
    sheet = text(browser.get(reverse("cases:preview", args=[theirs.public_id]), headers=HTMX))
    assert "Ta emot ändå" in sheet
    assert "Läkare" in sheet
    url = reverse("cases:receive", args=[theirs.public_id])
    assert browser.post(url, {"key": factories.key()}).status_code == 409
    assert browser.post(url, {"key": factories.key(), "anyway": "1"}).status_code == 302
    theirs.refresh_from_db()
    assert theirs.holder_id == nurse.user_id


def test_take_next_takes_the_most_urgent(browser: Client, unit: Unit, nurse: StaffActor) -> None:
    factories.make_case(unit, urgency=4)
    urgent = factories.make_case(unit, urgency=1)
    answer = browser.post(reverse("cases:receive_next"), {"key": factories.key()})
    assert answer["Location"] == f"/personal/arende/{urgent.public_id}/"
    assert nurse.user_id == Case.objects.get(pk=urgent.pk).holder_id


def test_take_next_from_an_empty_queue_says_so(browser: Client) -> None:
    answer = browser.post(reverse("cases:receive_next"), {"key": factories.key()})
    assert answer.status_code == 409
    assert "Ingen väntar" in text(answer)


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
    assert (
        browser.post(reverse("cases:send", args=[case.public_id]), sent | {"key": factories.key()}).status_code == 409
    )


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
    assert 'lang="sv"' in text(answer)
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


@pytest.mark.req("QUE-08")
def test_own_list_shows_unread(browser: Client, nurse: StaffActor) -> None:
    case = factories.make_started_case(nurse)
    commands.send_message(
        actor=factories.resident(case.patient), case_id=case.public_id, client_id=factories.key(), text="Hallå"
    )
    html = text(browser.get(reverse("cases:own_cases")))
    assert "data-unread" in html
    assert case.patient.last_name in html


def test_follow_ups_are_inbox_or_quiet(browser: Client, nurse: StaffActor) -> None:
    quiet = factories.make_closed_case(nurse, follow_up_days=3)
    loud = factories.make_closed_case(nurse, follow_up_days=3)
    commands.send_message(
        actor=factories.resident(loud.patient), case_id=loud.public_id, client_id=factories.key(), text="Hallå"
    )
    html = text(browser.get("/personal/asynkrona/"))
    inbox, rest = html.split('id="quiet-title"')
    assert str(loud.public_id) in inbox
    assert str(quiet.public_id) in rest
    assert str(quiet.public_id) not in inbox.split('id="inbox-title"')[1]


@pytest.mark.parametrize("name", ["start", "queue", "asynchronous", "own_cases"])
def test_list_pages_cost_the_same_at_one_and_fifty_rows(
    browser: Client, unit: Unit, nurse: StaffActor, name: str
) -> None:
    factories.make_case(unit)
    factories.make_started_case(nurse)
    factories.make_closed_case(nurse, follow_up_days=2)
    url = reverse(f"cases:{name}")
    browser.get(url)
    few = _queries(browser, url)
    for _ in range(16):
        factories.make_case(unit)
        factories.make_started_case(nurse)
        factories.make_closed_case(nurse, follow_up_days=2)
    assert _queries(browser, url) == few


@pytest.mark.parametrize("tab", ["mottagna", "avslutade"])
def test_tabs_cost_the_same_at_one_and_many_rows(browser: Client, nurse: StaffActor, tab: str) -> None:
    url = f"/personal/drop-in/?flik={tab}"
    factories.make_closed_case(nurse)
    factories.make_received_case(nurse)
    browser.get(url)
    few = _queries(browser, url)
    for _ in range(16):
        factories.make_closed_case(nurse)
        factories.make_received_case(nurse)
    assert _queries(browser, url) == few


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
