"""What tickets do when something else happens: a visit closed or begun, a note signed, a timer due."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Q

from cases.events import FollowUpEnded, VisitClosed, VisitStarted
from cases.models import Case
from cases.states import CaseState
from direkt1177.accounts.actors import SYSTEM
from direkt1177.accounts.models import Membership
from direkt1177.audit.actor import Actor
from direkt1177.audit.record import record
from direkt1177.outbox.effects import EffectSpec, enqueue
from direkt1177.units.clock import now
from direkt1177.units.policies import policy
from handover.acknowledgements import steps as acknowledgements
from handover.acknowledgements.rules import Addressee
from handover.models import Acknowledgement, Ticket, Timer
from handover.notices.steps import mark_read, notify
from handover.states import TicketState
from handover.tickets import flags, rules, texts
from handover.tickets.events import DraftThrownAway, TicketBecameUsable, TicketHasExpired, TicketUnusedInTime
from handover.tickets.locking import locked, move, stored
from handover.timers.plans import TICKET, Plan, calendar_of, plan_now
from journal.events import NoteWasSigned
from journal.models import Note

EXPIRES, WAITS, UNUSED = "ticket_expires", "ticket_waits", "ticket_unused"
_OPEN = (TicketState.SENT, TicketState.USABLE)


def visit_closed(event: VisitClosed, actor: Actor) -> None:
    """*Avsluta besök* is done, in whatever way: the tickets of the visit can be used from now on (TIK-06)."""
    for ticket in locked(issuing_case__public_id=event.public_id, state=TicketState.SENT):
        before = move(ticket, TicketState.USABLE)
        ticket.usable_at = now()
        stored(ticket)
        record(TicketBecameUsable.of(ticket, from_state=before), actor=actor)
        mark_read(_key(WAITS, ticket))
    if event.to_state == CaseState.CLOSED:
        case_over(event, actor)


def case_over(event: VisitClosed | FollowUpEnded, actor: Actor) -> None:
    """Nothing more is sent from the case: drafts that were left in it are thrown away."""
    for ticket in locked(issuing_case__public_id=event.public_id, state=TicketState.DRAFT):
        before = move(ticket, TicketState.WITHDRAWN, by=actor.key)
        ticket.save()
        record(DraftThrownAway.of(ticket, from_state=before), actor=actor)


def units_changed(unit_ids: frozenset[int]) -> None:
    """Hours or settings have changed: warnings and alarms of tickets are due at other times.

    Tickets are not locked: a timer of one that has ended meanwhile finds nothing to do.
    """
    mine = Q(unit_id__in=unit_ids) | Q(issuing_unit_id__in=unit_ids)
    for pk in Ticket.objects.filter(mine, state__in=_OPEN).order_by("pk").values_list("pk", flat=True):
        plan_now(TICKET, pk)


def visit_started(event: VisitStarted, actor: Actor) -> None:
    """The visit at the receiving unit begins: an SMS, once, for nobody need watch the chat (TIK-11, NOT-01 n)."""
    del actor
    if not Case.objects.filter(public_id=event.public_id, from_ticket=True).exists():
        return
    enqueue(
        EffectSpec(
            kind="resident_sms",
            key=f"ticket_begins:{event.public_id}",
            aggregate=f"case:{event.public_id}",
            payload={"person": event.started_by_id, "template": "ticket_begins", "unit": event.unit_id},
        )
    )


def note_signed(event: NoteWasSigned, actor: Actor) -> None:
    """The giver's note is exported: answers it contains are flagged for the receiver (TIK-10)."""
    del actor
    case_id = Note.objects.filter(pk=event.note_id).values_list("case_id", flat=True).first()
    # Also those not used yet are locked: whoever uses one meanwhile sees the export.
    for ticket in locked(issuing_case_id=case_id, state__in=[*_OPEN, TicketState.ACTIVATED]):
        if ticket.state == TicketState.ACTIVATED:
            ticket.answers_documented = flags.documented_answers(ticket)
            ticket.save(update_fields=["answers_documented"])


