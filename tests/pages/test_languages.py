"""English as the second language of the pages: chosen, kept, said in ``lang``; what is stored stays Swedish."""

from __future__ import annotations

from datetime import date, time

import pytest
from django.test import Client
from django.utils import translation
from django.utils.formats import date_format, time_format

from cases.models import Message
from direkt1177.audit.models import ChangeLog
from tests.factories import key, make_case, make_person, make_staff, make_unit
from tests.signing_in import resident_client, staff_client

pytestmark = pytest.mark.django_db


def _choose(client: Client, language: str, page: str = "/support/") -> str:
    answer = client.post("/sprak/", {"language": language, "next": page})
    assert answer.status_code == 302
    return str(answer["Location"])


def test_swedish_until_somebody_chooses() -> None:
    page = Client(headers={"accept-language": "en-GB,en;q=0.9"}).get("/support/")
    assert '<html lang="sv"' in page.content.decode()
    assert page["Content-Language"] == "sv"
    assert "Cookie" in page["Vary"]


def test_english_is_chosen_in_the_foot_and_kept_through_sign_in() -> None:
    client = resident_client(make_person())
    foot = client.get("/support/").content.decode()
    assert 'name="language" value="en" lang="en"' in foot
    assert _choose(client, "en", "/min-profil/") == "/min-profil/"
    page = client.get("/min-profil/").content.decode()
    assert '<html lang="en"' in page
    assert "<h1>My profile</h1>" in page
    assert 'name="language" value="sv" lang="sv"' in page
    client.post("/logga-ut/")
    assert "<h1>" in client.get("/logga-in/").content.decode()
    assert '<html lang="en"' in client.get("/logga-in/").content.decode()
    _choose(client, "sv")
    assert '<html lang="sv"' in client.get("/logga-in/").content.decode()


@pytest.mark.parametrize("language", ["de", "", "\0", "en-GB'\""])
def test_other_languages_change_nothing(language: str) -> None:
    client = Client()
    _choose(client, language)
    client.cookies["django_language"] = "xx"
    assert '<html lang="sv"' in client.get("/support/").content.decode()


def test_only_own_addresses_are_gone_back_to() -> None:
    assert _choose(Client(), "en", "https://elsewhere.invalid/") == "/"


def test_staff_choose_in_settings_and_pages_refusals_and_manage_follow() -> None:
    nurse = make_staff()
    client = staff_client(nurse)
    assert 'value="en"' in client.get("/personal/installningar/").content.decode()
    _choose(client, "en", "/personal/installningar/")
    page = client.get("/personal/installningar/").content.decode()
    assert '<html lang="en"' in page
    assert "Settings" in page
    queue = client.get("/personal/drop-in/").content.decode()
    assert "Skip to content" in queue
    missing = client.get("/personal/arende/00000000-0000-4000-8000-000000000000/")
    assert missing.status_code == 404
    assert "The page was not found" in missing.content.decode()


def test_feed_over_http_is_in_the_readers_language() -> None:
    unit = make_unit()
    nurse = make_staff(unit)
    make_case(unit=unit)
    client = staff_client(nurse)
    address = f"/live/feed/?feed=queue:{unit.pk}:{nurse.role_id}&after=0"
    swedish = client.get(address).content.decode()
    _choose(client, "en")
    english = client.get(address).content.decode()
    assert "Seek care" in english or "Receive" in english
    assert swedish != english


def _stored_by_a_visit(language: str) -> tuple[list[str], list[tuple[str, str]]]:
    """Messages and log rows of a case that is taken, started and closed with pages in a language."""
    unit = make_unit()
    nurse = make_staff(unit)
    case = make_case(unit=unit)
    client = staff_client(nurse)
    _choose(client, language)
    page = f"/personal/arende/{case.public_id}/"
    for step in ("ta-emot", "starta"):
        assert client.post(f"{page}{step}/", {"key": key()}).status_code == 302
    closing = {"key": key(), "form_key": key(), "follow_up_days": "3"}
    assert client.post(f"{page}avsluta/", closing).status_code == 302
    texts = Message.objects.filter(case=case).order_by("seq").values_list("text", flat=True)
    rows = ChangeLog.objects.filter(object_id=str(case.public_id)).order_by("id")
    return list(texts), [(row.event, row.actor_role) for row in rows]


def test_what_is_stored_does_not_depend_on_the_language_of_the_page() -> None:
    swedish = _stored_by_a_visit("sv")
    assert len(swedish[1]) >= 3
    assert _stored_by_a_visit("en") == swedish


def test_dates_and_times_of_each_language() -> None:
    day, at = date(2023, 8, 17), time(9, 0)
    with translation.override("en"):
        assert (date_format(day), time_format(at)) == ("17 August 2023", "09:00")
    with translation.override("sv"):
        assert (date_format(day), time_format(at)) == ("17 augusti 2023", "09.00")
