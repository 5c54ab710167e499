"""Changes of a unit's basics in Manage (ORG-05)."""

from __future__ import annotations

from dataclasses import dataclass

from direkt1177.audit.actor import Actor
from direkt1177.audit.record import Event, LogEntry, command, record
from direkt1177.units.models import Unit

_BASICS = ("name", "phone", "contact_card_url", "welcome_message", "receipt_message")


@dataclass(frozen=True, slots=True)
class UnitChanged(Event):
    """Basics of a unit were changed."""

    code = "unit_changed"
    unit_id: int
    old: dict[str, str]
    new: dict[str, str]
    reason: str

    def log(self) -> LogEntry:
        """Old and new values (ADM-08)."""
        data = {"old": self.old, "new": self.new, "reason": self.reason}
        return LogEntry("unit", str(self.unit_id), data=data)


@command
def update_unit(*, actor: Actor, unit_id: int, reason: str = "", **values: str) -> Unit:
    """Change name, phone, contact card and texts of a unit.

    Args:
        actor: a configuration administrator; the caller has checked where.
        unit_id: the unit.
        reason: why, for the log.
        values: new values by field name; others than the basics are ignored.
    """
    unit = Unit.objects.select_for_update(no_key=True).get(pk=unit_id)
    new = {name: value for name, value in values.items() if name in _BASICS and getattr(unit, name) != value}
    if not new:
        return unit
    old = {name: str(getattr(unit, name)) for name in new}
    for name, value in new.items():
        setattr(unit, name, value)
    unit.save(update_fields=list(new))
    record(UnitChanged(unit.pk, old, new, reason), actor=actor)
    return unit
