"""Reading asynchronous cases: lists, counts, what is needed before one is begun; constant query counts. No rights."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Greatest, Least

from cases.asynchronous import rules
from cases.asynchronous.models import Mark, Rated
from cases.models import Case, Message
from cases.queries.lists import unread_of
from cases.states import CaseState
from direkt1177.accounts.actors import StaffActor
from direkt1177.accounts.models import Shift
from direkt1177.audit.models import ChangeLog
from direkt1177.residents.models import Person
from direkt1177.residents.queries import PersonView, views_of
from direkt1177.units import policies
from direkt1177.units.clock import now

SHOWN = 200
INBOX, QUIET, CLOSED = "inbox", "quiet", "closed"


@dataclass(frozen=True, slots=True)
class Whose:
    """Of whom: the actor, a colleague, or everybody of a role at the unit."""

    user_id: int | None
    role_id: int | None


@dataclass(frozen=True, slots=True)
class FollowUpRow:
    """A row of *Asynkrona*; ``person`` and what was written are None for a colleague's case (ASY-02, §4).

    Attributes:
        last_seq: number of the newest message, which *Markera som klar* stands at.
        overdue: the last day is over.
        marked: it was marked as done, and would be in the inbox without.
    """

    public_id: UUID
    own: bool
    urgency: int | None
    urgency_label: str
    person: PersonView | None
    patient_id: int
    reason: str
    said: str
    said_at: datetime | None
    unread: int
    last_seq: int
    follow_up_until: datetime | None
    overdue: bool
    marked: bool
    closed_at: datetime | None
    holder_name: str


@dataclass(frozen=True, slots=True)
class Counts:
    """Numbers on the tabs and in the menu."""

    inbox: int
    quiet: int


def handled_seq(cases: Iterable[int]) -> dict[int, int]:
    """Up to which message a case needs no answer, of those that have a mark; one query."""
    return dict(Mark.objects.filter(case_id__in=list(cases)).values_list("case_id", "seq"))


# The number up to which nobody waits; annotated, since a mark may be missing.
_WAITS = Q(last_patient_seq__gt=F("answered"))


def _follow_ups(unit_id: int, whose: Whose) -> QuerySet[Any]:
    found = Case.objects.filter(unit_id=unit_id, state=CaseState.ASYNCHRONOUS)
    mine = found.filter(holder_id=whose.user_id) if whose.user_id else found.filter(holder_role_id=whose.role_id)
    mark = Subquery(Mark.objects.filter(case=OuterRef("pk")).values("seq")[:1])
    answer = Least(F("last_staff_seq"), F("staff_seen_seq"))  # as rules.is_unanswered
    return mine.annotate(answered=Greatest(answer, Coalesce(mark, Value(0))))


def counts_of(actor: StaffActor, whose: Whose) -> Counts:
    """How many wait for an answer and how many do not; two queries."""
    found = _follow_ups(actor.unit_id, whose)
    inbox = found.filter(_WAITS).count()
    return Counts(inbox, found.count() - inbox)


def rows_of(actor: StaffActor, tab: str, whose: Whose, *, until: datetime | None = None) -> list[FollowUpRow]:
    """One tab: those whose time is out first, then the newest reply; at most ``SHOWN``.

    Args:
        actor: who looks; others' cases carry their holder only.
        tab: ``inbox``, ``quiet`` or ``closed``.
        whose: of whom.
        until: only follow-ups that end before this moment.
    """
    if tab == CLOSED:
        found: QuerySet[Any] = Case.objects.filter(
            unit_id=actor.unit_id, state=CaseState.CLOSED, follow_up_until__isnull=False
        )
        mine = Q(closed_by_id=whose.user_id) if whose.user_id else Q(role_id=whose.role_id)
        found = found.filter(mine).order_by("-ended_at", "-pk")
    else:
        found = _follow_ups(actor.unit_id, whose)
        found = found.filter(_WAITS) if tab == INBOX else found.filter(last_patient_seq__lte=F("answered"))
    if until is not None:
        found = found.filter(follow_up_until__lt=until)
    newest = Message.objects.filter(case=OuterRef("pk"), seq=OuterRef("last_patient_seq"))
    found = found.select_related("unit", "holder", "closed_by", "follow_up_mark").annotate(
        unread=unread_of(Message.Author.PATIENT, "staff_seen_seq"),
        said=Subquery(newest.values("text")[:1]),
        said_at=Subquery(newest.values("sent_at")[:1]),
    )
    cases: list[Any] = list(found[:SHOWN])
    own = [c for c in cases if (c.holder_id or c.closed_by_id) == actor.user_id]
    people = views_of(c.patient_id for c in own)
    words = policies.policies_of({c.unit_id: c.unit for c in cases}.values()) if cases else {}
    at = now()
    rows = [_row(c, people.get(c.patient_id) if c in own else None, words[c.unit_id].urgency_labels, at) for c in cases]
    if tab == CLOSED:
        return rows
    return sorted(rows, key=lambda row: (not row.overdue, -(row.said_at or at).timestamp()))


def _row(case: Any, person: PersonView | None, labels: Any, at: datetime) -> FollowUpRow:
    own = person is not None
    who = case.holder or case.closed_by
    mark = getattr(case, "follow_up_mark", None)
    return FollowUpRow(
        public_id=case.public_id,
        own=own,
        urgency=case.urgency,
        urgency_label=labels.get(case.urgency, "") if case.urgency else "",
        person=person,
        patient_id=case.patient_id,
        reason=case.contact_reason if own else "",
        said=(case.said or "")[:160] if own else "",
        said_at=case.said_at,
        unread=case.unread,
        last_seq=case.last_seq,
        follow_up_until=case.follow_up_until,
        overdue=case.state == CaseState.ASYNCHRONOUS and rules.is_overdue(case.follow_up_until, at),
        marked=mark is not None and mark.seq >= case.last_patient_seq > min(case.last_staff_seq, case.staff_seen_seq),
        closed_at=case.ended_at,
        holder_name=who.full_name if who else "",
    )


def colleagues(actor: StaffActor) -> list[tuple[int, str]]:
    """Who holds follow-ups or is on shift at the unit, besides the actor, by name."""
    held = Case.objects.filter(unit_id=actor.unit_id, state=CaseState.ASYNCHRONOUS)
    names = {
        user: f"{first} {last}".strip()
        for user, first, last in [
            *held.values_list("holder_id", "holder__first_name", "holder__last_name").distinct(),
            *Shift.objects.filter(unit_id=actor.unit_id, ended_at__isnull=True).values_list(
                "user_id", "user__first_name", "user__last_name"
            ),
        ]
    }
    return sorted(((pk, name) for pk, name in names.items() if pk != actor.user_id), key=lambda one: one[1])


def lacking_for(person: Person, precondition: Iterable[str], *, provider_id: int) -> list[rules.Lack]:
    """What is missing before care may write first to whoever would read it (ASY-05); three queries.

    Whether somebody has written with another care provider is not told; that they can sign in is.
    """
    # Not those that care began: they arrived and counted as closed at the same moment.
    sent = Case.objects.filter(started_by=person).exclude(closed_at__isnull=False, arrived_at=F("closed_at"))
    dialogue = sent.filter(provider_id=provider_id).exists()
    signed_in = (
        dialogue
        or sent.exists()
        or ChangeLog.objects.filter(object_type="person", object_id=str(person.pk), event="signed_in").exists()
    )
    return rules.lacking(tuple(precondition), signed_in=signed_in, dialogue=dialogue)


def is_rated(case: Case) -> bool:
    """Whether somebody has answered about it."""
    return Rated.objects.filter(case=case).exists()
