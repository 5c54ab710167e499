"""Rights to one case beside its holder's: to read it (``CaseReader``), or as a guest."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Exists, OuterRef, Q, QuerySet

from cases.colleagues.models import Guest
from cases.colleagues.rules import basis_of, has_guests
from cases.models import Case, CaseReader
from direkt1177.accounts.actors import StaffActor
from direkt1177.units.clock import now

# Of a row of cases: a colleague is in it as a guest (QUE-24).
HAS_GUESTS = Exists(Guest.objects.filter(case=OuterRef("pk"), ended_at__isnull=True))


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


def guest_basis(actor: StaffActor, case: Case) -> str:
    """On what basis the actor is a guest of the case now; empty when none (CHT-16, I-09). One query at most.

    Args:
        actor: signed in at the unit where they were invited.
        case: a guest's right needs somebody who has it; closing ends it.
    """
    if not has_guests(case.state, case.holder_id):
        return ""
    found = Guest.objects.filter(
        case_id=case.pk, user_id=actor.user_id, unit_id=actor.unit_id, ended_at__isnull=True
    )  # fmt: skip
    mode = found.values_list("mode", flat=True).first()
    return basis_of(mode) if mode else ""


def guest_bases(actor: StaffActor, cases: Sequence[Case]) -> dict[int, str]:
    """The same of many cases by primary key, one query; those without are left out."""
    ids = [case.pk for case in cases if has_guests(case.state, case.holder_id)]
    found = Guest.objects.filter(
        case_id__in=ids, user_id=actor.user_id, unit_id=actor.unit_id, ended_at__isnull=True
    )  # fmt: skip
    return {case: basis_of(mode) for case, mode in found.values_list("case_id", "mode")}
