"""A ticket across two care providers in real browsers: issued, used, received, noted; and Vidimera live."""

from __future__ import annotations

import os
import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from direkt1177.units.staffed_time import STOCKHOLM
from tests.e2e.visit import (
    NURSE,
    PHONE,
    Axe,
    NewPage,
    bring_in,
    go_on,
    grown_up,
    row,
    send_case,
    sign_in_resident,
    sign_in_staff,
    synced,
)
from tests.live import Site

pytestmark = pytest.mark.browser
_SHOTS = os.environ.get("PAGE_SCREENSHOTS", "")
TODAY = datetime.now(STOCKHOLM).date()
RECEIVER, ITS_UNIT, DOCTOR = "Mona Raskman", "Granbackens hälsocentral", "Daniel Nyqvist"


def _look(page: Page, axe: Axe, name: str) -> None:
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{name} scrolls sideways"
    if _SHOTS:
        Path(_SHOTS).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{_SHOTS}/{name}.png", full_page=name.startswith("mobil"))


def _started(anna: Page, case: str) -> None:
    bring_in(anna)
    row(anna, case).hover()
    row(anna, case).get_by_role("button", name=re.compile("Ta emot")).click()
    expect(anna).to_have_url(re.compile(f"/personal/arende/{case}/"))
    anna.get_by_role("button", name="Starta besök").click()
    expect(anna.locator("[data-message-text]")).to_be_visible()


