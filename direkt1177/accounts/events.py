"""What happened to staff, shifts and permissions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from direkt1177.audit.record import Event, LogEntry
from direkt1177.realtime.changes import Change


@dataclass(frozen=True, slots=True)
class SessionEvent(Event):
    """Somebody signed in or out."""

    actor_key: str

    def log(self) -> LogEntry:
        """Whose session."""
        kind, _colon, pk = self.actor_key.partition(":")
        return LogEntry(kind, pk)

    def doorbells(self) -> Sequence[Change]:
        """Open sockets of a session that ended ask again whether they may stay."""
        return (Change(f"me:{self.actor_key}", "authz"),) if self.code == "signed_out" else ()


class SignedIn(SessionEvent):
    """A session began."""

    code = "signed_in"


class SignedOut(SessionEvent):
    """A session was ended by its owner; the shift goes on (AUTH-17)."""

    code = "signed_out"


@dataclass(frozen=True, slots=True)
class ShiftEvent(Event):
    """A shift started or ended (SHF-02, SHF-03)."""

    shift_id: int
    user_id: int
    unit_id: int
    role: str

    def log(self) -> LogEntry:
        """Where and in which role."""
        data = {"user": self.user_id, "unit": self.unit_id, "role": self.role}
        return LogEntry("shift", str(self.shift_id), data=data)

    def doorbells(self) -> Sequence[Change]:
        """The user's sockets: what they may see depends on the unit."""
        return (Change(f"me:staff:{self.user_id}", "authz"),)


class ShiftStarted(ShiftEvent):
    """By signing in at a unit (SHF-02)."""

    code = "shift_started"


class ShiftEnded(ShiftEvent):
    """By Avsluta skift, a change of unit or loss of the role (SHF-03)."""

    code = "shift_ended"


@dataclass(frozen=True, slots=True)
class ShiftEndedFor(ShiftEvent):
    """An administrator ended a forgotten one, beside ``ShiftEnded``; apps above let its cases go (SHF-04)."""

    code = "shift_ended_for"
    reason: str = ""

    def log(self) -> LogEntry:
        """Where, in which role and why."""
        data = {"user": self.user_id, "unit": self.unit_id, "role": self.role, "reason": self.reason}
        return LogEntry("shift", str(self.shift_id), data=data)


@dataclass(frozen=True, slots=True)
class UserEvent(Event):
    """A user was created, changed, activated or deactivated (ORG-15, ORG-16)."""

    user_id: int
    fields: tuple[str, ...] = ()
    reason: str = ""

    def log(self) -> LogEntry:
        """Which fields and why."""
        return LogEntry("user", str(self.user_id), data={"fields": list(self.fields), "reason": self.reason})

    def doorbells(self) -> Sequence[Change]:
        """A deactivated user's sockets close."""
        return (Change(f"me:staff:{self.user_id}", "authz"),) if self.code == "user_deactivated" else ()


class UserCreated(UserEvent):
    """Added in Manage (ORG-15)."""

    code = "user_created"


class UserChanged(UserEvent):
    """Changed in Manage."""

    code = "user_changed"


class ProfileChanged(UserEvent):
    """Changed by the user (AUTH-11)."""

    code = "profile_changed"


class UserActivated(UserEvent):
    """Let in again."""

    code = "user_activated"


class UserDeactivated(UserEvent):
    """Kept out; the row stays (ORG-16)."""

    code = "user_deactivated"


@dataclass(frozen=True, slots=True)
class PermissionEvent(Event):
    """A care role or administrative permission was granted or removed (ORG-06, ORG-12)."""

    user_id: int
    unit_id: int
    permission: str
    reason: str = ""

    def log(self) -> LogEntry:
        """What, where and why."""
        data: dict[str, Any] = {"unit": self.unit_id, "permission": self.permission, "reason": self.reason}
        return LogEntry("user", str(self.user_id), data=data)

    def doorbells(self) -> Sequence[Change]:
        """The user's sockets drop what is no longer allowed (S-14)."""
        return (Change(f"me:staff:{self.user_id}", "authz"),) if self.code.endswith("_ended") else ()


class RoleGranted(PermissionEvent):
    """A care role at a unit."""

    code = "role_granted"


class RoleEnded(PermissionEvent):
    """A care role was removed or replaced."""

    code = "role_ended"


class PermissionGranted(PermissionEvent):
    """An administrative permission at a unit."""

    code = "permission_granted"


class PermissionEnded(PermissionEvent):
    """An administrative permission was removed."""

    code = "permission_ended"
