"""The visit note: prefilled, saved as versions, signed once, exported as text."""

from __future__ import annotations

import psycopg
import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases import commands as case_commands
from cases.models import Case
from direkt1177.accounts.actors import StaffActor
from direkt1177.audit.models import ChangeLog, ReadLog
from direkt1177.audit.refusals import KeyReused, NotFound
from direkt1177.units.models import Unit
from journal.commands import save_note, sign_note
from journal.errors import (
    CaseNotClosed,
    NoteChanged,
    NoteEmpty,
    NoteFormOutdated,
    NoteSigned,
    NotYourNote,
    PatientNotConfirmed,
)
from journal.models import Export, Note, NoteVersion
from journal.rules import Prefill, Section, first_sections, paste_text
from tests import factories
from tests.signing_in import staff_client

HTMX = {"HX-Request": "true"}
KALMAR = [
    "Initiativ till kontakt från",
    "Kontaktorsak",
    "Kontaktsätt",
    "Aktuellt",
    "Bedömning",
    "Åtgärd",
    "Diagnos",
]
TEXTS = ["Patienten", "Halsont", "Chatt", "Ont i halsen.", "Viros.", "Råd.", ""]


@pytest.fixture
def unit(db: None) -> Unit:
    """A health centre whose region has keywords."""
    unit = factories.make_unit()
    factories.set_policy(unit, "note_keywords", KALMAR)
    factories.set_policy(unit, "contact_type_map", {"chat": "skriftlig distanskontakt"})
    return unit


@pytest.fixture
def nurse(unit: Unit) -> StaffActor:
    """Who performs the contact."""
    return factories.make_staff(unit)


@pytest.fixture
def colleague(unit: Unit) -> StaffActor:
    """Somebody else at the unit."""
    return factories.make_staff(unit)


def test_anamnesis_goes_under_its_keyword() -> None:
    filled = first_sections(KALMAR, Prefill("Ont i halsen.", "Halsont", "skriftlig distanskontakt", "Patienten"))
    assert {s.keyword: s.text for s in filled if s.text} == {
        "Initiativ till kontakt från": "Patienten",
        "Kontaktorsak": "Halsont",
        "Kontaktsätt": "skriftlig distanskontakt",
        "Aktuellt": "Ont i halsen.",
    }


@pytest.mark.parametrize(
    ("keywords", "wanted"),
    [
        ([], [("", "Halsont\nOnt i halsen.")]),
        (
            ["Kontaktsätt", "Anamnes"],
            [("Kontaktsätt", ""), ("Anamnes", "Halsont\nOnt i halsen.")],
        ),
        (["Bedömning"], [("Bedömning", "Halsont\nOnt i halsen.")]),
    ],
)
def test_regions_with_other_keywords_get_the_anamnesis_too(keywords: list[str], wanted: list[tuple[str, str]]) -> None:
    assert [(s.keyword, s.text) for s in first_sections(keywords, Prefill("Ont i halsen.", "Halsont"))] == wanted


@pytest.mark.req("JOU-05")
def test_paste_text_leaves_out_empty_keywords() -> None:
    text = paste_text([Section("Aktuellt", "Ont.\nSedan i går."), Section("Diagnos", "  "), Section("Åtgärd", "Råd.")])
    assert text == "Aktuellt\nOnt.\nSedan i går.\n\nÅtgärd\nRåd."


@pytest.mark.req("JOU-01")
def test_every_save_is_kept_as_a_version(nurse: StaffActor) -> None:
    case = factories.make_started_case(nurse)
    first = save_note(actor=nurse, case_id=case.public_id, texts=TEXTS, version=0)
    second = save_note(actor=nurse, case_id=case.public_id, texts=[*TEXTS[:6], "J02.9"], version=first.version)
    assert (first.version, second.version) == (1, 2)
    kept = NoteVersion.objects.filter(note__case=case).order_by("version")
    assert [version.sections[6]["text"] for version in kept] == ["", "J02.9"]
    assert ChangeLog.objects.filter(event="note_saved", patient_id=case.patient_id).count() == 2
    assert "J02.9" not in str(list(ChangeLog.objects.values_list("data", flat=True)))


def test_saving_the_same_text_again_changes_nothing(nurse: StaffActor) -> None:
    case = factories.make_started_case(nurse)
    save_note(actor=nurse, case_id=case.public_id, texts=TEXTS, version=0)
    again = save_note(actor=nurse, case_id=case.public_id, texts=TEXTS, version=0)
    assert again.version == 1
    assert NoteVersion.objects.filter(note__case=case).count() == 1


