"""*Asynkrona*: the tabs, and what the holder does with a row (ASY-02, ASY-03, ASY-08)."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from cases import rules as case_rules
from cases.asynchronous import access, commands, queries
from cases.asynchronous.errors import NotInFollowUp
from cases.asynchronous.forms import ExtendForm, MarkForm
from cases.asynchronous.queries import CLOSED, INBOX, QUIET, FollowUpRow, Whose
from cases.forms import new_form_key
from cases.views.frame import go, own_list, post_key, staff_context, unit_roles
from direkt1177.accounts.sign_in import StaffRequest, staff_page
from direkt1177.units.clock import now
from direkt1177.views import wants_fragment

TABS = {"inkorg": INBOX, "klara": QUIET, "avslutade": CLOSED}
EXTEND_BY = 7


@staff_page
@never_cache
@require_GET
def follow_ups(request: StaffRequest) -> HttpResponse:
    """The page; for htmx its list alone, fetched again when the user's own cases change."""
    actor = request.actor
    own = own_list(actor)
    tab = TABS.get(request.GET.get("flik", ""), INBOX)
    whose, chosen = _whose(request)
    soon = request.GET.get("slutar") == "snart"
    query = {key: value for key, value in (("vems", chosen), ("slutar", "snart" if soon else "")) if value}
    rows = access.list_follow_ups(actor=actor, tab=tab, whose=whose, until=_after_tomorrow() if soon else None)
    counts = queries.counts_of(actor, whose)
    waiting = [row.said_at for row in rows if row.said_at is not None] if tab == INBOX else []
    context: dict[str, Any] = {
        "tab": tab,
        "tabs": _tabs(counts, query),
        "rows": [_row_context(row) for row in rows],
        "limit": queries.SHOWN if len(rows) == queries.SHOWN else 0,
        "oldest": min(waiting, default=None),
        "list_url": f"{reverse('asynchronous:follow_ups')}?{urlencode(query | {'flik': _swedish(tab)})}",
        "form_key": new_form_key(),
        "extend_by": EXTEND_BY,
        "own_only": whose.user_id == actor.user_id,
    }
    if wants_fragment(request):
        return render(request, "asynchronous/_list.html", context)
    roles = unit_roles(actor)
    context |= staff_context(request, nav="asynchronous", own=own, roles=roles) | {
        "whose": chosen,
        "soon": soon,
        "people": [(f"p{pk}", name) for pk, name in queries.colleagues(actor)],
        "roles": [(f"r{role.pk}", role.name) for role in roles],
    }
    return render(request, "asynchronous/follow_ups.html", context)


@staff_page
@never_cache
@require_GET
def count(request: StaffRequest) -> HttpResponse:
    """The number in the menu: own follow-ups whose patient waits for an answer (ASY-09)."""
    counts = queries.counts_of(request.actor, Whose(request.actor.user_id, None))
    return render(request, "asynchronous/_count.html", {"count": counts.inbox})


@staff_page
@require_POST
def mark(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """*Markera som klar*."""
    form = MarkForm(request.POST)
    if not form.is_valid():
        raise NotInFollowUp
    seen = form.cleaned_data["seen"]
    commands.mark_done(actor=request.actor, case_id=public_id, seen=seen, key=post_key(request))
    messages.success(request, _("The case is marked as done. It comes back by itself when the patient writes."))
    return go(request, reverse("asynchronous:follow_ups"))


@staff_page
@require_POST
def undo(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Back to *Inkorg*."""
    commands.undo_mark(actor=request.actor, case_id=public_id, key=post_key(request))
    messages.success(request, _("The case is in the inbox again."))
    return go(request, reverse("asynchronous:follow_ups"))


@staff_page
@require_POST
def extend(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """*Förläng*: the patient may write again."""
    form = ExtendForm(request.POST)
    if not form.is_valid():
        raise NotInFollowUp
    days = form.cleaned_data["days"]
    commands.extend_follow_up(actor=request.actor, case_id=public_id, days=days, key=post_key(request))
    messages.success(request, _("The follow-up is extended. The patient may write again."))
    return go(request, reverse("asynchronous:follow_ups"))


def _whose(request: StaffRequest) -> tuple[Whose, str]:
    """Own cases unless a colleague (``p<id>``) or a role (``r<id>``) is chosen; the choice as it was."""
    wanted = request.GET.get("vems", "")
    kind, number = wanted[:1], wanted[1:]
    if kind in ("p", "r") and number.isascii() and number.isdecimal() and len(number) < 10:
        pk = int(number)
        return (Whose(pk, None) if kind == "p" else Whose(None, pk)), wanted
    return Whose(request.actor.user_id, None), ""


def _after_tomorrow() -> datetime:
    """The end of tomorrow; a follow-up that lasts to midnight ends there."""
    day = now().astimezone(case_rules.LOCAL).date() + timedelta(days=2)
    return datetime.combine(day, time(0, 1), tzinfo=case_rules.LOCAL)


def _tabs(counts: queries.Counts, query: dict[str, str]) -> list[dict[str, Any]]:
    words = (
        ("inkorg", pgettext("tab", "Inbox"), counts.inbox),
        ("klara", pgettext("tab", "Needs no action"), counts.quiet),
        ("avslutade", pgettext("tab", "Closed"), None),
    )
    base = reverse("asynchronous:follow_ups")
    return [
        {"key": TABS[word], "url": f"{base}?{urlencode(query | {'flik': word})}", "word": label, "count": number}
        for word, label, number in words
    ]


def _swedish(tab: str) -> str:
    return next(word for word, key in TABS.items() if key == tab)


def _row_context(row: FollowUpRow) -> dict[str, Any]:
    end, at = row.follow_up_until, now()
    last = case_rules.last_day(end)
    left = None if last is None else (last - at.astimezone(case_rules.LOCAL).date()).days
    return {
        "public_id": row.public_id,
        "own": row.own,
        "url": reverse("cases:case", args=[row.public_id]),
        "urgency": row.urgency,
        "urgency_word": row.urgency_label,
        "name": row.person.name if row.person else "",
        "protected": row.person.protected if row.person else False,
        "age": row.person.age_text if row.person else "",
        "reason": row.reason,
        "said": row.said,
        "said_at": row.said_at,
        "unread": row.unread,
        "seen": row.last_seq,
        "last_day": last,
        "last_hour": case_rules.last_hour(end),
        "left": left,
        "overdue": row.overdue,
        "marked": row.marked,
        "closed_at": row.closed_at,
        "holder": row.holder_name,
    }
