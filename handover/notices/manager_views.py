"""Notices for managers without a care role: what passed its limit, at which unit, without any patient (HRS-20)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from direkt1177.accounts.actors import ManageActor
from direkt1177.accounts.models import AdminPermission
from direkt1177.accounts.queries import staff_from_session
from direkt1177.accounts.sign_in import permission_page
from direkt1177.audit.refusals import SignInNeeded
from handover.notices import queries
from handover.notices.commands import read_all_of_manager


@never_cache
@require_GET
@permission_page(AdminPermission.Kind.STATISTICS)
def manager_notices(request: HttpRequest) -> HttpResponse:
    """The latest notices about the manager's units."""
    lines = queries.manager_lines(_actor(request).user_id)
    return render(
        request, "handover/notices/manager.html", {"lines": lines, "unread": any(one.unread for one in lines)}
    )


@require_POST
@permission_page(AdminPermission.Kind.STATISTICS)
def manager_read(request: HttpRequest) -> HttpResponse:
    """Mark them as read."""
    read_all_of_manager(actor=_actor(request))
    messages.success(request, _("All notices are marked as read."))
    return redirect("handover:manager_notices")


def _actor(request: HttpRequest) -> ManageActor:
    user = staff_from_session(request.session)
    if user is None:
        raise SignInNeeded
    return ManageActor(user_id=user.pk, name=user.full_name or user.hsa_id)
