"""The resident's way in with a real browser on a phone: every page accessible, by keyboard, resumed after reload."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, ViewportSize, expect

from tests.e2e.visit import choose_person
from tests.live import Site

PHONE: ViewportSize = {"width": 360, "height": 740}
_SHOTS = os.environ.get("ENTRANCE_SCREENSHOTS", "")
NewPage = Callable[..., Page]
Axe = Callable[[Page], None]


def guardian_and_child(site: Site) -> tuple[str, str, str]:
    """A guardian's public id, the child's public id and first name."""
    rows = site.query(
        """SELECT g.public_id, c.public_id, c.first_name FROM residents_guardianship l
           JOIN residents_person g ON g.id = l.guardian_id JOIN residents_person c ON c.id = l.child_id
           WHERE NOT l.blocked AND g.protected = 'no' AND c.protected = 'no' AND NOT g.protected_by_hand
             AND g.listed_unit_id IS NOT NULL
             AND c.birth_date BETWEEN now()::date - interval '12 years' AND now()::date - interval '4 years'
           ORDER BY g.id, c.id LIMIT 1"""
    )
    return str(rows[0][0]), str(rows[0][1]), str(rows[0][2])


def sign_in(page: Page, person: str) -> None:
    """Sign in as a demo resident."""
    page.goto("/logga-in/")
    choose_person(page, person)
    page.get_by_role("button", name="Logga in i demon").click()
    expect(page).not_to_have_url(re.compile("logga-in"))


class Looker:
    """Checks and pictures each page once."""

    def __init__(self, page: Page, axe: Axe) -> None:
        self.page = page
        self.axe = axe
        self.seen: list[str] = []

    def __call__(self, name: str) -> None:
        self.axe(self.page)
        self.page.set_viewport_size({"width": 1366, "height": 768})
        self.axe(self.page)
        self.page.set_viewport_size(PHONE)
        self.seen.append(name)
        width = self.page.evaluate("document.documentElement.scrollWidth")
        assert width <= PHONE["width"], f"{name} is {width} px wide"
        if _SHOTS:
            Path(_SHOTS).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=f"{_SHOTS}/{name}.png", full_page=True)


def go_on(page: Page, name: str = "Fortsätt") -> None:
    """Press the page's main button; every form leads to a page (the next one, or itself with an error)."""
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).click()


def answer(page: Page, wanted: dict[str, str]) -> str:
    """Answer the question shown; returns its id."""
    question = page.locator('input[name="question"]').get_attribute("value") or ""
    value = wanted.get(question)
    if page.locator(".unit input").count():
        page.locator(".unit input").fill(value or "37,2")
    elif value is not None:
        page.locator(f'input[name="q_{question}"][value="{value}"]').check()
    else:
        none = page.locator(f'input[name="q_{question}"][value="none"], input[name="q_{question}"][value="no"]')
        (none if none.count() else page.locator(f'input[name="q_{question}"]')).first.check()
    go_on(page)
    return question


@pytest.mark.req("ENT-05", "TRI-01", "TRI-05", "TRI-08", "ENT-32", "ENT-36")
def test_a_guardian_on_a_phone_comes_from_the_start_page_to_the_waiting_room(
    live_site: Site, new_page: NewPage, axe: Axe, tmp_path: Path
) -> None:
    guardian, child, name = guardian_and_child(live_site)
    page = new_page(live_site.url, **PHONE)
    look = Looker(page, axe)
    sign_in(page, guardian)
    page.goto("/sok-vard/")
    expect(page.locator("input:checked")).to_have_count(0)
    look("03-vem")
    page.locator(f'input[value="{child}"]').check()
    go_on(page)
    look("04-akut")
    go_on(page, "Nej, inget av detta")
    page.get_by_label("Skriv med egna ord").press_sequentially("Hon har ont i halsen sedan i går")
    expect(page.get_by_role("radio", name="Halsont")).to_be_visible()
    expect(page.locator("input:checked")).to_have_count(0)
    look("05-beskriv")
    page.get_by_role("radio", name="Halsont").check()
    go_on(page)
    seen = 0
    while "/fraga/" in page.url:
        expect(page.locator("form input:checked")).to_have_count(0)
        question = page.locator('input[name="question"]').get_attribute("value")
        if question in ("airway", "duration", "fever", "cough"):
            look(f"06-{question}")
        if question == "danger":
            page.get_by_label("Mycket stark huvudvärk").check()
            page.get_by_label("Inget av detta").check()
            expect(page.get_by_label("Mycket stark huvudvärk")).not_to_be_checked()
        if question == "duration":
            page.reload()
            expect(page.get_by_role("heading", level=1)).to_contain_text(f"Hur länge har {name} haft ont i halsen?")
        if question == "fever":
            page.locator(".unit input").fill("385")
            go_on(page)
            expect(page.locator("[data-error-summary]")).to_be_focused()
            expect(page.locator(".unit input")).to_have_value("385")
            look("09-fel")
        answer(page, {"pain": "3", "duration": "days2"})
        seen += 1
        assert seen < 40
    look("13-egenvard")
    expect(page.get_by_role("button", name="Nöjd med råden")).to_be_visible()
    go_on(page, "Gå vidare till vårdpersonal")
    picture = tmp_path / "bild.png"
    Image.new("RGB", (400, 300), (200, 120, 90)).save(picture)
    page.locator('input[type="file"]').set_input_files(picture)
    page.get_by_role("button", name="Lägg till bild").click()
    expect(page.get_by_role("button", name="Ta bort bild 1")).to_be_visible()
    page.get_by_label("Vill du lägga till något?").fill("Vi reser bort på fredag.")
    look("10-mer")
    go_on(page)
    look("11-samtycke")
    expect(page.locator("input:checked")).to_have_count(0)
    go_on(page)
    look("11-samtycke-fel")
    page.locator("#id_care_history_0").check()
    page.locator("#id_medication_list_1").check()
    go_on(page)
    look("12-avgift")
    go_on(page, "Acceptera och fortsätt")
    look("10-sammanfattning")
    page.get_by_role("button", name="Skicka").dblclick()
    expect(page).to_have_url(re.compile(r"/mina-arenden/[0-9a-f-]{36}/$"))
    public_id = page.url.rstrip("/").rpartition("/")[2]
    rows = live_site.query(
        "SELECT urgency, computed_urgency, free_text FROM cases_case WHERE public_id = %s", public_id
    )
    assert rows == [(5, None, "Vi reser bort på fredag.")]
    uploads = live_site.query(
        "SELECT count(*) FROM cases_upload u JOIN cases_case c ON c.id = u.case_id WHERE c.public_id = %s", public_id
    )
    assert uploads == [(1,)]
    page.go_back()
    expect(page.get_by_role("button", name="Skicka")).to_have_count(0)


