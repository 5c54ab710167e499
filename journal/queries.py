"""Reading notes: the draft as the page shows it, the export, what is left to sign."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from cases.models import Case
from direkt1177.units.leftovers import Leftover
from direkt1177.units.names import NameThen, unit_name_at
from direkt1177.units.policy_model import Policy
from journal.models import Export, Note
from journal.rules import (
    NoteFacts,
    Prefill,
    Section,
    first_sections,
    may_sign,
    may_write,
    paste_text,
    sections_from_json,
)


@dataclass(frozen=True, slots=True)
class NoteView:
    """The note as one member of staff sees it.

    Attributes:
        sections: keyword and text, in the region's order.
        version: what the next save must carry; 0 when nothing is saved yet.
        saved_at: when the draft was saved; None when never.
        signed_name: who signed; empty for a draft.
        signed_at: when it was signed; None for a draft.
        may_write: whether this user may change it.
        may_sign: whether this user may sign it now.
        template: name of the region's template.
        text: paste-ready text of a signed note, else of the draft as it stands.
        draft_by: who wrote the draft, when it was not the viewer; empty otherwise.
        may_read: whether a viewer who cannot change the draft may read it: the present holder of the case.
        unit: of a signed note: name and HSA-id of the unit when the case arrived (UCH-03).
    """

    sections: list[Section]
    version: int
    saved_at: datetime | None
    signed_name: str
    signed_at: datetime | None
    may_write: bool
    may_sign: bool
    template: str
    text: str
    draft_by: str = ""
    may_read: bool = False
    unit: NameThen | None = None


@dataclass(frozen=True, slots=True)
class ToSign:
    """A closed visit whose note waits for the user's signature."""

    case: Case
    saved_at: datetime | None


def facts_of(case: Case, note: Note | None) -> NoteFacts:
    """What the rules need of a case and its note."""
    return NoteFacts(
        holder_id=case.holder_id,
        closed_by_id=case.closed_by_id,
        closed_at=case.closed_at,
        started=case.started_at is not None,
        signed=note is not None and note.state == Note.State.SIGNED,
    )


def note_row(case: Case) -> Note | None:
    """The stored note of a case, if any."""
    return Note.objects.select_related("author").filter(case=case).first()


def note_for(case: Case, *, user_id: int, policy: Policy, prefill: Prefill) -> NoteView:
    """The note of a case as a user sees it; prefilled with the anamnesis until it is first saved (JOU-01).

    Args:
        case: already opened through the door.
        user_id: who looks.
        policy: of the case's unit; its ``note_keywords`` are the sections of a new note.
        prefill: what a new note starts with.
    """
    note = note_row(case)
    facts = facts_of(case, note)
    signed = note is not None and note.signed_at is not None
    sections = sections_from_json(note.sections) if note else first_sections(policy.note_keywords, prefill)
    exported = Export.objects.filter(note=note).order_by("-pk").first() if note and note.signed_at else None
    return NoteView(
        sections=sections,
        version=note.version if note else 0,
        saved_at=note.updated_at if note else None,
        signed_name=note.signed_name if note else "",
        signed_at=note.signed_at if note else None,
        unit=unit_name_at(case.unit, case.arrived_at) if signed else None,
        may_write=may_write(facts, user_id),
        may_sign=may_sign(facts, user_id),
        template=exported.template if exported else policy.note_template,
        text=exported.text if exported else paste_text(sections),
        draft_by=note.author.full_name if note and note.signed_at is None and note.author_id != user_id else "",
        may_read=note is not None and case.holder_id == user_id,
    )


def unsigned_of(user_id: int, unit_id: int, *, limit: int = 50) -> list[ToSign]:
    """Visits the user closed at the unit whose note is not signed, oldest first.

    Args:
        user_id: who performed the contacts.
        unit_id: the unit the user works at now.
        limit: at most so many.
    """
    cases = (
        Case.objects.filter(closed_by_id=user_id, unit_id=unit_id, closed_at__isnull=False)
        .exclude(note__state=Note.State.SIGNED)
        .select_related("patient", "unit", "note")
        .order_by("closed_at", "pk")[:limit]
    )
    return [ToSign(case=case, saved_at=case.note.updated_at if hasattr(case, "note") else None) for case in cases]


def export_text(case_id: UUID) -> str | None:
    """The exported text of a signed note; None when it is not signed."""
    export = Export.objects.filter(note__case__public_id=case_id).order_by("-pk").first()
    return export.text if export else None


def left_at(unit_id: int) -> list[Leftover]:
    """Drafts of a unit's visits that nobody has signed (UCH-02): nobody could sign them after it is closed for good."""
    drafts = Note.objects.filter(case__unit=unit_id, state=Note.State.DRAFT)
    return [Leftover(_("notes not signed"), drafts.count())]
