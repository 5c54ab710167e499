"""What sockets and their HTTP twin read of the errand: the queue, both sides of a chat, one's own list."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from cases import access, names, queries, rules, shown
from cases.errors import HeldByColleague
from cases.models import Case, Message
from cases.states import CaseState
from direkt1177.accounts.actors import AnyActor, ResidentActor, StaffActor
from direkt1177.audit.feed_log import IntervalLog
from direkt1177.audit.refusals import NotFound
from direkt1177.realtime.changes import Change
from direkt1177.realtime.sources import Grant, Item
from direkt1177.units.clock import now

# A row that was just taken stays grey for so long; the browser removes it earlier.
GONE_SECONDS = 120


class QueueSource(IntervalLog):
    """``queue:<unit>:<role>``: *Väntar i kö*; who was shown follows from ``board_stay`` and the interval."""

    prefix = "queue"

    def authorize(self, actor: AnyActor, feed: str) -> Grant:
        """Staff at the unit, whatever role they look at (QUE-04).

        Raises:
            NotFound: another unit, a resident, or no such name.
        """
        unit_id, role_id = _queue_of(feed)
        if not isinstance(actor, StaffActor) or actor.unit_id != unit_id:
            raise NotFound
        return Grant("queue_role" if actor.role_id == role_id else "queue_other_role")

    def first_page(self, feed: str) -> Sequence[Item]:
        """The first page of those who wait."""
        unit_id, role_id = _queue_of(feed)
        return [_row_item(row) for row in queries.queue_rows(unit_id, role_id).rows]

    def read(self, feed: str, objects: list[str]) -> Sequence[Item]:
        """Cases in the queue, and those taken just now: grey, with who and when."""
        unit_id, role_id = _queue_of(feed)
        ids = [ident for name in objects if (ident := _uuid(name.removeprefix("case:"))) is not None]
        at = now()
        rows = queries.rows_by_id(ids, unit_id=unit_id, role_id=role_id)
        return [
            _row_item(row)
            for row in rows
            if row.lies_in == (unit_id, role_id)
            or (
                row.lies_in is None
                and row.holder_id
                and row.received_at
                and (at - row.received_at).total_seconds() < GONE_SECONDS
            )
        ]


class ChatSource(IntervalLog):
    """``chat:<case>:patient`` (patient, holder, readers) and ``chat:<case>:staff`` (staff only)."""

    prefix = "chat"

    def authorize(self, actor: AnyActor, feed: str) -> Grant:
        """Through the same door as the page.

        Raises:
            NotFound: also while it lies in the queue, or a colleague holds it; a preview is no live reading.
        """
        ident, side = _chat_of(feed)
        case = queries.case_by_id(ident)
        if case is None:
            raise NotFound
        try:
            basis = access.basis_for(actor, case)
        except HeldByColleague:
            raise NotFound from None
        if basis in access.PREVIEW_BASES or (side == "staff" and not isinstance(actor, StaffActor)):
            raise NotFound
        return Grant(basis, patients=[case.patient_id])

    def first_page(self, feed: str) -> Sequence[Item]:
        """The whole timeline and the header."""
        ident, side = _chat_of(feed)
        case = queries.case_by_id(ident)
        if case is None:
            return []
        if side == "staff":
            return [_staff_header(case)]
        return [*(_message_item(m, case) for m in queries.timeline(case)), _header(case)]

    def read(self, feed: str, objects: list[str]) -> Sequence[Item]:
        """Certain messages, and the header."""
        ident, side = _chat_of(feed)
        case = queries.case_by_id(ident)
        if case is None:
            return []
        if side == "staff":
            return [_staff_header(case)] if names.HEADER in objects else []
        seqs = [int(tail) for name in objects if (tail := name.removeprefix("message:")).isdecimal()]
        items = [_message_item(m, case) for m in queries.timeline(case, seqs=seqs)] if seqs else []
        return [*items, _header(case)] if names.HEADER in objects else items

    def label_of(self, actor: AnyActor, feed: str) -> str:
        """Whose typing is shown: staff by name, the other side by part, never by name."""
        del feed
        return actor.name if isinstance(actor, StaffActor) else _("The patient")


class MeSource(IntervalLog):
    """``me:<actor key>``: own ongoing cases with unread counts; nobody else's."""

    prefix = "me"
    # Counts beside a chat that is live itself: the first change shows at once, a flood of them once a second.
    calm_seconds = 1.0
    volatile: ClassVar[frozenset[str]] = frozenset()

    def authorize(self, actor: AnyActor, feed: str) -> Grant:
        """Only oneself; staff see the unit they have chosen.

        Raises:
            NotFound: somebody else's.
        """
        if feed != names.me_feed(actor.key):
            raise NotFound
        return Grant("self" if isinstance(actor, ResidentActor) else "holder")

    def first_page(self, feed: str) -> Sequence[Item]:
        """The own list."""
        return self.read(feed, [names.OWN])

    def read(self, feed: str, objects: list[str]) -> Sequence[Item]:
        """The own list, drawn as the page draws it."""
        return self.read_each({feed: objects})[feed]

    def read_each(self, wanted: dict[str, list[str]]) -> dict[str, Sequence[Item]]:
        """Many lists at once: as many queries as for one."""
        people: dict[str, dict[int, str]] = {"staff": {}, "person": {}}
        for feed, objects in wanted.items():
            kind, _sep, pk = feed.removeprefix("me:").partition(":")
            if names.OWN in objects and kind in people and pk.isdecimal():
                people[kind][int(pk)] = feed
        found: dict[str, Sequence[Item]] = {feed: [] for feed in wanted}
        for user, rows in queries.own_cases_of_each(people["staff"]).items():
            found[people["staff"][user]] = [_own_item([row for row in rows if row.at_left])]
        for person, mine in queries.resident_cases_of_each(people["person"]).items():
            found[people["person"][person]] = [_mine_item(mine)]
        return found


