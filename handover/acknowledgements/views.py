"""Pages and panels of *Vidimera*: form in, command, fragment or redirect out (ACK-01..06, TIK-14)."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cases import access as case_access
from cases.forms import new_form_key
from cases.views.frame import go, post_key, staff_context, unit_roles
from direkt1177.accounts.sign_in import StaffRequest, staff_page
from direkt1177.audit.refusals import Invalid, NotFound
from direkt1177.residents.queries import person_view
from direkt1177.units.policies import policy
from direkt1177.views import wants_fragment
from handover.acknowledgements import access, commands, queries, rules
from handover.acknowledgements.forms import AskForm
from handover.acknowledgements.queries import Post

_ASKERS = ("holder", "closed_own")


@staff_page
@never_cache
@require_GET
def acknowledgements(request: StaffRequest) -> HttpResponse:
    """*Vidimera*: outstanding posts by age; a section of *Startsida*, or a page with the coordinator's list."""
    context = _list_context(access.list_posts(actor=request.actor))
    if wants_fragment(request):
        return render(request, "handover/_acknowledgements.html", context)
    context |= staff_context(request, nav="acknowledgements")
    if access.is_coordinator(request.actor):
        own = {row["post"].public_id for row in context["rows"]}
        context["unit_rows"] = _rows([p for p in access.list_unit(actor=request.actor) if p.public_id not in own])
        context["coordinates"] = True
    return render(request, "handover/acknowledgements.html", context)


@staff_page
@never_cache
@require_GET
def unit_acknowledgements(request: StaffRequest) -> HttpResponse:
    """The unit's outstanding posts, for its coordinator (ACK-05)."""
    if not access.is_coordinator(request.actor) and wants_fragment(request):
        return HttpResponse()
    context = {"rows": _rows(access.list_unit(actor=request.actor)), "form_key": new_form_key()}
    if wants_fragment(request):
        return render(request, "handover/_unit_acknowledgements.html", context)
    context |= staff_context(request, nav="acknowledgements")
    return render(request, "handover/unit_acknowledgements.html", context)


@staff_page
@never_cache
@require_GET
def acknowledgement_count(request: StaffRequest) -> HttpResponse:
    """The counter in the menu (ACK-06)."""
    return render(request, "handover/_acknowledgement_count.html", {"count": queries.count_for(request.actor)})


@staff_page
@never_cache
@require_GET
def acknowledgement(request: StaffRequest, post_id: UUID) -> HttpResponse:
    """One post with its text and the way to the patient's case or ticket."""
    post = access.open_post(actor=request.actor, public_id=post_id)
    context = staff_context(request, nav="acknowledgements") | {"row": _row(post), "form_key": new_form_key()}
    return render(request, "handover/acknowledgement.html", context)


@staff_page
@require_POST
def acknowledge(request: StaffRequest, post_id: UUID) -> HttpResponse:
    """*Vidimera* of one post."""
    commands.acknowledge(actor=request.actor, post_id=post_id, key=post_key(request))
    messages.success(request, _("Acknowledged."))
    return go(request, reverse("cases:start" if request.POST.get("next") == "start" else "handover:acknowledgements"))


@staff_page
@require_POST
def acknowledge_unused(request: StaffRequest) -> HttpResponse:
    """*Vidimera alla oanvända biljetter*: those on the screen (TIK-14)."""
    shown: list[UUID] = []
    for text in request.POST.getlist("post")[: queries.LIMIT]:
        with suppress(ValueError):
            shown.append(UUID(text))
    count = commands.acknowledge_unused(actor=request.actor, post_ids=shown, key=post_key(request))
    words = ngettext("%(n)s unused ticket acknowledged.", "%(n)s unused tickets acknowledged.", count)
    messages.success(request, words % {"n": count})
    return go(request, reverse("cases:start" if request.POST.get("next") == "start" else "handover:acknowledgements"))


@staff_page
@never_cache
@require_http_methods(["GET", "POST"])
def new_acknowledgement(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Ask a colleague or a role about the case on the screen (ACK-01)."""
    opened = case_access.open_case(actor=request.actor, public_id=public_id, log=None)
    if opened.basis not in _ASKERS:
        raise NotFound
    choices: dict[str, Any] = {
        "kinds": [(kind.value, kind.label) for kind in rules.kinds_offered(policy(opened.case.unit))],
        "to": _addressees(request),
    }
    if request.method == "GET":
        form = AskForm(initial={"form_key": new_form_key()}, **choices)
        return _ask_page(request, opened, form)
    form = AskForm(request.POST, **choices)
    if not form.is_valid():
        return _ask_page(request, opened, form, status=422)
    data = form.cleaned_data
    try:
        commands.ask_acknowledgement(
            actor=request.actor,
            case_id=public_id,
            kind=data["kind"],
            to=data["to"],
            text=data["text"],
            key=data["form_key"],
        )
    except Invalid as refusal:
        form.add_error(None, str(refusal.message))
        return _ask_page(request, opened, form, status=refusal.status)
    messages.success(request, _("Your colleague has been asked. The patient sees nothing of it."))
    return go(request, reverse("cases:case", args=[public_id]))


def _addressees(request: StaffRequest) -> list[Any]:
    actor = request.actor
    roles = [(f"role:{role.pk}", role.name) for role in unit_roles(actor)]
    people = [(f"user:{u.pk}", u.full_name) for u in queries.colleagues_at(actor.unit_id) if u.pk != actor.user_id]
    return [(_("Roles"), roles), *([(_("Colleagues"), people)] if people else [])]


def _ask_page(request: StaffRequest, opened: case_access.OpenCase, form: AskForm, *, status: int = 200) -> HttpResponse:
    fragment = wants_fragment(request)
    context = {
        "case": opened.case,
        "case_id": str(opened.case.public_id),
        "person": person_view(opened.case.patient),
        "form": form,
        "dialog": fragment,
    }
    if fragment:
        name = "_acknowledgement_form" if request.method == "POST" else "_acknowledgement_dialog"
        return render(request, f"handover/{name}.html", context, status=status)
    context |= staff_context(request, nav="case", case=opened.case)
    return render(request, "handover/acknowledgement_form.html", context, status=status)


def _list_context(posts: list[Post]) -> dict[str, Any]:
    return {
        "rows": _rows(posts),
        "bulk": [str(post.public_id) for post in posts if post.bulk],
        "form_key": new_form_key(),
    }


def _rows(posts: list[Post]) -> list[dict[str, Any]]:
    return [_row(post) for post in posts]


def _row(post: Post) -> dict[str, Any]:
    ticket = reverse("handover:ticket", args=[post.ticket_id]) if post.ticket_id else ""
    case = reverse("cases:case", args=[post.case_id]) if post.case_id and post.mine else ""
    return {
        "post": post,
        "url": reverse("handover:acknowledgement", args=[post.public_id]),
        "ticket_url": ticket if post.mine else "",
        "case_url": case,
        "warn": post.kind == rules.Kind.FOLLOW_UP or post.call,
    }
