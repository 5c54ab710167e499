"""The line breaks in every way it can; every browser still shows what the database holds (design §3)."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.visit import (
    NURSE,
    OTHER_NURSE,
    PHONE,
    NewPage,
    bring_in,
    grown_up,
    messages,
    row,
    send_case,
    sign_in_resident,
    sign_in_staff,
    synced,
    write,
)
from tests.live import Site

LONG = 40_000  # generous: the watchdog rings every 10 s, browsers ask every 15 s


def _stored(site: Site, case: str) -> list[str]:
    rows = site.query(
        "SELECT m.text FROM cases_message m JOIN cases_case c ON c.id = m.case_id"
        " WHERE c.public_id = %s AND m.kind IN ('text', 'welcome') ORDER BY m.seq",
        case,
    )
    return [" ".join(r[0].split()) for r in rows]


def _shown(page: Page) -> list[str]:
    return [" ".join(text.split()) for text in messages(page)]


def _converged(site: Site, case: str, *pages: Page) -> None:
    """Wait until each page shows exactly the stored messages in order."""
    for page in pages:
        expect(page.locator("[data-items] .bubble p.pre")).to_have_count(len(_stored(site, case)), timeout=LONG)
        assert _shown(page) == _stored(site, case)


def _begin(site: Site, new_page: NewPage) -> tuple[Page, Page, str]:
    """A started visit in two browsers: nurse's case page, patient's chat."""
    anna, patient = new_page(site.url), new_page(site.url, **PHONE)
    person, _name = grown_up(site)
    sign_in_resident(patient, person)
    case = send_case(patient)
    sign_in_staff(anna, NURSE, f"/personal/forhandsgranska/{case}/")
    anna.get_by_role("button", name="Ta emot", exact=True).click()
    anna.get_by_role("button", name="Starta besök").click()
    expect(anna.locator("[data-message-text]")).to_be_visible()
    patient.get_by_role("link", name="Öppna chatten").click(timeout=LONG)
    expect(patient.locator("[data-items] .bubble")).to_have_count(1)
    return anna, patient, case


def test_a_cut_network_keeps_the_text_and_sends_it_once(live_site: Site, new_page: NewPage) -> None:
    new_page.allow("ERR_INTERNET_DISCONNECTED|WebSocket connection|Failed to fetch|ERR_NETWORK")  # type: ignore[attr-defined]
    anna, patient, case = _begin(live_site, new_page)
    synced(anna)
    patient.context.set_offline(True)
    write(patient, "Skrivet utan nät")
    expect(patient.locator("[data-message-state]").last).not_to_contain_text("Skickat")
    anna.locator("[data-message-text]").fill("Skrivet medan patienten var borta")
    anna.keyboard.press("Enter")
    expect(anna.locator("[data-items]")).to_contain_text("medan patienten var borta")
    assert "Skrivet utan nät" not in _stored(live_site, case)
    patient.context.set_offline(False)
    expect(anna.locator("[data-items]")).to_contain_text("Skrivet utan nät", timeout=LONG)
    _converged(live_site, case, anna, patient)
    assert _stored(live_site, case).count("Skrivet utan nät") == 1


@pytest.mark.req("QUE-06")
def test_the_whole_job_works_by_polling_where_sockets_are_refused(live_site: Site, new_page: NewPage) -> None:
    new_page.allow("WebSocket")  # type: ignore[attr-defined]
    person, name = grown_up(live_site)
    anna, bjorn, patient = new_page(live_site.url), new_page(live_site.url), new_page(live_site.url, **PHONE)
    for page in (anna, bjorn, patient):
        page.context.route_web_socket(re.compile("/ws/"), lambda ws: ws.close(code=1011))
    sign_in_staff(anna, NURSE)
    sign_in_staff(bjorn, OTHER_NURSE)
    for page in (anna, bjorn):
        expect(page.locator("[data-sync]").first).to_have_attribute("data-state", "polling", timeout=LONG)
        expect(page.locator("[data-sync-words]").first).to_contain_text("var 5:e sekund")
    sign_in_resident(patient, person)
    case = send_case(patient)
    for page in (anna, bjorn):
        expect(row(page, case).or_(page.locator("[data-news]:visible"))).to_be_visible(timeout=LONG)
        bring_in(page)
    row(anna, case).get_by_role("link", name=name).click()
    anna.locator("[data-take-preview]").click()
    anna.get_by_role("button", name="Starta besök").click()
    expect(row(bjorn, case)).to_contain_text("Anna Lindmark", timeout=LONG)
    patient.get_by_role("link", name="Öppna chatten").click(timeout=LONG)
    write(patient, "Hej genom en sträng proxy")
    expect(anna.locator("[data-items]")).to_contain_text("Hej genom en sträng proxy", timeout=LONG)
    anna.locator("[data-message-text]").fill("Jag ser vad du skriver")
    anna.keyboard.press("Enter")
    expect(patient.locator("[data-items]")).to_contain_text("Jag ser vad du skriver", timeout=LONG)
    _converged(live_site, case, anna, patient)


def test_valkey_flushed_and_killed_while_live(start_site: Callable[..., Site], new_page: NewPage) -> None:
    site = start_site()
    anna, patient, case = _begin(site, new_page)
    bjorn = new_page(site.url)
    sign_in_staff(bjorn, OTHER_NURSE)
    for page in (anna, bjorn):
        synced(page)
    site.valkey.client().flushall()
    write(patient, "Efter FLUSHALL")
    expect(anna.locator("[data-items]")).to_contain_text("Efter FLUSHALL", timeout=LONG)
    site.valkey.kill()
    anna.locator("[data-message-text]").fill("Redis är borta")
    anna.keyboard.press("Enter")
    expect(patient.locator("[data-items]")).to_contain_text("Redis är borta", timeout=LONG)
    second = new_page(site.url, **PHONE)
    person, name = grown_up(site)
    sign_in_resident(second, person)
    waiting = send_case(second)
    expect(row(bjorn, waiting).or_(bjorn.locator("[data-news]:visible"))).to_be_visible(timeout=LONG)
    bring_in(bjorn)
    expect(row(bjorn, waiting)).to_contain_text(name)
    site.valkey.start()
    write(patient, "Redis är tillbaka")
    expect(anna.locator("[data-items]")).to_contain_text("Redis är tillbaka", timeout=LONG)
    _converged(site, case, anna, patient)
    assert site.query("SELECT count(*) FROM cases_case WHERE public_id = %s", case) == [(1,)]
