"""Rights to read one case beside its holder (``CaseReader``)."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q, QuerySet

from cases.models import CaseReader
from direkt1177.accounts.actors import StaffActor
from direkt1177.units.clock import now


def reader_basis(actor: StaffActor, case_pk: int) -> str:
    """On what basis the actor may read a case they do not hold; empty when on none. One query.

    Args:
        actor: signed in at the unit for which the right was given.
        case_pk: primary key of the case.
    """
    found = _lasting(actor).filter(case_id=case_pk)
    return str(found.order_by("pk").values_list("basis", flat=True).first() or "")


def reader_bases(actor: StaffActor, case_pks: Sequence[int]) -> dict[int, str]:
    """``reader_basis`` of many by primary key; those without any are left out. One query."""
    rows = _lasting(actor).filter(case_id__in=case_pks).order_by("-pk")
    return {case: str(basis) for case, basis in rows.values_list("case_id", "basis")}


def _lasting(actor: StaffActor) -> QuerySet[CaseReader]:
    whose = Q(user_id=actor.user_id) | Q(role_id=actor.role_id)
    lasting = Q(ended_at__isnull=True) | Q(ended_at__gt=now())
    return CaseReader.objects.filter(whose, lasting, unit_id=actor.unit_id)
