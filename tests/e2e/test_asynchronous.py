"""Asynchronous cases in real browsers: care writes first, the reply comes live, a mark and its return, the question."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.visit import NURSE, PHONE, Axe, NewPage, sign_in_resident, sign_in_staff, synced, write
from tests.live import Site

pytestmark = pytest.mark.browser
SHOTS = os.environ.get("PAGE_SCREENSHOTS", "")
_PATIENT = """
SELECT p.public_id, p.personal_number,
       max(c.public_id::text) FILTER (WHERE c.state = 'closed' AND c.close_kind = 'done')
  FROM residents_person p JOIN cases_case c ON c.started_by_id = p.id AND c.patient_id = p.id
 WHERE p.protected = 'no' AND NOT p.protected_by_hand AND p.birth_date < '2000-01-01' AND p.mobile <> ''
 GROUP BY p.id HAVING bool_or(c.state = 'closed' AND c.close_kind = 'done') ORDER BY p.id LIMIT 1
"""


def _look(page: Page, axe: Axe, name: str) -> None:
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{name} scrolls sideways"
    if SHOTS:
        Path(SHOTS).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{SHOTS}/asynk-{name}.png")


@pytest.mark.req("ASY-02", "ASY-03", "ASY-04", "ASY-09")
def test_care_writes_first_and_the_reply_comes_back_by_itself(live_site: Site, new_page: NewPage, axe: Axe) -> None:
    nurse, patient = new_page(live_site.url), new_page(live_site.url, **PHONE)
    ((person, number, closed),) = live_site.query(_PATIENT)
    sign_in_staff(nurse, NURSE, "/personal/asynkrona/")
    _look(nurse, axe, "inkorg")
    nurse.get_by_role("link", name="Nytt Asynk").click()
    nurse.get_by_label("Personnummer, 12 siffror").fill(number)
    nurse.get_by_label("Ändamål med sökningen").select_option("contact")
    _look(nurse, axe, "sok")
    nurse.get_by_role("button", name="Sök", exact=True).click()
    expect(nurse.get_by_label("Sökorsak")).to_have_value("Administrativt")
    _look(nurse, axe, "steg-1")
    nurse.get_by_role("button", name="Nästa").click()
    nurse.get_by_label("Första meddelandet").fill("Hej! Ditt intyg är klart. Vill du ha det hemskickat?")
    nurse.get_by_role("button", name="Slutför").click()
    expect(nurse.locator("[data-error-summary]")).to_contain_text("Fråga patienten först")
    _look(nurse, axe, "steg-2-nekad")
    nurse.get_by_label("Patienten har godkänt").check()
    nurse.get_by_label("Jag har kontrollerat skyddad identitet").check()
    nurse.get_by_role("button", name="Slutför").click()
    expect(nurse.locator("[data-items] li").last).to_contain_text("Ditt intyg är klart")
    _look(nurse, axe, "arende")
    case = nurse.url.rstrip("/").rpartition("/")[2]

    nurse.goto("/personal/asynkrona/")
    synced(nurse)
    row = nurse.locator("#async-list tr", has=nurse.locator(f"a[href*='{case}']"))
    expect(row).to_have_count(0)
    sign_in_resident(patient, str(person))
    patient.goto(f"/mina-arenden/{case}/")
    synced(patient)
    expect(patient.locator("#chat-state")).to_contain_text("Du kan skriva här t")
    _look(patient, axe, "invanare")
    write(patient, "Ja tack, hem.")
    expect(row).to_contain_text("Ja tack, hem.", timeout=15_000)
    expect(nurse.locator(".menu a[aria-current=page] .count")).to_be_visible()
    _look(nurse, axe, "svar")
    row.get_by_role("button", name="Markera som klar").click()
    expect(nurse.locator(".main")).to_contain_text("Ärendet är markerat som klart")
    expect(row).to_have_count(0)
    synced(nurse)
    write(patient, "En sak till.")
    expect(row).to_contain_text("En sak till.", timeout=15_000)
    nurse.goto("/personal/asynkrona/?flik=klara&vems=")
    _look(nurse, axe, "klara")

    patient.goto(f"/mina-arenden/{closed}/")
    scores = patient.get_by_role("group", name="Hur nöjd är du med kontakten?")
    expect(scores).to_be_visible()
    _look(patient, axe, "betyg")
    scores.get_by_text("4", exact=True).click()
    patient.get_by_role("button", name="Skicka", exact=True).click()
    expect(patient.locator("#chat-state")).to_contain_text("utan ditt namn")
