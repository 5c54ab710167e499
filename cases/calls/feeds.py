"""What the pages of a call read: its state, and what they tell each other while it lasts (design §3)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import ClassVar

from cases.calls import queries
from cases.calls.access import may_take_part
from cases.calls.names import CALL
from cases.errors import HeldByColleague
from direkt1177.accounts.actors import AnyActor, StaffActor
from direkt1177.audit.feed_log import IntervalLog
from direkt1177.audit.refusals import NotFound
from direkt1177.realtime.sources import Grant, Item


class CallSource(IntervalLog):
    """``call:<call>``: the holder of the case, and who accepted."""

    prefix = "call"
    volatile: ClassVar[frozenset[str]] = frozenset({"signal", "rtt"})

    def authorize(self, actor: AnyActor, feed: str) -> Grant:
        """Only the two sides; before it is accepted only staff.

        Raises:
            NotFound: everybody else, and a call that does not exist.
        """
        call = queries.call_by_id(_call_of(feed))
        if call is None:
            raise NotFound
        try:
            if not may_take_part(actor, call.case, call):
                raise NotFound
        except HeldByColleague:
            raise NotFound from None
        return Grant("holder" if isinstance(actor, StaffActor) else "self", patients=[call.case.patient_id])

    def first_page(self, feed: str) -> Sequence[Item]:
        """The call as it is."""
        return self.read(feed, [CALL])

    def read(self, feed: str, objects: list[str]) -> Sequence[Item]:
        """The call as it is."""
        call = queries.call_by_id(_call_of(feed)) if CALL in objects else None
        return [] if call is None else [Item(CALL, "", queries.facts_of(call).data())]

    def label_of(self, actor: AnyActor, feed: str) -> str:
        """Staff by name, the other side by nothing: its page says who it is."""
        del feed
        return actor.name if isinstance(actor, StaffActor) else ""


def _call_of(feed: str) -> uuid.UUID:
    try:
        return uuid.UUID(feed.partition(":")[2])
    except ValueError:
        raise NotFound from None
