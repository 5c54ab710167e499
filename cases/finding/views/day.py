"""*Välj datum*: the unit's cases of a day or an interval, and who has looked through today (QUE-10..12)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from cases import shown
from cases.access import PREVIEW_BASES
from cases.finding import access, commands, queries
from cases.finding.forms import DayForm
from cases.forms import new_form_key
from cases.models import Case
from cases.states import CaseState
from cases.views.frame import post_key, staff_context, unit_roles
from direkt1177.accounts.sign_in import StaffRequest, staff_page
from direkt1177.residents.queries import person_view, today
from direkt1177.units.clock import now
from direkt1177.units.policies import policies_of


@staff_page
@never_cache
@require_GET
def day(request: StaffRequest) -> HttpResponse:
    """The list as it was when loaded: it never refreshes itself (QUE-11)."""
    actor, roles = request.actor, unit_roles(request.actor)
    people = [(user.pk, user.full_name) for user in queries.people_of(actor.unit_id)]
    asked = request.GET if "fran" in request.GET else None
    form = DayForm(
        asked,
        initial={"fran": today()},
        people=people,
        roles=[(role.pk, role.name) for role in roles],
    )
    context = staff_context(request, nav="day", roles=roles) | {"form": form, "loaded_at": now()}
    if asked is not None and not form.is_valid():
        return render(request, "finding/day.html", context, status=422)
    wanted = _wanted(form)
    rows, bases, following = access.cases_of_days(actor=actor, wanted=wanted, after=request.GET.get("efter", "")[:120])
    is_today = wanted.first == wanted.last == today()
    context |= {
        "wanted": wanted,
        "rows": _rows(rows, bases),
        "here_url": _url(wanted),
        "next_url": _url(wanted, efter=following) if following else "",
        "later_page": "efter" in request.GET,
        "checks": queries.checks_of(actor.unit_id, wanted.first) if wanted.first == wanted.last else [],
        "is_today": is_today,
        # Only who has the whole list before them can have looked through it.
        "may_check": is_today and wanted.whole_unit and not following,
        "form_key": new_form_key(),
    }
    return render(request, "finding/day.html", context)


@staff_page
@require_POST
def checked(request: StaffRequest) -> HttpResponse:
    """*Markera som genomgången* (QUE-12)."""
    commands.review_today(actor=request.actor, key=post_key(request))
    messages.success(request, _("It is noted that you have looked through today's list."))
    return redirect("finding:day")


def _wanted(form: DayForm) -> queries.DayFilter:
    if not form.is_bound:
        return queries.DayFilter(today(), today())
    data = form.cleaned_data
    return queries.DayFilter(data["fran"], data["till"], data.get("person"), data.get("roll"))


def _url(wanted: queries.DayFilter, **more: str) -> str:
    query = {"fran": wanted.first.isoformat(), "till": wanted.last.isoformat()}
    query |= {"person": str(wanted.person)} if wanted.person is not None else {}
    query |= {"roll": str(wanted.role)} if wanted.role is not None else {}
    return f"{reverse('finding:day')}?{urlencode(query | more)}"


def _rows(cases: list[Case], bases: dict[int, str]) -> list[dict[str, Any]]:
    """Holder, status, times, urgency and patient; the contact reason only where the case opens (QUE-16)."""
    policies = policies_of({case.unit_id: case.unit for case in cases}.values()) if cases else {}
    rows = []
    for case in cases:
        person, basis = person_view(case.patient), bases.get(case.pk, "")
        words = policies[case.unit_id].urgency_labels
        rows.append(
            {
                "url": reverse("cases:preview" if basis in PREVIEW_BASES else "cases:case", args=[case.public_id])
                if basis or case.holder_id
                else "",
                "urgency": case.urgency,
                "urgency_word": words.get(case.urgency, "") if case.urgency else "",
                "arrived_at": case.arrived_at,
                "name": person.name,
                "protected": person.masked,
                "age": person.age_text,
                "reason": case.contact_reason if basis else "",
                "kind": case.get_kind_display(),
                "status": case.state,
                "status_word": shown.status_word(case.state),
                "offered": case.offered_at is not None,
                "role": case.role.name,
                "holder": case.holder.full_name if case.holder else "",
                "since": case.received_at if case.holder else None,
                "closed_by": case.closed_by.full_name if case.closed_by and not case.holder else "",
                "closed_at": case.closed_at if case.state == CaseState.CLOSED else None,
            }
        )
    return rows
