"""Manage for closures, branches, names and the end of units in a browser: axe, keyboard, the copied text."""

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
LISTS = ("closure", "branchdecision", "unitname", "unitchange", "staffedhours")


def sign_in(page: Page, name: str = "Johan Bergvall") -> None:
    """As the administrator of three units, or as Petra Dahlsten of regional administration."""
    page.goto("/admin/")
    page.get_by_role("radio", name=re.compile(name)).first.check()
    page.get_by_role("button", name="Logga in i demon").click()


@pytest.mark.req("HRS-08", "HRS-13", "ADM-05")
@pytest.mark.parametrize("width", [360, 1366])
def test_a_closure_is_asked_for_decided_and_its_text_copied(
    start_site: Callable[..., Site], new_page: PageFactory, axe: Callable[..., None], width: int
) -> None:
    site = start_site()
    page = new_page(site.url, width=width, height=900)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=site.url)
    sign_in(page)
    for name in LISTS:
        page.goto(f"/admin/units/{name}/")
        axe(page)
    page.goto("/admin/units/closure/")
    page.get_by_label("Begär stängning av").select_option("Exempelby hälsocentral")
    page.get_by_role("button", name="Gå vidare", exact=True).click()
    axe(page)
    day = (today() + timedelta(days=40)).isoformat()
    for label in ("Stänger, datum", "Öppnar igen, datum"):
        page.get_by_label(label).fill(day)
    page.get_by_label("Stänger, klockslag").fill("08:00")
    page.get_by_label("Öppnar igen, klockslag").fill("16:00")
    page.get_by_label("Anledning").fill("Utbildning")
    page.get_by_label("Tar emot nya ärenden under tiden").select_option("Testbackens hälsocentral")
    page.get_by_label("Verksamhetschef som har beslutat").fill("Vera Chef")
    page.get_by_label("Verksamhetschef som har beslutat").press("Enter")
    expect(page.get_by_role("heading", name="Beslut")).to_be_visible()
    axe(page)
    address = page.url
    region = new_page(site.url, width=width, height=900)
    sign_in(region, "Petra Dahlsten")
    region.get_by_role("link", name=re.compile("Svara om stängningen: Exempelby")).click()
    region.get_by_role("radio", name="Svara ja: stängningen får beställas").check()
    axe(region)
    region.get_by_role("button", name="Spara").click()
    for name in LISTS:
        if name != "unitname":
            region.goto(f"/admin/units/{name}/")
            axe(region)
    region.goto("/admin/units/closure/")
    region.get_by_role("button", name="Gå vidare med den akuta stängningen").click()
    axe(region)
    page.goto(address)
    page.get_by_role("radio", name="Beställ stängningen").check()
    page.get_by_role("button", name="Spara").click()
    expect(page.get_by_text("Kontaktkortet säger det inte än")).to_be_visible()
    axe(page)
    copy = page.get_by_role("button", name="Kopiera texten")
    copy.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("Kopierat")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.locator("#card-text").inner_text()
    page.goto("/admin/")
    axe(page)
    page.get_by_role("link", name=re.compile("Publicera texten på kontaktkortet")).click()
    page.get_by_role("radio", name="Texten står på kontaktkortet").check()
    page.get_by_role("button", name="Spara").click()
    expect(page.get_by_text("Kontaktkortet publicerat")).to_be_visible()
