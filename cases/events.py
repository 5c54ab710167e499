"""What happened to a case: the audit row, the outbox rows, the doorbells (design §2-3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Literal, Self
from uuid import UUID

from cases import names
from cases.models import Case
from direkt1177.audit.record import BoardMove, Event, LogEntry
from direkt1177.outbox.effects import EffectSpec
from direkt1177.realtime.changes import Change


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseEvent(Event):
    """Something happened to a case; the fields are the case as it stands *after* it."""

    queue_op: ClassVar[Literal["", "put", "drop"]] = ""
    board_op: ClassVar[str] = ""
    public_id: UUID
    patient_id: int
    unit_id: int
    role_id: int
    version: int
    started_by_id: int
    holder_id: int | None
    from_state: str
    to_state: str
    data: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, case: Case, *, from_state: str, holder_id: int | None = None, **more: Any) -> Self:
        """From a case already changed.

        Args:
            case: after the change.
            from_state: the state before it.
            holder_id: whose list of own cases changes; without it the present holder's.
            more: fields of the subclass.
        """
        return cls(
            public_id=case.public_id,
            patient_id=case.patient_id,
            unit_id=case.unit_id,
            role_id=case.role_id,
            version=case.version,
            started_by_id=case.started_by_id,
            holder_id=holder_id if holder_id is not None else case.holder_id,
            from_state=str(from_state),
            to_state=str(case.state),
            **more,
        )

    def log(self) -> LogEntry:
        """The audit row."""
        return LogEntry("case", str(self.public_id), self.patient_id, self.from_state, self.to_state, self.data)

    def doorbells(self) -> Sequence[Change]:
        """Header of both chat feeds, own lists, and the queue where ``queue_op`` says so."""
        changes = [
            Change(names.patient_chat_feed(self.public_id), names.HEADER),
            Change(names.staff_chat_feed(self.public_id), names.HEADER),
            *self._own_lists(),
        ]
        if self.queue_op:
            feed = names.queue_feed(self.unit_id, self.role_id)
            changes.append(Change(feed, names.case_object(self.public_id), self.queue_op))
        return changes

    def _own_lists(self) -> list[Change]:
        keys = {f"person:{self.started_by_id}", f"person:{self.patient_id}"}
        if self.holder_id:
            keys.add(f"staff:{self.holder_id}")
        return [Change(names.me_feed(key), names.OWN) for key in sorted(keys)]

    def board_moves(self) -> Sequence[BoardMove]:
        """The patient enters or leaves the queue that others see."""
        if not self.board_op:
            return ()
        board = names.queue_feed(self.unit_id, self.role_id)
        return (BoardMove(board, str(self.public_id), self.patient_id, self.board_op),)


class CaseArrived(CaseEvent):
    """A resident sent a case."""

    code = "case_arrived"
    queue_op = "put"
    board_op = "enter"


class CaseReceived(CaseEvent):
    """*Ta emot*: reserved to a holder; the patient gets an SMS (CAS-02, CAS-03)."""

    code = "case_received"
    # Put, not drop: others see "Anna tog emot 10.41" on the row before it goes.
    queue_op = "put"
    board_op = "leave"

    def effects(self) -> Sequence[EffectSpec]:
        """One SMS per receipt."""
        return (
            EffectSpec(
                kind="resident_sms",
                key=f"case_received:{self.public_id}:{self.version}",
                aggregate=f"case:{self.public_id}",
                payload={"person": self.started_by_id, "template": "case_received", "unit": self.unit_id},
            ),
        )


class CaseReceivedAnyway(CaseReceived):
    """*Ta emot ändå*: another role took it knowingly (QUE-13)."""

    code = "case_received_anyway"


class CaseResumed(CaseReceived):
    """*Ta emot* of a visit that had begun and lay in a queue again: it goes on, so no SMS of receipt (HOV-08)."""

    code = "case_resumed"

    def effects(self) -> Sequence[EffectSpec]:
        """The patient sees in the chat who answers now."""
        return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferTaken(CaseReceived):
    """*Ta emot* of an offered case: holder, unit, role and running chat pass on in one step (HOV-02).

    Attributes:
        giver_id: user id of who held it until now.
        from_unit_id, from_role_id: where it belonged until now.
        offered_user: it was offered to a colleague by name, not to a role.
    """

    code = "offer_taken"
    giver_id: int | None
    from_unit_id: int
    from_role_id: int
    offered_user: bool

    def effects(self) -> Sequence[EffectSpec]:
        """The chat runs already: no SMS of receipt."""
        return ()

    def doorbells(self) -> Sequence[Change]:
        """The giver's list goes, and with it what the giver may read; the addressed queue greys its row."""
        giver = names.me_feed(f"staff:{self.giver_id}")
        changes = [
            change
            for change in CaseEvent.doorbells(self)
            if not (self.offered_user and change.feed.startswith("queue:"))
        ]
        changes += [Change(giver, names.OWN), Change(giver, "authz")]
        if self.offered_user or (self.from_unit_id, self.from_role_id) != (self.unit_id, self.role_id):
            old = names.queue_feed(self.from_unit_id, self.from_role_id)
            changes.append(Change(old, names.case_object(self.public_id), "drop"))
        return changes

    def board_moves(self) -> Sequence[BoardMove]:
        """It leaves the queue of the role it was offered to."""
        return () if self.offered_user else CaseEvent.board_moves(self)


