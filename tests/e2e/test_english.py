"""The second language: the same pages in English are accessible, fit, and their controls speak English."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.visit import NURSE, PHONE, Axe, NewPage, grown_up, sign_in_resident, sign_in_staff
from tests.live import Site

pytestmark = pytest.mark.browser
# Buttons and links of the interface; what regions, units and patients write stays in their words.
CONTROLS = "main button, [role=tab], nav.menu a, label:not(:has(input[type=radio]), #note-panel label), th, h1"
NAMES = re.compile(r"(vårdcentral|hälsocentral|mottagning|Björn|Hallgren|1177|Språk|Svenska)", re.IGNORECASE)


def _in_english(page: Page, site: Site) -> None:
    page.context.add_cookies([{"name": "django_language", "value": "en", "url": site.url}])
    page.reload()
    expect(page.locator("html")).to_have_attribute("lang", "en")


def _look(page: Page, axe: Axe, path: str) -> None:
    page.goto(path)
    expect(page.locator("h1").first).to_be_visible()
    page.wait_for_load_state("networkidle")
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{path} scrolls sideways"
    # Only the first line: a name for the screen reader follows on rows of the queue.
    swedish = [
        text
        for text in (words.split("\n")[0] for words in page.locator(CONTROLS).all_inner_texts())
        if re.search(r"[åäöÅÄÖ]", text) and not NAMES.search(text)
    ]
    assert not swedish, f"{path}: {swedish}"


def test_staffs_pages_in_english(live_site: Site, new_page: NewPage, axe: Axe) -> None:
    page = new_page(live_site.url)
    sign_in_staff(page, NURSE)
    _in_english(page, live_site)
    started = live_site.query(
        "SELECT c.public_id FROM cases_case c JOIN accounts_user u ON u.id = c.holder_id"
        " WHERE c.state = 'started' AND u.first_name = 'Anna' ORDER BY c.id LIMIT 1"
    )[0][0]
    for path in (
        "/personal/",
        "/personal/drop-in/",
        "/personal/asynkrona/",
        f"/personal/arende/{started}/",
        "/personal/avsluta-skift/",
        "/personal/installningar/",
    ):
        _look(page, axe, path)


def test_residents_pages_in_english(live_site: Site, new_page: NewPage, axe: Axe) -> None:
    page = new_page(live_site.url, **{**PHONE, "height": 2600})
    sign_in_resident(page, grown_up(live_site)[0])
    _in_english(page, live_site)
    for path in ("/", "/mina-arenden/", "/sok-vard/", "/min-profil/", "/support/"):
        _look(page, axe, path)
