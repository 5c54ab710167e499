"""Other visits of the same patient that this member of staff may open (*Alla besök*)."""

from __future__ import annotations

from django.db.models import Q

from cases.models import Case
from direkt1177.accounts.actors import StaffActor


def visits_open_to(actor: StaffActor, *, patient_id: int, besides: int, limit: int = 50) -> list[Case]:
    """Visits of a patient at the chosen unit that the actor holds, closed, or may preview; latest first.

    What colleagues hold or have closed is left out altogether: its content is not this actor's (QUE-16).

    Args:
        actor: who looks.
        patient_id: whose visits.
        besides: primary key of the visit already on the screen.
        limit: at most so many.
    """
    mine = Q(holder_id=actor.user_id) | Q(closed_by_id=actor.user_id, holder__isnull=True)
    here = Q(mine, unit_id=actor.unit_id) | Q(queue_unit=actor.unit_id, queue_role__isnull=False)
    offered = Q(offered_user_id=actor.user_id, offered_unit_id=actor.unit_id)
    return list(
        Case.objects.filter(here | offered, patient_id=patient_id)
        .exclude(pk=besides)
        .select_related("patient", "unit__provider", "role")
        .order_by("-arrived_at", "-pk")[:limit]
    )
