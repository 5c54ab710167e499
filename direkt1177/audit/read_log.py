"""Every reading of patient data leaves a row (L-09); called by the doors in ``access.py``."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from direkt1177.audit.actor import Actor
from direkt1177.audit.models import ReadLog
from direkt1177.realtime.request_id import request_id


def log_read(
    *,
    actor: Actor,
    action: str,
    object_type: str,
    object_id: str,
    patients: Sequence[int],
    basis: str,
    reason: str = "",
    interval: uuid.UUID | None = None,
) -> None:
    """Write one row.

    Args:
        actor: who reads.
        action: ``open``, ``preview``, ``list``, ``search``, ``image``, ``copy``, ``print``, ``export``,
            ``feed_start``, ``feed_end`` or ``feed_poll``.
        object_type: ``case``, ``upload``, ``list`` …
        object_id: id as text.
        patients: primary keys of all persons shown.
        basis: why it was allowed: ``holder``, ``queue_role``, ``self``, ``guardian`` …
        reason: stated by the reader where one is compulsory.
        interval: joins the start and end of a live reading.
    """
    ReadLog.objects.create(
        request_id=request_id.get(),
        actor_kind=actor.kind,
        actor_key=actor.key,
        actor_name=actor.name,
        actor_role=actor.role_name,
        unit_id=actor.unit_id,
        provider_id=actor.provider_id,
        action=action,
        object_type=object_type,
        object_id=object_id,
        patients=list(patients),
        basis=basis,
        reason=reason,
        interval=interval,
    )