def plan(ticket: Ticket) -> Iterator[Plan]:
    """Timers of a ticket: its end, the warning before it while it waits, the alarm of an urgent one."""
    if ticket.state not in _OPEN or ticket.sent_at is None:
        return
    stamp = ticket.valid_to.isoformat()
    yield Plan(EXPIRES, stamp, ticket.valid_to)
    if ticket.state == TicketState.SENT:
        calendar = calendar_of(ticket.issuing_unit, ticket.issuing_role_id)
        yield Plan(WAITS, stamp, rules.warn_at(calendar, ticket.valid_to), unit_id=ticket.issuing_unit_id)
    due = rules.unused_due(
        policy(ticket.unit), urgency=ticket.urgency, sent_at=ticket.sent_at, valid_from=ticket.valid_from
    )
    if due is not None and due < ticket.valid_to:
        yield Plan(UNUSED, ticket.sent_at.isoformat(), due)


def expire(timer: Timer) -> datetime | None:
    """Its last day has passed: it ends, and somebody gets a post to acknowledge, once (TIK-13)."""
    ticket = _of(timer)
    if ticket is None:
        return None
    if now() < ticket.valid_to:
        return ticket.valid_to
    before = move(ticket, TicketState.EXPIRED, by=SYSTEM.key)
    stored(ticket)
    record(TicketHasExpired.of(ticket, from_state=before), actor=SYSTEM)
    mark_read(_key(WAITS, ticket))
    urgent = ticket.urgency in rules.URGENT
    what = texts.UNUSED_URGENT.format(urgency=ticket.urgency) if urgent else texts.UNUSED
    never_closed = before == TicketState.SENT
    to_issuer = never_closed or policy(ticket.issuing_unit).ticket_expiry_ack_target == "issuer"
    text = texts.NEVER_CLOSED.format(what=what) if never_closed else what
    _post(ticket, kind=Acknowledgement.Kind.UNUSED_TICKET, text=text, to_issuer=to_issuer, notice="acknowledgement")
    return None


def warn_issuer(timer: Timer) -> datetime | None:
    """The ticket soon ends and the visit it belongs to is not closed: the issuer still can (TIK-06)."""
    ticket = _of(timer)
    if ticket is None or ticket.state != TicketState.SENT:
        return None
    case, key = ticket.issuing_case, _key(WAITS, ticket)
    # Whoever holds the visit now closes it; the issuer is told too, wherever the case has gone.
    told = {ticket.issued_by_id: ticket.issuing_unit_id}
    if case.holder_id is not None:
        told[case.holder_id] = case.unit_id
    for user, unit in told.items():
        notify(users=(user,), kind="ticket_waits", key=key, unit_id=unit, case=case, ticket=ticket)
    return None


def alarm_unused(timer: Timer) -> datetime | None:
    """Urgency 1 or 2, and unused when the assessment target passes: issuer and receiver are to call the patient."""
    ticket = _of(timer)
    if ticket is None:
        return None
    text = texts.NOT_USED_IN_TIME.format(urgency=ticket.urgency)
    for to_issuer in (True, False):
        _post(ticket, kind=Acknowledgement.Kind.FOLLOW_UP, text=text, to_issuer=to_issuer, notice="ticket_unused")
    record(TicketUnusedInTime.of(ticket, from_state=ticket.state, urgency=ticket.urgency), actor=SYSTEM)
    return None


def _of(timer: Timer) -> Ticket | None:
    """The ticket of a timer while it may still be used; its lock is held by the sweep."""
    return locked(pk=timer.subject_id, state__in=_OPEN).select_related("issuing_unit__provider__region").first()


def _post(ticket: Ticket, *, kind: str, text: str, to_issuer: bool, notice: str) -> None:
    unit_id, to = (ticket.issuing_unit_id, _issuer(ticket)) if to_issuer else (
        ticket.unit_id, Addressee(role_id=ticket.role_id),
    )  # fmt: skip
    acknowledgements.ask(
        actor=SYSTEM,
        kind=kind,
        to=to,
        unit_id=unit_id,
        patient_id=ticket.patient_id,
        text=text,
        at=now(),
        # The receiver never sees the case the ticket was issued from (TIK-09).
        case=ticket.issuing_case if to_issuer and ticket.issuing_case.unit_id == unit_id else None,
        ticket=ticket,
        notice=notice,
    )


def _issuer(ticket: Ticket) -> Addressee:
    """Who issued it while they still work there, else their role: nothing lies with somebody who has gone."""
    works = Membership.objects.filter(user_id=ticket.issued_by_id, unit_id=ticket.issuing_unit_id, ended_at=None)
    if works.filter(user__is_active=True).exists():
        return Addressee(user_id=ticket.issued_by_id)
    return Addressee(role_id=ticket.issuing_role_id)


def _key(kind: str, ticket: Ticket) -> str:
    return f"{kind}:{ticket.public_id}"
