"""What happened to a person's data; never names, numbers or text in the log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from direkt1177.audit.record import Event, LogEntry
from direkt1177.realtime.changes import Change


@dataclass(frozen=True, slots=True)
class ContactDetailsChanged(Event):
    """A resident changed their mobile number or e-mail (ENT-14)."""

    code = "contact_details_changed"
    person_id: int
    fields: tuple[str, ...]

    def log(self) -> LogEntry:
        """Which fields, never their content."""
        return LogEntry("person", str(self.person_id), self.person_id, data={"fields": list(self.fields)})


@dataclass(frozen=True, slots=True)
class ProtectionChanged(Event):
    """Staff or the register changed what is known of a person's protection (ENT-28, ENT-29)."""

    code = "protection_changed"
    person_id: int
    before: bool
    masked: bool
    source: str
    changes: tuple[Change, ...] = ()

    def log(self) -> LogEntry:
        """Masked before and after."""
        return LogEntry(
            "person",
            str(self.person_id),
            self.person_id,
            from_state="masked" if self.before else "open",
            to_state="masked" if self.masked else "open",
            data={"source": self.source},
        )

    def doorbells(self) -> Sequence[Change]:
        """Every list and chat that shows the person, and whoever lost a right."""
        return self.changes


@dataclass(frozen=True, slots=True)
class RegisterAnswered(Event):
    """The register's answer was stored."""

    code = "register_answered"
    person_id: int
    known: bool
    fields: tuple[str, ...]
    changes: tuple[Change, ...] = ()

    def log(self) -> LogEntry:
        """Which fields differed, never their content."""
        return LogEntry(
            "person", str(self.person_id), self.person_id, data={"known": self.known, "fields": list(self.fields)}
        )

    def doorbells(self) -> Sequence[Change]:
        """Every list and chat that shows the person, and whoever lost a right."""
        return self.changes


@dataclass(frozen=True, slots=True)
class GuardiansRightsEnded(Event):
    """A child turned 13 and acts alone from now (ENT-17)."""

    code = "guardians_rights_ended"
    person_id: int
    changes: tuple[Change, ...] = ()

    def log(self) -> LogEntry:
        """Whose guardians."""
        return LogEntry("person", str(self.person_id), self.person_id)

    def doorbells(self) -> Sequence[Change]:
        """The guardians."""
        return self.changes
