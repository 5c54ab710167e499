"""Pages of Manage that show one unit at a time: whose, and with which lists beside the forms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from direkt1177.accounts.admin_base import CommandAdmin, M
from direkt1177.units.models import Unit


class UnitPageAdmin(CommandAdmin[M]):
    """A list page with a unit chosen at its top, and a form page that is opened for that unit (``?unit=``)."""

    list_template = ""

    def unit_of(self, request: HttpRequest) -> Unit | None:
        """The own unit that the address names; without a name the only or first one."""
        units = self.own_units(request).select_related("provider__region")
        wanted = request.GET.get("unit", "")
        if wanted:
            return units.filter(pk=int(wanted)).first() if number(wanted) else None
        return units.first()

    def get_model_perms(self, request: HttpRequest) -> dict[str, bool]:
        """The start page has no "add": that needs a unit first."""
        return {**super().get_model_perms(request), "add": False}

    def list_context(self, request: HttpRequest, unit: Unit) -> dict[str, Any]:
        """What the list page shows of a unit."""
        raise NotImplementedError

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The unit's page."""
        self.must_view(request)
        unit = self.unit_of(request)
        context = {
            **self.admin_site.each_context(request),
            "title": str(self.opts.verbose_name_plural).capitalize(),
            "opts": self.opts,
            "units": list(self.own_units(request)),
            "unit": unit,
            **(self.list_context(request, unit) if unit else {}),
            **(extra_context or {}),
        }
        return TemplateResponse(request, self.list_template, context)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """One way of saving: it leads back to the list."""
        only = {"show_save_and_add_another": False, "show_save_and_continue": False}
        return super().render_change_form(request, {**context, **only}, *args, **kwargs)

    def to_list(self, query: str = "") -> HttpResponse:
        """Back to the list page."""
        address = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
        return HttpResponseRedirect(address + query)

    def saved(self, request: HttpRequest, query: str) -> HttpResponse:
        """Say so on the list page."""
        messages.success(request, _("Saved"))
        return self.to_list(query)


def number(text: str) -> bool:
    """Whether a word of the address can be a primary key."""
    return text.isascii() and text.isdigit() and len(text) < 18


def rows_of(fields: Sequence[str]) -> list[tuple[None, dict[str, Any]]]:
    """Fields of a form page below each other."""
    return [(None, {"fields": list(fields)})]
