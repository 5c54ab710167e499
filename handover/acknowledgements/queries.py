"""Reading acknowledgements: outstanding ones by age, their number, one of them; constant numbers of queries."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from cases.models import Case
from direkt1177.accounts.actors import StaffActor
from direkt1177.accounts.models import User
from direkt1177.residents.queries import PersonView, views_of
from handover.acknowledgements import rules
from handover.models import Acknowledgement

LIMIT = 200


@dataclass(frozen=True, slots=True)
class Post:
    """One post as staff see it.

    Attributes:
        mine: whether it is for the viewer, not only at the unit they coordinate.
        bulk: may be cleared together with others (TIK-14).
        call: an unused ticket of urgency 1 or 2: the patient is to be called.
        from_name: who asked; empty for the system.
        to_name: colleague or role.
        case_id: the case that the addressee may read while it is outstanding; None for tickets of others.
        ticket_id: the ticket that was not used.
    """

    public_id: UUID
    kind: str
    kind_word: str
    patient_id: int
    person: PersonView
    text: str
    from_name: str
    to_name: str
    created_at: datetime
    done_at: datetime | None
    done_by: str
    mine: bool
    bulk: bool
    call: bool
    case_id: UUID | None
    ticket_id: UUID | None
    expired_at: datetime | None
    reason: str


Reader = Callable[[], list[Post]]


def outstanding_for(actor: StaffActor) -> list[Post]:
    """For the actor or their role at the chosen unit, the oldest first."""
    return _views(_for(actor), actor)


def outstanding_at(actor: StaffActor) -> list[Post]:
    """All of the actor's unit, the oldest first."""
    return _views(_rows().filter(unit_id=actor.unit_id, done_at__isnull=True), actor)


def count_for(actor: StaffActor) -> int:
    """How many wait for the actor (ACK-06)."""
    return _for(actor).count()


def post_row(public_id: UUID) -> Acknowledgement | None:
    """One post with what ``view_of`` needs."""
    return _rows().filter(public_id=public_id).first()


def view_of(row: Acknowledgement, actor: StaffActor) -> Post:
    """One post as the actor sees it."""
    return _view(row, actor, views_of([row.patient_id]))


def colleagues_at(unit_id: int) -> QuerySet[User]:
    """Active users with a role at the unit, by name."""
    held = User.objects.filter(
        is_active=True, memberships__unit_id=unit_id, memberships__ended_at__isnull=True
    ).distinct()
    return held.order_by("first_name", "last_name", "pk")


def _for(actor: StaffActor) -> QuerySet[Acknowledgement]:
    mine = Q(to_user_id=actor.user_id) | Q(to_role_id=actor.role_id)
    return _rows().filter(mine, unit_id=actor.unit_id, done_at__isnull=True)


def _rows() -> QuerySet[Acknowledgement]:
    related = ("case", "ticket", "to_user", "to_role", "created_by", "done_by")
    return Acknowledgement.objects.select_related(*related).order_by("created_at", "pk")


def _views(rows: QuerySet[Acknowledgement], actor: StaffActor) -> list[Post]:
    found = list(rows[:LIMIT])
    people = views_of([row.patient_id for row in found]) if found else {}
    return [_view(row, actor, people) for row in found]


def _readable(row: Acknowledgement, case: Case) -> bool:
    """Whether the addressee may read the case: while the post stands and the case is still at the unit."""
    return row.done_at is None and case.unit_id == row.unit_id


def _view(row: Acknowledgement, actor: StaffActor, people: dict[int, PersonView]) -> Post:
    ticket = row.ticket
    to_role = row.to_role.name if row.to_role is not None else ""
    urgency = ticket.urgency if ticket is not None else None
    about = ticket if ticket is not None else row.case
    return Post(
        public_id=row.public_id,
        kind=str(row.kind),
        kind_word=row.get_kind_display(),
        patient_id=row.patient_id,
        person=people[row.patient_id],
        text=row.text,
        from_name=row.created_by.full_name if row.created_by is not None else "",
        to_name=row.to_user.full_name if row.to_user is not None else to_role,
        created_at=row.created_at,
        done_at=row.done_at,
        done_by=row.done_by.full_name if row.done_by is not None else "",
        mine=rules.is_addressee(row, user_id=actor.user_id, unit_id=actor.unit_id, role_id=actor.role_id),
        bulk=rules.may_clear_in_bulk(row.kind, urgency),
        call=row.kind == rules.Kind.UNUSED_TICKET and urgency in rules.CALL_THE_PATIENT,
        case_id=row.case.public_id if row.case is not None and _readable(row, row.case) else None,
        ticket_id=ticket.public_id if ticket is not None else None,
        expired_at=ticket.valid_to if ticket is not None else None,
        reason=about.contact_reason if about is not None else "",
    )