def _own_resident(site: Site) -> str:
    rows: list[tuple[Any, ...]] = site.query(
        """SELECT public_id FROM residents_person WHERE protected = 'no' AND NOT protected_by_hand
           AND listed_unit_id IS NOT NULL
           AND birth_date < now()::date - interval '45 years' ORDER BY id LIMIT 1"""
    )
    return str(rows[0][0])


def test_danger_leads_to_112_by_keyboard_alone(live_site: Site, new_page: NewPage, axe: Axe) -> None:
    page = new_page(live_site.url, **PHONE)
    look = Looker(page, axe)
    sign_in(page, _own_resident(live_site))
    page.goto("/sok-vard/")
    page.locator('input[name="who"]').first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Ja eller osäker").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Ring 112 nu")
    expect(page.locator('a.ds-button--112[href="tel:112"]')).to_be_visible()
    look("04b-ring-112")
    page.get_by_role("button", name="Jag ringer 112").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Bra att du ringer 112")
    look("04c-klart-112")


def test_without_script_the_words_lead_to_suggestions(live_site: Site, new_page: NewPage) -> None:
    page = new_page(live_site.url, java_script_enabled=False, **PHONE)
    sign_in(page, _own_resident(live_site))
    page.goto("/sok-vard/")
    page.locator('input[name="who"]').first.check()
    go_on(page)
    go_on(page, "Nej, inget av detta")
    page.get_by_label("Skriv med egna ord").fill("Jag har ont i knät")
    page.get_by_role("button", name="Visa förslag").click()
    page.locator('#suggestions input[value="limb_joint"]').check()
    go_on(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Hur länge har du haft besväret?")
    answer(page, {"duration": "week"})
    expect(page.locator(".bodymap svg")).to_be_visible()


@pytest.mark.req("HRS-04")
def test_at_three_on_a_sunday_night_sending_takes_an_explicit_choice(
    start_site: Callable[..., Site], new_page: NewPage, axe: Axe
) -> None:
    site = start_site(clock="2026-03-01T03:00:00+01:00")
    page = new_page(site.url, **PHONE)
    look = Looker(page, axe)
    sign_in(page, _own_resident(site))
    page.goto("/sok-vard/")
    page.locator('input[name="who"]').first.check()
    go_on(page)
    go_on(page, "Nej, inget av detta")
    page.get_by_label("Skriv med egna ord").fill("Jag har ont i halsen")
    page.get_by_role("radio", name="Halsont").check()
    go_on(page)
    while "/fraga/" in page.url:
        answer(page, {"dry": "yes", "pain": "3", "duration": "days2"})
    look("13-resultat")
    go_on(page)
    go_on(page)
    page.locator("#id_care_history_0").check()
    page.locator("#id_medication_list_0").check()
    go_on(page)
    go_on(page, "Acceptera och fortsätt")
    go_on(page, "Skicka")
    expect(page.get_by_role("heading", level=1)).to_have_text("Ingen läser ditt ärende före måndag 2 mars kl. 08.00")
    look("13b-obemannat")
    go_on(page, "Ja, skicka ändå")
    expect(page).to_have_url(re.compile(r"/mina-arenden/[0-9a-f-]{36}/$"))
    public_id = page.url.rstrip("/").rpartition("/")[2]
    rows = site.query(
        "SELECT urgency, unstaffed_warned_at IS NOT NULL, unstaffed_next_at IS NOT NULL FROM cases_case"
        " WHERE public_id = %s",
        public_id,
    )
    assert rows == [(2, True, True)]
