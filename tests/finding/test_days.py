"""*Välj datum*: what it shows, that it stands still, and who has looked through today (QUE-10..12)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases import commands
from cases.finding.models import DayCheck
from cases.models import Case
from direkt1177.audit.models import ReadLog
from direkt1177.residents.queries import today
from direkt1177.units.clock import now
from tests import factories
from tests.factories import key, resident
from tests.finding.conftest import Place

DAY = "/personal/valj-datum/"


def html(answer: Any) -> str:
    """The page as text."""
    return str(answer.content.decode())


def named(place: Place, name: str, **facts: Any) -> Case:
    """A waiting case at the unit of somebody with that first name."""
    return factories.make_case(place.unit, patient=factories.make_person(first_name=name), **facts)


@pytest.mark.req("QUE-10")
def test_without_person_and_role_everything_at_the_unit_is_shown(place: Place) -> None:
    named(place, "Väntande")
    named(place, "Administrativ", kind="admin_question", role="medical_admin")
    withdrawn = named(place, "Avbruten")
    commands.leave_queue(actor=resident(withdrawn.patient), case_id=withdrawn.public_id, key=key())
    factories.make_closed_case(place.colleague, follow_up_days=3, patient=factories.make_person(first_name="Uppföljd"))
    factories.make_closed_case(place.colleague, patient=factories.make_person(first_name="Avslutad"))
    factories.make_case(place.sister, patient=factories.make_person(first_name="Annanstans"))
    old = named(place, "Gammal")
    Case.objects.filter(pk=old.pk).update(
        arrived_at=now() - timedelta(days=3), state="cancelled", ended_at=now() - timedelta(days=2)
    )
    text = html(place.browser.get(DAY))
    for name in ("Väntande", "Administrativ", "Avbruten", "Uppföljd", "Avslutad", "Kanariefågel"):
        assert name in text, name
    assert "Annanstans" not in text
    assert "Gammal" not in text
    days = f"?fran={today() - timedelta(days=3)}&till={today()}"
    text = html(place.browser.get(DAY + days))
    assert "Gammal" in text
    assert "Väntande" in text


@pytest.mark.req("QUE-10")
def test_a_person_or_a_role_narrows_it(place: Place) -> None:
    factories.make_started_case(place.nurse, patient=factories.make_person(first_name="Minegen"))
    doctor = named(place, "Läkarens", role="doctor")
    factories.make_staff(place.unit, "doctor")
    url = f"{DAY}?fran={today()}"
    text = html(place.browser.get(f"{url}&person={place.colleague.user_id}")).partition('<main class="main')[2]
    assert "Kanariefågel" in text
    assert "Minegen" not in text
    text = html(place.browser.get(f"{url}&roll={doctor.role_id}"))
    assert "Läkarens" in text
    assert "Kanariefågel" not in text


@pytest.mark.req("QUE-10", "QUE-16")
def test_a_row_shows_holder_but_content_opens_by_the_rules(place: Place) -> None:
    mine = factories.make_started_case(place.nurse, contact_reason="Mitt besvär")
    text = html(place.browser.get(DAY))
    assert "Kollegans besvär" not in text
    assert place.colleague.name in text
    assert "Mitt besvär" in text
    shown = ReadLog.objects.filter(action="list", basis="unit_day", actor_key=place.nurse.key).get()
    assert set(shown.patients) == {mine.patient_id, place.patient.pk}
    assert f"/personal/arende/{place.held.public_id}/" in text
    assert "Nödöppning" in html(place.browser.get(f"/personal/arende/{place.held.public_id}/"))


@pytest.mark.req("QUE-11")
def test_it_says_when_it_was_loaded_and_never_refreshes_itself(place: Place) -> None:
    text = html(place.browser.get(f"{DAY}?fran={today()}&person={place.colleague.user_id}"))
    content = text.partition('<main class="main')[2].partition("</main>")[0]
    assert "Uppdateras inte av sig själv" in content
    assert "Läs om" in content
    assert f"fran={today()}&amp;till={today()}&amp;person={place.colleague.user_id}" in content  # the same choice
    assert "data-feed" not in content
    assert "hx-trigger" not in content


@pytest.mark.req("QUE-12")
def test_who_has_looked_through_today_is_shown_to_all(place: Place) -> None:
    assert "Markera som genomgången" in html(place.browser.get(DAY))
    form = {"key": key()}
    for _ in range(2):  # sent twice
        assert place.browser.post(f"{DAY}genomgangen/", form).status_code == 302
    assert DayCheck.objects.get().day == today()
    assert f"Genomgången av {place.nurse.name}" in " ".join(html(place.browser.get(DAY)).split())
    yesterday = today() - timedelta(days=1)
    for narrower in (f"?fran={yesterday}", f"?fran={today()}&person={place.nurse.user_id}"):
        assert "Markera som genomgången" not in html(place.browser.get(DAY + narrower))


def test_bad_days_are_refused_with_what_to_do(place: Place) -> None:
    for query, said in (
        ("fran=i går", "Skriv dagen som år, månad och dag"),
        (f"fran={today()}&till={today() - timedelta(days=1)}", "ligger före"),
        (f"fran={today() - timedelta(days=200)}&till={today()}", "högst 92 dagar"),
        (f"fran={today()}&person=987654", "Välj någon i listan"),
    ):
        answer = place.browser.get(f"{DAY}?{query}")
        assert answer.status_code == 422
        assert said in html(answer)


def test_pages_are_whole_and_cost_the_same(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cases.finding.queries.PAGE", 3)
    place.browser.get(DAY)  # roles and the like are remembered from now on
    with CaptureQueriesContext(connection) as few:
        place.browser.get(DAY)
    cases = [named(place, f"Nr{n}") for n in range(4)]
    Case.objects.filter(pk__in=[case.pk for case in cases]).update(arrived_at=now())  # one moment
    with CaptureQueriesContext(connection) as many:
        first = html(place.browser.get(DAY))
    assert len(many) <= len(few)
    assert "Markera som genomgången" not in first
    following = first.partition('class="more"')[2].partition('href="')[2].partition('"')[0].replace("&amp;", "&")
    second = html(place.browser.get(following))
    for name in ("Nr0", "Nr1", "Nr2", "Nr3", "Kanariefågel"):
        assert (name in first) is not (name in second), name
    assert "Markera som genomgången" in second
