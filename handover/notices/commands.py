"""A user's own notices and choices: one durable transaction each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from direkt1177.accounts.actors import ManageActor, StaffActor
from direkt1177.accounts.models import User
from direkt1177.audit.record import Event, LogEntry, command, record, ring
from direkt1177.audit.refusals import NotFound
from direkt1177.realtime.changes import Change
from direkt1177.units.clock import now
from handover import names
from handover.models import Notice, NoticeChoice
from handover.notices import queries
from handover.notices.errors import ChoiceUnknown, NoMobile
from handover.notices.kinds import chosen_kinds, everywhere_kinds


@dataclass(frozen=True, slots=True)
class NoticesChosen(Event):
    """A user chose what to be told of (NOT-02)."""

    code = "notices_chosen"
    user_id: int
    choices: dict[str, str]

    def log(self) -> LogEntry:
        """The audit row."""
        data: dict[str, Any] = {"choices": self.choices}
        return LogEntry("user", str(self.user_id), data=data)


@command
def read_all(*, actor: StaffActor) -> int:
    """Mark all notices of the user at the present unit as read.

    Returns:
        How many were unread.
    """
    rows = queries.of_user(actor.user_id, actor.unit_id).filter(seen_at__isnull=True)
    changed = rows.update(seen_at=now())
    if changed:
        ring([Change(names.notices_feed(actor.user_id), names.NOTICES)])
    return changed


@command
def read_all_of_manager(*, actor: ManageActor) -> int:
    """Mark a manager's notices about passed limits as read, whatever the unit; how many were unread."""
    rows = Notice.objects.filter(user_id=actor.user_id, kind__in=everywhere_kinds(), seen_at__isnull=True)
    changed = rows.update(seen_at=now())
    if changed:
        ring([Change(names.notices_feed(actor.user_id), names.NOTICES)])
    return changed


@command
def open_notice(*, actor: StaffActor, public_id: UUID) -> str:
    """Follow a notice: it is read, and the address behind it is where to go. Doing it again changes nothing.

    Raises:
        NotFound: no such notice of this user.
    """
    notice = Notice.objects.select_related("case").filter(public_id=public_id, user_id=actor.user_id).first()
    if notice is None:
        raise NotFound
    if Notice.objects.filter(pk=notice.pk, seen_at__isnull=True).update(seen_at=now()):
        ring([Change(names.notices_feed(actor.user_id), names.NOTICES)])
    return queries.target_of(notice)


@command
def choose_notices(*, actor: StaffActor, choices: Mapping[str, str]) -> None:
    """Save what the user wants to be told of (NOT-02).

    Args:
        choices: by kind: ``none``, ``app`` or ``sms``; kinds left out are not touched.

    Raises:
        ChoiceUnknown: a kind that nobody chooses, or another word.
        NoMobile: SMS without a mobile number in the profile.
    """
    kinds = {kind.code for kind in chosen_kinds()}
    if set(choices) - kinds or set(choices.values()) - {"none", "app", "sms"}:
        raise ChoiceUnknown
    # Two tabs save one after the other.
    user = User.objects.select_for_update(no_key=True).get(pk=actor.user_id)
    if "sms" in choices.values() and not user.mobile:
        raise NoMobile
    for kind, choice in choices.items():
        if choice == "none":
            NoticeChoice.objects.filter(user=user, kind=kind).delete()
        else:
            NoticeChoice.objects.update_or_create(user=user, kind=kind, defaults={"sms": choice == "sms"})
    record(NoticesChosen(user.pk, dict(choices)), actor=actor)
