"""Clock panel, closing without reply, notification centre and choices in a real browser."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.visit import NURSE, Axe, NewPage, sign_in_staff, synced
from tests.live import Site

pytestmark = pytest.mark.browser
_SHOTS = os.environ.get("PAGE_SCREENSHOTS", "")


def _started(site: Site) -> str:
    """A case of Anna's in which staff wrote last."""
    rows = site.query(
        "SELECT c.public_id FROM cases_case c JOIN accounts_user u ON u.id = c.holder_id WHERE c.state = 'started'"
        " AND u.first_name = 'Anna' AND c.last_staff_seq > c.last_patient_seq ORDER BY c.id LIMIT 1"
    )
    return str(rows[0][0])


def _look(page: Page, axe: Axe, name: str) -> None:
    page.wait_for_load_state("networkidle")
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{name} scrolls sideways"
    if _SHOTS:
        Path(_SHOTS).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{_SHOTS}/{name}.png")


@pytest.mark.req("INA-07", "NOT-01", "NOT-02")
@pytest.mark.parametrize("width", [1366, 360])
def test_pages_of_clocks_and_notices(live_site: Site, new_page: NewPage, axe: Axe, width: int) -> None:
    case = _started(live_site)
    page = new_page(live_site.url, width=width, height=2000 if width == 360 else 768)
    sign_in_staff(page, NURSE)
    page.goto(f"/personal/arende/{case}/")
    panel = page.get_by_role("region", name="Tider och kontakt")
    expect(panel).to_contain_text("Klockan går sedan")
    panel.scroll_into_view_if_needed()
    panel.get_by_text("Registrera telefonförsök").click()
    _look(page, axe, f"klockan-{width}")
    panel.get_by_role("button", name="Spara telefonförsök").click()
    expect(page.get_by_text("Välj nådd eller inte nådd.").first).to_be_visible()
    page.goto(f"/personal/arende/{case}/avsluta-utan-svar/")
    expect(page.get_by_role("heading", name="Det här måste finnas först")).to_be_visible()
    _look(page, axe, f"avsluta-utan-svar-{width}")
    page.goto("/personal/notiser/")
    _look(page, axe, f"notiser-{width}")
    page.goto("/personal/installningar/notifieringar/")
    _look(page, axe, f"notifieringar-{width}")


@pytest.mark.req("NOT-01")
def test_the_bell_counts_live(live_site: Site, new_page: NewPage) -> None:
    page = new_page(live_site.url)
    sign_in_staff(page, NURSE)
    synced(page)
    bell = page.get_by_role("link", name=re.compile("^Notiser"))
    expect(bell).to_be_visible()
    page.goto("/personal/notiser/")
    if page.get_by_role("button", name="Markera alla som lästa").count():
        page.get_by_role("button", name="Markera alla som lästa").click()
    expect(page.get_by_role("link", name="Notiser", exact=True)).to_be_visible()
    synced(page)
    # Anna's open visit is older than its limit from now on: the next sweep tells her.
    case = _started(live_site)
    live_site.query(
        "UPDATE cases_case SET received_at = received_at - interval '3 days', timers_stale = true"
        " WHERE public_id = %s RETURNING id",
        case,
    )
    expect(page.get_by_role("link", name=re.compile("Notiser, [1-9]"))).to_be_visible(timeout=60_000)
    page.goto("/personal/notiser/")
    page.get_by_role("listitem").filter(has_text="inte är avslutat").first.get_by_role("button").click()
    expect(page).to_have_url(re.compile("/personal/arende/"))
