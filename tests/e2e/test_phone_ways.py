"""What an impatient hand does on a phone: presses back, pastes too much, picks the wrong file, goes on too long."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.e2e.visit import (
    NURSE,
    PHONE,
    NewPage,
    describe,
    go_on,
    grown_up,
    send_case,
    sign_in_resident,
    sign_in_staff,
    synced,
    write,
)
from tests.live import Site

pytestmark = pytest.mark.browser
LONG = 40_000


def _as_wide_as_the_phone(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


@pytest.mark.req("ENT-05")
def test_the_back_button_never_asks_to_send_a_form_again(live_site: Site, new_page: NewPage) -> None:
    page = new_page(live_site.url, **PHONE)
    sign_in_resident(page, grown_up(live_site)[0])
    describe(page, "Jag har ont i halsen", "Halsont")
    first = page.url
    go_on(page)  # no answer: the page comes back with what is wrong
    expect(page.locator("[data-error-summary]")).to_be_visible()
    page.locator('input[value="none"]').check()
    go_on(page)
    expect(page).not_to_have_url(first)
    page.go_back()
    expect(page).to_have_url(first)
    expect(page.locator('input[value="none"]')).to_be_checked()


def test_back_after_sending_stays_at_the_case(live_site: Site, new_page: NewPage) -> None:
    page = new_page(live_site.url, **PHONE)
    person = grown_up(live_site, skip=1)[0]
    sign_in_resident(page, person)
    case = send_case(page)
    count = "SELECT count(*) FROM cases_case c JOIN residents_person p ON p.id = c.patient_id WHERE p.public_id = %s"
    before = live_site.query(count, person)
    page.go_back()
    expect(page.locator("h1")).to_be_visible()
    assert f"/mina-arenden/{case}/" in page.url
    assert live_site.query(count, person) == before


@pytest.mark.req("CHT-10", "CAS-25")
def test_the_chat_on_a_phone(live_site: Site, new_page: NewPage, tmp_path: Path) -> None:
    page, nurse = new_page(live_site.url, **PHONE), new_page(live_site.url)
    sign_in_resident(page, grown_up(live_site, skip=2)[0])
    case = send_case(page)
    sign_in_staff(nurse, NURSE, f"/personal/forhandsgranska/{case}/")
    nurse.get_by_role("button", name="Ta emot", exact=True).click()
    nurse.get_by_role("button", name="Starta besök").click()
    page.get_by_role("link", name="Öppna chatten").click(timeout=LONG)
    synced(page)

    write(page, "https://exempel.se/" + "a" * 300)  # a word that nothing breaks
    expect(page.locator("[data-message-state]").last).to_contain_text(re.compile("Skickat|Läst"))
    assert _as_wide_as_the_phone(page)

    box = page.locator("[data-message-text]")
    write(page, "b" * 5000)  # more than a message holds: back in the box, to be cut
    expect(page.locator("#toasts")).to_contain_text("4000 tecken")
    expect(box).to_have_value("b" * 5000)
    assert page.locator(".unsent").count() == 0
    write(page, "Kortare")
    expect(page.locator("[data-items]")).to_contain_text("Kortare")
    expect(page.locator("#toasts [data-toast]")).to_have_count(0)

    wrong, right = tmp_path / "brev.pdf", tmp_path / "hals.jpg"
    wrong.write_bytes(b"%PDF-1.4")
    Image.new("RGB", (40, 30), "tan").save(right)
    picker = page.locator("[data-message-image]")
    picker.set_input_files(wrong)
    expect(page.locator("#toasts")).to_contain_text("JPEG")
    picker.set_input_files(right)
    expect(page.locator("[data-items] img")).to_be_visible(timeout=LONG)
    expect(page.locator("#toasts [data-toast]")).to_have_count(0)

    nurse.get_by_role("button", name="Avsluta besök").click()
    nurse.locator("dialog[open]").get_by_role("button", name="Avsluta besök").click()
    expect(page.locator("#chat-state")).to_contain_text("avslutat", timeout=LONG)
    expect(box).to_be_hidden()
