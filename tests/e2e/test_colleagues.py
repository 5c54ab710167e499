"""A nurse asks a doctor into a visit, they talk where the patient does not see it, the doctor takes part and goes."""

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
    messages,
    send_case,
    sign_in_resident,
    sign_in_staff,
    synced,
)
from tests.live import Site

DOCTOR = "Daniel Nyqvist"
SHOTS = os.environ.get("COLLEAGUE_SHOTS", "")


def _shot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png")


def _fits(page: Page) -> None:
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, page.url


@pytest.mark.req("CHT-13", "CHT-14", "CHT-15", "CHT-16", "CHT-17", "QUE-07")
def test_a_doctor_is_asked_in_talks_takes_part_and_goes(live_site: Site, new_page: NewPage, axe: Axe) -> None:
    anna, daniel = new_page(live_site.url), new_page(live_site.url)
    patient = new_page(live_site.url, **PHONE)
    person, name = grown_up(live_site, skip=5)
    sign_in_resident(patient, person)
    case = send_case(patient)
    sign_in_staff(anna, NURSE)
    sign_in_staff(daniel, DOCTOR, "/personal/")
    anna.goto(f"/personal/forhandsgranska/{case}/")
    anna.locator("[data-take-preview]").click()
    anna.get_by_role("button", name="Starta besök").click()
    expect(anna.locator("[data-message-text]")).to_be_visible()

    # One asks by the icon, searches, presses once.
    anna.get_by_role("link", name="Bjud in vårdpersonal").click()
    dialog = anna.get_by_role("dialog")
    expect(dialog).to_be_visible()
    _shot(anna, "invite")
    axe(anna)
    dialog.get_by_role("searchbox").fill("Daniel")
    expect(dialog.get_by_role("button", name=re.compile("Bjud in"))).to_have_count(1)
    _shot(anna, "invite-search")
    dialog.get_by_role("button", name=re.compile(f"Bjud in.*{DOCTOR}")).click()
    expect(anna.locator("#internal-pane .guests")).to_contain_text(DOCTOR)

    # The guest is told, finds the visit, and writes internally only.
    synced(daniel)
    expect(daniel.locator("#slot-colleagues-mine")).to_contain_text(name, timeout=15_000)
    _shot(daniel, "start")
    axe(daniel)
    daniel.locator("#slot-colleagues-mine").get_by_role("link", name=name).click()
    expect(daniel.locator("#case-head")).to_contain_text("Du är gäst och rådgör internt")
    expect(daniel.locator("[data-message-text]")).to_have_count(0)
    expect(daniel.get_by_role("button", name="Avsluta besök")).to_have_count(0)
    anna.goto(f"/personal/arende/{case}/")
    expect(anna.locator("#internal-pane")).to_have_count(0)
    synced(anna)
    daniel.locator("[data-internal-text]").fill("Jag har sett bilden, KANARIEINTERNT.")
    daniel.locator("[data-internal-text]").press("Enter")
    expect(daniel.locator(".inner-log")).to_contain_text("KANARIEINTERNT")
    expect(daniel.locator("[data-internal-text]")).to_have_value("")
    expect(anna.locator(".internal-toggle .count")).to_have_text("1", timeout=10_000)
    _shot(anna, "case-unread")
    axe(anna)
    anna.locator("#case-head h1").click()
    anna.keyboard.press("i")
    expect(anna.locator(".inner-log")).to_contain_text("KANARIEINTERNT")
    expect(anna.locator("[data-internal-text]")).to_be_focused()
    expect(anna.locator(".internal-toggle .count")).to_have_count(0, timeout=10_000)
    expect(anna.locator(".internal-toggle")).to_have_attribute("aria-pressed", "true")
    anna.locator("[data-internal-text]").fill("Tack! Skriv gärna till patienten.")
    anna.locator("[data-internal-text]").press("Enter")
    expect(daniel.locator(".inner-log")).to_contain_text("Skriv gärna", timeout=10_000)
    for page, shot in ((anna, "case-holder"), (daniel, "case-guest")):
        axe(page)
        _fits(page)
        _shot(page, shot)

    anna.emulate_media(media="print")  # what is printed may end up with the patient
    expect(anna.locator("#internal-pane")).to_be_hidden()
    expect(anna.locator("#case-head")).to_be_visible()
    anna.emulate_media(media="screen")

    # Now he takes part, under his own name.
    anna.get_by_role("button", name=re.compile("Låt delta")).click()
    expect(anna.locator("#internal-pane .guests")).to_contain_text("Deltar i chatten")
    expect(daniel.locator("#case-head")).to_contain_text("Du är gäst och deltar", timeout=10_000)
    daniel.reload()
    daniel.locator("[data-message-text]").fill("Hej, jag är läkare.")
    daniel.locator("[data-composer]").get_by_role("button", name="Skicka").click()
    patient.get_by_role("link", name="Öppna chatten").click(timeout=20_000)
    expect(patient.locator("[data-items]")).to_contain_text("Hej, jag är läkare.", timeout=15_000)
    expect(patient.locator("[data-items]")).to_contain_text(DOCTOR)
    assert "KANARIEINTERNT" not in patient.content()
    assert len(messages(patient)) == 2  # the welcome, and the doctor
    expect(daniel.get_by_role("button", name="Avsluta besök")).to_have_count(0)
    synced(daniel)
    _shot(daniel, "case-guest-takes-part")

    # Removed, the page forgets within a second.
    anna.get_by_role("button", name=re.compile("Ta bort.*Daniel")).click()
    expect(anna.locator("#internal-pane .guests")).to_have_count(0)
    expect(daniel.locator("#internal-pane")).to_have_count(0, timeout=3_000)
    expect(daniel.locator("#case-head")).not_to_contain_text(name, timeout=3_000)
    _shot(daniel, "case-removed")
    anna.set_viewport_size({"width": 1920, "height": 1080})
    _shot(anna, "case-wide")
