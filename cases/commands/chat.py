"""The hot path: sending a message, sending an image, read marks (CHT-01, CHT-10, R-02)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any
from uuid import UUID

from cases import access, names, rules, sending, uploads
from cases.commands.outcome import lock_case
from cases.effects import stretch_of
from cases.errors import CaseClosed, MessageEmpty, MessageTooLong, NotHolder, NotStarted, ReadOnly
from cases.events import MessageSent
from cases.locking import require_part
from cases.messages import append_message, count_message
from cases.models import Case, Message, Upload
from cases.states import CaseState
from direkt1177.accounts.actors import AnyActor, StaffActor
from direkt1177.audit.record import command, record, ring
from direkt1177.audit.refusals import Invalid, KeyReused, NotFound
from direkt1177.realtime.changes import Change
from direkt1177.realtime.prepared import Prepared
from direkt1177.units.clock import now

_EARLIER = Prepared(
    lambda case, author, client_id: Message.objects.filter(case_id=case, author_key=author, client_id=client_id),
    1_999_999_991,
    "an author",
    "a client id",
)
_CLIENT_ID = re.compile(r"[A-Za-z0-9_.:-]{1,64}")


@dataclass(frozen=True, slots=True)
class Sent:
    """The ack: the message's number in the case and when it was stored (UTC)."""

    seq: int
    at: datetime


def send_message(*, actor: AnyActor, case_id: UUID | str, client_id: str, text: str) -> Sent:
    """Send one line of text; the same client id again gives the same ack and no second message.

    Args:
        actor: the holder, a guest who takes part, the patient, or the guardian who started the case.
        case_id: public id.
        client_id: made by the sender, 1 to 64 characters; the idempotency key.
        text: up to 4,000 characters after cleaning.

    Raises:
        MessageEmpty, MessageTooLong: nothing is stored.
        NotStarted: before *Starta besök* (CAS-04).
        CaseClosed: closed, or the follow-up has ended (CAS-25).
        ReadOnly: a guardian who did not start it (ENT-20).
        ConsultOnly: a guest who writes in the internal chat only (CHT-16).
        NotHolder: staff who only preview or read it; a visit in a queue again is taken first.
        KeyReused: the client id came with another text.
        HeldByColleague, NotFound: no right to write here.
    """
    cleaned = rules.clean_text(text)
    if not cleaned:
        raise MessageEmpty
    if len(cleaned) > rules.MESSAGE_LIMIT:
        raise MessageTooLong(rules.MESSAGE_LIMIT)
    return _send(actor=actor, ident=access.parse_id(case_id), client_id=_check(client_id), text=cleaned, upload=None)


def send_image(*, actor: AnyActor, case_id: UUID | str, client_id: str, file: IO[bytes]) -> Sent:
    """Send one image as a message (CHT-10); decoded and cleaned before the transaction begins.

    Args:
        actor, case_id, client_id: as ``send_message``; the same client id never stores a second image.
        file: as uploaded, untrusted.

    Raises:
        ImageRefused: or one of its kinds; nothing is stored.
        As ``send_message``.
    """
    ident, checked = access.parse_id(case_id), _check(client_id)
    earlier = may_send(actor=actor, case_id=ident, client_id=checked)
    if earlier is not None:
        return earlier
    image = uploads.decode(file)
    try:
        return _send(actor=actor, ident=ident, client_id=checked, text="", upload=image)
    except BaseException:
        uploads.discard(image)
        raise


def may_send(*, actor: AnyActor, case_id: UUID | str, client_id: str) -> Sent | None:
    """Refuse early, before costly work; the ack when this client id was sent already.

    Raises:
        As ``send_message``.
    """
    case = Case.objects.select_related("holder", "patient").filter(public_id=access.parse_id(case_id)).first()
    if case is None:
        raise NotFound
    basis = _basis(actor, case)
    earlier = Message.objects.filter(case=case, author_key=actor.key, client_id=client_id).first()
    if earlier is not None:
        return Sent(earlier.seq, earlier.sent_at)
    _require_open(case, basis)
    return None


