"""The hourly check that no open case is without a responsible (I-14, design §4)."""

from __future__ import annotations

import logging
from datetime import timedelta

from cases.models import Case
from direkt1177.accounts.actors import SYSTEM
from direkt1177.audit.record import command, record
from direkt1177.outbox.models import Heartbeat
from direkt1177.units.clock import now
from handover.notices.steps import notify
from handover.shifts.events import ResponsibleMissing
from handover.shifts.invariants import Orphan, orphans

logger = logging.getLogger(__name__)
EVERY = timedelta(hours=1)
#: When it last ran, and when it last found something; monitoring reads both.
CHECK, FOUND = "responsible_check", "responsible_missing"


def no_case_without_responsible() -> int:
    """Look once an hour, however often it is called; each violation is logged, counted and told to the coordinator.

    Returns:
        How many were found now; 0 when it was not time.
    """
    if not _claim_hour():
        return 0
    found = orphans()
    for orphan in found:
        logger.error("case %s has no responsible: %s", orphan.case_pk, orphan.why)
        _tell(orphan=orphan)
    return len(found)


@command
def _claim_hour() -> bool:
    """Whether this caller runs the check of this hour: one of several ticks does."""
    at = now()
    row = Heartbeat.objects.select_for_update(no_key=True).filter(name=CHECK).first()
    if row is None:
        made = Heartbeat.objects.bulk_create([Heartbeat(name=CHECK, at=at)], ignore_conflicts=True)
        return bool(made)
    if at - row.at < EVERY:
        return False
    row.at = at
    row.save(update_fields=["at"])
    return True


@command
def _tell(*, orphan: Orphan) -> None:
    """Audit row and notice, once a day for a case; the coordinator opens the unit's list and sets it right."""
    record(ResponsibleMissing(orphan.public_id, orphan.patient_id, orphan.unit_id, orphan.why), actor=SYSTEM)
    notify(
        kind="no_responsible",
        key=f"no_responsible:{orphan.public_id}:{now():%Y%m%d}",
        unit_id=orphan.unit_id,
        coordinators=orphan.unit_id,
        case=Case.objects.get(pk=orphan.case_pk),
    )
    row = Heartbeat(name=FOUND, at=now())
    Heartbeat.objects.bulk_create([row], update_conflicts=True, unique_fields=["name"], update_fields=["at"])
