"""Who acts, explicit in every command: staff in a unit with a role, a resident, the system (design §2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class StaffActor:
    """A member of staff under exactly one chosen unit and role (L-02)."""

    user_id: int
    name: str
    title: str
    unit_id: int
    unit_name: str
    region_id: int
    region_name: str
    role_id: int
    role_code: str
    role_name: str
    provider_id: int
    shift_id: int | None
    session_key: str = ""
    authz_epoch: int = 0
    profile_complete: bool = True
    permissions: frozenset[str] = frozenset()  # AdminPermission kinds held at the unit
    membership_id: int = 0
    since: datetime | None = None  # start of the active shift
    kind: ClassVar[str] = "staff"

    @property
    def key(self) -> str:
        """``staff:<id>``."""
        return f"staff:{self.user_id}"


@dataclass(frozen=True, slots=True)
class ResidentActor:
    """A signed-in resident, for themselves or as guardian of a child."""

    person_id: int
    name: str
    session_key: str = ""
    authz_epoch: int = 0
    region_id: int | None = None
    region_name: str = ""
    kind: ClassVar[str] = "resident"
    role_name: ClassVar[str] = ""
    unit_id: ClassVar[int | None] = None
    provider_id: ClassVar[int | None] = None

    @property
    def key(self) -> str:
        """``person:<id>``."""
        return f"person:{self.person_id}"


@dataclass(frozen=True, slots=True)
class SystemActor:
    """A timer, a command line, a worker."""

    name: str = "system"
    kind: ClassVar[str] = "system"
    key: ClassVar[str] = "system"
    role_name: ClassVar[str] = ""
    unit_id: ClassVar[int | None] = None
    provider_id: ClassVar[int | None] = None


@dataclass(frozen=True, slots=True)
class ManageActor:
    """A member of staff before or without a chosen unit: at sign-in and in Manage (AUTH-03, ORG-12)."""

    user_id: int
    name: str
    unit_id: int | None = None
    provider_id: int | None = None
    kind: ClassVar[str] = "staff"
    role_name: ClassVar[str] = ""

    @property
    def key(self) -> str:
        """``staff:<id>``."""
        return f"staff:{self.user_id}"


AnyActor = StaffActor | ResidentActor | SystemActor
SYSTEM = SystemActor()