@command
def mark_seen(*, actor: AnyActor, case_id: UUID | str, seq: int) -> bool:
    """Move this side's read mark forward; a mark never goes back (I-16).

    Args:
        actor: the holder, the patient, or the guardian who started the case; others leave no mark.
        case_id: public id.
        seq: number of the newest message seen.

    Returns:
        Whether the mark moved.
    """
    case = lock_case(case_id)
    if _basis(actor, case) not in access.WORK_BASES:
        return False
    field = "staff_seen_seq" if isinstance(actor, StaffActor) else "patient_seen_seq"
    seen = min(seq, case.last_seq)
    if seen <= getattr(case, field):
        return False
    setattr(case, field, seen)
    case.save(update_fields=[field])
    bells = [
        Change(names.patient_chat_feed(case.public_id), names.HEADER),
        Change(names.me_feed(actor.key), names.OWN),
    ]
    if isinstance(actor, StaffActor) and (queue := rules.lies_in(case)) is not None:
        bells.append(Change(names.queue_feed(*queue), names.case_object(case.public_id)))
    ring(bells)
    return True


@command
def _send(*, actor: AnyActor, ident: UUID, client_id: str, text: str, upload: uploads.Decoded | None) -> Sent:
    case = lock_case(ident)
    basis = _basis(actor, case)
    # A retry after closing still gets its ack: look before asking whether the chat is open.
    earlier = _EARLIER.first(case.pk, actor.key, client_id)
    if earlier is not None:
        if earlier.text != text or (earlier.kind == Message.Kind.IMAGE) != (upload is not None):
            raise KeyReused
        if upload is not None:
            uploads.discard(upload)
        return Sent(earlier.seq, earlier.sent_at)
    _require_open(case, basis)
    at = now()
    if upload is None:
        message = count_message(case, **_facts(actor, client_id, text), kind=Message.Kind.TEXT, at=at)
        sending.store(case=case, message=message, event=_event(case, message, actor), actor=actor)
    else:
        stored = uploads.store_row(actor=actor, image=upload, origin=Upload.Origin.CHAT, case=case)
        message = append_message(case, **_facts(actor, client_id, text), kind=Message.Kind.IMAGE, at=at, upload=stored)
        record(_event(case, message, actor), actor=actor)
    return Sent(message.seq, at)


def _facts(actor: AnyActor, client_id: str, text: str) -> dict[str, Any]:
    by_staff = isinstance(actor, StaffActor)
    return {
        "author": Message.Author.STAFF if by_staff else Message.Author.PATIENT,
        "author_key": actor.key,
        "author_name": actor.name if by_staff else "",
        "author_title": actor.title if isinstance(actor, StaffActor) else "",
        "client_id": client_id,
        "text": text,
    }


def _event(case: Case, message: Message, actor: AnyActor) -> MessageSent:
    return MessageSent.of(
        case,
        from_state=case.state,
        seq=message.seq,
        by_staff=isinstance(actor, StaffActor),
        stretch=stretch_of(case),
        sms_due_at=message.sent_at + rules.UNREAD_SMS_AFTER,
        queue=rules.lies_in(case),
        data={"seq": message.seq, "kind": str(message.kind)},
    )


def _basis(actor: AnyActor, case: Case) -> str:
    return access.basis_for(actor, case)


def _require_open(case: Case, basis: str) -> None:
    if basis == "guardian_read":
        raise ReadOnly
    require_part(basis)
    if basis not in access.WRITE_BASES and basis != "closed_own":
        raise NotStarted if case.started_at is None else NotHolder
    if rules.may_write_in(case, now()):
        return
    if case.state in (CaseState.WAITING, CaseState.RECEIVED):
        raise NotStarted
    raise CaseClosed


def _check(client_id: str) -> str:
    if not _CLIENT_ID.fullmatch(client_id):
        raise Invalid
    return client_id
