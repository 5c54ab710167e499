"""The door for residents: for whom may somebody act right now (ENT-16..25)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

from direkt1177.audit.refusals import NotFound
from direkt1177.realtime.prepared import Prepared
from direkt1177.residents.models import Guardianship, Person
from direkt1177.residents.queries import today
from direkt1177.residents.rules import MIN_AGE, OWN_SIGN_IN_FROM, refusal_for

_CHILDREN = Prepared(
    lambda guardian: Guardianship.objects.filter(guardian_id=guardian, blocked=False).select_related(
        "guardian", "child"
    ),
    1_999_999_991,
)


class Resident(Protocol):
    """What a door needs to know of a signed-in resident."""

    @property
    def person_id(self) -> int:
        """Primary key of the person."""


def may_act_for(
    actor: Resident, patient: Person, *, min_age: int = MIN_AGE, own_from: int = OWN_SIGN_IN_FROM
) -> Literal["self", "guardian"]:
    """In which relation a resident may act for a patient at this moment.

    Self costs no query, a guardian one. The 13th birthday ends a guardian's right that day; protection of either and
    a block end it at once.

    Raises:
        NotFound: not related, too young, too old, blocked or protected; absent and forbidden look the same.
    """
    if actor.person_id == patient.pk:
        if refusal_for(patient.birth_date, today(), "self", min_age, own_from) is not None:
            raise NotFound
        return "self"
    link = (
        Guardianship.objects.filter(guardian_id=actor.person_id, child_id=patient.pk, blocked=False)
        .select_related("guardian")
        .first()
    )
    if link is None or link.guardian.is_masked or patient.is_masked:
        raise NotFound
    if refusal_for(patient.birth_date, today(), "guardian", min_age, own_from) is not None:
        raise NotFound
    return "guardian"


def children_readable_by(actor: Resident) -> list[int]:
    """Primary keys of children whose cases a resident may read now (ENT-20): one query."""
    return children_readable_by_each([actor.person_id])[actor.person_id]


def children_readable_by_each(person_ids: Sequence[int]) -> dict[int, list[int]]:
    """``children_readable_by`` for many, in one query."""
    links = (
        _CHILDREN.all(person_ids[0])
        if len(person_ids) == 1
        else Guardianship.objects.filter(guardian_id__in=person_ids, blocked=False).select_related("guardian", "child")
    )
    readable: dict[int, list[int]] = {person: [] for person in person_ids}
    for link in links:
        masked = link.guardian.is_masked or link.child.is_masked
        if not masked and refusal_for(link.child.birth_date, today(), "guardian", 0) is None:
            readable[link.guardian_id].append(link.child_id)
    return readable
