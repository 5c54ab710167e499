"""What happened to a note; never its text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cases.names import OWN, me_feed
from direkt1177.audit.record import Event, LogEntry
from direkt1177.realtime.changes import Change


@dataclass(frozen=True)
class NoteSaved(Event):
    """A new version of the draft."""

    patient_id: int
    note_id: int
    version: int
    code = "note_saved"

    def log(self) -> LogEntry:
        """Which note and version."""
        return LogEntry("note", str(self.note_id), self.patient_id, data={"version": self.version})


@dataclass(frozen=True)
class NoteWasSigned(Event):
    """The note is frozen and exported (JOU-02)."""

    patient_id: int
    note_id: int
    version: int
    export_id: int
    signer_key: str
    code = "note_signed"

    def log(self) -> LogEntry:
        """Which note, version and export; that the same patient was confirmed open is part of signing (CAS-22)."""
        return LogEntry(
            "note",
            str(self.note_id),
            self.patient_id,
            from_state="draft",
            to_state="signed",
            data={"version": self.version, "export": self.export_id, "same_patient_confirmed": True},
        )

    def doorbells(self) -> Sequence[Change]:
        """The signer's own list."""
        return (Change(me_feed(self.signer_key), OWN),)