def changes_showing(person_id: int) -> list[Change]:
    """Feeds and objects in which a person is shown now, to be drawn again when the masking changes (ENT-26)."""
    found: list[Change] = []
    for case in Case.objects.filter(patient_id=person_id).exclude(state__in=[CaseState.CLOSED, CaseState.CANCELLED]):
        if (queue := rules.lies_in(case)) is not None:
            found.append(Change(names.queue_feed(*queue), names.case_object(case.public_id)))
        if case.holder_id:
            found.append(Change(names.me_feed(f"staff:{case.holder_id}"), names.OWN))
        found.append(Change(names.staff_chat_feed(case.public_id), names.HEADER))
    return found


def _row_item(row: queries.QueueRow) -> Item:
    data: dict[str, Any] = {"state": row.state, "urgency": row.urgency, "role": row.role_id}
    if row.gone:
        data |= {"holder": row.holder_name, "since": row.received_at, "gone": True}
    return Item(row.object, shown.render_row(row), data, row.sort)


def _message_item(message: Message, case: Case) -> Item:
    data = {
        "seq": message.seq,
        "author": message.author,
        "from": message.author_key,
        "client_id": message.client_id,
        "at": message.sent_at,
    }
    return Item(names.message_object(message.seq), shown.render_message(message, case), data, f"{message.seq:09d}")


def _own_item(rows: list[queries.OwnRow]) -> Item:
    data = {"unread": sum(r.unread for r in rows), "cases": {str(r.public_id): r.unread for r in rows}}
    return Item(names.OWN, shown.render_own(rows), data)


def _mine_item(mine: list[queries.ResidentRow]) -> Item:
    data = {
        "unread": sum(r.unread for r in mine),
        "cases": {str(r.public_id): {"unread": r.unread, "state": r.state} for r in mine},
    }
    return Item(names.OWN, shown.render_mine(mine), data)


def _header(case: Case) -> Item:
    return Item(names.HEADER, "", queries.header(case).data())


def _staff_header(case: Case) -> Item:
    data = {
        "state": str(case.state),
        "version": case.version,
        "urgency": case.urgency,
        "holder": case.holder_id,
        "role": case.role_id,
    }
    return Item(names.HEADER, "", data)


def _queue_of(feed: str) -> tuple[int, int]:
    parts = feed.split(":")
    if len(parts) != 3 or not (parts[1].isdecimal() and parts[2].isdecimal()) or len(feed) > 40:
        raise NotFound
    return int(parts[1]), int(parts[2])


def _chat_of(feed: str) -> tuple[uuid.UUID, str]:
    parts = feed.split(":")
    if len(parts) != 3 or parts[2] not in ("patient", "staff") or (ident := _uuid(parts[1])) is None:
        raise NotFound
    return ident, parts[2]


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
