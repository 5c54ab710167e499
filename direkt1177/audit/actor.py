"""What the log needs to know of whoever acts; accounts' actors satisfy it."""

from __future__ import annotations

from typing import Protocol


class Actor(Protocol):
    """Somebody or something that acts: staff in a unit with a role, a resident, the system."""

    @property
    def kind(self) -> str:
        """``staff``, ``resident`` or ``system``."""

    @property
    def key(self) -> str:
        """Stable: ``staff:<id>``, ``person:<id>`` or ``system``."""

    @property
    def name(self) -> str:
        """Name as text."""

    @property
    def role_name(self) -> str:
        """Role as text; empty for residents and the system."""

    @property
    def unit_id(self) -> int | None:
        """Unit under which it is done."""

    @property
    def provider_id(self) -> int | None:
        """Care provider of that unit."""