@pytest.mark.req("TIK-02", "TIK-05", "TIK-07", "TIK-08", "TIK-09", "TIK-12", "TIK-19", "HOV-17", "HOV-18")
def test_from_issuing_to_the_receivers_note(live_site: Site, new_page: NewPage, axe: Axe) -> None:
    anna, mona, patient = new_page(live_site.url), new_page(live_site.url), new_page(live_site.url, **PHONE)
    person, name = grown_up(live_site, skip=2)
    sign_in_resident(patient, person)
    case = send_case(patient)
    sign_in_staff(anna, NURSE)
    synced(anna)
    _started(anna, case)

    # Nytt: the form opens over the case; the anamnesis comes by a press only.
    anna.get_by_label("Fler sätt att gå vidare").click()
    expect(anna.get_by_role("link", name="Nytt: biljett")).to_be_visible()
    anna.keyboard.press("Escape")
    anna.keyboard.press("n")
    dialog = anna.locator("dialog#ticket-dialog")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_label("Anamnes, information till mottagande vårdpersonal")).to_have_value("")
    _look(anna, axe, "biljett-dialog")
    dialog.get_by_role("button", name="Hämta anamnes").click()
    anamnesis = dialog.get_by_label("Anamnes, information till mottagande vårdpersonal")
    expect(anamnesis).to_have_value(re.compile("Halsont"))
    anamnesis.fill("Sammanfattning för mottagaren")
    dialog.get_by_label("Information till patient (valfri)").fill("Vi ses hos Granbacken")
    dialog.locator("summary", has_text=ITS_UNIT).click()
    dialog.locator(".tree details", has_text=ITS_UNIT).get_by_label(re.compile("Sjuksköterska")).check()
    dialog.get_by_label("Frågor före besöket").check()
    dialog.get_by_label("Gäller till och med").fill((TODAY - timedelta(days=3)).isoformat())
    dialog.get_by_role("button", name="Skicka").click()
    expect(dialog).to_contain_text("Slutdatum är före startdatum")
    expect(dialog).to_contain_text("kryssa i rutan")
    expect(dialog).to_contain_text("skriv när du talade med patienten")
    expect(anamnesis).to_have_value("Sammanfattning för mottagaren")
    _look(anna, axe, "biljett-fel")
    dialog.get_by_label("Gäller till och med").fill((TODAY + timedelta(days=5)).isoformat())
    dialog.get_by_label("Jag har kontrollerat att det är rätt patient").check()
    dialog.get_by_label("Eller varför inte").fill("Patienten kan inte tala i telefon")
    dialog.get_by_role("button", name="Skicka").click()

    # On to Avsluta besök.
    expect(anna.locator("main")).to_contain_text("Avsluta nu besöket")
    _look(anna, axe, "biljetter")
    patient.goto(f"/mina-arenden/{case}/")
    link = patient.get_by_role("link", name="Öppna biljetten")
    expect(link).to_be_visible()
    link.click()
    expect(patient.locator("main")).to_contain_text("Biljetten kan inte användas än")
    ticket = patient.url
    anna.get_by_role("link", name="Avsluta besök").click()
    closing = anna.locator("dialog#close-visit")
    expect(closing).to_be_visible()
    closing.get_by_role("button", name="Avsluta", exact=False).last.click()
    expect(closing).to_have_count(0)

    # The patient: on Hem, the forms first, no interview, then the waiting room of the other unit.
    patient.goto("/")
    expect(patient.locator("#tickets-slot")).to_contain_text("Dina biljetter")
    patient.goto(ticket)
    expect(patient.locator("main")).to_contain_text("Vi ses hos Granbacken")
    expect(patient.locator("main")).not_to_contain_text("Sammanfattning")
    _look(patient, axe, "mobil-biljett")
    patient.get_by_role("link", name="Frågor före besöket").click()
    patient.locator('input[name="q_smoking"][value="no"]').check()
    patient.locator("textarea").first.fill("Astma")
    _look(patient, axe, "mobil-formular")
    go_on(patient, "Spara")
    go_on(patient, "Använd biljetten")
    expect(patient).to_have_url(re.compile("/mer/$"))
    patient.locator("textarea").first.fill("Alvedon ibland")
    go_on(patient)
    patient.locator("#id_care_history_0").check()
    patient.locator("#id_medication_list_1").check()
    go_on(patient)
    go_on(patient, "Acceptera och fortsätt")
    expect(patient.locator("main")).to_contain_text(ITS_UNIT)
    _look(patient, axe, "mobil-skicka")
    go_on(patient, "Skicka")
    anyway = patient.get_by_role("button", name="Ja, skicka ändå")
    expect(anyway.or_(patient.locator("#wait-title"))).to_be_visible()
    if anyway.is_visible():
        anyway.click()
    expect(patient).to_have_url(re.compile(r"/mina-arenden/[0-9a-f-]{36}/$"))
    new = patient.url.rstrip("/").rpartition("/")[2]
    assert new != case

    # The receiver at the other care provider: flagged in the queue, ticket and new answers, nothing older.
    sign_in_staff(mona, RECEIVER)
    synced(mona)
    expect(row(mona, new)).to_contain_text("Biljett")
    row(mona, new).get_by_role("link", name=name).click()
    expect(mona.locator("#preview")).to_contain_text("Sammanfattning för mottagaren")
    _look(mona, axe, "forhandsgranska-biljett")
    mona.locator("[data-take-preview]").click()
    expect(mona).to_have_url(re.compile(f"/personal/arende/{new}/"))
    mona.get_by_role("button", name="Starta besök").click()
    facts = mona.locator(".p-facts")
    expect(facts).to_contain_text("Sammanfattning för mottagaren")
    expect(facts).to_contain_text("Astma")
    expect(facts).to_contain_text("Alvedon ibland")
    expect(facts).not_to_contain_text("Jag har ont i halsen")
    _look(mona, axe, "arende-fran-biljett")
    mona.get_by_role("link", name="Biljetter").click()
    expect(mona.locator("main")).to_contain_text("Exempelby hälsocentral")
    mona.goto(f"/personal/arende/{case}/")
    expect(mona.locator("body")).to_contain_text("finns inte")
    live_site.manage("tick")
    texts = [text for (text,) in live_site.query("SELECT text FROM outbox_simulatedsms ORDER BY id DESC LIMIT 5")]
    assert any("biljett" in text.lower() or "besök" in text.lower() for text in texts), texts
    # Both write a note of their own.
    mona.goto(f"/personal/arende/{new}/")
    mona.get_by_role("button", name="Avsluta besök").click()
    mona.locator("dialog#close-visit").get_by_role("button", name="Avsluta", exact=False).last.click()
    note = mona.locator("#note-panel")
    expect(note.get_by_role("button", name="Signera och exportera")).to_be_visible()
    note.get_by_role("checkbox").check()
    note.get_by_role("button", name="Signera och exportera").click()
    expect(mona.locator("main")).to_contain_text("Signerad", timeout=15_000)


