"""The doors to the internal chat and to the list of guests: the door of the case first, then who takes part."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from cases import access
from cases.access import OpenCase
from cases.colleagues import queries
from cases.colleagues.errors import NotInInternalChat
from cases.colleagues.models import Guest, InternalMessage
from direkt1177.accounts.actors import AnyActor, StaffActor
from direkt1177.audit.read_log import log_read
from direkt1177.audit.refusals import NotFound


@dataclass(frozen=True, slots=True)
class Internal:
    """The internal chat of a case as one who takes part sees it."""

    opened: OpenCase
    lines: list[InternalMessage]
    guests: list[Guest]
    unread: int
    last_seq: int
    writes: bool


def open_internal(*, actor: AnyActor | None, public_id: UUID | str) -> Internal:
    """The internal chat of a case (CHT-13, CHT-19).

    Raises:
        NotFound: a resident, or no right to the case.
        HeldByColleague: a colleague holds it.
        NotInInternalChat: may see something of it, but takes no part.
    """
    opened = open_part(actor=actor, public_id=public_id)
    found = queries.lines(opened.case)
    assert isinstance(actor, StaffActor)
    return Internal(
        opened=opened,
        lines=found,
        guests=queries.guests_of(opened.case),
        unread=queries.unread(actor, opened.case),
        last_seq=found[-1].seq if found else 0,
        writes=queries.takes_part(opened.basis, opened.case),
    )


def open_part(*, actor: AnyActor | None, public_id: UUID | str) -> OpenCase:
    """The case, for somebody who reads its internal chat.

    Raises:
        As ``open_internal``.
    """
    if not isinstance(actor, StaffActor):
        raise NotFound
    opened = access.any_case(actor=actor, public_id=public_id)
    if not queries.may_read(opened.basis, opened.case):
        raise NotInInternalChat
    return opened


def list_visits(*, actor: AnyActor | None) -> list[queries.Visit]:
    """*Besök som gäst*; one row in the log names everyone shown (QUE-07, L-09).

    Raises:
        NotFound: not staff.
    """
    if not isinstance(actor, StaffActor):
        raise NotFound
    found = queries.visits_as_guest(actor)
    patients = sorted({visit.case.patient_id for visit in found})
    if patients:
        log_read(
            actor=actor, action="list", object_type="list", object_id="visits_as_guest", patients=patients,
            basis="guest",
        )  # fmt: skip
    return found
