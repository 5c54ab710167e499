"""What this part subscribes to when the project starts."""

from __future__ import annotations

from cases.colleagues import leaving
from cases.colleagues.events import GuestEvent
from cases.models import Case
from direkt1177.audit.actor import Actor
from direkt1177.audit.record import subscribe
from handover.notices import steps as notices

# The case leaves its holder without anybody taking it at once, or goes to somebody else.
_LET_GO = (
    "case_released", "case_left_behind", "case_returned", "case_left_to_role", "case_put_back_at_end", "offer_queued",
    "offer_fell_back",
)  # fmt: skip


def register() -> None:
    """Notices of invitations, and the end of guests."""
    subscribe("guest_invited", _tell)
    subscribe("guest_ended", _over)
    for code in _LET_GO:
        subscribe(code, leaving.let_go)
    subscribe("fallen_offer_taken", leaving.taken)


def _tell(event: GuestEvent, actor: Actor) -> None:
    """NOT-01 g: the invited colleague, in the centre (CHT-15)."""
    del actor
    case = Case.objects.get(public_id=event.public_id)
    notices.notify(
        kind="guest_invited", key=_key(event), unit_id=event.guest_unit_id, users=[event.user_id], case=case
    )  # fmt: skip


def _over(event: GuestEvent, actor: Actor) -> None:
    """What the notice was about is over."""
    del actor
    notices.mark_read(_key(event))


def _key(event: GuestEvent) -> str:
    return f"guest:{event.guest_id}"
