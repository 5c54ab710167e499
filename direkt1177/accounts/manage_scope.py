"""Pages of Manage that show one unit at a time: whose, and with which lists beside the forms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from direkt1177.accounts.admin_base import CommandAdmin, M
from direkt1177.units.models import Unit


class ListPageAdmin(CommandAdmin[M]):
    """A list page of its own, and form pages that lead back to it."""

    list_template = ""

    def get_model_perms(self, request: HttpRequest) -> dict[str, bool]:
        """The start page has no "add": that needs a unit first."""
        return {**super().get_model_perms(request), "add": False}

    def page_context(self, request: HttpRequest) -> dict[str, Any]:
        """What the list page shows."""
        raise NotImplementedError

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list page."""
        self.must_view(request)
        context = {
            **self.admin_site.each_context(request),
            "title": str(self.opts.verbose_name_plural).capitalize(),
            "opts": self.opts,
            **self.page_context(request),
            **(extra_context or {}),
        }
        return TemplateResponse(request, self.list_template, context)

    def unit_named(self, request: HttpRequest, units: QuerySet[Unit]) -> Unit | None:
        """The unit that the address names (``?unit=``), when it is one of these."""
        wanted = request.GET.get("unit", "")
        return units.select_related("provider__region").filter(pk=int(wanted)).first() if number(wanted) else None

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

    def saved(self, request: HttpRequest, query: str = "") -> HttpResponse:
        """Say so on the list page."""
        messages.success(request, _("Saved"))
        return self.to_list(query)


class UnitPageAdmin(ListPageAdmin[M]):
    """A list page with a unit chosen at its top, and a form page that is opened for that unit (``?unit=``)."""

    def unit_of(self, request: HttpRequest) -> Unit | None:
        """The own unit that the address names; without a name the only or first one."""
        units = self.own_units(request).select_related("provider__region")
        wanted = request.GET.get("unit", "")
        if wanted:
            return units.filter(pk=int(wanted)).first() if number(wanted) else None
        return units.first()

    def list_context(self, request: HttpRequest, unit: Unit) -> dict[str, Any]:
        """What the list page shows of a unit."""
        raise NotImplementedError

    def page_context(self, request: HttpRequest) -> dict[str, Any]:
        """The units to choose from, and the chosen one's page."""
        unit = self.unit_of(request)
        own = {"units": list(self.own_units(request)), "unit": unit}
        return own | (self.list_context(request, unit) if unit else {})


def number(text: str) -> bool:
    """Whether a word of the address can be a primary key."""
    return text.isascii() and text.isdigit() and len(text) < 18


def rows_of(fields: Sequence[str]) -> list[tuple[None, dict[str, Any]]]:
    """Fields of a form page below each other."""
    return [(None, {"fields": list(fields)})]
