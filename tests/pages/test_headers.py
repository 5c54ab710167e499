"""Headers of pages with patient data, and of signing out (S-03, S-04)."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.factories import make_person, make_staff, make_started_case
from tests.signing_in import resident_client, staff_client

pytestmark = pytest.mark.django_db


def _staff() -> tuple[Client, str]:
    actor = make_staff()
    return staff_client(actor), str(make_started_case(actor).public_id)


@pytest.mark.parametrize(
    "path", ["/personal/", "/personal/drop-in/", "/personal/arende/{case}/", "/personal/installningar/"]
)
def test_pages_of_staff_are_kept_nowhere(path: str) -> None:
    client, case = _staff()
    page = client.get(path.format(case=case))
    assert page.status_code == 200
    _closed(page)


@pytest.mark.parametrize("path", ["/", "/mina-arenden/", "/mina-arenden/{case}/", "/min-profil/"])
def test_pages_of_residents_are_kept_nowhere(path: str) -> None:
    person = make_person()
    case = make_started_case(make_staff(), patient=person)
    page = resident_client(person).get(path.format(case=case.public_id))
    assert page.status_code == 200
    _closed(page)


def _closed(page: Any) -> None:
    assert "no-store" in page["Cache-Control"]
    assert page["Referrer-Policy"] == "same-origin"
    assert page["Cross-Origin-Opener-Policy"] == page["Cross-Origin-Resource-Policy"] == "same-origin"
    assert page["X-Content-Type-Options"] == "nosniff"
    assert page["X-Frame-Options"] == "DENY"
    unused = {part.strip() for part in page["Permissions-Policy"].split(",")}
    assert {"camera=()", "microphone=()", "geolocation=()"} <= unused
    policy = page["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


def test_refusals_are_closed_too() -> None:
    client, _ = _staff()
    page = client.get("/personal/arende/00000000-0000-4000-8000-000000000000/")
    assert page.status_code == 404
    _closed(page)


@pytest.mark.parametrize("staff", [True, False])
def test_signing_out_empties_the_browser(staff: bool) -> None:
    client = _staff()[0] if staff else resident_client(make_person())
    path = "/personal/logga-ut/" if staff else "/logga-ut/"
    answer = client.post(path)
    assert answer.status_code == 302
    assert answer["Clear-Site-Data"] == '"cache", "storage"'
    assert client.get("/personal/" if staff else "/mina-arenden/").status_code == 302
