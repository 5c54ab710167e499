"""Rights to read one case beside its holder (``CaseReader``)."""

from __future__ import annotations

from django.db.models import Q

from cases.models import CaseReader
from direkt1177.accounts.actors import StaffActor
from direkt1177.units.clock import now


def reader_basis(actor: StaffActor, case_pk: int) -> str:
    """On what basis the actor may read a case they do not hold; empty when on none. One query.

    Args:
        actor: signed in at the unit for which the right was given.
        case_pk: primary key of the case.
    """
    whose = Q(user_id=actor.user_id) | Q(role_id=actor.role_id)
    lasting = Q(ended_at__isnull=True) | Q(ended_at__gt=now())
    found = CaseReader.objects.filter(whose, lasting, case_id=case_pk, unit_id=actor.unit_id)
    return str(found.order_by("pk").values_list("basis", flat=True).first() or "")
