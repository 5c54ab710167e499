"""Writing in the internal chat and how far one has read (CHT-13, CHT-19). Its numbers are its own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from cases import access, rules
from cases.colleagues import queries, steps
from cases.colleagues.errors import NotInInternalChat
from cases.colleagues.events import InternalSent
from cases.colleagues.models import InternalMark, InternalMessage
from cases.colleagues.names import GUESTS, internal_feed
from cases.errors import CaseClosed, MessageEmpty, MessageTooLong
from cases.locking import lock_case
from cases.models import Case
from direkt1177.accounts.actors import StaffActor
from direkt1177.audit.record import command, record, ring
from direkt1177.audit.refusals import Invalid, KeyReused, NotFound
from direkt1177.realtime.changes import Change

_CLIENT_ID = re.compile(r"[A-Za-z0-9_.:-]{1,64}")


@dataclass(frozen=True, slots=True)
class Written:
    """The ack: the line's number in the internal chat and when it was stored (UTC)."""

    seq: int
    at: datetime


@command
def send_internal(*, actor: StaffActor, case_id: UUID | str, client_id: str, text: str) -> Written:
    """Write one line to the colleagues in the case; never to the patient (CHT-13).

    Args:
        actor: the holder, a guest, or whom it is being handed over to.
        case_id: public id.
        client_id: made by the sender, 1 to 64 characters; the same again gives the same ack and no second line.
        text: up to 4,000 characters after cleaning.

    Raises:
        MessageEmpty, MessageTooLong: nothing is stored.
        NotInInternalChat: sees the case, but takes no part.
        CaseClosed: closed it; reads only.
        KeyReused: the client id came with another text.
        HeldByColleague, NotFound: no right to the case; every resident.
    """
    if not isinstance(actor, StaffActor):
        raise NotFound
    if not _CLIENT_ID.fullmatch(client_id):
        raise Invalid
    cleaned = rules.clean_text(text)
    if not cleaned or not cleaned.strip("\u200b\u200c\u200d\u2060\ufeff \n\t"):
        raise MessageEmpty
    if len(cleaned) > rules.MESSAGE_LIMIT:
        raise MessageTooLong(rules.MESSAGE_LIMIT)
    case = lock_case(case_id)
    basis = access.basis_for(actor, case)
    earlier = InternalMessage.objects.filter(case=case, author_key=actor.key, client_id=client_id).first()
    if earlier is not None and queries.may_read(basis, case):
        if earlier.text != cleaned:
            raise KeyReused
        return Written(earlier.seq, earlier.sent_at)
    if not queries.takes_part(basis, case):
        raise CaseClosed if basis == "closed_own" else NotInInternalChat
    line = steps.append_line(
        case, author_key=actor.key, author_name=actor.name, author_title=actor.title, client_id=client_id, text=cleaned
    )
    _mark(case, actor, line.seq)
    record(InternalSent.of(case, from_state=case.state, seq=line.seq, data={"seq": line.seq}), actor=actor)
    return Written(line.seq, line.sent_at)


@command
def mark_internal_seen(*, actor: StaffActor, case_id: UUID | str, seq: int) -> bool:
    """Move the actor's own read mark forward; it never goes back.

    Args:
        actor: whoever reads the internal chat.
        case_id: public id.
        seq: number of the newest line seen.

    Returns:
        Whether it moved.

    Raises:
        NotInInternalChat, HeldByColleague, NotFound: as ``send_internal``.
    """
    if not isinstance(actor, StaffActor):
        raise NotFound
    case = lock_case(case_id)
    if not queries.may_read(access.basis_for(actor, case), case):
        raise NotInInternalChat
    moved = _mark(case, actor, min(seq, queries.last_seq(case)))
    if moved:
        ring([Change(internal_feed(case.public_id), GUESTS)])
    return moved


def _mark(case: Case, actor: StaffActor, seq: int) -> bool:
    mark, made = InternalMark.objects.select_for_update(no_key=True).get_or_create(
        case=case, user_id=actor.user_id, defaults={"seq": seq}
    )
    if made or mark.seq >= seq:
        return made
    mark.seq = seq
    mark.save(update_fields=["seq"])
    return True
