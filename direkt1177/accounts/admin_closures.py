"""Closures in Manage: asked for by the unit, decided by regional administration (HRS-08..16, ADM-05)."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from direkt1177.accounts.actors import ManageActor
from direkt1177.accounts.errors import NotYourSettings
from direkt1177.accounts.manage import site
from direkt1177.accounts.manage_closure_forms import ACUTE_FIELDS, PLANNED_FIELDS, act_form, closure_form
from direkt1177.accounts.manage_rights import (
    closure_acts,
    may_decide_for,
    must_decide_for,
    must_manage,
    regions_of,
    units_managed,
)
from direkt1177.accounts.manage_scope import ListPageAdmin, rows_of
from direkt1177.accounts.models import AdminPermission
from direkt1177.units.closure_commands import (
    change_target,
    close_acutely,
    decide_closure,
    note_contact_card,
    request_closure,
)
from direkt1177.units.closure_queries import ClosureShown, closures_of, shown_closures
from direkt1177.units.closures import Act, single_days_only
from direkt1177.units.models import Closure, Unit
from direkt1177.units.policies import policies_of, policy


@admin.register(Closure, site=site)
class ClosureAdmin(ListPageAdmin[Closure]):
    """Nothing of a closure is edited: it is asked for, decided on, taken back."""

    kind = AdminPermission.Kind.CONFIGURATION_ADMIN
    log_type = "unit"
    list_template = "units/manage_closures.html"
    change_form_template = "units/manage_closure.html"
    add_form_template = "units/manage_closure_add.html"

    def own_units(self, request: HttpRequest) -> QuerySet[Unit]:
        """Units configured here, and for regional administrators all of the region."""
        return units_managed(int(request.user.pk or 0))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Closure]:
        """Closures of those units."""
        rows = super().get_queryset(request).filter(unit__in=self.own_units(request))
        return rows.select_related("unit__provider__region", "target").prefetch_related("decisions")

    def has_change_permission(self, request: HttpRequest, obj: Closure | None = None) -> bool:
        """A closure's page has a form while the administrator can do something with it."""
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or bool(self._acts(request, obj)))

    def page_context(self, request: HttpRequest) -> dict[str, Any]:
        """All closures of own units, and where one can be asked for or carried out at once."""
        user_id = int(request.user.pk or 0)
        units = list(self.own_units(request).filter(active=True).select_related("provider__region"))
        settings = policies_of(units)
        regions = {region.pk for region in regions_of(user_id)}
        return {
            "rows": closures_of([unit.pk for unit in units]),
            "units": units,
            "acute_units": [
                unit for unit in units if unit.provider.region_id in regions and settings[unit.pk].allow_acute_closure
            ],
        }

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The form for ``?unit=``: planned, or acute with ``&acute=1`` for regional administration."""
        unit = self.unit_named(request, self.own_units(request).filter(active=True))
        if unit is None:
            return self.to_list()
        acute = _is_acute(request)
        if acute and not may_decide_for(int(request.user.pk or 0), unit):
            raise NotYourSettings
        title = _("Acute closure: %(unit)s") if acute else _("Ask for a closure: %(unit)s")
        context = {"title": title % {"unit": unit.name}, "acute": acute, "unit": unit, "settings": policy(unit)}
        context["single_days"] = single_days_only(policy(unit))
        return super().add_view(request, form_url, {**context, **(extra_context or {})})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The closure with its decisions, the contact card's text, and what can be done now."""
        obj = self.get_object(request, object_id)
        more: dict[str, Any] = {}
        if obj is not None:
            shown = _shown(obj)
            more = {"title": f"{obj.unit.name}, {shown.interval}", "shown": shown, "subtitle": ""}
        return super().change_view(request, object_id, form_url, {**more, **(extra_context or {})})

    def get_form(self, request: HttpRequest, obj: Closure | None = None, change: bool = False, **kwargs: Any) -> Any:
        """Made for the unit, or for what can be done with the closure."""
        form: Any
        if obj is None:
            unit = self.unit_named(request, self.own_units(request))
            if unit is None:
                raise NotYourSettings
            form = closure_form(unit, acute=_is_acute(request))
        else:
            form = act_form(self._acts(request, obj), obj, _shown(obj).text)
        form.refusal = getattr(request, "refusal", "")
        return form

    def get_fieldsets(self, request: HttpRequest, obj: Closure | None = None) -> Any:
        """The form's fields in order; nothing when there is nothing to do."""
        if obj is None:
            return rows_of(ACUTE_FIELDS if _is_acute(request) else PLANNED_FIELDS)
        if not self.has_change_permission(request, obj):
            return rows_of([])
        target = ["target"] if Act.RETARGET in self._acts(request, obj) else []
        return rows_of(["act", *target, "reason", "card"])

    def log_object(self, obj: Closure) -> tuple[str, int]:
        """The log is the unit's."""
        return "unit", obj.unit_id

    def save_model(self, request: HttpRequest, obj: Closure, form: Any, change: bool) -> None:
        """One command."""
        actor: ManageActor = self.actor(request)
        if change:
            self._act(actor, obj, form.cleaned_data)
            return
        unit = self.unit_named(request, self.own_units(request))
        if unit is None:
            raise NotYourSettings
        must_manage(actor, unit.pk)
        data = form.cleaned_data
        common = {
            "actor": actor, "unit_id": unit.pk, "ends_at": form.ends_at, "reason": data["reason"],
            "manager": data["manager"], "told": data["told"],
            "target_id": data["target"].pk if data["target"] else None,
        }  # fmt: skip
        if _is_acute(request):
            must_decide_for(actor, unit)
            caller = f"{data['caller'].full_name} ({data['caller'].hsa_id})"
            closure = close_acutely(caller=caller, verified=data["verified"], **common)
        else:
            closure = request_closure(
                starts_at=form.starts_at, grounds=data["grounds"], receiver_informed=data["receiver_informed"], **common
            )
        obj.pk = closure.pk

    def response_add(self, request: HttpRequest, obj: Closure, post_url_continue: Any = None) -> HttpResponse:
        """To the closure's page, with a warning when it begins too soon (HRS-09)."""
        closure = self.get_queryset(request).get(pk=obj.pk)
        messages.success(request, _("Saved"))
        if _shown(closure).soon:
            messages.warning(request, too_soon_words(closure))
        return HttpResponseRedirect(reverse("admin:units_closure_change", args=[obj.pk]))

    def response_change(self, request: HttpRequest, obj: Closure) -> HttpResponse:
        """The page again: there may be a next step."""
        messages.success(request, _("Saved"))
        return HttpResponseRedirect(reverse("admin:units_closure_change", args=[obj.pk]))

    def _acts(self, request: HttpRequest, obj: Closure) -> tuple[Act, ...]:
        return closure_acts(int(request.user.pk or 0), obj, _shown(obj).acts)

    def _act(self, actor: ManageActor, obj: Closure, data: dict[str, Any]) -> None:
        act = Act(data["act"])
        if not closure_acts(actor.user_id, obj, (act,)):
            raise NotYourSettings
        if act in (Act.PUBLISH, Act.WITHDRAW):
            note_contact_card(actor=actor, closure_id=obj.pk, act=act, text=data["card"])
        elif act is Act.RETARGET:
            target = data["target"].pk if data["target"] else None
            change_target(actor=actor, closure_id=obj.pk, target_id=target, text=data["reason"])
        else:
            decide_closure(actor=actor, closure_id=obj.pk, act=act, text=data["reason"])


def too_soon_words(closure: Closure) -> str:
    """The warning of the lead time."""
    weeks = policy(closure.unit).closure_lead_time
    return _("The closure begins sooner than %(weeks)s weeks from now. It can be decided all the same.") % {
        "weeks": weeks
    }


def _is_acute(request: HttpRequest) -> bool:
    return request.GET.get("acute") == "1"


def _shown(obj: Closure) -> ClosureShown:
    return shown_closures([obj])[0]
