"""*Startsida*, *Drop in* and taking cases (QUE-01..09, CAS-02)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from cases import access, commands, names, queries, shown
from cases.forms import new_form_key
from cases.states import CaseState
from cases.views.frame import go, own_list, post_key, staff_context, start_rows, unit_roles, versions_of
from direkt1177.accounts.queries import on_duty
from direkt1177.accounts.sign_in import StaffRequest, staff_page
from direkt1177.units.clock import now
from direkt1177.units.models import CareRole

TABS = {"kö": "waiting", "mottagna": "received", "avslutade": "closed"}


@staff_page
@never_cache
@require_GET
def start(request: StaffRequest) -> HttpResponse:
    """*Mina aktuella*: own ongoing cases with who waits and what is unread (QUE-07)."""
    own = own_list(request.actor)
    context = staff_context(request, nav="start", own=own) | {"rows": start_rows(own.ongoing), "today": now()}
    return render(request, "cases/start.html", context)


@staff_page
@never_cache
@require_GET
def own_cases(request: StaffRequest) -> HttpResponse:
    """The list at the left, fetched again when the user's feed says so (QUE-08)."""
    rows = own_list(request.actor).ongoing
    context = {"own_cases": shown.own_context(rows), "current_case": request.GET.get("visar", "")[:36]}
    return render(request, "cases/_own_cases.html", context)


@staff_page
@never_cache
@require_GET
def queue(request: StaffRequest) -> HttpResponse:
    """*Drop in* with its three tabs (QUE-02..06)."""
    actor = request.actor
    chosen_unit = request.GET.get("enhet", "")
    if chosen_unit and chosen_unit != str(actor.unit_id):
        # Another of the own units is another shift and another role (SHF-07): it is chosen on its own page.
        return HttpResponseRedirect(f"{reverse('accounts:choose_unit')}?{urlencode({'next': reverse('cases:queue')})}")
    roles = unit_roles(actor)
    role = _chosen_role(request, roles)
    tab = TABS.get(request.GET.get("flik", ""), "waiting")
    after = request.GET.get("efter", "")[:120]
    feed = names.queue_feed(actor.unit_id, role.pk)
    (version,) = versions_of(feed)
    page = _page_of(request, tab, role.pk, after)
    context = staff_context(request, nav="queue", role_id=role.pk, roles=roles)
    base = {"roll": role.pk} if role.pk != actor.role_id else {}
    context |= {
        "tab": tab,
        "tabs": _tabs(context["counts"], base),
        "rows": [shown.row_context(row, own=tab != "waiting") for row in page.rows],
        "next_url": _url(base, flik=_swedish(tab), efter=page.after) if page.after else "",
        # Only the first page lives: later pages are read as they were when loaded.
        "feed": feed if tab == "waiting" and not after else "",
        "after": version,
        "later_page": bool(after),
        "first_url": _url(base, flik=_swedish(tab)),
        "other_role": role.pk != actor.role_id,
        "role_name": role.name,
        "nobody_there": role.pk != actor.role_id and all(one.role_id != role.pk for one in on_duty(actor.unit_id)),
        "facts": _facts(page.rows) if tab == "waiting" else None,
        "loaded_at": now(),
        "form_key": new_form_key(),
    }
    return render(request, "cases/queue.html", context)


@staff_page
@require_POST
def receive(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """*Ta emot* or, where the form says so knowingly, *Ta emot ändå* (QUE-13)."""
    take_it = commands.receive_case_anyway if request.POST.get("anyway") == "1" else commands.receive_case
    giver = request.POST.get("giver", "")
    giver_id = int(giver) if giver.isascii() and giver.isdecimal() and len(giver) < 10 else None
    done = take_it(actor=request.actor, case_id=public_id, key=post_key(request), giver_id=giver_id)
    messages.success(request, _taken_words(done))
    return go(request, reverse("cases:case", args=[public_id]))


@staff_page
@require_POST
def receive_next(request: StaffRequest) -> HttpResponse:
    """*Ta emot nästa*: the first in the own queue."""
    done = commands.receive_next_case(actor=request.actor, key=post_key(request))
    messages.success(request, _taken_words(done))
    return go(request, reverse("cases:case", args=[done.public_id]))


def _taken_words(done: commands.Done) -> str:
    if done.state == CaseState.RECEIVED:
        return _("You have received the case. The patient has been told by SMS if it is possible.")
    return _("You have taken over the case. The chat with the patient goes on.")


def _chosen_role(request: StaffRequest, roles: list[CareRole]) -> CareRole:
    """The role in the address if somebody at the unit holds it, else one's own (QUE-04)."""
    known = {role.pk: role for role in roles}
    wanted = request.GET.get("roll", "")
    chosen = known.get(int(wanted)) if wanted.isascii() and wanted.isdecimal() and len(wanted) < 10 else None
    return chosen or known[request.actor.role_id]


def _page_of(request: StaffRequest, tab: str, role_id: int, after: str) -> queries.Page:
    if tab == "received":
        return access.list_received(actor=request.actor, after=after)
    if tab == "closed":
        return access.list_closed(actor=request.actor, after=after)
    return access.list_queue(actor=request.actor, role_id=role_id, after=after)


def _tabs(counts: queries.TabCounts, base: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"key": "waiting", "url": _url(base), "word": pgettext("tab", "Waiting in queue"), "count": counts.waiting},
        {
            "key": "received",
            "url": _url(base, flik="mottagna"),
            "word": pgettext("tab", "Received"),
            "count": counts.received,
        },
        {
            "key": "closed",
            "url": _url(base, flik="avslutade"),
            "word": pgettext("tab", "Closed"),
            "count": counts.closed,
        },
    ]


def _swedish(tab: str) -> str:
    return next(word for word, key in TABS.items() if key == tab)


def _url(base: dict[str, Any], **more: str) -> str:
    query = urlencode(base | {key: value for key, value in more.items() if value != "kö"})
    return reverse("cases:queue") + (f"?{query}" if query else "")


def _facts(rows: list[queries.QueueRow]) -> dict[str, Any]:
    """The line above the list: what is late, who has waited longest (of the rows shown)."""
    late = [row for row in rows if row.response_late]
    return {
        "alarm": sum(1 for row in late if row.urgency in (1, 2)),
        "over": len(late),
        "longest": min((row.arrived_at for row in rows), default=None),
    }
