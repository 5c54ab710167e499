"""The only doors to a case: decide, log the read in the same transaction, hide what is not for this actor.

Bases: ``holder`` (works in it), ``closed_own`` (read-only), ``queue_role`` and ``queue_other_role`` (preview of a
case in a queue of the own unit, be it waiting or offered), ``offer`` (preview of one offered to oneself), ``giver``,
``acknowledgement``, ``search`` and ``emergency`` (reads by a ``CaseReader``, the last two for a limited time),
``guest`` (sees it, writes internally), ``guest_participate`` (writes to the patient too),
``self``, ``guardian`` (started it), ``guardian_read`` (ENT-20), ``uploader`` (image not sent yet).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from cases import names, queries, rules
from cases.colleagues.rules import CONSULTS, TAKES_PART
from cases.errors import HeldByColleague, NotTaken
from cases.models import Case, Upload
from direkt1177.accounts.actors import AnyActor, ResidentActor, StaffActor
from direkt1177.audit.models import ReadLog
from direkt1177.audit.read_log import log_read
from direkt1177.audit.refusals import NotFound
from direkt1177.residents import access as residents_access

T = TypeVar("T")
WORK_BASES = frozenset({"holder", "self", "guardian"})
# Guests see the whole page; those who take part do all that the holder may, but close, hand over, invite, sign (I-09).
GUEST_BASES = frozenset({CONSULTS, TAKES_PART})
WRITE_BASES = WORK_BASES | {TAKES_PART}
_LATELY = timedelta(hours=12)  # a staff session at most
PREVIEW_BASES = frozenset({"queue_role", "queue_other_role", "offer"})
# Whoever handed it over and may read on, the addressee of an acknowledgement, and who has opened it with a stated
# reason: the whole page, no works.
READER_BASES = frozenset({"giver", "acknowledgement", "search", "emergency"})


@dataclass(frozen=True, slots=True)
class OpenCase:
    """A case that may be shown, and why."""

    case: Case
    basis: str

    @property
    def works(self) -> bool:
        """Whether this actor may do things in it, not only read."""
        return self.basis in WORK_BASES

    @property
    def takes_part(self) -> bool:
        """Whether this actor writes to the patient and does what belongs to it: who works in it, and some guests."""
        return self.basis in WRITE_BASES

    @property
    def other_role(self) -> bool:
        """Whether *Ta emot ändå* replaces *Ta emot* (QUE-13)."""
        return self.basis == "queue_other_role"

    @property
    def reads_chat(self) -> bool:
        """Whether a preview shows the chat: to those who are to take on a visit that has begun (HOV-02)."""
        return self.basis in ("offer", "queue_role") and self.case.started_at is not None


def parse_id(value: UUID | str) -> UUID:
    """A public id from outside.

    Raises:
        NotFound: not an id.
    """
    if isinstance(value, UUID):
        return value
    try:
        return UUID(value)
    except (ValueError, AttributeError, TypeError):
        raise NotFound from None


def basis_for(actor: AnyActor | None, case: Case) -> str:
    """Why this actor may see the case now; the one decision that pages, feeds and commands share.

    Raises:
        NotFound: no right at all, told like an absent case.
        HeldByColleague: a colleague at the same unit holds it.
    """
    if isinstance(actor, StaffActor):
        return _staff_basis(actor, case)
    if isinstance(actor, ResidentActor):
        relation = residents_access.may_act_for(actor, case.patient)
        if relation == "self":
            return "self"
        return "guardian" if case.started_by_id == actor.person_id else "guardian_read"
    raise NotFound


def bases_of(actor: StaffActor, cases: Sequence[Case]) -> dict[int, str]:
    """``basis_for`` of many cases at once, by primary key; those the actor may not open are left out. Two queries.

    Args:
        actor: who looks at a list.
        cases: with ``holder`` loaded.
    """
    readers = queries.reader_bases(actor, [case.pk for case in cases])
    guests = queries.guest_bases(actor, cases)
    found = {}
    for case in cases:
        try:
            found[case.pk] = _staff_basis(actor, case, readers, guests)
        except (NotFound, HeldByColleague):
            continue
    return found


def _staff_basis(
    actor: StaffActor, case: Case, readers: dict[int, str] | None = None, guests: dict[int, str] | None = None
) -> str:
    here = case.unit_id == actor.unit_id
    if here and case.holder_id == actor.user_id:
        return "holder"
    if basis := queries.guest_basis(actor, case) if guests is None else guests.get(case.pk, ""):
        return basis
    if case.offered_user_id == actor.user_id and case.offered_unit_id == actor.unit_id:
        return "offer"
    queue = rules.lies_in(case)
    if queue is not None and queue[0] == actor.unit_id:
        return "queue_role" if queue[1] == actor.role_id else "queue_other_role"
    if here and case.holder is None and case.closed_by_id == actor.user_id:
        return "closed_own"
    if basis := queries.reader_basis(actor, case.pk) if readers is None else readers.get(case.pk, ""):
        return basis
    if here and case.holder is not None:
        raise HeldByColleague(
            case.holder.full_name or _("a colleague"), case.received_at or case.arrived_at, str(case.public_id)
        )
    raise NotFound


def open_case(
    *, actor: AnyActor | None, public_id: UUID | str, purpose: str = "open", log: bool | None = True
) -> OpenCase:
    """Open the case page (CAS-02, CAS-25).

    Args:
        actor: staff who hold it, are guests in it, closed it, or may read it (``READER_BASES``).
        public_id: of the case.
        purpose: action in the read log: ``open``, ``copy``, ``print`` or ``export``.
        log: None for a panel of a page already open: a row is written only when the page was not opened lately.

    Raises:
        NotFound: absent or forbidden.
        NotTaken: it lies in the queue, or is offered to the actor; use the preview.
        HeldByColleague: shows who and since when, no content.
    """
    if not isinstance(actor, StaffActor):
        raise NotFound
    opened = _through_door(actor, public_id, purpose, log=log)
    if opened.basis in PREVIEW_BASES:
        raise NotTaken
    return opened


def preview_case(*, actor: AnyActor | None, public_id: UUID | str, log: bool = True) -> OpenCase:
    """Look into a waiting or offered case before taking it; always logged when opened (QUE-09, QUE-13, HOV-05).

    The holder gets ``holder`` and is best sent on to the case page.

    Raises:
        NotFound: absent or forbidden.
        HeldByColleague: it was taken meanwhile.
    """
    if not isinstance(actor, StaffActor):
        raise NotFound
    return _through_door(actor, public_id, "preview", log=log)


def resident_case(*, actor: AnyActor | None, public_id: UUID | str, log: bool | None = True) -> OpenCase:
    """The waiting room and chat of the patient, the responsible guardian, or another guardian who reads (ENT-19..21).

    Raises:
        NotFound: absent or forbidden.
    """
    if not isinstance(actor, ResidentActor):
        raise NotFound
    return _through_door(actor, public_id, "open", log=log)


def any_case(
    *, actor: AnyActor | None, public_id: UUID | str, purpose: str = "open", log: bool | None = None
) -> OpenCase:
    """Whatever door this actor has, for panels of higher apps that serve page and preview alike.

    Raises:
        NotFound: absent or forbidden.
        HeldByColleague: a colleague holds it.
    """
    return _through_door(actor, public_id, purpose, log=log)


def open_upload(*, actor: AnyActor | None, public_id: UUID | str) -> Upload:
    """An image, for whoever may see its case, or for who added it to an interview not sent yet (IMG-06).

    Raises:
        NotFound: absent or forbidden, a colleague's case included.
    """
    if actor is None:
        raise NotFound

    def read() -> Upload:
        upload = (
            Upload.objects.select_related("case__patient", "case__holder").filter(public_id=parse_id(public_id)).first()
        )
        if upload is None:
            raise NotFound
        if upload.case is None:
            if not isinstance(actor, ResidentActor) or upload.by_person_id != actor.person_id:
                raise NotFound
            basis, patients = "uploader", []
        else:
            try:
                basis, patients = basis_for(actor, upload.case), [upload.case.patient_id]
            except HeldByColleague:
                raise NotFound from None
        log_read(
            actor=actor,
            action="image",
            object_type="upload",
            object_id=str(upload.public_id),
            patients=patients,
            basis=basis,
        )
        return upload

    return _logged(read)


def list_queue(*, actor: AnyActor | None, role_id: int, after: str = "", limit: int = queries.PAGE) -> queries.Page:
    """*Väntar i kö* of a role at the own unit; one row in the log names everyone shown (QUE-03, QUE-04).

    Raises:
        NotFound: not staff.
    """
    if not isinstance(actor, StaffActor):
        raise NotFound
    basis = "queue_role" if role_id == actor.role_id else "queue_other_role"
    board = names.queue_feed(actor.unit_id, role_id)
    return _list(actor, board, basis, lambda: queries.queue_rows(actor.unit_id, role_id, after=after, limit=limit))


def list_received(*, actor: AnyActor | None, after: str = "", limit: int = queries.PAGE) -> queries.Page:
    """*Mottagna*: the user's own received cases (QUE-03).

    Raises:
        NotFound: not staff.
    """
    if not isinstance(actor, StaffActor):
        raise NotFound
    return _list(actor, "received", "holder", lambda: queries.received_rows(actor, after=after, limit=limit))


def list_closed(*, actor: AnyActor | None, after: str = "", limit: int = queries.PAGE) -> queries.Page:
    """*Avslutade*: the user's own closed cases (QUE-03).

    Raises:
        NotFound: not staff.
    """
    if not isinstance(actor, StaffActor):
        raise NotFound
    return _list(actor, "closed", "closed_own", lambda: queries.closed_rows(actor, after=after, limit=limit))


def list_own(*, actor: AnyActor | None) -> list[queries.OwnRow]:
    """The list at the left: own ongoing cases at the chosen unit (QUE-08).

    Raises:
        NotFound: not staff.
    """
    if not isinstance(actor, StaffActor):
        raise NotFound

    def read() -> list[queries.OwnRow]:
        rows = queries.own_cases(actor)
        if rows:
            _log_list(actor, "own_cases", "holder", sorted({r.patient_id for r in rows}))
        return rows

    return _logged(read)


def list_resident(*, actor: AnyActor | None) -> list[queries.ResidentRow]:
    """*Mina ärenden* of a resident and the children they may read for (ENT-13, ENT-20).

    Raises:
        NotFound: not a resident.
    """
    if not isinstance(actor, ResidentActor):
        raise NotFound

    def read() -> list[queries.ResidentRow]:
        rows = queries.resident_cases(actor)
        _log_list(actor, "my_cases", "self", sorted({r.patient_id for r in rows}))
        return rows

    return _logged(read)


def _through_door(actor: AnyActor | None, public_id: UUID | str, action: str, *, log: bool | None) -> OpenCase:
    if actor is None:
        raise NotFound
    ident = parse_id(public_id)

    def read() -> OpenCase | HeldByColleague:
        case = queries.case_by_id(ident)
        if case is None:
            raise NotFound
        basis, held = "held_by_colleague", None
        try:
            basis = basis_for(actor, case)
        except HeldByColleague as refusal:
            held = refusal
        if log or (log is None and not _opened_lately(actor, ident)):
            log_read(
                actor=actor,
                action=action,
                object_type="case",
                object_id=str(ident),
                patients=[case.patient_id],
                basis=basis,
            )
        return held or OpenCase(case, basis)

    result = _logged(read)
    if isinstance(result, HeldByColleague):
        raise result
    return result


def _opened_lately(actor: AnyActor, ident: UUID) -> bool:
    """Whether the actor's opening of this case already stands in the log, so that a panel of it adds nothing."""
    opened = ReadLog.objects.filter(actor_key=actor.key, object_type="case", object_id=str(ident))
    return opened.filter(action__in=("open", "preview"), at__gt=Now() - _LATELY).exists()


def _list(actor: AnyActor, name: str, basis: str, fetch: Callable[[], queries.Page]) -> queries.Page:
    def read() -> queries.Page:
        page = fetch()
        _log_list(actor, name, basis, sorted({r.patient_id for r in page.rows}))
        return page

    return _logged(read)


def _log_list(actor: AnyActor, name: str, basis: str, patients: list[int]) -> None:
    log_read(actor=actor, action="list", object_type="list", object_id=name, patients=patients, basis=basis)


def _logged(read: Callable[[], T]) -> T:
    """No log, no data: reading and its log row commit together (S-24)."""
    with transaction.atomic():
        return read()