def test_a_save_in_between_is_told_and_nothing_is_lost(nurse: StaffActor) -> None:
    case = factories.make_started_case(nurse)
    save_note(actor=nurse, case_id=case.public_id, texts=TEXTS, version=0)
    save_note(actor=nurse, case_id=case.public_id, texts=[*TEXTS[:6], "A"], version=1)
    with pytest.raises(NoteChanged) as told:
        save_note(actor=nurse, case_id=case.public_id, texts=[*TEXTS[:6], "B"], version=1)
    assert nurse.name in str(told.value.message)
    assert told.value.version == 2
    assert Note.objects.get(case=case).sections[6]["text"] == "A"


@pytest.mark.req("JOU-08")
def test_only_the_one_who_performs_the_contact_writes_and_signs(nurse: StaffActor, colleague: StaffActor) -> None:
    case = factories.make_started_case(nurse)
    with pytest.raises(NotYourNote):
        save_note(actor=colleague, case_id=case.public_id, texts=TEXTS, version=0)
    stranger = factories.make_staff()
    with pytest.raises(NotFound):
        save_note(actor=stranger, case_id=case.public_id, texts=TEXTS, version=0)
    case_commands.close_visit(actor=nurse, case_id=case.public_id, follow_up_days=0, key=factories.key())
    with pytest.raises(NotYourNote):
        _sign(colleague, case)
    _sign(nurse, case)


@pytest.mark.req("JOU-02")
def test_signing_waits_for_closing(nurse: StaffActor) -> None:
    case = factories.make_started_case(nurse)
    with pytest.raises(CaseNotClosed):
        _sign(nurse, case)
    assert not Note.objects.filter(case=case, state="signed").exists()


@pytest.mark.req("JOU-02", "JOU-06")
def test_a_signed_note_is_frozen_and_exported(nurse: StaffActor) -> None:
    case = factories.make_closed_case(nurse)
    text = _sign(nurse, case)
    assert text.startswith("Initiativ till kontakt från\nPatienten\n\nKontaktorsak\nHalsont")
    note = Note.objects.get(case=case)
    assert note.signed_by_id == nurse.user_id
    assert note.signed_name == f"{nurse.name}, {nurse.title}"
    with pytest.raises(NoteSigned):
        save_note(actor=nurse, case_id=case.public_id, texts=["x"] * 7, version=note.version)
    with pytest.raises(DatabaseError), transaction.atomic():
        Note.objects.filter(pk=note.pk).update(sections=[])
    assert (
        ReadLog.objects.filter(action="export", object_id=str(note.public_id), patients=[case.patient_id]).count() == 1
    )


