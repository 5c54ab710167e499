"""An acute closure from the phone call to the resident's screen: closed now, helped elsewhere (HRS-15..19)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from direkt1177.accounts.manage_forms import today
from tests.browser import PageFactory
from tests.e2e.test_manage_units import sign_in
from tests.e2e.visit import PHONE, grown_up, sign_in_resident
from tests.live import Site

pytestmark = pytest.mark.browser


def close_now(page: Page, *, target: str) -> None:
    """As regional administration: the head of operations has phoned and been verified."""
    sign_in(page, "Petra Dahlsten")
    page.goto("/admin/units/closure/")
    page.get_by_label("Akut stängning av").select_option("Exempelby hälsocentral")
    page.get_by_role("button", name="Gå vidare med den akuta stängningen").click()
    page.get_by_label("Öppnar igen, datum").fill((today() + timedelta(days=1)).isoformat())
    page.get_by_label("Öppnar igen, klockslag").fill("08:00")
    page.get_by_label("Anledning").fill("Tre sjuka samma morgon")
    page.get_by_label("Tar emot nya ärenden under tiden").select_option(target)
    page.get_by_label("Det invånare får veta").fill("Vi är för få i personalen.")
    page.get_by_label("Verksamhetschef som har beslutat").fill("Vera Chef")
    page.get_by_label("Vem beställde per telefon?").select_option(index=1)
    page.get_by_label("Hur du kontrollerade den som ringde").fill("Ringde tillbaka via växeln")
    page.get_by_role("button", name="Spara").click()
    expect(page.get_by_text("stängd nu")).to_be_visible()


@pytest.mark.req("HRS-15", "HRS-16", "HRS-18", "HRS-19")
def test_a_resident_meets_a_closed_unit_and_is_helped_elsewhere(
    start_site: Callable[..., Site], new_page: PageFactory, axe: Callable[..., None]
) -> None:
    site = start_site()
    person, _name = grown_up(site)
    phone = new_page(site.url, **PHONE)
    sign_in_resident(phone, person)
    phone.goto("/sok-vard/")
    expect(phone.get_by_role("heading", name="Vem behöver hjälp?")).to_be_visible()
    close_now(new_page(site.url), target="Testbackens hälsocentral")

    phone.goto("/")
    expect(phone.get_by_text("Exempelby hälsocentral är stängd här till")).to_be_visible()
    axe(phone)
    phone.goto("/sok-vard/?enhet=exempelby")  # a saved link
    expect(phone.get_by_role("heading", name="Exempelby hälsocentral är stängd här just nu")).to_be_visible()
    expect(phone.get_by_text("Vi är för få i personalen.")).to_be_visible()
    axe(phone)
    phone.get_by_role("link", name=re.compile("Välj en annan mottagning")).click()
    expect(phone.get_by_role("group", name="Vilken mottagning vill du nå?")).to_be_visible()
    axe(phone)
    phone.go_back()
    phone.get_by_role("link", name=re.compile("Testbackens hälsocentral")).click()
    phone.locator('input[name="who"]').first.check(force=True)
    phone.get_by_role("button", name="Fortsätt").click()
    phone.goto("/fraga/?vidare=1")
    phone.locator('input[name="who"]').first.check(force=True)
    phone.get_by_role("button", name="Fortsätt").click()
    expect(phone.get_by_text("Ditt ärende går till Testbackens hälsocentral.")).to_be_visible()
    axe(phone)
    phone.locator("#id_subject").fill("Intyg")
    phone.locator("#id_text").fill("Jag behöver ett intyg till skolan.")
    phone.get_by_role("button", name="Skicka").click()
    expect(phone).to_have_url(re.compile("/mina-arenden/"))
    (row,) = site.query(
        """SELECT u.slug, c.listed_elsewhere FROM cases_case c JOIN units_unit u ON u.id = c.unit_id
           ORDER BY c.id DESC LIMIT 1"""
    )
    assert tuple(row) == ("testbacken", True)
