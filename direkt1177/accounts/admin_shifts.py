"""Running shifts in Manage: seen, and ended with a reason when somebody forgot (SHF-04)."""

from __future__ import annotations

from typing import Any, NoReturn

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from direkt1177.accounts.actors import ManageActor
from direkt1177.accounts.admin_base import CommandAdmin, OwnUnitFilter, ReasonForm
from direkt1177.accounts.manage import site
from direkt1177.accounts.models import Shift
from direkt1177.accounts.shift_commands import end_shift_for


class ShiftForm(ReasonForm):
    """Ending a shift always says why."""

    end_now = forms.BooleanField(
        label=_("End now"),
        required=False,
        help_text=_("The user's ongoing cases go to their roles' queues, and the patients are told."),
    )
    reason_required = True


@admin.register(Shift, site=site)
class ShiftAdmin(CommandAdmin[Shift]):
    """Shifts that have not ended, at units where one is user administrator."""

    form = ShiftForm
    log_type = "shift"
    list_display = ("user", "unit", "role", "started_at")
    list_filter = (OwnUnitFilter,)
    search_fields = ("user__hsa_id", "user__first_name", "user__last_name")
    ordering = ("started_at",)
    fields = ("user", "unit", "role", "started_at", "end_now", "reason")
    readonly_fields = ("user", "unit", "role", "started_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Shift]:
        """Running ones at own units."""
        running = super().get_queryset(request).filter(unit__in=self.own_units(request), ended_at__isnull=True)
        return running.select_related("user", "unit", "role")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A shift starts when its owner signs in (SHF-02)."""
        return False

    def create(self, *, actor: ManageActor, data: dict[str, Any]) -> NoReturn:
        """Never here."""
        raise PermissionDenied

    def change(self, *, actor: ManageActor, obj: Shift, data: dict[str, Any]) -> None:
        """End it."""
        if data.get("end_now"):
            end_shift_for(actor=actor, shift_id=obj.pk, reason=data["reason"])

    def response_change(self, request: HttpRequest, obj: Shift) -> HttpResponse:
        """An ended shift has no page to go on with."""
        return self.response_post_save_change(request, obj)
