"""*Nödöppning*, its review, and *Be om överlämning* (QUE-16)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cases.finding import commands
from cases.finding.models import Opening
from cases.models import Case
from direkt1177.accounts.models import AdminPermission
from direkt1177.audit.models import ReadLog
from direkt1177.units.clock import moved, now
from handover.models import Notice
from tests import factories
from tests.factories import key
from tests.finding.conftest import Place
from tests.signing_in import staff_client

REASON = "Patienten ringer och är sämre, Anna är på lunch"


def html(answer: Any) -> str:
    """The page as text."""
    return str(answer.content.decode())


def address(name: str, case: Case) -> str:
    """An address of a case."""
    return reverse(f"finding:{name}", args=[case.public_id])


def open_it(place: Place) -> str:
    """Open the colleague's case in an emergency; the address of its page."""
    answer = place.browser.post(address("emergency", place.held), {"reason": REASON, "form_key": key()})
    assert answer.status_code == 302
    return str(answer["Location"])


def coordinator(place: Place) -> Client:
    """A coordinating nurse's browser."""
    actor = factories.make_staff(place.unit)
    AdminPermission.objects.create(user_id=actor.user_id, unit=place.unit, kind="coordinator")
    return staff_client(actor)


@pytest.mark.req("QUE-16")
def test_emergency_opening_reads_for_an_hour_and_the_holder_is_told(place: Place) -> None:
    page = reverse("cases:case", args=[place.held.public_id])
    assert "Kanariefågel" not in html(place.browser.get(page))
    assert open_it(place) == page
    text = html(place.browser.get(page))
    assert "Kanariefågel" in text
    assert "Nödöppning: du får läsa" in text
    assert "data-composer" not in text
    rows = ReadLog.objects.filter(object_id=str(place.held.public_id), basis="emergency", patients=[place.patient.pk])
    assert rows.filter(action="open", reason=REASON).count() == 1
    notice = Notice.objects.get(user_id=place.colleague.user_id, kind="emergency_opened")
    assert notice.data == {"by": place.nurse.name}
    assert f"{place.nurse.name} har nödöppnat" in html(staff_client(place.colleague).get("/personal/notiser/"))
    sent = place.browser.post(reverse("cases:send", args=[place.held.public_id]), {"text": "Hej", "client_id": key()})
    assert sent.status_code in (403, 409)
    assert Case.objects.get(pk=place.held.pk).last_staff_seq == place.held.last_staff_seq
    with moved(now() + timedelta(minutes=61)):
        assert "Kanariefågel" not in html(place.browser.get(page))


def test_no_opening_without_reason_nor_where_there_is_no_colleague(place: Place) -> None:
    answer = place.browser.post(address("emergency", place.held), {"reason": "  ", "form_key": key()})
    assert answer.status_code == 422
    assert "Skriv varför" in html(answer)
    own, waiting = factories.make_started_case(place.nurse), factories.make_case(place.unit)
    for case in (own, waiting):
        sent = place.browser.post(address("emergency", case), {"reason": REASON, "form_key": key()})
        assert sent.status_code == 409
    sent = place.browser.post(address("emergency", place.elsewhere), {"reason": REASON, "form_key": key()})
    assert sent.status_code == 404
    assert not Opening.objects.exists()


def test_sent_twice_is_one_opening(place: Place) -> None:
    form = {"reason": REASON, "form_key": key()}
    for _ in range(2):
        assert place.browser.post(address("emergency", place.held), form).status_code == 302
    assert Opening.objects.count() == 1


@pytest.mark.req("ORG-22")
def test_the_coordinator_reviews(place: Place) -> None:
    open_it(place)
    opening = Opening.objects.get()
    assert place.browser.get("/personal/nodoppningar/").status_code == 404
    browser = coordinator(place)
    panel = html(browser.get("/personal/nodoppningar/oversikt/", headers={"HX-Request": "true"}))
    assert "1<span" in panel
    assert "inte gjord ännu" in panel
    text = html(browser.get("/personal/nodoppningar/"))
    for word in (place.nurse.name, place.colleague.name, REASON, "Kanariefågel"):
        assert word in text
    assert ReadLog.objects.filter(basis="reviewer", patients=[place.patient.pk]).exists()
    assert browser.post(reverse("finding:opening_reviewed", args=[opening.public_id])).status_code == 302
    opening.refresh_from_db()
    assert opening.reviewed_at is not None
    assert "Granskad av" in html(browser.get("/personal/nodoppningar/"))


def test_nobody_reviews_themselves_nor_another_units(place: Place) -> None:
    AdminPermission.objects.create(user_id=place.nurse.user_id, unit=place.unit, kind="coordinator")
    place.browser = staff_client(place.nurse)
    open_it(place)
    mark = reverse("finding:opening_reviewed", args=[Opening.objects.get().public_id])
    assert place.browser.post(mark).status_code == 403
    other = factories.make_staff(place.sister)
    AdminPermission.objects.create(user_id=other.user_id, unit=place.sister, kind="coordinator")
    assert staff_client(other).post(mark).status_code == 404
    assert Opening.objects.get().reviewed_at is None


@pytest.mark.req("QUE-16")
def test_asking_for_the_case_tells_the_holder_once_an_hour(place: Place) -> None:
    page = html(place.browser.get(reverse("cases:case", args=[place.held.public_id])))
    assert address("ask_handover", place.held) in page
    for _ in range(2):
        assert place.browser.post(address("ask_handover", place.held)).status_code == 302
    notice = Notice.objects.get(kind="handover_asked")
    assert (notice.user_id, notice.case_id) == (place.colleague.user_id, place.held.pk)
    theirs = staff_client(place.colleague)
    assert f"{place.nurse.name} ber dig lämna över" in html(theirs.get("/personal/notiser/"))
    followed = theirs.post(reverse("handover:notice", args=[notice.public_id]))
    assert followed["Location"] == reverse("cases:case", args=[place.held.public_id])
    with moved(now() + timedelta(minutes=61)):
        commands.ask_handover(actor=place.nurse, case_id=place.held.public_id)
    assert Notice.objects.filter(kind="handover_asked").count() == 2
