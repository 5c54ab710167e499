"""A case goes from a nurse to a doctor and on to another unit in real browsers; the patient's chat never stops."""

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
    bring_in,
    grown_up,
    row,
    send_case,
    sign_in_resident,
    sign_in_staff,
    synced,
    write,
)
from tests.live import Site

DOCTOR, OTHER_UNIT_NURSE = "Daniel Nyqvist", "Karin Wallander"
SHOTS = os.environ.get("OFFER_SHOTS", "")


def _shot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png")


def _start(anna: Page, case: str) -> None:
    anna.goto(f"/personal/forhandsgranska/{case}/")
    anna.locator("[data-take-preview]").click()
    expect(anna).to_have_url(re.compile(f"/personal/arende/{case}/"))
    anna.get_by_role("button", name="Starta besök").click()
    expect(anna.locator("[data-message-text]")).to_be_visible()


@pytest.mark.req("HOV-01", "HOV-02", "HOV-04", "HOV-05", "HOV-08", "HOV-10", "HOV-12", "HOV-14", "HOV-15", "ORG-01")
def test_nurse_to_doctor_to_another_unit(live_site: Site, new_page: NewPage, axe: Axe) -> None:
    anna, daniel, karin = new_page(live_site.url), new_page(live_site.url), new_page(live_site.url)
    patient = new_page(live_site.url, **PHONE)
    person, name = grown_up(live_site, skip=3)
    sign_in_resident(patient, person)
    case = send_case(patient)
    sign_in_staff(anna, NURSE)
    sign_in_staff(daniel, DOCTOR)
    sign_in_staff(karin, OTHER_UNIT_NURSE, "/personal/")
    for page in (daniel, karin):
        synced(page)
    _start(anna, case)
    patient.get_by_role("link", name="Öppna chatten").click(timeout=20_000)
    synced(patient)

    # By keyboard: the letter opens the dialog, the arrow goes from the search into the tree.
    anna.keyboard.press("l")
    dialog = anna.locator("#offer-dialog")
    expect(dialog).to_be_visible()
    expect(dialog).to_contain_text(name)
    axe(anna)
    _shot(anna, "offer-dialog")
    dialog.get_by_label("Sök enhet, roll eller person").fill("läkare")
    expect(dialog.get_by_role("radio", name=re.compile("Sjuksköterska"))).to_have_count(0)
    dialog.get_by_label("Sök enhet, roll eller person").press("ArrowDown")
    anna.keyboard.press("Space")
    expect(dialog.get_by_role("radio", name=re.compile("^Läkare")).first).to_be_checked()
    words = dialog.get_by_label(re.compile("Meddelande till patienten"))
    expect(words).to_have_value(re.compile("läkare hos oss"))
    words.fill("En läkare tar över. Skriv gärna under tiden.")
    dialog.get_by_label(re.compile("Internt meddelande")).fill("Svårt att gapa, se bilden.")
    dialog.get_by_role("button", name="Slutför").click()
    expect(anna.locator("body")).to_contain_text("Överlämningen är skickad")

    # The doctor's open queue gets the row without reload; the nurse still answers.
    expect(row(daniel, case).or_(daniel.locator("[data-news]:visible"))).to_be_visible(timeout=20_000)
    bring_in(daniel)
    expect(row(daniel, case)).to_contain_text(name)
    expect(patient.locator("[data-items]")).to_contain_text("En läkare tar över.")
    write(patient, "Det gör ont att gapa")
    expect(anna.locator("[data-items]")).to_contain_text("Det gör ont att gapa")
    write(anna, "Läkaren kommer strax")
    expect(patient.locator("[data-items]")).to_contain_text("Läkaren kommer strax")
    axe(anna)
    _shot(anna, "offered-case-page")

    # Startsida shows it as Synk Överlämning; open, see message and chat, take.
    daniel.goto("/personal/")
    panel = daniel.locator("#slot-handover-offers-to-me")
    expect(panel).to_contain_text("Synk Överlämning")
    axe(daniel)
    _shot(daniel, "startsida")
    panel.get_by_role("row", name=re.compile(name)).get_by_role("link", name=re.compile("Öppna")).click()
    expect(daniel.locator("main")).to_contain_text("Svårt att gapa, se bilden.")
    expect(daniel.locator("main")).to_contain_text("Det gör ont att gapa")
    expect(daniel.locator("main")).to_contain_text("Anamnes")
    axe(daniel)
    _shot(daniel, "offer-page")
    daniel.get_by_role("button", name="Ta emot", exact=True).click()
    expect(daniel).to_have_url(re.compile(f"/personal/arende/{case}/"))
    synced(daniel)
    write(daniel, "Hej, jag är läkare och tar över nu")
    expect(patient.locator("[data-items]")).to_contain_text("Hej, jag är läkare")
    expect(anna.locator("main")).to_contain_text("Du kan inte längre se det här", timeout=20_000)
    expect(anna.locator("main")).not_to_contain_text(name)

    # On to another unit: the note first, then it shows live at the other unit's Startsida.
    other = karin.locator("#slot-handover-offers-to-me")
    expect(other).not_to_contain_text(name)
    daniel.goto(f"/personal/arende/{case}/lamna-over/")
    daniel.get_by_text("Testbackens hälsocentral").click()
    unit = daniel.locator("details", has_text="Testbackens hälsocentral")
    unit.get_by_role("radio", name=re.compile("Sjuksköterska")).check()
    expect(daniel.locator("#offer-words")).to_contain_text("ser du inte längre patienten")
    _shot(daniel, "offer-page-form")
    axe(daniel)
    daniel.get_by_role("button", name="Slutför").click()
    asked = daniel.get_by_label(re.compile("Besöksanteckningen är skriven"))
    expect(daniel.locator("main")).to_contain_text(re.compile("Skriv besöksanteckningen först"))
    asked.check()
    daniel.get_by_role("button", name="Slutför").click()
    expect(daniel.locator("body")).to_contain_text("Överlämningen är skickad")
    expect(other).to_contain_text(name, timeout=20_000)
    _shot(karin, "startsida-other-unit")
    other.get_by_role("row", name=re.compile(name)).get_by_role("button", name=re.compile("Ta emot")).click()
    expect(karin).to_have_url(re.compile(f"/personal/arende/{case}/"))
    expect(karin.locator("[data-items]")).to_contain_text("Hej, jag är läkare")
    expect(karin.locator("#facts-title")).to_be_visible()
    write(karin, "Nu är du hos oss på Testbacken")
    expect(patient.locator("[data-items]")).to_contain_text("Nu är du hos oss på Testbacken")
    expect(daniel.locator("main")).not_to_contain_text(name, timeout=20_000)
    daniel.goto(f"/personal/arende/{case}/")
    expect(daniel.locator("body")).not_to_contain_text(name)


