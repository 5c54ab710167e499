"""Refusals and errors as people meet them: in Swedish, as page, fragment or JSON, with the right status."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils import translation
from django.utils.html import escape

from direkt1177.audit import refusals

pytestmark = [pytest.mark.urls("tests.pages.refusal_urls"), pytest.mark.django_db]

STATUS = {"Refusal": 409, "NotFound": 404, "NotAllowed": 403, "Invalid": 422, "StaleVersion": 409, "KeyReused": 422}


@pytest.fixture
def visitor() -> Client:
    """A client that gets a 500 page instead of the exception."""
    return Client(raise_request_exception=False)


@pytest.mark.parametrize(("name", "status"), STATUS.items())
def test_a_refusal_is_a_page_in_swedish(visitor: Client, name: str, status: int) -> None:
    answer = visitor.get(f"/refuse/{name}/")
    text = answer.content.decode()
    assert answer.status_code == status
    assert '<html lang="sv"' in text
    headline = getattr(refusals, name).headline
    assert f"<h1>{escape(str(headline))}</h1>" in text
    with translation.override(None):
        assert f"<h1>{escape(str(headline))}</h1>" not in text, "no Swedish for it"
    assert "HX-Retarget" not in answer


def test_a_refusal_is_a_fragment_for_htmx(visitor: Client) -> None:
    answer = visitor.post("/taken/", headers={"HX-Request": "true"})
    text = answer.content.decode()
    assert answer.status_code == 409
    assert answer["HX-Retarget"] == "#refusals"
    assert "<html" not in text
    assert "Anna Andersson &lt;script&gt;tog emot ärendet kl. 10.41." in text


def test_a_refusal_is_json_for_scripts(visitor: Client) -> None:
    answer = visitor.post("/refuse/StaleVersion/", headers={"Accept": "application/json"})
    assert answer.status_code == 409
    assert answer.json()["code"] == "stale_version"
    assert set(answer.json()) == {"code", "headline", "message"}


@pytest.mark.req("AUTH-06")
@pytest.mark.parametrize(("prefix", "page"), [("/personal", "/personal/logga-in/"), ("", "/logga-in/")])
def test_who_is_not_signed_in_comes_back_to_the_address(visitor: Client, prefix: str, page: str) -> None:
    answer = visitor.get(f"{prefix}/refuse/SignInNeeded/?flik=mottagna")
    assert answer.status_code == 302
    target = urlsplit(answer["Location"])
    assert target.path == page
    assert parse_qs(target.query)["next"] == [f"{prefix}/refuse/SignInNeeded/?flik=mottagna"]


def test_an_open_page_whose_session_ended_goes_to_sign_in(visitor: Client) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/personal/drop-in/?enhet=1"}
    answer = visitor.post("/personal/refuse/SignInNeeded/", headers=headers)
    assert answer.status_code == 401
    assert answer["HX-Redirect"] == "/personal/logga-in/?next=%2Fpersonal%2Fdrop-in%2F%3Fenhet%3D1"


def test_the_way_back_is_never_another_host(visitor: Client) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "https://elsewhere.example//evil.example/x"}
    answer = visitor.post("/refuse/SignInNeeded/", headers=headers)
    assert "elsewhere" not in answer["HX-Redirect"]
    assert parse_qs(urlsplit(answer["HX-Redirect"]).query)["next"][0].startswith("/")
    assert not parse_qs(urlsplit(answer["HX-Redirect"]).query)["next"][0].startswith("//")


@pytest.mark.parametrize(("path", "status", "words"), [
    ("/finns-inte/", 404, "Sidan finns inte"),
    ("/denied/", 403, "Du har inte behörighet"),
    ("/broken/", 500, "Något gick fel"),
    ("/away/", 503, "Något gick fel"),
])  # fmt: skip
def test_errors_are_swedish_pages(visitor: Client, path: str, status: int, words: str) -> None:
    answer = visitor.get(path)
    assert answer.status_code == status
    assert words in answer.content.decode()
    assert "secret" not in answer.content.decode()
    assert "Content-Security-Policy" in answer


def test_while_the_database_is_away_one_is_asked_to_come_back(visitor: Client) -> None:
    answer = visitor.post("/away/", headers={"Accept": "application/json"})
    assert (answer.status_code, answer["Retry-After"], answer.json()["code"]) == (503, "5", "unavailable")
    assert "Retry-After" not in visitor.get("/broken/")


def test_an_error_inside_a_panel_is_a_fragment(visitor: Client) -> None:
    answer = visitor.get("/broken/", headers={"HX-Request": "true"})
    assert answer.status_code == 500
    assert "<html" not in answer.content.decode()


def test_an_old_form_says_what_to_do() -> None:
    answer = Client(enforce_csrf_checks=True).post("/change/")
    assert answer.status_code == 403
    assert "Sidan har varit öppen för länge" in answer.content.decode()


def test_every_answer_has_an_id_of_ours(visitor: Client) -> None:
    answer = visitor.get("/finns-inte/", headers={"X-Request-Id": "forged"})
    assert re.fullmatch(r"[0-9a-f]{32}", answer["X-Request-Id"])
