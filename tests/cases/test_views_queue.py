"""Lists of staff: Startsida, Drop in, Asynkrona, taking cases."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases import commands
from cases.models import Case
from direkt1177.accounts.actors import StaffActor
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


@pytest.mark.req("QUE-14")
def test_head_counts_the_urgent_past_the_target_in_right_swedish(browser: Client, unit: Unit) -> None:
    for words in ("<b>1</b> skyndsam över svarsmål", "<b>2</b> skyndsamma över svarsmål"):
        late = factories.make_case(unit, urgency=2)
        Case.objects.filter(pk=late.pk).update(response_due_at=now() - timedelta(minutes=5))
        assert words in text(browser.get("/personal/drop-in/"))


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


@pytest.mark.req("QUE-08")
def test_own_list_shows_unread(browser: Client, nurse: StaffActor) -> None:
    case = factories.make_started_case(nurse)
    commands.send_message(
        actor=factories.resident(case.patient), case_id=case.public_id, client_id=factories.key(), text="Hallå"
    )
    html = text(browser.get(reverse("cases:own_cases")))
    assert "data-unread" in html
    assert case.patient.last_name in html


@pytest.mark.parametrize("name", ["start", "queue", "own_cases"])
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


def _queries(browser: Client, url: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert browser.get(url).status_code == 200
    return len(captured)
