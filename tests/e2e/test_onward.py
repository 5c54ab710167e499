"""Ways on from a visit in real browsers: pause with the patient told, go on, book a time, hand over to a role."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.visit import (
    NURSE,
    PHONE,
    Axe,
    NewPage,
    grown_up,
    send_case,
    sign_in_resident,
    sign_in_staff,
    synced,
)
from tests.live import Site

pytestmark = pytest.mark.browser
SHOTS = os.environ.get("PAGE_SCREENSHOTS", "")


def _shot(page: Page, name: str) -> None:
    if SHOTS:
        Path(SHOTS).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{SHOTS}/{name}.png")


def _menu(page: Page) -> None:
    page.locator("#case-actions summary").click()


@pytest.mark.req("CAS-07", "CAS-12", "CAS-13", "CAS-14", "CAS-15")
def test_pause_go_on_and_book(live_site: Site, new_page: NewPage, axe: Axe) -> None:
    nurse, patient = new_page(live_site.url), new_page(live_site.url, **PHONE)
    person, name = grown_up(live_site, skip=5)
    sign_in_resident(patient, person)
    case = send_case(patient)
    sign_in_staff(nurse, NURSE)
    nurse.goto(f"/personal/forhandsgranska/{case}/")
    nurse.locator("[data-take-preview]").click()
    nurse.get_by_role("button", name="Starta besök").click()
    patient.get_by_role("link", name="Öppna chatten").click(timeout=20_000)
    synced(patient)

    _menu(nurse)
    ways = nurse.locator("#case-actions .panel a")
    expect(ways.first).to_contain_text("Lämna över besök")
    assert {text.split("\n")[0] for text in ways.all_inner_texts()} >= {"Pausa besök", "Avsluta och boka tid"}
    axe(nurse)
    _shot(nurse, "arende-meny")
    nurse.locator("#case-actions .panel a", has_text="Pausa besök").click()
    dialog = nurse.locator("#pause-visit")
    expect(dialog).to_be_visible()
    axe(nurse)
    _shot(nurse, "pausa")
    words = dialog.get_by_label(re.compile("Meddelande till patienten"))
    expect(words).to_have_value(re.compile("{resume}"))
    day = dialog.get_by_label("Dag", exact=True)
    tomorrow = day.input_value()
    day.fill("2020-01-01")
    dialog.get_by_role("button", name="Pausa besök").click()
    expect(dialog.locator("[data-error-summary]")).to_contain_text("Välj en tid från och med nu")
    axe(nurse)
    _shot(nurse, "pausa-nekad")
    day.fill(tomorrow)
    words.fill("Vi fortsätter {resume}. Ring 1177 om du blir sämre.")
    dialog.get_by_role("button", name="Pausa besök").click()
    expect(nurse.locator("#case-head")).to_contain_text("Pausat till")
    _shot(nurse, "arende-pausat")
    axe(nurse)
    expect(patient.locator("[data-items] li").last).to_contain_text(re.compile(r"Vi fortsätter \w+dag \d+ \w+ kl"))
    expect(patient.locator("#chat-state")).to_contain_text("Besöket är pausat")
    _shot(patient, "invanare-pausat")
    nurse.goto("/personal/")
    expect(nurse.locator("main")).to_contain_text("Fortsätter")
    nurse.wait_for_load_state("networkidle")
    _shot(nurse, "startsida-pausat")
    axe(nurse)

    nurse.goto(f"/personal/arende/{case}/")
    nurse.get_by_role("button", name="Fortsätt besöket").click()
    expect(nurse.locator("#case-head")).not_to_contain_text("Pausat till")

    # The dialog's own address works as a page, and what is wrong is told there.
    nurse.goto(f"/personal/arende/{case}/avsluta-och-boka/")
    dialog = nurse.locator("#book-time")
    expect(dialog).to_be_visible()
    axe(nurse)
    _shot(nurse, "boka")
    dialog.get_by_text("Fysiskt besök").click()
    dialog.get_by_label(re.compile("Var, eller hos vem")).fill("dr Nyqvist, rum 4")
    dialog.get_by_label("Klockslag").fill("09:30")
    dialog.get_by_role("button", name="Avsluta och boka tid").click()
    expect(dialog.get_by_text("Boka först tiden i journalsystemet").first).to_be_visible()
    dialog.get_by_label("Tiden är bokad i journalsystemet").check()
    dialog.get_by_role("button", name="Avsluta och boka tid").click()
    expect(nurse.locator("body")).to_contain_text("Besöket är avslutat och bokningen är noterad")
    expect(patient.locator("[data-items]")).to_contain_text("fysiskt besök, dr Nyqvist, rum 4")
    expect(patient.locator("#chat-state")).to_contain_text("avslutat")
    assert name


@pytest.mark.req("QUE-17", "QUE-18", "QUE-24", "HOV-05", "CAS-06")
def test_an_offered_visit_in_the_queue_of_the_role(live_site: Site, new_page: NewPage, axe: Axe) -> None:
    nurse, doctor, patient = new_page(live_site.url), new_page(live_site.url), new_page(live_site.url, **PHONE)
    person, name = grown_up(live_site, skip=7)
    sign_in_resident(patient, person)
    case = send_case(patient)
    sign_in_staff(nurse, NURSE)
    sign_in_staff(doctor, "Daniel Nyqvist")
    synced(doctor)
    nurse.goto(f"/personal/forhandsgranska/{case}/")
    nurse.locator("[data-take-preview]").click()
    nurse.get_by_role("button", name="Starta besök").click()
    patient.get_by_role("link", name="Öppna chatten").click(timeout=20_000)
    synced(patient)
    patient.locator("[data-message-text]").fill("Det gör mer ont nu")
    patient.get_by_role("button", name="Skicka").click()
    nurse.keyboard.press("l")
    dialog = nurse.locator("#offer-dialog")
    dialog.get_by_label("Sök enhet, roll eller person").fill("läkare")
    dialog.get_by_role("radio", name=re.compile("^Läkare")).first.check()
    dialog.get_by_label(re.compile("Meddelande till patienten")).fill("En läkare tar över.")
    dialog.get_by_role("button", name="Slutför").click()
    expect(nurse.locator("#offer-stands")).to_contain_text("ej mottaget sedan")
    nurse.wait_for_load_state("networkidle")
    axe(nurse)
    _shot(nurse, "arende-overlamnat")
    row = doctor.locator(f'tr[data-object="case:{case}"]')
    expect(row).to_contain_text("Synk Överlämning")
    expect(row).to_contain_text("från Anna Lindmark")
    axe(doctor)
    _shot(doctor, "drop-in-synk")
    row.locator("a.name").click()
    sheet = doctor.locator("[data-preview-sheet]")
    expect(sheet).to_contain_text("Från Anna Lindmark")
    expect(sheet).to_contain_text("Det gör mer ont nu")
    doctor.wait_for_load_state("networkidle")
    axe(doctor)
    _shot(doctor, "forhandsgranska-synk")
    doctor.locator("[data-take-preview]").click()
    expect(doctor).to_have_url(re.compile(f"/personal/arende/{case}/"))
    expect(doctor.locator("[data-items]")).to_contain_text("Det gör mer ont nu")
    expect(patient.locator("#chat-who")).to_contain_text("Daniel Nyqvist")
    assert name
