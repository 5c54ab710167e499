"""Changes of a unit's basics in Manage (ORG-05)."""

from __future__ import annotations

from dataclasses import dataclass

from direkt1177.audit.actor import Actor
from direkt1177.audit.record import Event, LogEntry, command, record
from direkt1177.audit.refusals import NotFound
from direkt1177.units.change_errors import NameTaken, NameUnchanged
from direkt1177.units.change_events import UnitRenamed
from direkt1177.units.clock import now
from direkt1177.units.models import Unit
from direkt1177.units.names import keep_name

_BASICS = ("phone", "contact_card_url", "welcome_message", "receipt_message")


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
    """Change phone, contact card and texts of a unit; its name has a command of its own.

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


@command
def rename_unit(*, actor: Actor, unit_id: int, name: str, hsa_id: str, reason: str = "") -> Unit:
    """Give a unit another name or HSA-id from now on; what it was called before stays with what it did (UCH-03).

    Args:
        actor: a configuration administrator; the caller has checked where.
        hsa_id: as on the unit's contract; stored in capitals.

    Raises:
        NameTaken: another unit has the HSA-id.
        NameUnchanged: both are what holds.
        NotFound: no such unit.
    """
    unit = Unit.objects.select_for_update(no_key=True, of=("self",)).select_related("provider").filter(pk=unit_id)
    found = unit.first()
    if found is None:
        raise NotFound
    name, hsa_id = " ".join(name.split()), hsa_id.strip().upper()
    if (name, hsa_id) == (found.name, found.hsa_id) or not name or not hsa_id:
        raise NameUnchanged
    if Unit.objects.filter(hsa_id__iexact=hsa_id).exclude(pk=unit_id).exists():
        raise NameTaken
    old = {"name": found.name, "hsa_id": found.hsa_id}
    keep_name(found, name=name, hsa_id=hsa_id, at=now())
    found.name, found.hsa_id = name, hsa_id
    found.save(update_fields=["name", "hsa_id"])
    record(UnitRenamed(unit_id, old, {"name": name, "hsa_id": hsa_id}, reason), actor=actor)
    return found
