"""Parts of commands: a line in the internal chat, the end of a guest's right."""

from __future__ import annotations

from django.db.models import Max

from cases.colleagues import texts
from cases.colleagues.events import GuestEnded, GuestEvent
from cases.colleagues.models import Guest, InternalMessage
from cases.models import Case
from cases.rules import lies_in
from direkt1177.accounts.actors import SYSTEM
from direkt1177.accounts.models import User
from direkt1177.audit.actor import Actor
from direkt1177.audit.record import record
from direkt1177.units.clock import now


def append_line(
    case: Case, *, author_key: str, author_name: str, author_title: str, client_id: str, text: str,
    kind: str = InternalMessage.Kind.TEXT,
) -> InternalMessage:  # fmt: skip
    """The next line under the case's row lock, which the caller holds."""
    last = InternalMessage.objects.filter(case=case).aggregate(last=Max("seq"))["last"] or 0
    return InternalMessage.objects.create(
        case=case, seq=last + 1, kind=kind, author_key=author_key, author_name=author_name,
        author_title=author_title, client_id=client_id, text=text, sent_at=now(),
    )  # fmt: skip


def say(case: Case, text: str, client_id: str) -> int:
    """A line of the system; its number."""
    return append_line(
        case, author_key=SYSTEM.key, author_name="", author_title="", client_id=client_id, text=text,
        kind=InternalMessage.Kind.NOTICE,
    ).seq  # fmt: skip


def who(user: User) -> str:
    """Name and title, as colleagues see it."""
    return ", ".join(filter(None, (user.full_name or user.hsa_id, user.title.lower())))


def record_guest(event: type[GuestEvent], case: Case, guest: Guest, *, actor: Actor, seq: int | None) -> None:
    """Audit row and doorbells of what happened to a guest."""
    record(
        event.of(
            case,
            from_state=case.state,
            guest_id=guest.public_id,
            user_id=guest.user_id,
            guest_unit_id=guest.unit_id,
            mode=str(guest.mode),
            seq=seq,
            queue=lies_in(case),
            data={"ending": guest.ending} if guest.ending else {},
        ),
        actor=actor,
    )


def end_guest(case: Case, guest: Guest, *, ending: str, actor: Actor) -> None:
    """The right of a guest ends; pages of theirs drop the case within a second (I-09)."""
    guest.ended_at, guest.ended_by, guest.ending = now(), actor.key, ending
    guest.save(update_fields=["ended_at", "ended_by", "ending"])
    seq = say(case, texts.ended(who(guest.user), ending), f"ended-{guest.public_id}")
    record_guest(GuestEnded, case, guest, actor=actor, seq=seq)


def end_guests(case: Case, *, ending: str, actor: Actor, user_id: int | None = None) -> int:
    """End all guests of a locked case, or one user's; how many there were."""
    found = Guest.objects.select_for_update(no_key=True, of=("self",)).filter(case=case, ended_at__isnull=True)
    if user_id is not None:
        found = found.filter(user_id=user_id)
    ended = list(found.select_related("user").order_by("pk"))
    for guest in ended:
        end_guest(case, guest, ending=ending, actor=actor)
    return len(ended)
