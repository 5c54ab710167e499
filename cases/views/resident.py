"""*Mina ärenden*, the waiting room and the resident's chat (ENT-12, 13, 19, 20)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from cases import access, commands, names, queries, rules, shown
from cases.forms import new_form_key
from cases.models import Case, Message
from cases.states import CaseState
from cases.views.frame import post_key, resident_context, versions_of
from direkt1177.accounts.sign_in import ResidentRequest, resident_page
from direkt1177.residents.queries import person_view
from direkt1177.units import queries as unit_queries
from direkt1177.units import staffed_time
from direkt1177.units.clock import now

_WAITING = (CaseState.WAITING, CaseState.RECEIVED)


@resident_page
@never_cache
@require_GET
def mine(request: ResidentRequest) -> HttpResponse:
    """Open, in follow-up, closed; the contact reason is the heading (ENT-13)."""
    (version,) = versions_of(names.me_feed(request.actor.key))
    context = _mine(request) | {"after": version}
    return render(request, "cases/mine.html", context)


@resident_page
@never_cache
@require_GET
def mine_list(request: ResidentRequest) -> HttpResponse:
    """The lists alone, fetched again when something changes."""
    return render(request, "cases/_mine_lists.html", _mine(request))


@resident_page
@never_cache
@require_GET
def teaser(request: ResidentRequest) -> HttpResponse:
    """Ongoing cases on *Hem*: nothing when there are none."""
    rows = [row for row in access.list_resident(actor=request.actor) if not _over(row)]
    return render(request, "cases/_teaser.html", {"items": [shown.mine_context(row) for row in rows]})


@resident_page
@never_cache
@require_GET
def mine_case(request: ResidentRequest, public_id: UUID) -> HttpResponse:
    """The waiting room until the visit has started, then the chat, at the same address."""
    (version,) = versions_of(names.patient_chat_feed(public_id))
    opened = access.resident_case(actor=request.actor, public_id=public_id)
    if opened.case.state in _WAITING and opened.case.started_at is None:
        return render(request, "cases/waiting_room.html", _waiting_context(request, opened, version))
    if opened.case.state == CaseState.CANCELLED:
        return render(request, "cases/cancelled.html", resident_context(request.actor) | _about(opened.case))
    return render(request, "cases/resident_chat.html", _chat_context(request, opened, version))


@resident_page
def unsent(request: ResidentRequest, public_id: UUID, *, words: str, status: int) -> HttpResponse:
    """The chat again with a message that was refused: what was typed stays."""
    (version,) = versions_of(names.patient_chat_feed(public_id))
    opened = access.resident_case(actor=request.actor, public_id=public_id, log=None)
    context = _chat_context(request, opened, version) | {"draft": words}
    return render(request, "cases/resident_chat.html", context, status=status)


@resident_page
@never_cache
@require_GET
def status(request: ResidentRequest, public_id: UUID) -> HttpResponse:
    """The part of the waiting room that changes; an open page is not logged again."""
    opened = access.resident_case(actor=request.actor, public_id=public_id, log=None)
    return render(request, "cases/_waiting_update.html", _waiting_context(request, opened, 0))


@resident_page
@never_cache
@require_GET
def chat_state(request: ResidentRequest, public_id: UUID) -> HttpResponse:
    """Whether and how long the resident may write, fetched again when the state has changed."""
    opened = access.resident_case(actor=request.actor, public_id=public_id, log=None)
    staff = _staff_of(opened.case, [])
    context = _about(opened.case) | _state_context(opened) | {"staff_name": staff[0], "staff_title": staff[1]}
    return render(request, "cases/_chat_update.html", context)


@resident_page
@require_POST
def leave(request: ResidentRequest, public_id: UUID) -> HttpResponse:
    """*Lämna kön*: the resident takes the case back while nobody has received it."""
    commands.leave_queue(actor=request.actor, case_id=public_id, key=post_key(request))
    messages.success(request, _("You have left the queue. Seek care again if you need help."))
    return redirect("cases:mine")


def _mine(request: ResidentRequest) -> dict[str, Any]:
    rows = access.list_resident(actor=request.actor)
    context = resident_context(request.actor, unread=sum(1 for row in rows if row.unread))
    follow_up = [row for row in rows if row.state == CaseState.ASYNCHRONOUS]
    return context | {
        "open": [shown.mine_context(row) for row in rows if not _over(row) and row not in follow_up],
        "follow_up": [shown.mine_context(row) for row in follow_up],
        "closed": [shown.mine_context(row) for row in rows if _over(row)],
    }


def _over(row: queries.ResidentRow) -> bool:
    return row.state in (CaseState.CLOSED, CaseState.CANCELLED)


def _about(case: Case) -> dict[str, Any]:
    """Whom and what it is about, on every page of the case."""
    person = person_view(case.patient)
    own = case.started_by_id == case.patient_id
    return {
        "reason": case.contact_reason,
        "unit_name": case.unit.name,
        "person": person,
        "about": ""
        if own
        else _("About %(name)s, %(age)s") % {"name": person.first_name or person.name, "age": person.age_text},
        "child": "" if own or person.masked else person.first_name,
    }


def _waiting_context(request: ResidentRequest, opened: access.OpenCase, version: int) -> dict[str, Any]:
    case = opened.case
    starter = person_view(case.started_by)
    return (
        resident_context(request.actor)
        | _about(case)
        | {
            "case": waiting_context(case),
            "case_id": case.public_id,
            "sent_at": case.arrived_at,
            "mobile": masked_mobile(case.started_by.mobile) if starter.sms_possible else "",
            "acts": opened.works,
            "may_leave": opened.works and case.state == CaseState.WAITING and case.started_at is None,
            "feed": names.patient_chat_feed(case.public_id),
            "after": version,
            "form_key": new_form_key(),
        }
    )


def waiting_context(case: Case) -> dict[str, Any]:
    """Honest words about time: what is known, never a promise (ENT-12).

    Args:
        case: through the door, waiting, received or just started.
    """
    facts = queries.waiting_facts(case)
    at = now()
    until = (
        staffed_time.staffed_until(unit_queries.calendar_for(case.unit, case.role), at) if facts.staffed_now else None
    )
    return {
        "status": facts.state if facts.state in _WAITING else "started",
        "staff_name": facts.holder_name,
        "staff_title": facts.holder_title,
        "chat_url": reverse("cases:mine_case", args=[case.public_id]),
        "unit_name": facts.unit_name,
        "role_name": facts.role_name,
        "staffed_until": when_words(until, at) if until else "",
        "next_staffed": when_words(facts.next_staffed_at, at) if facts.next_staffed_at else "",
        "staffed_now": facts.staffed_now,
        "estimate": _estimate(facts, at, until),
        "estimate_at": at,
    }


def _estimate(facts: queries.WaitingFacts, at: datetime, until: datetime | None) -> dict[str, datetime] | None:
    """From when to when an answer is likely; nothing when it is past already or beyond staffed time."""
    if facts.interval is None:
        return None
    first, last = (facts.arrived_at + timedelta(minutes=minutes) for minutes in facts.interval)
    if last <= at or (until is not None and last > until):
        return None
    return {"from": max(first, at), "to": last}


def when_words(moment: datetime, at: datetime) -> str:
    """A moment near now in words: ``kl. 16.00 i dag``, ``i morgon kl. 08.00``, ``måndag 30 mars kl. 08.00``."""
    local, today = timezone.localtime(moment), timezone.localtime(at).date()
    clock = time_format(local, "H.i")
    if local.date() == today:
        return _("%(time)s today") % {"time": clock}
    if local.date() == today + timedelta(days=1):
        return _("tomorrow at %(time)s") % {"time": clock}
    return _("%(day)s at %(time)s") % {"day": date_format(local, "l j F"), "time": clock}


def masked_mobile(number: str) -> str:
    """A mobile number that its owner recognises: ``070-••• •• 42``."""
    digits = number.replace("+46", "0")
    return f"{digits[:3]}-••• •• {digits[-2:]}" if len(digits) >= 6 else ""


def _chat_context(request: ResidentRequest, opened: access.OpenCase, version: int) -> dict[str, Any]:
    case = opened.case
    timeline = queries.timeline(case)
    header = queries.header(case)
    staff = _staff_of(case, timeline)
    return (
        resident_context(request.actor)
        | _about(case)
        | _state_context(opened)
        | {
            "case_id": case.public_id,
            "staff_name": staff[0],
            "staff_title": staff[1],
            "chat_messages": [shown.message_context(message, case.public_id) for message in timeline],
            "feed": names.patient_chat_feed(case.public_id),
            "after": version,
            "me": request.actor.key,
            "read_seq": case.staff_seen_seq,
            "my_read_seq": case.patient_seen_seq,
            "can_write": header.open and opened.works,
            "send_url": reverse("cases:send", args=[case.public_id]),
            "upload_url": reverse("cases:send_image", args=[case.public_id]),
            "form_key": new_form_key(),
        }
    )


def _state_context(opened: access.OpenCase) -> dict[str, Any]:
    case, at = opened.case, now()
    is_open = rules.may_write_in(case, at)
    in_follow_up = case.state == CaseState.ASYNCHRONOUS
    return {
        "closed": case.state == CaseState.CLOSED or (case.state == CaseState.WAITING and not is_open),
        "changing_hands": case.state == CaseState.WAITING and is_open,
        "resume_words": when_words(case.resume_at, at) if case.resume_at and case.resume_at > at else "",
        "last_day": rules.last_day(case.follow_up_until) if in_follow_up else None,
        "last_hour": rules.last_hour(case.follow_up_until),
        "time_out": in_follow_up and not is_open,
        "waits_for_answer": case.last_patient_seq > case.last_staff_seq,
        "case_id": case.public_id,
        "asks_rating": case.state == CaseState.CLOSED
        and opened.works
        and case.close_kind not in ("", Case.CloseKind.NO_REPLY),
        "reads_only": not opened.works,
        "state_key": f"{case.state}|{case.version}",
    }


def _staff_of(case: Case, timeline: list[Message]) -> tuple[str, str]:
    """Who answers: the holder, after closing whoever wrote last; nobody yet while it waits for a new holder."""
    if case.holder is not None:
        return case.holder.full_name, case.holder.title
    if case.state == CaseState.WAITING:
        return "", ""
    for message in reversed(timeline):
        if message.author == Message.Author.STAFF:
            return message.author_name, message.author_title
    return "", ""