@pytest.mark.req("ACK-01", "ACK-03", "ACK-05", "ACK-06")
def test_vidimera_comes_live_and_goes_with_a_press(live_site: Site, new_page: NewPage, axe: Axe) -> None:
    anna, doctor, patient = new_page(live_site.url), new_page(live_site.url), new_page(live_site.url, **PHONE)
    person, name = grown_up(live_site, skip=3)
    sign_in_resident(patient, person)
    case = send_case(patient)
    sign_in_staff(anna, NURSE)
    synced(anna)
    _started(anna, case)
    sign_in_staff(doctor, DOCTOR, "/personal/")
    synced(doctor)
    panel = doctor.locator("#slot-handover-acknowledgements")
    expect(panel).to_contain_text("Vidimera")
    anna.get_by_label("Fler sätt att gå vidare").click()
    anna.get_by_role("link", name="Be om vidimering").click()
    dialog = anna.locator("dialog#acknowledgement-dialog")
    dialog.get_by_label("Uppföljning").check()
    dialog.get_by_label("Till en kollega eller en roll").select_option(label="Läkare")
    dialog.get_by_label("Meddelande, visas aldrig för patienten").fill("Läs igenom, tack")
    _look(anna, axe, "vidimera-dialog")
    dialog.get_by_role("button", name="Be om vidimering").click()
    expect(panel).to_contain_text(name, timeout=20_000)
    _look(doctor, axe, "startsida-vidimera")
    panel.get_by_role("link", name=name, exact=True).click()
    expect(doctor.locator("main")).to_contain_text("Läs igenom, tack")
    _look(doctor, axe, "vidimera")
    doctor.get_by_role("link", name="Öppna ärendet").click()
    expect(doctor.locator("main")).to_contain_text("Chatt med patienten")
    doctor.go_back()
    doctor.get_by_role("button", name="Vidimera").click()
    expect(doctor.locator("main")).to_contain_text("Vidimerat")
    expect(doctor.locator("main")).not_to_contain_text(name)
    doctor.goto(f"/personal/arende/{case}/")
    expect(doctor.locator("main")).to_contain_text("Hålls av Anna Lindmark")
    patient.goto(f"/mina-arenden/{case}/")
    expect(patient.locator("body")).not_to_contain_text("Läs igenom")


@pytest.mark.parametrize("width", [360, 1366])
def test_the_pages_of_tickets_and_vidimera_work_at_both_widths(
    live_site: Site, new_page: NewPage, axe: Axe, width: int
) -> None:
    case = live_site.query(
        """SELECT c.public_id, t.public_id FROM handover_ticket t JOIN cases_case c ON c.id = t.issuing_case_id
           JOIN accounts_user u ON u.id = c.holder_id
           WHERE c.state = 'started' AND u.first_name = 'Anna' ORDER BY t.id LIMIT 1"""
    )
    issuing, ticket = (str(value) for value in case[0])
    page = new_page(live_site.url, width=width, height=2600 if width == 360 else 768)
    sign_in_staff(page, NURSE)
    for name, path in {
        "biljett-sida": f"/personal/arende/{issuing}/biljett/",
        "biljett-flik": f"/personal/arende/{issuing}/?flik=biljetter",
        "biljett-lista": f"/personal/arende/{issuing}/biljetter/",
        "biljett-en": f"/personal/biljett/{ticket}/",
        "vidimera-ny": f"/personal/arende/{issuing}/vidimera/",
        "vidimera-lista": "/personal/vidimera/",
    }.items():
        page.goto(path)
        expect(page.locator("h1").first).to_be_visible()
        page.wait_for_load_state("networkidle")
        _look(page, axe, f"{name}-{width}")


@pytest.mark.req("TIK-02")
def test_the_form_works_without_script(live_site: Site, browser: object) -> None:
    case = live_site.query(
        """SELECT c.public_id FROM cases_case c JOIN accounts_user u ON u.id = c.holder_id
           WHERE c.state = 'started' AND u.first_name = 'Anna' ORDER BY c.id DESC LIMIT 1"""
    )
    context = browser.new_context(base_url=live_site.url, java_script_enabled=False)  # type: ignore[attr-defined]
    page = context.new_page()
    sign_in_staff(page, NURSE)
    page.goto(f"/personal/arende/{case[0][0]}/biljett/")
    page.get_by_role("button", name="Hämta anamnes").click()
    expect(page.get_by_label("Anamnes, information till mottagande vårdpersonal")).not_to_have_value("")
    page.locator("summary", has_text=ITS_UNIT).click()
    page.locator(".tree details", has_text=ITS_UNIT).get_by_label(re.compile("Sjuksköterska")).check()
    page.get_by_label("Sökorsak, blir rubrik för patienten").fill("halsnot")
    page.get_by_role("button", name="Spara utkast").click()
    expect(page.locator("main")).to_contain_text("Välj en sökorsak i listan")
    page.get_by_label("Sökorsak, blir rubrik för patienten").fill("halsont")
    page.get_by_role("button", name="Spara utkast").click()
    expect(page.locator("body")).to_contain_text("Utkastet är sparat")
    context.close()
