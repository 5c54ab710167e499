"""What the internal pane follows live (design §3): its own feed, its own numbers, staff only (I-15)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import ClassVar

from cases import access
from cases import queries as case_queries
from cases.colleagues import queries, shown
from cases.colleagues.names import GUESTS, line_object
from cases.errors import HeldByColleague
from direkt1177.accounts.actors import AnyActor, StaffActor
from direkt1177.audit.feed_log import IntervalLog
from direkt1177.audit.refusals import NotFound
from direkt1177.realtime.sources import Grant, Item


class InternalSource(IntervalLog):
    """``internal:<case>``: the holder, the guests, and both sides of a handover (CHT-13, CHT-19)."""

    prefix = "internal"
    volatile: ClassVar[frozenset[str]] = frozenset({"typing"})

    def authorize(self, actor: AnyActor, feed: str) -> Grant:
        """Through the same doors as the pane.

        Raises:
            NotFound: every resident, and staff who take no part.
        """
        case = case_queries.case_by_id(_case_of(feed))
        if case is None or not isinstance(actor, StaffActor):
            raise NotFound
        try:
            basis = access.basis_for(actor, case)
        except HeldByColleague:
            raise NotFound from None
        if not queries.may_read(basis, case):
            raise NotFound
        return Grant(basis, patients=[case.patient_id])

    def first_page(self, feed: str) -> Sequence[Item]:
        """The newest lines, and how far they go."""
        return self._items(feed, None, guests=True)

    def read(self, feed: str, objects: list[str]) -> Sequence[Item]:
        """Certain lines; the list of guests is fetched by the page."""
        seqs = [int(tail) for name in objects if (tail := name.removeprefix("line:")).isdecimal()]
        return self._items(feed, seqs, guests=GUESTS in objects)

    def label_of(self, actor: AnyActor, feed: str) -> str:
        """By name: all are colleagues."""
        del feed
        return actor.name if isinstance(actor, StaffActor) else ""

    def _items(self, feed: str, seqs: list[int] | None, *, guests: bool) -> list[Item]:
        case = case_queries.case_by_id(_case_of(feed))
        if case is None:
            return []
        found = [
            Item(
                line_object(line.seq), shown.render_line(line),
                {"seq": line.seq, "from": line.author_key, "at": line.sent_at}, f"{line.seq:09d}",
            )
            for line in (queries.lines(case, seqs=seqs) if seqs != [] else [])
        ]  # fmt: skip
        return [*found, Item(GUESTS, "", {"last_seq": queries.last_seq(case)})] if guests else found


def _case_of(feed: str) -> uuid.UUID:
    try:
        return uuid.UUID(feed.partition(":")[2])
    except ValueError:
        raise NotFound from None