class CaseWithdrawn(CaseEvent):
    """*Lämna kön*: the resident took it back before anyone received it."""

    code = "case_withdrawn"
    queue_op = "drop"
    board_op = "leave"


class CasePutBack(CaseEvent):
    """*Lägg tillbaka*: back in the same queue with its original arrival."""

    code = "case_put_back"
    queue_op = "put"
    board_op = "enter"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Written(CaseEvent):
    """Something with a new line in the patient chat.

    Attributes:
        seq: number of the line.
        by_staff: whether staff wrote it.
        stretch: from ``effects.stretch_of``: what one SMS stands for.
        sms_due_at: when the patient gets an SMS if the line is not seen by then.
        queue: unit and role in whose queue the case lies, from ``rules.lies_in``; None for most.
    """

    seq: int
    by_staff: bool
    stretch: int
    sms_due_at: datetime
    queue: tuple[int, int] | None = None

    def _message_bell(self) -> Change:
        return Change(names.patient_chat_feed(self.public_id), names.message_object(self.seq))

    def effects(self) -> Sequence[EffectSpec]:
        """An SMS later, if the patient has not seen it by then; one per unread stretch (NOT-01 k)."""
        if not self.by_staff:
            return ()
        return (
            EffectSpec(
                kind="case_unread_sms",
                key=f"unread:{self.public_id}:{self.stretch}",
                aggregate=f"case:{self.public_id}:unread",
                payload={"case": str(self.public_id), "seq": self.seq, "stretch": self.stretch},
                due_at=self.sms_due_at,
            ),
        )


class VisitStarted(_Written):
    """*Starta besök* with its welcome message (CAS-04)."""

    code = "visit_started"

    def doorbells(self) -> Sequence[Change]:
        """The welcome message too."""
        return [self._message_bell(), *CaseEvent.doorbells(self)]


class VisitPaused(CaseEvent):
    """*Pausa besök*: it stays with the holder until a later day (CAS-12)."""

    code = "visit_paused"


class VisitResumed(CaseEvent):
    """The holder goes on with a paused visit."""

    code = "visit_resumed"


class VisitClosed(CaseEvent):
    """*Avsluta besök*, with or without follow-up, or with a booked time (CAS-08, CAS-13)."""

    code = "visit_closed"


class FollowUpEnded(CaseEvent):
    """The follow-up period ran out; the visit was closed by a person before (I-08)."""

    code = "follow_up_ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class UrgencyChanged(CaseEvent):
    """Staff changed the urgency (TRI-11).

    Attributes:
        queue: unit and role in whose queue it lies, from ``rules.lies_in``.
    """

    code = "urgency_changed"
    queue: tuple[int, int] | None = None

    def doorbells(self) -> Sequence[Change]:
        """Staff see it; the patient never sees the number, only the queue moves."""
        changes = [Change(names.staff_chat_feed(self.public_id), names.HEADER)]
        if self.holder_id:
            changes.append(Change(names.me_feed(f"staff:{self.holder_id}"), names.OWN))
        if self.queue is not None:
            changes.append(Change(names.queue_feed(*self.queue), names.case_object(self.public_id)))
        return changes


class MessageSent(_Written):
    """A line in the patient chat; touches the chat and ``me``, and a queue only while the case lies in one."""

    code = "message_sent"

    def doorbells(self) -> Sequence[Change]:
        """The message, the header (read marks) and the other side's own lists: unread counts; one's own stay."""
        others = "me:person:" if self.by_staff else "me:staff:"
        bells = [
            self._message_bell(),
            Change(names.patient_chat_feed(self.public_id), names.HEADER),
            *(change for change in self._own_lists() if change.feed.startswith(others)),
        ]
        if self.queue is not None and not self.by_staff:  # its row counts what nobody has read
            bells.append(Change(names.queue_feed(*self.queue), names.case_object(self.public_id)))
        return bells


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageStored(Event):
    """An image was decoded, cleaned and stored (IMG-01)."""

    code = "image_stored"
    upload_id: UUID
    patient_id: int | None
    origin: str

    def log(self) -> LogEntry:
        """The audit row."""
        return LogEntry("upload", str(self.upload_id), self.patient_id, data={"origin": self.origin})
