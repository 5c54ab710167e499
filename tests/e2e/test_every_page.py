"""Every page that works in a case, at both widths: accessible, no sideways scroll, nothing in the console."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.visit import NURSE, PHONE, Axe, NewPage, sign_in_resident, sign_in_staff, synced
from tests.live import Site

pytestmark = pytest.mark.browser
_SHOTS = os.environ.get("PAGE_SCREENSHOTS", "")
TALL = 2600  # so that bars that stay at the foot of the window cover nothing while axe measures


def _look(page: Page, axe: Axe, name: str) -> None:
    page.wait_for_load_state("networkidle") if not name.startswith("live") else None
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{name} scrolls sideways"
    if _SHOTS:
        Path(_SHOTS).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{_SHOTS}/{name}.png")


def _case(site: Site, state: str, more: str = "true") -> str:
    rows = site.query(
        "SELECT c.public_id FROM cases_case c LEFT JOIN accounts_user u ON u.id IN (c.holder_id, c.closed_by_id)"
        f" WHERE c.state = %s AND {more} AND (u.first_name = 'Anna' OR c.state = 'waiting') ORDER BY c.id LIMIT 1",
        state,
    )
    return str(rows[0][0])


@pytest.mark.parametrize("width", [360, 1366])
def test_staffs_case_pages(live_site: Site, new_page: NewPage, axe: Axe, width: int) -> None:
    unit = "unit_id = (SELECT id FROM units_unit ORDER BY id LIMIT 1)"
    pages = {
        "startsida": "/personal/",
        "drop-in": "/personal/drop-in/",
        "mottagna": "/personal/drop-in/?flik=mottagna",
        "avslutade": "/personal/drop-in/?flik=avslutade",
        "asynkrona": "/personal/asynkrona/",
        "avsluta-skift": "/personal/avsluta-skift/",
        "forhandsgranska": f"/personal/forhandsgranska/{_case(live_site, 'waiting', unit)}/",
        "arende-mottaget": f"/personal/arende/{_case(live_site, 'received')}/",
        "arende-startat": f"/personal/arende/{_case(live_site, 'started')}/",
        "arende-asynkront": f"/personal/arende/{_case(live_site, 'asynchronous')}/",
        "arende-avslutat": f"/personal/arende/{_case(live_site, 'closed')}/",
        "patientinfo": f"/personal/arende/{_case(live_site, 'started')}/?flik=patientinfo",
        "alla-besok": f"/personal/arende/{_case(live_site, 'started')}/?flik=besok",
        "lamna-over": f"/personal/arende/{_case(live_site, 'started')}/lamna-over/",
        "lamna-over-flera": "/personal/lamna-over-flera/",
        "overlamningar": "/personal/overlamningar/",
        "overlamningar-mina": "/personal/overlamningar/mina/",
        "overlamningar-enheten": "/personal/overlamningar/enheten/",
        "finns-inte": "/personal/arende/00000000-0000-4000-8000-000000000000/",
    }
    page = new_page(live_site.url, width=width, height=TALL if width == 360 else 768)
    sign_in_staff(page, NURSE)
    for name, path in pages.items():
        page.goto(path)
        expect(page.locator("h1").first).to_be_visible()
        _look(page, axe, f"{name}-{width}")


@pytest.mark.req("QUE-03", "QUE-05")
def test_a_nurse_sees_eighteen_rows_without_scrolling(live_site: Site, new_page: NewPage) -> None:
    page = new_page(live_site.url)
    sign_in_staff(page, NURSE)
    synced(page)
    visible = page.evaluate(
        """() => [...document.querySelectorAll('tr[data-object]')].filter((row) => {
             const box = row.getBoundingClientRect();
             const hit = document.elementFromPoint(box.left + 300, box.bottom - 2);
             return box.bottom <= window.innerHeight && row.contains(hit); }).length"""
    )
    assert visible >= 18
    keys = page.evaluate("[...document.querySelectorAll('tr[data-object]')].map((row) => row.dataset.sort)")
    assert keys == sorted(keys)


@pytest.mark.req("QUE-09", "QUE-24")
def test_the_reason_is_readable_beside_an_open_preview(live_site: Site, new_page: NewPage) -> None:
    page = new_page(live_site.url)
    sign_in_staff(page, NURSE)
    synced(page)
    page.locator("tr[data-object] a[data-preview]").first.click()
    expect(page.locator("#preview h2, #preview h1").first).to_be_visible()
    reasons = page.locator("td.t-reason")
    width = reasons.first.evaluate("cell => cell.clientWidth")
    assert width >= 110, f"{width} px shows no word of the contact reason"
    assert reasons.first.evaluate("cell => cell.getBoundingClientRect().right") <= page.locator("#preview").evaluate(
        "box => box.getBoundingClientRect().left"
    )


def test_residents_case_pages(live_site: Site, new_page: NewPage, axe: Axe) -> None:
    rows = live_site.query(
        """SELECT DISTINCT ON (c.state) c.state, c.public_id, p.public_id FROM cases_case c
           JOIN residents_person p ON p.id = c.started_by_id AND p.protected = 'no'
           WHERE c.state IN ('waiting', 'received', 'started', 'asynchronous', 'closed') ORDER BY c.state, c.id"""
    )
    assert {row[0] for row in rows} == {"waiting", "received", "started", "asynchronous", "closed"}
    for state, case, person in rows:
        page = new_page(live_site.url, **{**PHONE, "height": TALL})
        sign_in_resident(page, str(person))
        page.goto("/mina-arenden/")
        expect(page.locator(f'#mine-lists a[href="/mina-arenden/{case}/"]')).to_be_visible()
        _look(page, axe, f"mina-arenden-{state}")
        page.goto(f"/mina-arenden/{case}/")
        expect(page.locator("h1").first).to_be_visible()
        _look(page, axe, f"mitt-arende-{state}")
        page.goto("/mina-arenden/00000000-0000-4000-8000-000000000000/")
        expect(page.locator("h1")).to_have_text(re.compile("finns inte"))
