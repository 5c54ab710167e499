"""Save and sign the visit note: one durable transaction each (design §2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from cases.models import Case
from direkt1177.accounts.actors import StaffActor
from direkt1177.audit.idempotency import once
from direkt1177.audit.read_log import log_read
from direkt1177.audit.record import command, record
from direkt1177.audit.refusals import NotFound
from direkt1177.units.clock import now
from direkt1177.units.policies import policy
from journal.errors import (
    CaseNotClosed,
    NoteChanged,
    NoteEmpty,
    NoteFormOutdated,
    NoteSigned,
    NotYourNote,
    PatientNotConfirmed,
)
from journal.events import NoteSaved, NoteWasSigned
from journal.models import Export, Note, NoteVersion
from journal.queries import facts_of
from journal.rules import (
    Prefill,
    Section,
    first_sections,
    is_empty,
    may_sign,
    may_write,
    paste_text,
    sections_from_json,
    with_texts,
)


@dataclass(frozen=True, slots=True)
class Saved:
    """Outcome of saving: the version the next save must carry, and when (UTC, aware)."""

    version: int
    at: datetime


@command
def save_note(*, actor: StaffActor, case_id: UUID, texts: Sequence[str], version: int) -> Saved:
    """Save the draft as a new version; saving the same text again changes nothing (JOU-01).

    Args:
        actor: who writes; must be the one who performs the contact.
        case_id: public id of the case.
        texts: one text for each keyword of the note, in order.
        version: the version the writer saw; 0 when nothing was saved before.

    Raises:
        NotFound: no such case at the actor's unit.
        NotYourNote: somebody else performs the contact.
        NoteSigned: it is signed and frozen.
        NoteChanged: another save came in between.
        NoteFormOutdated: the number of texts does not fit the keywords.
    """
    case, note = _locked(actor, case_id)
    note = _save(actor, case, note, texts, version)
    return Saved(version=note.version, at=note.updated_at)


@command
def sign_note(
    *, actor: StaffActor, case_id: UUID, texts: Sequence[str], version: int, same_patient: bool, key: str
) -> str:
    """Save what is in the form, freeze the note and make the export (JOU-02, JOU-06, CAS-22).

    Args:
        actor: who signs: the one who closed the visit (JOU-08).
        case_id: public id of the case.
        texts: one text for each keyword, as just checked on the screen.
        version: the version the signer saw.
        same_patient: whether the signer confirmed that the same patient is open in the record system.
        key: idempotency key of the form.

    Returns:
        The exported text.

    Raises:
        NotFound, NotYourNote, NoteSigned, NoteChanged, NoteFormOutdated: as ``save_note``.
        CaseNotClosed: the visit goes on.
        PatientNotConfirmed: the confirmation is missing.
        NoteEmpty: nothing is written.
    """
    case, note = _locked(actor, case_id)

    def do() -> dict[str, Any]:
        export = _sign(actor, case, note, texts, version, same_patient=same_patient)
        return {"export": export.pk}

    body = {"case": str(case_id), "texts": list(texts), "version": version, "same_patient": same_patient}
    outcome = once(actor=actor, key=key, command="sign_note", body=body, do=do)
    return Export.objects.get(pk=outcome["export"]).text


@command
def note_copied(*, actor: StaffActor, case_id: UUID) -> None:
    """Log that the exported text was copied (L-09).

    Raises:
        NotFound: there is no signed note of the actor's own in that case.
    """
    case, note = _locked(actor, case_id)
    if note is None or note.signed_by_id != actor.user_id:
        raise NotFound
    _log(actor, case, note, "copy")


def _locked(actor: StaffActor, case_id: UUID) -> tuple[Case, Note | None]:
    """Lock order: case, then note (design §2)."""
    case = (
        Case.objects.select_for_update(of=("self",), no_key=True)
        .select_related("unit")
        .filter(public_id=case_id)
        .first()
    )
    if case is None or case.unit_id != actor.unit_id:
        raise NotFound
    note = Note.objects.select_for_update(of=("self",), no_key=True).select_related("author").filter(case=case).first()
    return case, note


def _save(actor: StaffActor, case: Case, note: Note | None, texts: Sequence[str], version: int) -> Note:
    if note is not None and note.state == Note.State.SIGNED and note.signed_at is not None:
        raise NoteSigned(by=note.signed_name, at=note.signed_at)
    if not may_write(facts_of(case, note), actor.user_id):
        raise NotYourNote
    sections = _sections(case, note, texts)
    stored = [section.as_json() for section in sections]
    if note is not None and note.sections == stored and note.author_id == actor.user_id:
        return note
    if note is None:
        # Nothing is stored: whatever version the form carries, nothing can be overwritten.
        note = Note(case=case, version=0)
    elif version != note.version:
        raise NoteChanged(by=note.author.full_name, at=note.updated_at, version=note.version)
    note.sections, note.author_id, note.version = stored, actor.user_id, note.version + 1
    note.save()
    NoteVersion.objects.create(note=note, version=note.version, sections=stored, by_id=actor.user_id)
    record(NoteSaved(case.patient_id, note.pk, note.version), actor=actor)
    return note


def _sign(
    actor: StaffActor, case: Case, note: Note | None, texts: Sequence[str], version: int, *, same_patient: bool
) -> Export:
    note = _save(actor, case, note, texts, version)
    if not may_sign(facts_of(case, note), actor.user_id):
        raise CaseNotClosed
    if not same_patient:
        raise PatientNotConfirmed
    sections = sections_from_json(note.sections)
    if is_empty(sections):
        raise NoteEmpty
    note.state, note.signed_at, note.signed_by_id = Note.State.SIGNED, now(), actor.user_id
    note.signed_name = f"{actor.name}, {actor.title}" if actor.title else actor.name
    note.save()
    export = Export.objects.create(
        note=note, template=policy(case.unit).note_template[:60], text=paste_text(sections), by_id=actor.user_id
    )
    record(NoteWasSigned(case.patient_id, note.pk, note.version, export.pk, actor.key), actor=actor)
    _log(actor, case, note, "export")
    return export


def _sections(case: Case, note: Note | None, texts: Sequence[str]) -> list[Section]:
    if note is not None:
        old = sections_from_json(note.sections)
    else:
        old = first_sections(policy(case.unit).note_keywords, Prefill(anamnesis="", contact_reason=""))
    try:
        return with_texts(old, texts)
    except ValueError:
        raise NoteFormOutdated from None


def _log(actor: StaffActor, case: Case, note: Note, action: str) -> None:
    log_read(
        actor=actor,
        action=action,
        object_type="note",
        object_id=str(note.public_id),
        patients=[case.patient_id],
        basis="performer",
    )
