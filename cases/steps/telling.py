"""A line to the patient from inside another command (CAS-14, HRS-05)."""

from __future__ import annotations

from cases import rules
from cases.effects import stretch_of
from cases.events import MessageSent
from cases.messages import append_message
from cases.models import Case, Message
from direkt1177.accounts.actors import AnyActor, StaffActor
from direkt1177.audit.record import record
from direkt1177.units.clock import now


def tell_patient(
    case: Case, *, actor: AnyActor, text: str, client_id: str, kind: str = Message.Kind.TEXT
) -> Message | None:
    """Put a line into the patient chat: the member of staff's own, or the system's.

    Args:
        case: locked; the chat must be open (the caller's rule).
        actor: staff write under their name; the system as the service.
        text: cleaned here; empty writes nothing.
        client_id: unique per case and author; the same again writes nothing.
        kind: of ``Message.Kind``; ``notice`` for fixed texts.
    """
    cleaned = rules.clean_text(text)
    if not cleaned or Message.objects.filter(case=case, author_key=actor.key, client_id=client_id).exists():
        return None
    staff = isinstance(actor, StaffActor)
    at = now()
    message = append_message(
        case,
        author=Message.Author.STAFF if staff else Message.Author.SYSTEM,
        author_key=actor.key,
        author_name=actor.name if staff else "",
        author_title=actor.title if isinstance(actor, StaffActor) else "",
        client_id=client_id,
        kind=kind,
        text=cleaned,
        at=at,
    )
    record(
        MessageSent.of(
            case,
            from_state=case.state,
            seq=message.seq,
            by_staff=True,  # the patient gets the SMS about it
            stretch=stretch_of(case),
            sms_due_at=at + rules.UNREAD_SMS_AFTER,
        ),
        actor=actor,
    )
    return message
