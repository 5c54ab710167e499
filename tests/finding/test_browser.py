"""The pages of finding in a browser: by keyboard, accessible, no sideways scroll, at both widths."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.visit import NURSE, Axe, NewPage, sign_in_staff, synced
from tests.live import Site

pytestmark = pytest.mark.browser
SHOTS = os.environ.get("FINDING_SHOTS", "")


def look(page: Page, axe: Axe, name: str) -> None:
    """Accessible, and no wider than the window."""
    page.wait_for_load_state("networkidle")
    axe(page)
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{name} scrolls sideways"


@pytest.mark.req("QUE-10", "QUE-16", "QUE-21")
@pytest.mark.parametrize("width", [360, 1366])
def test_search_days_and_emergency_opening(live_site: Site, new_page: NewPage, axe: Axe, width: int) -> None:
    held = live_site.query(
        """SELECT c.public_id, p.personal_number, u.first_name || ' ' || u.last_name FROM cases_case c
           JOIN residents_person p ON p.id = c.patient_id JOIN accounts_user u ON u.id = c.holder_id
           WHERE c.unit_id = (SELECT id FROM units_unit ORDER BY id LIMIT 1) AND c.state = 'started'
             AND u.first_name <> 'Anna' AND c.offered_at IS NULL
             AND NOT EXISTS (SELECT FROM finding_opening o WHERE o.case_id = c.id) ORDER BY c.id LIMIT 1"""
    )[0]
    page = new_page(live_site.url, width=width, height=768)
    sign_in_staff(page, NURSE, "/personal/")
    synced(page)
    page.keyboard.press("/")
    expect(page.get_by_role("heading", name="Sök patient")).to_be_visible()
    number = page.get_by_label("Personnummer eller samordningsnummer")
    expect(number).to_be_focused()
    page.keyboard.press("Enter")  # refused: focus goes to what needs to change
    expect(page.locator("[data-error-summary]")).to_be_focused()
    look(page, axe, f"sok-fel-{width}")
    number.fill(str(held[1]))
    page.get_by_label("Samtal i telefon").check()
    look(page, axe, f"sok-{width}")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/sok-patient/[0-9a-f-]{36}/$"))
    expect(page.locator("main")).to_contain_text(str(held[2]))
    look(page, axe, f"resultat-{width}")
    page.goto("/personal/valj-datum/")
    look(page, axe, f"valj-datum-{width}")
    page.goto(f"/personal/arende/{held[0]}/")
    expect(page.get_by_role("button", name="Be om överlämning")).to_be_visible()
    look(page, axe, f"halls-av-{width}")
    page.get_by_role("link", name="Nödöppning").click()
    look(page, axe, f"nodoppna-{width}")
    page.get_by_label("Skäl").fill("Patienten ringer och är sämre")
    page.get_by_role("button", name="Nödöppna").click()
    expect(page.locator("#case-head")).to_contain_text("Nödöppning: du får läsa")
    look(page, axe, f"nodoppnat-{width}")
    page.goto("/personal/nodoppningar/")
    look(page, axe, f"nodoppningar-{width}")
