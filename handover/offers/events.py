"""What happened to an offer: the audit row carries facts only, never the messages (HOV)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, Self

from cases import names as case_names
from cases.events import CaseEvent
from cases.models import Case
from direkt1177.audit.record import BoardMove
from direkt1177.realtime.changes import Change
from handover import names
from handover.models import Handover


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferEvent(CaseEvent):
    """Something happened to an offer of a case; both sides' lists change.

    Attributes:
        handover_id: primary key of the offer.
        giver_id: user id of whoever offered it.
        from_queue: unit and role of the giver.
        to_queue: unit and role that see the offer on their desk; for a colleague the colleague's own role.
        in_queue: whether the offer lies in that role's queue (not for a colleague, nor after it fell back).
    """

    addressee_op: ClassVar[Literal["", "put", "drop"]] = ""
    addressee_board: ClassVar[str] = ""
    handover_id: int
    giver_id: int
    from_queue: tuple[int, int]
    to_queue: tuple[int, int]
    in_queue: bool

    @classmethod
    def about(
        cls, case: Case, offer: Handover, *, role_id: int, from_state: str, in_queue: bool | None = None,
        facts: Mapping[str, object] | None = None,
    ) -> Self:  # fmt: skip
        """From a case and an offer already changed.

        Args:
            case: after the change.
            offer: after the change.
            role_id: the addressee's role: of the offer, or the colleague's.
            from_state: of the case before it.
            in_queue: whether it was shown in the role's queue; a role offer that has not fallen back, unless given.
            facts: for the audit row beside who and where.
        """
        data: dict[str, object] = {
            "handover": str(offer.public_id), "to_unit": offer.to_unit_id, "to_role": offer.to_role_id,
            "to_user": offer.to_user_id, "from_role": offer.from_role_id,
        }  # fmt: skip
        shown = offer.to_role_id is not None and offer.fell_back_at is None
        return cls.of(
            case,
            from_state=from_state,
            holder_id=offer.from_user_id,
            data=data | dict(facts or {}),
            handover_id=offer.pk,
            giver_id=offer.from_user_id,
            from_queue=(offer.from_unit_id, offer.from_role_id),
            to_queue=(offer.to_unit_id, role_id),
            in_queue=shown if in_queue is None else in_queue,
        )

    def doorbells(self) -> Sequence[Change]:
        """Case, own lists, the receiving queue, and both desks."""
        changes = list(CaseEvent.doorbells(self))
        if self.addressee_op and self.in_queue:
            feed = case_names.queue_feed(*self.to_queue)
            changes.append(Change(feed, case_names.case_object(self.public_id), self.addressee_op))
        changes += [Change(names.desk_feed(*queue), names.OFFERS) for queue in {self.from_queue, self.to_queue}]
        changes += [
            Change(names.coordinator_feed(unit), names.OFFERS) for unit in {self.from_queue[0], self.to_queue[0]}
        ]
        return changes

    def board_moves(self) -> Sequence[BoardMove]:
        """The patient is shown to, or goes from, another list."""
        if not self.addressee_board or not self.in_queue:
            return ()
        board = case_names.queue_feed(*self.to_queue)
        return (BoardMove(board, str(self.public_id), self.patient_id, self.addressee_board),)


class CaseOffered(OfferEvent):
    """*Lämna över besök*: the giver still answers (HOV-01)."""

    code = "case_offered"
    addressee_op = "put"
    addressee_board = "enter"


class OfferWithdrawn(OfferEvent):
    """The giver took it back, or passed the offer on to a role."""

    code = "offer_withdrawn"
    addressee_op = "drop"
    addressee_board = "leave"


class OfferDeclined(OfferEvent):
    """The addressee said no; the reason stands on the offer, not in the log."""

    code = "offer_declined"
    addressee_op = "drop"
    addressee_board = "leave"


class OfferEnded(OfferEvent):
    """It fell because the case itself went another way: released, closed by time, taken by the own unit."""

    code = "offer_ended"
    addressee_op = "drop"
    addressee_board = "leave"


class OfferEscalated(OfferEvent):
    """Nobody accepted in time: the coordinator is told (HOV-09)."""

    code = "offer_escalated"


class OfferQueued(OfferEvent):
    """The giver's shift ended: a plain item in the addressed role's queue of the own unit."""

    code = "offer_queued"
    # It was on that list as an offer already.
    addressee_op = "put"


class OfferFellBack(OfferEvent):
    """The giver's shift ended before another unit accepted: it waits in the own role's queue meanwhile."""

    code = "offer_fell_back"
    queue_op = "put"
    board_op = "enter"
    addressee_op = "drop"
    addressee_board = "leave"

    def board_moves(self) -> Sequence[BoardMove]:
        """In at the own role, out of the other unit's queue."""
        return (*CaseEvent.board_moves(self), *OfferEvent.board_moves(self))


class FallenOfferTaken(OfferEvent):
    """Another unit took a case that had fallen back: holder, unit and chat pass on in one step (HOV-02)."""

    code = "fallen_offer_taken"

    def doorbells(self) -> Sequence[Change]:
        """The own unit's queue loses it; the taker's list gets it."""
        changes = list(OfferEvent.doorbells(self))
        changes.append(Change(case_names.queue_feed(*self.from_queue), case_names.case_object(self.public_id), "drop"))
        return changes

    def board_moves(self) -> Sequence[BoardMove]:
        """Out of the own unit's queue."""
        board = case_names.queue_feed(*self.from_queue)
        return (BoardMove(board, str(self.public_id), self.patient_id, "leave"),)
