"""The pages of shifts at both widths: accessible, no sideways scroll; choices show only the fields that count."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.visit import NURSE, Axe, NewPage, sign_in_staff
from tests.live import Site

pytestmark = pytest.mark.browser
SHOTS = os.environ.get("SHIFT_SHOTS", "")
PAGES = {
    "pagaende": "/personal/pagaende-pa-enheten/",
    "koordinator": "/personal/koordinator/",
    "mina-listor": "/personal/mina-listor/",
    "mina-dagar": "/personal/mina-dagar/",
    "har-stangt": "/personal/har-stangt/",
    "valj-enhet": "/personal/enhet/",
}


def _look(page: Page, axe: Axe, name: str) -> None:
    axe(page)
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"page-{name}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{name} scrolls sideways"


@pytest.mark.parametrize("width", [360, 1366])
def test_pages_of_shifts(live_site: Site, new_page: NewPage, axe: Axe, width: int) -> None:
    page = new_page(live_site.url, width=width, height=768)
    sign_in_staff(page, NURSE, "/personal/avsluta-skift/")
    for name, path in PAGES.items():
        page.goto(path)
        page.wait_for_load_state("networkidle")
        _look(page, axe, f"{name}-{width}")
    page.goto("/personal/pagaende-pa-enheten/")
    page.locator("details.release summary").first.click()
    _look(page, axe, f"pagaende-frigor-{width}")


@pytest.mark.req("CAS-11", "SHF-05")
@pytest.mark.parametrize("width", [360, 1366])
def test_a_choice_shows_its_fields_without_a_script(live_site: Site, new_page: NewPage, axe: Axe, width: int) -> None:
    page = new_page(live_site.url, width=width, height=768)
    sign_in_staff(page, NURSE, "/personal/avsluta-skift/")
    case = page.locator("fieldset.ways.todo").filter(has_text="Gör asynkront").first
    expect(case.get_by_label("Till", exact=True)).to_be_hidden()
    case.get_by_text("Lämna över till roll").click()
    expect(case.get_by_label("Till", exact=True)).to_be_visible()
    case.locator('input[value="hand_over"]').focus()
    page.keyboard.press("ArrowRight")
    expect(case.get_by_label("Till", exact=True)).to_be_hidden()
    expect(case.locator('input[value="asynchronous"]')).to_be_checked()
    expect(case.get_by_label("Hur länge får patienten skriva").locator("visible=true")).to_have_count(1)
    _look(page, axe, f"avsluta-skift-{width}")


@pytest.mark.parametrize("width", [360, 1366])
def test_the_managers_page(live_site: Site, new_page: NewPage, axe: Axe, width: int) -> None:
    page = new_page(live_site.url, width=width, height=768)
    page.goto("/statistik/pagaende/")
    page.locator("details:not([open]) summary").evaluate_all("all => all.forEach((one) => one.click())")
    page.get_by_role("radio", name="Ingrid Månstråle").check()
    page.get_by_role("button", name="Logga in i demon").click()
    expect(page.locator("body")).to_contain_text("Patienter visas inte för chefer")
    expect(page.locator("main")).to_contain_text("Frigör alla för")
    _look(page, axe, f"chef-{width}")
