"""Sign-in, units, settings and Manage in a browser: deep links survive, nothing breaks accessibility or the CSP."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser import PageFactory
from tests.live import Site

pytestmark = pytest.mark.browser
TALL = 2600  # so that bars that stay at the foot of the window cover nothing while axe measures


def _sign_in(page: Page, name: str) -> None:
    page.get_by_role("radio", name=re.compile(name)).first.check()
    page.get_by_role("button", name="Logga in i demon").click()


@pytest.mark.req("AUTH-06", "ENT-04")
@pytest.mark.parametrize("width", [360, 1366])
def test_residents_pages(live_site: Site, new_page: PageFactory, axe: Callable[..., None], width: int) -> None:
    page = new_page(live_site.url, width=width, height=TALL)
    page.goto("/min-profil/")
    axe(page)
    assert page.locator("main form").evaluate("form => form.getBoundingClientRect().height") < 1800, "quick on a phone"
    folded = page.locator("summary").first
    folded.focus()
    page.keyboard.press("Enter")
    expect(page.locator("details[open] input[type=radio]").first).to_be_visible()
    axe(page)
    _sign_in(page, "Erik Lindholm")
    expect(page).to_have_url(re.compile(r"/min-profil/$"))
    for address in ("/min-profil/", "/support/", "/"):
        page.goto(address)
        axe(page)
    page.goto("/min-profil/")
    page.get_by_label("Mobilnummer").fill("inget nummer")
    page.get_by_role("button", name="Spara").click()
    expect(page.get_by_label("Mobilnummer")).to_have_value("inget nummer")
    axe(page)
    page.get_by_role("button", name="Logga ut").click()
    expect(page).to_have_url(re.compile(r"/logga-in/$"))


@pytest.mark.req("AUTH-03", "AUTH-06", "AUTH-11", "SHF-04")
@pytest.mark.parametrize("width", [360, 1366])
def test_staffs_pages(live_site: Site, new_page: PageFactory, axe: Callable[..., None], width: int) -> None:
    page = new_page(live_site.url, width=width, height=TALL)
    page.goto("/personal/installningar/")
    axe(page)
    _sign_in(page, "Carin Öberg")
    if "/personal/enhet/" in page.url:
        axe(page)
        if page.get_by_label("Skifttyp").count():  # only the first time (AUTH-08)
            page.get_by_role("button", name="Bekräfta").click()
            expect(page.get_by_role("link", name="Välj skifttyp.")).to_be_visible()
            axe(page)
            page.get_by_label("Skifttyp").select_option("Primärjour")
        page.get_by_role("button", name="Bekräfta").click()
    expect(page).to_have_url(re.compile(r"/personal/installningar/$"))
    axe(page)
    page.get_by_label("Titel").fill("")
    page.get_by_role("button", name="Spara").click()
    expect(page.get_by_text("Skriv din titel.").first).to_be_visible()
    axe(page)


@pytest.mark.req("AUTH-03", "AUTH-04", "ORG-15")
def test_manage_by_keyboard_and_mouse(live_site: Site, new_page: PageFactory) -> None:
    page = new_page(live_site.url, width=1366, height=900)
    page.goto("/admin/accounts/user/add/")
    _sign_in(page, "Konfigurationsadministratör · Clinic användaradministratör")
    expect(page).to_have_url(re.compile(r"/admin/accounts/user/add/$"))
    hsa_id = f"SE2321000000-B{page.evaluate('Date.now()')}"
    page.get_by_label("HSA-id").fill(hsa_id)
    page.get_by_label("Förnamn").fill("Berit")
    page.get_by_label("Anledning").fill("nyanställd")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name=hsa_id).first).to_be_visible()
