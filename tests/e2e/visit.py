"""What the browser tests do again and again: sign in, send a case, find a row, wait for the line."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.live import Site

NewPage = Callable[..., Page]
Axe = Callable[[Page], None]
NURSE, OTHER_NURSE = "Anna Lindmark", "Björn Hallgren"
PHONE = {"width": 360, "height": 740}


def grown_up(site: Site, *, skip: int = 0) -> tuple[str, str]:
    """Public id and name of a grown-up with a mobile number at the first health centre; fewest cases first.

    Args:
        site: whose database.
        skip: how many to pass over, when one test needs several.
    """
    rows = site.query(
        """SELECT p.public_id, p.first_name || ' ' || p.last_name FROM residents_person p
           WHERE p.protected = 'no' AND NOT p.protected_by_hand AND p.mobile <> ''
             AND p.listed_unit_id = (SELECT id FROM units_unit ORDER BY id LIMIT 1)
             AND p.birth_date BETWEEN '1955-01-01' AND '2007-01-01'
           ORDER BY (SELECT count(*) FROM cases_case c WHERE c.patient_id = p.id), p.id OFFSET %s LIMIT 1""",
        skip,
    )
    return str(rows[0][0]), str(rows[0][1])


def choose_person(page: Page, person: str) -> None:
    """Choose a demo person on the sign-in page, opening the group the person is in when it is folded."""
    choice = page.locator(f'input[name="person"][value="{person}"]')
    folded = page.locator("details:not([open])").filter(has=choice)
    if folded.count():
        folded.locator("summary").click()
    choice.check()


def sign_in_resident(page: Page, person: str) -> None:
    """Sign in as a demo resident by public id."""
    page.goto("/logga-in/")
    choose_person(page, person)
    page.get_by_role("button", name="Logga in i demon").click()
    expect(page).not_to_have_url(re.compile("logga-in"))


def sign_in_staff(page: Page, name: str, path: str = "/personal/drop-in/") -> None:
    """Open a staff page by its address, sign in, confirm unit and shift when asked, and come back to it."""
    page.goto(path)
    expect(page).to_have_url(re.compile("/personal/logga-in/"))
    page.get_by_role("radio", name=re.compile(name)).check()
    page.get_by_role("button", name="Logga in i demon").click()
    if "/enhet/" in page.url:
        if page.locator("select[name=shift_type]").count():
            page.locator("select[name=shift_type]").select_option("primary_on_call")
        page.get_by_role("button", name="Bekräfta").click()
    expect(page).to_have_url(re.compile(re.escape(path)))
    expect(page.get_by_role("link", name="Logga ut")).to_be_visible()


def go_on(page: Page, name: str = "Fortsätt") -> None:
    """Press the page's main button."""
    page.get_by_role("button", name=name, exact=True).click()


def answer(page: Page, wanted: dict[str, str]) -> str:
    """Answer the question shown with the wanted value, else the least alarming; returns its id."""
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


def describe(page: Page, words: str, reason: str) -> None:
    """From *Sök vård* for oneself past the gate to the first question."""
    page.goto("/sok-vard/")
    page.locator('input[name="who"]').first.check()
    go_on(page)
    go_on(page, "Nej, inget av detta")
    page.get_by_label("Skriv med egna ord").fill(words)
    page.get_by_role("radio", name=reason).check()
    go_on(page)


def send_case(page: Page, *, words: str = "Jag har ont i halsen", urgent: bool = True) -> str:
    """The whole interview for oneself, to the waiting room; returns the case's public id.

    Args:
        page: signed in as a resident.
        words: free text.
        urgent: whether the answers give urgency 2, else self-care and the choice to go on.
    """
    describe(page, words, "Halsont")
    answers = {"duration": "days2", "pain": "3"} | ({"dry": "yes"} if urgent else {})
    while "/fraga/" in page.url:
        answer(page, answers)
    go_on(page, "Fortsätt" if urgent else "Gå vidare till vårdpersonal")
    go_on(page)
    page.locator("#id_care_history_0").check()
    page.locator("#id_medication_list_1").check()
    go_on(page)
    go_on(page, "Acceptera och fortsätt")
    go_on(page, "Skicka")
    anyway = page.get_by_role("button", name="Ja, skicka ändå")  # outside staffed time
    expect(anyway.or_(page.locator("#wait-title"))).to_be_visible()
    if anyway.is_visible():
        anyway.click()
    expect(page).to_have_url(re.compile(r"/mina-arenden/[0-9a-f-]{36}/$"))
    return page.url.rstrip("/").rpartition("/")[2]


def row(page: Page, case: str) -> Locator:
    """The case's row in the queue."""
    return page.locator(f'tr[data-object="case:{case}"]')


def bring_in(page: Page) -> None:
    """Sort in held-back rows when the list holds some back."""
    news = page.locator("[data-news]")
    if news.is_visible():
        news.dispatch_event("click")  # it may go by itself meanwhile: rows are sorted in when the pointer is elsewhere


def synced(page: Page) -> None:
    """Wait until the page has live contact."""
    expect(page.locator("[data-sync]").first).to_have_attribute("data-state", re.compile("ok|polling"), timeout=30_000)


def write(page: Page, text: str) -> None:
    """Send a chat message with the button."""
    page.locator("[data-message-text]").fill(text)
    page.get_by_role("button", name="Skicka", exact=False).last.click()


def messages(page: Page) -> list[str]:
    """Texts of the log in order, as the page shows them."""
    return [t.strip() for t in page.locator("[data-items] .bubble p.pre").all_inner_texts()]