def test_versions_and_exports_are_only_added_to(nurse: StaffActor, owner_connection: psycopg.Connection) -> None:
    case = factories.make_closed_case(nurse)
    _sign(nurse, case)
    for table in ("journal_noteversion", "journal_export"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {table}")


def test_signing_twice_with_the_same_key_exports_once(nurse: StaffActor) -> None:
    case = factories.make_closed_case(nurse)
    key = factories.key()
    assert _sign(nurse, case, key=key) == _sign(nurse, case, key=key)
    assert Export.objects.filter(note__case=case).count() == 1
    with pytest.raises(KeyReused):
        _sign(nurse, case, key=key, texts=["annat"] * 7)
    with pytest.raises(NoteSigned):
        _sign(nurse, case)


@pytest.mark.req("CAS-22")
def test_signing_needs_the_patient_confirmed_and_some_text(nurse: StaffActor) -> None:
    case = factories.make_closed_case(nurse)
    with pytest.raises(PatientNotConfirmed):
        _sign(nurse, case, same_patient=False)
    with pytest.raises(NoteEmpty):
        _sign(nurse, case, texts=[" \n"] * 7)
    assert not Note.objects.filter(case=case).exists()


def test_a_form_with_other_keywords_is_refused(nurse: StaffActor) -> None:
    case = factories.make_started_case(nurse)
    with pytest.raises(NoteFormOutdated):
        save_note(actor=nurse, case_id=case.public_id, texts=["bara en"], version=0)


@pytest.mark.req("JOU-01")
def test_panel_is_prefilled_until_it_is_saved(nurse: StaffActor) -> None:
    case = factories.make_started_case(nurse, free_text="Behöver jag penicillin?", contact_reason="Halsont")
    browser = staff_client(nurse)
    panel = browser.get(reverse("journal:note_panel", args=[case.public_id]), headers=HTMX).content.decode()
    for words in ("Behöver jag penicillin?", "Halsont", "skriftlig distanskontakt", "Förifylld, inte sparad"):
        assert words in panel
    assert not Note.objects.exists()


def test_autosave_answers_with_the_next_version(nurse: StaffActor) -> None:
    case = factories.make_started_case(nurse)
    browser = staff_client(nurse)
    answer = browser.post(reverse("journal:save", args=[case.public_id]), _form(0), headers=HTMX)
    assert answer.status_code == 200
    html = answer.content.decode()
    assert 'value="1"' in html
    assert "Utkast sparat" in html


def test_conflict_keeps_what_was_typed_and_lets_choose(nurse: StaffActor) -> None:
    case = factories.make_started_case(nurse)
    browser = staff_client(nurse)
    save_note(actor=nurse, case_id=case.public_id, texts=TEXTS, version=0)
    body = _form(0) | {"section_6": "Min text"}
    url = reverse("journal:save", args=[case.public_id])
    page = browser.post(url, body)
    assert page.status_code == 409
    assert "Min text" in page.content.decode()
    fragment = browser.post(url, body, headers=HTMX)
    assert fragment.status_code == 409
    assert "Spara min" in fragment.content.decode()
    assert browser.post(url, body | {"overwrite": "1"}).status_code == 302
    assert Note.objects.get(case=case).sections[6]["text"] == "Min text"
    assert NoteVersion.objects.filter(note__case=case).count() == 2


@pytest.mark.parametrize(
    "change",
    [{"version": ""}, {"version": "-1"}, {"version": "x"}, {"section_3": "x" * 20_001}, {"section_3": "noll\x00"}],
)
def test_bad_input_is_told_and_kept(nurse: StaffActor, change: dict[str, str]) -> None:
    case = factories.make_closed_case(nurse)
    browser = staff_client(nurse)
    for name in ("save", "sign"):
        for headers in ({}, HTMX):
            body = _form(0) | {"section_4": "Skrivet här"} | change
            answer = browser.post(reverse(f"journal:{name}", args=[case.public_id]), body, headers=headers)
            assert answer.status_code == 422
            if name == "sign" or not headers:
                assert "Skrivet här" in answer.content.decode()
    assert not Note.objects.exists()


@pytest.mark.req("JOU-02", "JOU-05", "CAS-22")
def test_sign_by_the_page(nurse: StaffActor) -> None:
    case = factories.make_closed_case(nurse)
    browser = staff_client(nurse)
    url = reverse("journal:sign", args=[case.public_id])
    refused = browser.post(url, _form(0) | {"section_4": "Viros"}, headers=HTMX)
    assert refused.status_code == 422
    assert "Bekräfta att samma patient" in refused.content.decode()
    assert "Viros" in refused.content.decode()
    signed = browser.post(url, _form(0) | {"same_patient": "on"}, headers=HTMX)
    assert signed.status_code == 200
    html = signed.content.decode()
    assert "Signerad" in html
    assert 'data-copy-from="export-text"' in html
    before = ReadLog.objects.filter(action="copy").count()
    assert browser.post(reverse("journal:copied", args=[case.public_id]), headers=HTMX).status_code == 204
    assert ReadLog.objects.filter(action="copy").count() == before + 1


def test_notes_to_sign_are_listed_until_signed(nurse: StaffActor) -> None:
    case = factories.make_closed_case(nurse)
    browser = staff_client(nurse)
    assert str(case.public_id) in browser.get(reverse("journal:to_sign")).content.decode()
    _sign(nurse, case)
    assert str(case.public_id) not in browser.get(reverse("journal:to_sign")).content.decode()


def test_list_to_sign_costs_the_same_at_one_and_many(nurse: StaffActor) -> None:
    browser = staff_client(nurse)
    factories.make_closed_case(nurse)
    few = _queries(browser)
    for _ in range(20):
        factories.make_closed_case(nurse)
    assert _queries(browser) == few


def _queries(browser: Client) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert browser.get(reverse("journal:to_sign")).status_code == 200
    return len(captured)


def _form(version: int) -> dict[str, str]:
    fields = {f"section_{number}": text for number, text in enumerate(TEXTS)}
    return fields | {"version": str(version), "form_key": factories.key()}


def _sign(
    actor: StaffActor, case: Case, *, key: str = "", texts: list[str] | None = None, same_patient: bool = True
) -> str:
    return sign_note(
        actor=actor,
        case_id=case.public_id,
        texts=texts or TEXTS,
        version=0,
        same_patient=same_patient,
        key=key or factories.key(),
    )
