"""Reading a user's notices and choices (NOT-01, NOT-02)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.urls import reverse

from cases import rules
from cases.models import Case
from direkt1177.accounts.actors import StaffActor
from direkt1177.audit.read_log import log_read
from direkt1177.residents.queries import person_view
from handover.models import Notice, NoticeChoice
from handover.notices.kinds import everywhere_kinds, kind_of

PAGE = 50


@dataclass(frozen=True, slots=True)
class Line:
    """One notice as the page lists it.

    Attributes:
        patient: name as it may be shown, or empty when the actor may not open the case now.
        unit: name of the unit when it is another than where the user works now.
    """

    public_id: UUID
    kind: str
    words: str
    icon: str
    hot: bool
    at: datetime
    unread: bool
    patient: str
    masked: bool
    reason: str
    unit: str


@dataclass(frozen=True, slots=True)
class Page:
    """Latest first; ``before`` continues after the last line, empty at the end."""

    lines: list[Line]
    before: str


def of_user(user_id: int, unit_id: int) -> QuerySet[Notice]:
    """A user's notices at the unit where they work now, and those that are shown everywhere."""
    return Notice.objects.filter(Q(unit_id=unit_id) | Q(kind__in=everywhere_kinds()), user_id=user_id)


def unread_count(user_id: int, unit_id: int) -> int:
    """The number on the bell."""
    return of_user(user_id, unit_id).filter(seen_at__isnull=True).count()


def unread_by_unit(user_id: int) -> dict[str, int]:
    """Unread notices by unit id, for the feed that knows nothing about who looks from where."""
    rows = Notice.objects.filter(user_id=user_id, seen_at__isnull=True).values_list("unit_id")
    return {str(unit): n for unit, n in rows.annotate(n=Count("pk"))}


def page_of(actor: StaffActor, *, before: str = "") -> Page:
    """The centre, 50 notices at a time; patients shown are written to the read log (L-09).

    Args:
        before: ``Page.before`` of the page above; anything else begins at the top.
    """
    rows = of_user(actor.user_id, actor.unit_id).select_related("unit", "case__patient")
    if before.isdecimal() and len(before) < 19:
        rows = rows.filter(pk__lt=int(before))
    found = list(rows.order_by("-pk")[: PAGE + 1])
    lines = [_line(actor, notice) for notice in found[:PAGE]]
    _log(actor, found[:PAGE])
    return Page(lines, str(found[PAGE - 1].pk) if len(found) > PAGE else "")


def manager_lines(user_id: int) -> list[Line]:
    """The latest 50 about limits that were passed, for a manager: units, never patients."""
    mine = Notice.objects.filter(user_id=user_id, kind__in=everywhere_kinds()).select_related("unit")
    return [_plain_line(notice) for notice in mine.order_by("-pk")[:PAGE]]


def target_of(notice: Notice) -> str:
    """The address behind a notice."""
    kind = kind_of(notice.kind)
    if kind.link is not None:
        return kind.link(notice)
    return reverse("cases:case", args=[notice.case.public_id]) if notice.case else reverse("cases:queue")


def choices_of(user_id: int) -> dict[str, str]:
    """What a user has chosen by kind: ``app``, or ``sms`` (which includes the former); absent is nothing (NOT-02)."""
    rows = NoticeChoice.objects.filter(user_id=user_id).values_list("kind", "sms")
    return {kind: "sms" if sms else "app" for kind, sms in rows}


def _plain_line(notice: Notice) -> Line:
    kind = kind_of(notice.kind)
    return Line(
        public_id=notice.public_id,
        kind=notice.kind,
        words=str(kind.words) % notice.data if notice.data else str(kind.words),
        icon=kind.icon,
        hot=kind.hot,
        at=notice.created_at,
        unread=notice.seen_at is None,
        patient="",
        masked=False,
        reason="",
        unit=notice.unit.name,
    )


def _line(actor: StaffActor, notice: Notice) -> Line:
    case = notice.case if notice.case is not None and _may_name(actor, notice.case) else None
    person = person_view(case.patient) if case is not None else None
    return replace(
        _plain_line(notice),
        patient=person.name if person is not None else "",
        masked=person.masked if person is not None else False,
        reason=case.contact_reason if case is not None else "",
        unit=notice.unit.name if notice.unit_id != actor.unit_id else "",
    )


def _may_name(actor: StaffActor, case: Case) -> bool:
    """Whether the patient may be named: the actor's own case, or one in a queue of the unit."""
    if case.unit_id == actor.unit_id and case.holder_id == actor.user_id:
        return True
    queue = rules.lies_in(case)
    return queue is not None and queue[0] == actor.unit_id


def _log(actor: StaffActor, notices: Sequence[Notice]) -> None:
    named = {n.case.patient_id for n in notices if n.case is not None and _may_name(actor, n.case)}
    if named:
        log_read(
            actor=actor,
            action="list",
            object_type="list",
            object_id="notices",
            patients=sorted(named),
            basis="queue_role",
        )
