"""Mina ärenden in a browser: the lists stay when other parts of the page arrive; leaving the queue."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.visit import PHONE, Axe, NewPage, grown_up, send_case, sign_in_resident
from tests.live import Site


@pytest.mark.req("ENT-12", "ENT-13")
def test_mine_keeps_its_lists_and_the_queue_can_be_left(live_site: Site, new_page: NewPage, axe: Axe) -> None:
    phone = new_page(live_site.url, **PHONE)
    person, _name = grown_up(live_site, skip=3)
    sign_in_resident(phone, person)
    case = send_case(phone)
    phone.goto("/mina-arenden/")
    phone.wait_for_load_state("networkidle")
    link = phone.locator(f'#mine-lists a[href="/mina-arenden/{case}/"]')
    expect(link).to_be_visible()
    axe(phone)
    link.click()
    phone.locator("summary", has_text="Lämna kön").click()
    axe(phone)
    phone.get_by_role("button", name="Ja, lämna kön").click()
    expect(phone).to_have_url(re.compile("/mina-arenden/$"))
    expect(phone.locator(".toast")).to_contain_text("Du har lämnat kön")
    expect(phone.locator(f'section:has(#closed-title) a[href="/mina-arenden/{case}/"]')).to_be_visible()
    assert live_site.query("SELECT state FROM cases_case WHERE public_id = %s", case) == [("cancelled",)]
