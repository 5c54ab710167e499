"""Manage in a browser: every kind of page at both widths passes axe and the CSP; the main jobs by hand."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from direkt1177.accounts.manage_forms import today
from tests.browser import PageFactory
from tests.live import Site

pytestmark = pytest.mark.browser
ADDRESSES = (
    "/admin/",
    "/admin/accounts/user/",
    "/admin/accounts/membership/",
    "/admin/accounts/membership/add/",
    "/admin/accounts/adminpermission/add/",
    "/admin/units/unit/",
    "/admin/units/staffedhours/",
    "/admin/units/calendarexception/",
    "/admin/units/calendarexception/add/",
    "/admin/units/policyvalue/",
    "/admin/cases/phrase/",
    "/admin/cases/phrase/add/",
)


def _sign_in(page: Page, address: str = "/admin/") -> None:
    page.goto(address)
    page.get_by_role("radio", name=re.compile("Johan Bergvall")).first.check()
    page.get_by_role("button", name="Logga in i demon").click()


@pytest.mark.req("ADM-01", "ADM-02", "ADM-07")
@pytest.mark.parametrize("width", [360, 1366])
def test_every_page_is_accessible(live_site: Site, new_page: PageFactory, axe: Callable[..., None], width: int) -> None:
    page = new_page(live_site.url, width=width, height=1400)
    faults = []

    def look() -> None:
        try:
            axe(page)
        except AssertionError as error:
            faults.append(str(error))

    _sign_in(page)
    for address in ADDRESSES:
        page.goto(address)
        assert page.url.endswith(address)
        look()
    page.goto("/admin/units/staffedhours/")
    page.get_by_role("link", name=re.compile("^Ändra Hela enheten")).click()
    expect(page.get_by_label("Måndag")).to_be_visible()
    look()
    for label in ("Minuter som personalen", "Välkomstmeddelande", "Vilka som ser nya ärenden", "Bemannade tider"):
        page.goto("/admin/units/policyvalue/")
        page.get_by_role("link", name=re.compile(f"Enhetens värde {label}")).click()
        expect(page.get_by_label("Källa")).to_be_visible()
        look()
    page.get_by_role("button", name="Spara", exact=True).click()  # source and reason are missing
    expect(page.locator(".errornote")).to_be_visible()
    look()
    page.goto("/admin/cases/phrase/")
    page.locator("#result_list tbody th a").first.click()
    expect(page.get_by_label("Kategori")).to_be_visible()
    look()
    page.get_by_role("link", name="Historik").click()
    expect(page.get_by_role("columnheader", name="Efter")).to_be_visible()
    look()
    assert not faults, "\n".join(faults)


@pytest.mark.req("HRS-01", "ADM-07", "ADM-02")
def test_hours_setting_and_phrase_are_changed(live_site: Site, new_page: PageFactory, axe: Callable[..., None]) -> None:
    page = new_page(live_site.url, width=1366, height=900)
    _sign_in(page, "/admin/units/staffedhours/")
    page.get_by_role("link", name="Lägg till ett undantag").click()
    page.get_by_label("Enhet").select_option(index=1)
    page.get_by_label("Datum").fill((today() + timedelta(days=40)).isoformat())
    page.get_by_label("Vad gäller det").fill("Utbildning")
    page.get_by_role("button", name="Spara", exact=True).click()
    expect(page.get_by_role("cell", name="Utbildning")).to_be_visible()

    page.goto("/admin/units/policyvalue/")
    page.get_by_role("link", name=re.compile("Enhetens värde Mål för svar")).click()
    page.get_by_label("Värde").fill("0")
    page.get_by_label("Gäller från").fill(today().isoformat())
    page.get_by_label("Källa").fill("Beslut i ledningsgruppen")
    page.get_by_label("Anledning").fill("pilot")
    page.get_by_role("button", name="Spara", exact=True).click()  # below the least
    expect(page.locator(".errornote")).to_be_visible()
    page.get_by_label("Värde").fill("12")
    page.get_by_role("button", name="Spara", exact=True).click()
    expect(page.get_by_role("row", name=re.compile("Mål för svar, minuter 12"))).to_contain_text("Enheten")
    axe(page)

    page.goto("/admin/cases/phrase/add/")
    page.get_by_label("Enhet").select_option(index=1)
    page.get_by_label("Kategori").fill("Avslut")
    page.get_by_label("Titel").fill("Krya på dig")
    page.get_by_label("Text").fill("Krya på dig! Hör av dig om du blir sämre.")
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Spara", exact=True).click()
    expect(page.get_by_role("link", name="Krya på dig").first).to_be_visible()
