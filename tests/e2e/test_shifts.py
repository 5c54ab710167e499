"""Shifts in real browsers: a nurse falls ill at ten; a nurse of two units leaves one for the other (SHF, HOV-11)."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.visit import (
    NURSE,
    OTHER_NURSE,
    PHONE,
    Axe,
    NewPage,
    grown_up,
    send_case,
    sign_in_resident,
    sign_in_staff,
    synced,
    write,
)
from tests.live import Site

TWO_UNITS, OTHER_UNIT_NURSE = "Carin Öberg", "Karin Wallander"
SHOTS = os.environ.get("SHIFT_SHOTS", "")


def _shot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


def _take(page: Page, case: str, *, start: bool = True) -> None:
    page.goto(f"/personal/forhandsgranska/{case}/")
    page.locator("[data-take-preview]").click()
    expect(page).to_have_url(re.compile(f"/personal/arende/{case}/"))
    if start:
        page.get_by_role("button", name="Starta besök").click()
        expect(page.locator("[data-message-text]")).to_be_visible()


@pytest.mark.req("HOV-11", "ORG-22", "SHF-04", "CAS-06")
def test_a_nurse_falls_ill_at_ten(live_site: Site, new_page: NewPage, axe: Axe) -> None:
    bjorn, anna, patient = new_page(live_site.url), new_page(live_site.url), new_page(live_site.url, **PHONE)
    person, name = grown_up(live_site, skip=8)
    sign_in_resident(patient, person)
    case = send_case(patient)
    sign_in_staff(bjorn, OTHER_NURSE)
    _take(bjorn, case)
    patient.get_by_role("link", name="Öppna chatten").click(timeout=20_000)
    synced(patient)
    write(bjorn, "Hej! Hur länge har det gjort ont?")
    expect(patient.locator("[data-items]")).to_contain_text("Hur länge har det gjort ont?")
    note = bjorn.locator("#note-panel textarea").last
    note.fill("Ont i halsen sedan två dagar, utkast")
    expect(bjorn.locator("#note-status")).to_contain_text("Utkast sparat", timeout=15_000)
    write(patient, "Sedan i förrgår")

    # The coordinator finds it in her one place and lets it go, with a reason, by keyboard.
    sign_in_staff(anna, NURSE, "/personal/")
    section = anna.locator("#slot-handover-coordinator")
    expect(section).to_contain_text("Hålls utan skift")
    axe(anna)
    _shot(anna, "startsida-coordinator")
    section.get_by_role("link", name="Pågående på enheten").click()
    expect(anna.locator("main")).to_contain_text(OTHER_NURSE)
    held = anna.get_by_role("row", name=re.compile(name))
    axe(anna)
    _shot(anna, "unit-held")
    held.locator("summary").focus()
    anna.keyboard.press("Enter")
    anna.keyboard.press("Tab")
    anna.keyboard.type("Gick hem sjuk kl. 10")
    _shot(anna, "unit-held-release")
    anna.keyboard.press("Enter")
    expect(anna.locator("body")).to_contain_text("Ärendet ligger i rollens kö utan ägare")
    expect(anna.locator("main")).to_contain_text(f"{OTHER_NURSE}")

    # Björn's open page loses it by itself; the patient is told by the fixed text, no name and no reason.
    expect(bjorn.locator("main")).not_to_contain_text(name, timeout=20_000)
    expect(patient.locator("[data-items]")).to_contain_text("En annan i personalen tar över ditt ärende")
    expect(patient.locator("body")).not_to_contain_text("sjuk kl. 10")
    write(patient, "Är det någon kvar?")

    # The next nurse goes on in the same chat and reads the unsigned note, its author named.
    _take(anna, case, start=False)
    expect(anna.locator("[data-items]")).to_contain_text("Är det någon kvar?")
    expect(anna.locator("#note-panel")).to_contain_text(f"Utkast av {OTHER_NURSE}", timeout=15_000)
    expect(anna.locator("#note-panel textarea").last).to_have_value(re.compile("sedan två dagar, utkast"))
    _shot(anna, "next-nurse")
    axe(anna)
    synced(anna)
    write(anna, "Hej, jag heter Anna och tar över")
    expect(patient.locator("[data-items]")).to_contain_text("jag heter Anna och tar över")
    notices = live_site.query(
        "SELECT n.kind FROM handover_notice n JOIN cases_case c ON c.id = n.case_id WHERE c.public_id = %s", case
    )
    assert {("released",), ("ownerless",)} <= set(notices)


@pytest.mark.req("SHF-03", "SHF-05", "SHF-06", "SHF-07", "CAS-11", "HOV-11")
def test_a_nurse_of_two_units_leaves_one_for_the_other(live_site: Site, new_page: NewPage, axe: Axe) -> None:
    carin, anna, karin = new_page(live_site.url), new_page(live_site.url), new_page(live_site.url)
    first, second = new_page(live_site.url, **PHONE), new_page(live_site.url, **PHONE)
    cases = []
    for phone, skip in ((first, 10), (second, 11)):
        person, _name = grown_up(live_site, skip=skip)
        sign_in_resident(phone, person)
        cases.append(send_case(phone))
    left, offered = cases
    sign_in_staff(carin, TWO_UNITS)
    for case in cases:
        _take(carin, case)
    first.get_by_role("link", name="Öppna chatten").click(timeout=20_000)
    synced(first)

    # One is offered to the other unit and nobody takes it yet.
    carin.goto(f"/personal/arende/{offered}/lamna-over/")
    carin.locator("[data-picker-name]", has_text="Testbackens hälsocentral").click()
    unit = carin.locator("details", has_text="Testbackens hälsocentral")
    unit.get_by_role("radio", name=re.compile("Sjuksköterska")).check()
    carin.get_by_role("button", name="Slutför").click()
    carin.get_by_label(re.compile("Besöksanteckningen är skriven")).check()
    carin.get_by_role("button", name="Slutför").click()
    expect(carin.locator("body")).to_contain_text("Överlämningen är skickad")

    # The unit cannot be left over cases; the refusal leads to Avsluta skift.
    carin.goto("/personal/enhet/")
    _shot(carin, "choose-unit")
    carin.get_by_role("radio", name=re.compile("Testbacken")).check()
    carin.get_by_role("button", name="Bekräfta").click()
    expect(carin.locator("h1")).to_contain_text("Du har pågående besök på enheten")
    axe(carin)
    _shot(carin, "leaves-cases")
    carin.get_by_role("link", name="Till Avsluta skift").click()
    expect(carin.locator("h1")).to_have_text("Avsluta skift")
    expect(carin.locator("main")).to_contain_text("väntar det i din egen rolls kö")
    axe(carin)
    _shot(carin, "end-shift")
    carin.get_by_text("Nöjd", exact=True).click()
    carin.get_by_role("button", name="Avsluta skift och logga ut").click()
    expect(carin.locator("main")).to_contain_text("1 ärende är fortfarande ditt")
    one = carin.locator(f"#case-{left}")
    one.get_by_text("Lämna över till roll").click()
    text = one.get_by_label("Meddelande till patienten").first
    expect(text).to_have_value(re.compile("Jag lämnar över ditt ärende"))
    text.fill("En kollega tar över i kväll.")
    axe(carin)
    _shot(carin, "end-shift-chosen")
    carin.get_by_role("button", name="Avsluta skift och logga ut").click()
    expect(carin).to_have_url(re.compile("/personal/logga-in/"))
    expect(carin.locator("body")).to_contain_text("Ditt skift är avslutat")
    _shot(carin, "signed-out")
    expect(first.locator("[data-items]")).to_contain_text("En kollega tar över i kväll.")
    write(first, "Tack, jag väntar")

    # The evening nurse goes on with the first; the other unit takes the second; Carin works there now.
    sign_in_staff(anna, NURSE)
    _take(anna, left, start=False)
    expect(anna.locator("[data-items]")).to_contain_text("Tack, jag väntar")
    synced(anna)
    write(anna, "Nu är det jag som svarar")
    expect(first.locator("[data-items]")).to_contain_text("Nu är det jag som svarar")
    sign_in_staff(karin, OTHER_UNIT_NURSE, "/personal/")
    panel = karin.locator("#slot-handover-offers-to-me")
    panel.locator("tr", has=karin.locator(f'[href*="{offered}"], form')).first.wait_for()
    held = live_site.query(
        "SELECT c.state, u.name FROM cases_case c JOIN units_unit u ON u.id = c.unit_id WHERE c.public_id = %s", offered
    )
    assert held == [("waiting", "Exempelby hälsocentral")]
    carin.goto("/personal/drop-in/")
    carin.get_by_role("radio", name=re.compile(TWO_UNITS)).check()
    carin.get_by_role("button", name="Logga in i demon").click()
    carin.get_by_role("radio", name=re.compile("Testbacken")).check()
    carin.get_by_role("button", name="Bekräfta").click()
    expect(carin.locator(".side")).to_contain_text(TWO_UNITS)
    running = live_site.query(
        "SELECT u.name FROM accounts_shift s JOIN units_unit u ON u.id = s.unit_id JOIN accounts_user p"
        " ON p.id = s.user_id WHERE p.first_name = 'Carin' AND s.ended_at IS NULL"
    )
    assert [row[0] for row in running] == ["Testbackens hälsocentral"]
    # Nobody is forgotten anywhere.
    live_site.manage("tick")