@pytest.mark.req("HOV-01", "HOV-04")
def test_handing_over_works_without_script(live_site: Site, new_page: NewPage) -> None:
    scripted, patient = new_page(live_site.url), new_page(live_site.url, **PHONE)
    person, _name = grown_up(live_site, skip=5)
    sign_in_resident(patient, person)
    case = send_case(patient)
    sign_in_staff(scripted, NURSE)
    _start(scripted, case)
    plain = new_page(live_site.url, java_script_enabled=False)
    plain.context.add_cookies(scripted.context.cookies())  # type: ignore[arg-type]
    plain.goto(f"/personal/arende/{case}/lamna-over/")
    expect(plain.get_by_label("Sök enhet, roll eller person")).to_be_hidden()
    plain.get_by_role("radio", name=re.compile("^Läkare")).first.check()
    plain.get_by_role("button", name="Slutför").click()
    expect(plain.locator("body")).to_contain_text("Överlämningen är skickad")
    plain.goto("/personal/overlamningar/mina/")
    plain.get_by_role("button", name=re.compile("Ta tillbaka")).first.click()
    expect(plain.locator("body")).to_contain_text("Överlämningen är återtagen")


@pytest.mark.req("HOV-05", "HOV-09", "HOV-11", "ORG-24", "QUE-19")
def test_several_at_once_and_the_lists_of_giver_receiver_and_coordinator(
    live_site: Site, new_page: NewPage, axe: Axe
) -> None:
    anna, daniel, patient = new_page(live_site.url), new_page(live_site.url), new_page(live_site.url, **PHONE)
    person, name = grown_up(live_site, skip=7)
    sign_in_resident(patient, person)
    case = send_case(patient)
    sign_in_staff(anna, NURSE)
    sign_in_staff(daniel, DOCTOR)
    synced(daniel)
    _start(anna, case)
    anna.goto("/personal/lamna-over-flera/")
    axe(anna)
    _shot(anna, "offer-many")
    for box in anna.locator("input[name=cases]").all():
        box.set_checked(box.get_attribute("value") == case)
    anna.get_by_role("radio", name=re.compile("^Läkare")).first.check()
    anna.get_by_role("button", name="Slutför").click()
    expect(anna.locator("[data-outcomes]")).to_contain_text(name)
    expect(anna.locator("[data-outcome=offered]")).to_have_count(1)

    expect(row(daniel, case).or_(daniel.locator("[data-news]:visible"))).to_be_visible(timeout=20_000)
    bring_in(daniel)
    row(daniel, case).get_by_role("link", name=name).click()
    expect(daniel.locator("#preview")).to_contain_text("Synk Överlämning")
    expect(daniel.locator("#preview")).to_contain_text("Ingen besöksanteckning är sparad")
    axe(daniel)
    _shot(daniel, "offer-preview")

    # Anna coordinates the unit: both what she has given and what nobody has taken.
    anna.goto("/personal/")
    mine, unit = anna.locator("#slot-handover-my-offers"), anna.locator("#slot-handover-unit-offers")
    for panel in (mine, unit):
        expect(panel).to_contain_text(name)
    axe(anna)
    _shot(anna, "startsida-giver")
    daniel.goto("/personal/")
    offered = daniel.locator("#slot-handover-offers-to-me")
    offered.get_by_role("row", name=re.compile(name)).get_by_role("link", name=re.compile("Avböj")).click()
    daniel.get_by_label("Orsak till att du avböjer").fill("Hör till sjuksköterskan")
    daniel.get_by_role("button", name="Avböj").click()
    expect(daniel.locator("body")).to_contain_text("Du har avböjt")
    # The panels hear of it by themselves; the giver is told in the notice centre.
    for panel in (mine, unit):
        expect(panel).not_to_contain_text(name, timeout=20_000)
