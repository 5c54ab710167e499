"""Lists and panels of offers: the desk, the giver, the coordinator, several at once, what fell back."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases import commands
from cases.models import Case
from direkt1177.accounts.models import AdminPermission
from direkt1177.audit.models import ReadLog
from direkt1177.units.clock import now
from handover.models import Handover
from journal import commands as journal
from tests import factories
from tests.factories import key, make_started_case
from tests.handover.offering import TOLD, Place, leave_shift, make_place, offer, to_role, to_user
from tests.signing_in import staff_client

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def place() -> Place:
    """Two units; a colleague may be chosen by name."""
    return make_place(handover_target=["role", "signed_in_colleague"])


@pytest.fixture
def case(place: Place) -> Case:
    """A started visit of the nurse."""
    return make_started_case(place.nurse)


def text(response: Any) -> str:
    """The answer as text."""
    return str(response.content.decode())


def url(name: str, *args: Any) -> str:
    """An address of handover."""
    return reverse(f"handover:{name}", args=args)


def form(to: str, **more: str) -> dict[str, str]:
    """A whole form."""
    return {"to": to, "urgency": "2", "patient_message": TOLD, "message": "Svullen.", "form_key": key(), **more}


@pytest.mark.req("HOV-05", "QUE-17", "ORG-24")
def test_the_desk_lists_what_is_offered_and_the_giver_what_waits(place: Place, case: Case) -> None:
    row = offer(place.nurse, case, to_role(place.doctor), urgency=2)
    doctor, nurse = staff_client(place.doctor), staff_client(place.nurse)
    desk = text(doctor.get(url("offers_to_me"), headers=HTMX))
    assert "Synk Överlämning" in desk
    assert place.nurse.name in desk
    for name in ("offer_page", "decline_offer"):
        assert url(name, row.public_id) in desk
    assert "Mina överlämningar som väntar" in text(nurse.get(url("my_offers"), headers=HTMX))
    assert str(row.public_id) in text(nurse.get(url("my_offers")))
    assert str(row.public_id) not in text(nurse.get(url("offers_to_me")))
    assert ReadLog.objects.filter(object_id="offers_to_me", patients=[case.patient_id]).exists()
    start = text(doctor.get("/personal/"))
    assert url("offers_to_me") in start
    assert url("my_offers") in start


@pytest.mark.req("HOV-02", "HOV-05", "HOV-14")
def test_open_shows_giver_message_note_triage_and_chat_then_take_moves_it(place: Place, case: Case) -> None:
    commands.send_message(
        actor=factories.resident(case.patient), case_id=case.public_id, client_id=key(), text="Det gör ont att svälja."
    )
    journal.save_note(actor=place.nurse, case_id=case.public_id, texts=["Halsont"], version=0)
    row = offer(place.nurse, case, to_role(place.doctor))
    doctor = staff_client(place.doctor)
    html = text(doctor.get(url("offer_page", row.public_id)))
    for shown in (place.nurse.name, "Svullen hals.", "Det gör ont att svälja.", "är ett utkast av"):
        assert shown in html
    assert reverse("triage:result_panel", args=[case.public_id]) in html
    assert ReadLog.objects.filter(action="preview", actor_key=place.doctor.key, patients=[case.patient_id]).exists()
    taken = doctor.post(
        reverse("cases:receive", args=[case.public_id]), {"key": key(), "giver": str(place.nurse.user_id)}
    )
    assert taken.status_code == 302
    page = text(doctor.get(reverse("cases:case", args=[case.public_id])))
    assert "Det gör ont att svälja." in page
    assert "Triageresultat" in page
    over = doctor.get(url("offer_page", row.public_id))
    assert over.status_code == 409
    assert "har tagit över" in text(over)
    gone = staff_client(place.nurse).get(url("offer_page", row.public_id))
    assert "Det gör ont att svälja." not in text(gone)


def test_declining_on_the_page(place: Place, case: Case) -> None:
    row = offer(place.nurse, case, to_role(place.doctor))
    doctor = staff_client(place.doctor)
    empty = doctor.post(url("decline_offer", row.public_id), {"reason": " ", "form_key": key()})
    assert empty.status_code == 422
    assert "Skriv en kort orsak" in text(empty)
    done = doctor.post(url("decline_offer", row.public_id), {"reason": "Fel roll", "form_key": key()})
    assert done.status_code == 302
    late = doctor.post(url("decline_offer", row.public_id), {"reason": "Fel roll", "form_key": key()})
    assert late.status_code == 409
    assert "har avböjt" in text(late)


@pytest.mark.req("HOV-05")
def test_others_see_nothing_of_an_offer(place: Place, case: Case) -> None:
    row = offer(place.nurse, case, to_role(place.doctor))
    elsewhere = staff_client(place.other_nurse)
    for name in ("offer_page", "decline_offer"):
        assert elsewhere.get(url(name, row.public_id)).status_code == 404
    for name in ("accept_offer", "withdraw_offer", "readdress_offer"):
        sent = {"key": key(), "form_key": key(), "to": to_role(place.other_nurse).value}
        assert elsewhere.post(url(name, row.public_id), sent).status_code == 404
    assert str(row.public_id) not in text(elsewhere.get(url("offers_to_me")))
    colleague = text(staff_client(place.colleague).get(url("offer_page", row.public_id)))
    assert TOLD not in colleague


@pytest.mark.req("HOV-09", "QUE-19")
def test_the_coordinator_sees_what_nobody_has_accepted(place: Place, case: Case) -> None:
    AdminPermission.objects.create(user_id=place.colleague.user_id, unit=place.unit, kind="coordinator")
    row = offer(place.nurse, case, to_role(place.other_nurse))
    Handover.objects.filter(pk=row.pk).update(escalated_at=now())
    coordinator = staff_client(place.colleague)
    html = text(coordinator.get(url("unit_offers"), headers=HTMX))
    assert str(row.public_id) in html
    assert "för länge" in html
    assert place.other.name in html
    assert url("unit_offers") in text(coordinator.get("/personal/"))
    assert staff_client(place.nurse).get(url("unit_offers"), headers=HTMX).status_code == 404


@pytest.mark.req("HOV-10", "HOV-11")
def test_several_at_once_lists_each_outcome(place: Place, case: Case) -> None:
    other = make_started_case(place.nurse)
    browser = staff_client(place.nurse)
    html = text(browser.get(url("offer_many")))
    assert str(case.public_id) in html
    offer(place.nurse, other, to_role(place.colleague))
    sent = form(to_role(place.doctor).value) | {"cases": [str(case.public_id)]}
    answer = browser.post(url("offer_many"), sent)
    assert answer.status_code == 200
    assert 'data-outcome="offered"' in text(answer)
    third = make_started_case(place.nurse)
    refused = form(to_role(place.other_nurse).value) | {"cases": [str(third.public_id)]}
    answer = browser.post(url("offer_many"), refused)
    assert answer.status_code == 409
    assert "Skriv besöksanteckningen först" in text(answer)
    missing = browser.post(url("offer_many"), form(to_role(place.doctor).value))
    assert missing.status_code == 422
    assert "Välj minst ett ärende" in text(missing)


@pytest.mark.req("SHF-05")
def test_what_fell_back_is_opened_and_taken_at_the_other_unit(place: Place, case: Case) -> None:
    row = offer(place.nurse, case, to_role(place.other_nurse))
    leave_shift(actor=place.nurse, case_pk=case.pk)
    browser = staff_client(place.other_nurse)
    html = text(browser.get(url("offers_to_me"), headers=HTMX))
    assert "skiftet slut" in html
    page = text(browser.get(url("offer_page", row.public_id)))
    assert TOLD in page
    assert "Skiftet är slut för den som lämnade över" in page
    panel = browser.get(reverse("triage:result_panel", args=[case.public_id]), headers=HTMX)
    assert panel.status_code == 200
    taken = browser.post(url("accept_offer", row.public_id), {"key": key()})
    assert taken.status_code == 302
    assert Case.objects.get(pk=case.pk).holder_id == place.other_nurse.user_id
    assert TOLD in text(browser.get(reverse("cases:case", args=[case.public_id])))


def test_lists_cost_the_same_at_one_and_many(place: Place, case: Case) -> None:
    offer(place.nurse, case, to_role(place.doctor))
    browser = staff_client(place.doctor)
    few = _queries(browser)
    for _ in range(9):
        offer(place.nurse, make_started_case(place.nurse), to_role(place.doctor))
    assert _queries(browser) == few


def _queries(browser: Client) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert browser.get(url("offers_to_me"), headers=HTMX).status_code == 200
    return len(captured)


@pytest.mark.req("HOV-05", "HOV-09")
def test_notices_lead_to_the_offer_and_to_the_coordinators_list(place: Place, case: Case) -> None:
    from handover.models import Notice
    from handover.notices.queries import target_of

    row = offer(place.nurse, case, to_role(place.doctor))
    assert target_of(Notice.objects.get(kind="handover_offered")) == url("offer_page", row.public_id)
    commands.receive_case(actor=place.doctor, case_id=case.public_id, key=key())
    assert target_of(Notice.objects.get(kind="handover_accepted")) == "/personal/"


@pytest.mark.req("SHF-05", "HOV-03", "ORG-24")
def test_an_offer_to_a_colleague_is_turned_into_one_to_the_role_on_the_page(place: Place, case: Case) -> None:
    row = offer(place.nurse, case, to_user(place.doctor))
    browser = staff_client(place.nurse)
    html = text(browser.get(url("my_offers"), headers=HTMX))
    assert "Till rollen Läkare i stället" in html
    found = re.search(r'name="to" value="(role:[0-9:]+)"', html)
    assert found
    sent = {"to": found[1], "form_key": key(), "next": "start"}
    assert browser.post(url("readdress_offer", row.public_id), sent)["Location"] == "/personal/"
    assert Handover.objects.get(state="pending").to_role_id == place.doctor.role_id
    bad = browser.post(url("readdress_offer", Handover.objects.get(state="pending").public_id), {"form_key": key()})
    assert bad.status_code == 422


@pytest.mark.req("SHF-05")
def test_the_preview_at_the_other_unit_leads_to_where_it_is_taken(place: Place, case: Case) -> None:
    row = offer(place.nurse, case, to_role(place.other_nurse))
    leave_shift(actor=place.nurse, case_pk=case.pk)
    browser = staff_client(place.other_nurse)
    preview = text(browser.get(reverse("cases:preview", args=[case.public_id])))
    assert reverse("cases:receive", args=[case.public_id]) not in preview
    panel = text(browser.get(url("offer_panel", case.public_id), headers=HTMX))
    assert url("offer_page", row.public_id) in panel
