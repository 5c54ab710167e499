"""The main job in real browsers: a resident asks for care, a nurse takes the case, they chat, she signs the note."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.e2e.visit import (
    NURSE,
    OTHER_NURSE,
    PHONE,
    Axe,
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


@pytest.mark.req(
    "QUE-06",
    "CAS-01",
    "CAS-02",
    "CAS-03",
    "CAS-04",
    "CAS-08",
    "CAS-09",
    "CHT-01",
    "CHT-10",
    "JOU-01",
    "JOU-02",
    "ENT-12",
    "AUTH-06",
)
def test_the_whole_visit_in_three_browsers(live_site: Site, new_page: NewPage, axe: Axe, tmp_path: Path) -> None:
    anna, bjorn, patient = new_page(live_site.url), new_page(live_site.url), new_page(live_site.url, **PHONE)
    sign_in_staff(anna, NURSE)
    sign_in_staff(bjorn, OTHER_NURSE)
    for nurse in (anna, bjorn):
        synced(nurse)
    person, name = grown_up(live_site)
    sign_in_resident(patient, person)
    sms_before = live_site.query(
        'SELECT count(*) FROM outbox_simulatedsms WHERE "to" ='
        " (SELECT mobile FROM residents_person WHERE public_id = %s)",
        person,
    )[0][0]

    case = send_case(patient)
    # It appears in both open queues without reload.
    for nurse in (anna, bjorn):
        expect(row(nurse, case).or_(nurse.locator("[data-news]:visible"))).to_be_visible(timeout=20_000)
        bring_in(nurse)
        expect(row(nurse, case)).to_contain_text(name)
        expect(row(nurse, case)).to_contain_text("Skyndsamt")

    # Anna looks first; the preview is logged; then she takes it.
    row(anna, case).get_by_role("link", name=name).click()
    expect(anna.locator("#preview")).to_contain_text("Förhandsvisningen är loggad")
    expect(anna.locator("#preview")).to_contain_text("Anamnes")
    logged = live_site.query("SELECT count(*) FROM audit_readlog WHERE action = 'preview' AND object_id = %s", case)
    assert logged[0][0] >= 1
    anna.locator("[data-take-preview]").click()
    expect(anna).to_have_url(re.compile(f"/personal/arende/{case}/"))
    # Björn's row turns grey in place and tells who and when; a deep link tells the same and no content.
    expect(row(bjorn, case)).to_contain_text(re.compile(r"Anna Lindmark tog emot \d\d\.\d\d"), timeout=20_000)
    bjorn.goto(f"/personal/arende/{case}/")
    expect(bjorn.locator("main")).to_contain_text("Hålls av Anna Lindmark")
    expect(bjorn.locator("main")).not_to_contain_text(name)
    # The patient is told in the waiting room and by SMS, once, without name or number.
    expect(patient.locator("main")).to_contain_text("Anna Lindmark har tagit emot ditt ärende", timeout=20_000)
    live_site.manage("tick")
    # Timers of the demo's other cases send theirs too: this patient's, by number.
    sms = live_site.query(
        'SELECT text FROM outbox_simulatedsms WHERE "to" = (SELECT mobile FROM residents_person WHERE public_id = %s)'
        " ORDER BY id",
        person,
    )[sms_before:]
    assert len(sms) == 1, sms
    assert "Anna" not in sms[0][0] and name not in sms[0][0] and not re.search(r"\d{4}", sms[0][0].replace("1177", ""))

    # No writing before Starta besök.
    expect(anna.locator("[data-message-text]")).to_have_count(0)
    anna.get_by_role("button", name="Starta besök").click()
    expect(anna.locator("[data-items]")).to_contain_text("välkommen", ignore_case=True)
    patient.get_by_role("link", name="Öppna chatten").click(timeout=20_000)
    expect(patient.locator("[data-items]")).to_contain_text("välkommen", ignore_case=True)
    synced(patient)

    anna.locator("[data-message-text]").fill("Hej! Hur mår du i dag?")
    anna.keyboard.press("Enter")
    expect(patient.locator("[data-items]")).to_contain_text("Hur mår du i dag?")
    patient.locator("[data-message-text]").press_sequentially("Det gör ont")
    expect(anna.locator("[data-typing]")).to_contain_text("skriver")
    write(patient, "Det gör ont när jag sväljer")
    expect(anna.locator("[data-items]")).to_contain_text("Det gör ont när jag sväljer")
    expect(patient.locator("[data-message-state]").last).to_contain_text(re.compile("Skickat|Läst"))

    picture = tmp_path / "hals.jpg"
    Image.new("RGB", (640, 480), (180, 80, 80)).save(picture, exif=b"Exif\x00\x00")
    patient.locator("[data-message-image]").set_input_files(picture)
    expect(anna.locator("[data-items] img")).to_be_visible(timeout=30_000)
    anna.locator("[data-items] img").scroll_into_view_if_needed()
    anna.wait_for_function("document.querySelector('[data-items] img').naturalWidth > 0")
    for page in (anna, patient):
        axe(page)
    assert messages(anna) == messages(patient)

    # Change of urgency keeps the computed one visible.
    anna.get_by_role("button", name="Ändra").click()
    anna.locator("dialog#change-urgency input[value='3']").check()
    anna.locator("dialog#change-urgency").get_by_role("button", name="Ändra prioritet").click()
    expect(anna.locator("#case-head, .p-facts").filter(has_text="Närmaste dygnet").first).to_be_visible()

    # Close with two days of follow-up; the patient may still write, and Anna sees it.
    anna.get_by_role("button", name="Avsluta besök").click()
    anna.locator("dialog#close-visit select").select_option("2")
    anna.locator("dialog#close-visit").get_by_role("button", name="Avsluta", exact=False).last.click()
    expect(anna.locator(".follow-up")).to_contain_text("till och med")
    write(patient, "Tack, det känns redan bättre")
    expect(anna.locator("[data-items]")).to_contain_text("Tack, det känns redan bättre")

    # The note is prefilled, signed and exported as text in the region's keywords.
    note = anna.locator("#note-panel")
    expect(note).to_contain_text("Kontaktorsak")
    expect(note.locator("textarea").nth(1)).to_have_value(re.compile("Halsont"))
    note.get_by_role("checkbox").check()
    note.get_by_role("button", name="Signera och exportera").click()
    expect(anna.locator("main")).to_contain_text("Signerad", timeout=15_000)
    text = live_site.query(
        "SELECT e.text FROM journal_export e JOIN journal_note n ON n.id = e.note_id"
        " JOIN cases_case c ON c.id = n.case_id WHERE c.public_id = %s",
        case,
    )
    assert len(text) == 1 and "Kontaktorsak" in text[0][0] and "Halsont" in text[0][0]
    axe(anna)


@pytest.mark.req("CAS-02")
def test_the_loser_of_a_take_is_told_who_and_when(live_site: Site, new_page: NewPage) -> None:
    anna, bjorn, patient = new_page(live_site.url), new_page(live_site.url), new_page(live_site.url, **PHONE)
    person, name = grown_up(live_site)
    sign_in_resident(patient, person)
    case = send_case(patient)
    sign_in_staff(anna, NURSE)
    sign_in_staff(bjorn, OTHER_NURSE, f"/personal/forhandsgranska/{case}/")
    row(anna, case).hover()
    row(anna, case).get_by_role("button", name=f"Ta emot {name}").click()
    expect(anna).to_have_url(re.compile(f"/personal/arende/{case}/"))
    bjorn.get_by_role("button", name="Ta emot", exact=True).click()
    expect(bjorn.locator("body")).to_contain_text(re.compile(r"Anna Lindmark.*\d\d\.\d\d"))
    anna.get_by_role("button", name="Lägg tillbaka").click()
    expect(anna).to_have_url(re.compile("/personal/drop-in/"))
    expect(row(anna, case)).to_contain_text(name)


@pytest.mark.req("CAS-02", "CAS-08")
def test_take_answer_and_close_by_keyboard_alone(live_site: Site, new_page: NewPage) -> None:
    anna, patient = new_page(live_site.url), new_page(live_site.url, **PHONE)
    person, _name = grown_up(live_site)
    sign_in_resident(patient, person)
    case = send_case(patient)
    sign_in_staff(anna, NURSE)
    synced(anna)
    for _ in range(60):
        anna.keyboard.press("j")
        if anna.evaluate("document.activeElement.closest('tr')?.dataset.object") == f"case:{case}":
            break
    assert anna.evaluate("document.activeElement.closest('tr')?.dataset.object") == f"case:{case}"
    anna.keyboard.press("t")
    expect(anna).to_have_url(re.compile(f"/personal/arende/{case}/"))
    anna.get_by_role("button", name="Starta besök").focus()
    anna.keyboard.press("Enter")
    expect(anna.locator("[data-message-text]")).to_be_visible()
    anna.keyboard.press("m")
    expect(anna.locator("[data-message-text]")).to_be_focused()
    anna.keyboard.type("Du kan vara lugn, det går över.")
    anna.keyboard.press("Enter")
    expect(anna.locator("[data-items]")).to_contain_text("det går över")
    anna.get_by_role("button", name="Avsluta besök").focus()
    anna.keyboard.press("Enter")
    expect(anna.locator("dialog#close-visit")).to_be_visible()
    button = anna.locator("dialog#close-visit").get_by_role("button", name="Avsluta", exact=False).last
    for _ in range(30):
        if button.evaluate("b => b === document.activeElement"):
            break
        anna.keyboard.press("Tab")
    anna.keyboard.press("Enter")
    expect(anna.locator("[data-message-text]")).to_have_count(0)
    rows = live_site.query("SELECT closed_at IS NOT NULL FROM cases_case WHERE public_id = %s", case)
    assert rows == [(True,)]


@pytest.mark.req("QUE-08", "QUE-24")
def test_opening_a_case_reads_it_for_this_side_and_only_then(live_site: Site, new_page: NewPage) -> None:
    rows = live_site.query(
        """SELECT c.public_id, c.last_patient_seq FROM cases_case c JOIN accounts_user u ON u.id = c.holder_id
           WHERE u.first_name = 'Anna' AND c.state = 'started' AND c.last_patient_seq > c.staff_seen_seq LIMIT 1"""
    )
    case, last = str(rows[0][0]), rows[0][1]
    anna = new_page(live_site.url)
    sign_in_staff(anna, NURSE)
    mine = anna.locator(f'.own a[href="/personal/arende/{case}/"]')
    expect(mine.locator(".count")).to_be_visible()
    mine.click()
    expect(mine.locator(".count")).to_have_count(0, timeout=20_000)
    seen = live_site.query("SELECT staff_seen_seq FROM cases_case WHERE public_id = %s", case)[0][0]
    assert seen >= last
