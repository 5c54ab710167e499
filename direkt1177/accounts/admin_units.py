"""A unit itself in Manage: its names, a branch's own cases, winding up and takeover (ORG-21, UCH-01..03)."""

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
from direkt1177.accounts.manage_rights import (
    may_decide_for,
    must_configure,
    must_decide_for,
    must_manage,
    units_configured,
    units_managed,
)
from direkt1177.accounts.manage_scope import ListPageAdmin, UnitPageAdmin, rows_of
from direkt1177.accounts.manage_unit_forms import (
    CANCEL,
    CARRY_OUT,
    TELL,
    BranchForm,
    change_act_form,
    change_form,
    name_form,
)
from direkt1177.accounts.models import AdminPermission
from direkt1177.units.branch_commands import decide_branch
from direkt1177.units.closure_queries import branches_of, told_too_late
from direkt1177.units.leftovers import leftovers_of
from direkt1177.units.models import BranchDecision, Unit, UnitChange, UnitName
from direkt1177.units.own_leftovers import places_left
from direkt1177.units.unit_change_commands import (
    cancel_unit_change,
    carry_out_unit_change,
    confirm_region_told,
    plan_unit_change,
)
from direkt1177.units.unit_commands import rename_unit

_CONFIGURATION = AdminPermission.Kind.CONFIGURATION_ADMIN


@admin.register(UnitName, site=site)
class UnitNameAdmin(UnitPageAdmin[UnitName]):
    """What a unit is and was called; a new name holds from the moment it is saved (UCH-03)."""

    kind = _CONFIGURATION
    log_type = "unit"
    list_template = "units/manage_names.html"

    def has_change_permission(self, request: HttpRequest, obj: UnitName | None = None) -> bool:
        """What was is history."""
        return obj is None and super().has_change_permission(request)

    def list_context(self, request: HttpRequest, unit: Unit) -> dict[str, Any]:
        """Names in order, latest first."""
        names = UnitName.objects.filter(unit=unit).select_related("provider")
        return {"names": sorted(names, key=lambda row: (row.valid_from is not None, row.valid_from), reverse=True)}

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The form for ``?unit=``."""
        unit = self.unit_named(request, self.own_units(request))
        if unit is None:
            return self.to_list()
        title = _("New name: %(unit)s") % {"unit": unit.name}
        return super().add_view(request, form_url, {"title": title, **(extra_context or {})})

    def get_form(self, request: HttpRequest, obj: UnitName | None = None, change: bool = False, **kwargs: Any) -> Any:
        """With today's name."""
        form: Any = name_form(_own(self, request))
        form.refusal = getattr(request, "refusal", "")
        return form

    def get_fieldsets(self, request: HttpRequest, obj: UnitName | None = None) -> Any:
        """Name, HSA-id, reason."""
        return rows_of(["name", "hsa_id", "reason"])

    def save_model(self, request: HttpRequest, obj: UnitName, form: Any, change: bool) -> None:
        """One command."""
        actor: ManageActor = self.actor(request)
        unit = _own(self, request)
        must_configure(actor, unit.pk)
        rename_unit(actor=actor, unit_id=unit.pk, **form.cleaned_data)

    def response_add(self, request: HttpRequest, obj: UnitName, post_url_continue: Any = None) -> HttpResponse:
        """Back to the unit's names."""
        return self.saved(request, f"?unit={int(request.GET['unit'])}")


@admin.register(BranchDecision, site=site)
class BranchDecisionAdmin(ListPageAdmin[BranchDecision]):
    """Which branches handle their own cases, by whose decision (ORG-21)."""

    log_type = "unit"
    form = BranchForm
    list_template = "units/manage_branches.html"

    def own_units(self, request: HttpRequest) -> QuerySet[Unit]:
        """Units configured here, and for regional administrators all of the region."""
        return units_managed(int(request.user.pk or 0))

    def has_change_permission(self, request: HttpRequest, obj: BranchDecision | None = None) -> bool:
        """A decision is replaced by the next one."""
        return obj is None and super().has_change_permission(request)

    def page_context(self, request: HttpRequest) -> dict[str, Any]:
        """Branches with where their cases go, and the decisions so far."""
        units = [unit.pk for unit in self.own_units(request)]
        decided = BranchDecision.objects.filter(unit__in=units).select_related("unit").order_by("-pk")
        return {"rows": branches_of(units), "decisions": decided[:50]}

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The form for ``?unit=``."""
        unit = self.unit_named(request, self.own_units(request).filter(type=Unit.Type.BRANCH, active=True))
        if unit is None:
            return self.to_list()
        title = _("Decision on %(unit)s") % {"unit": unit.name}
        return super().add_view(request, form_url, {"title": title, **(extra_context or {})})

    def get_fieldsets(self, request: HttpRequest, obj: BranchDecision | None = None) -> Any:
        """What, by whom, from when."""
        return rows_of(["own", "decided_by", "decided_on", "valid_from", "condition"])

    def save_model(self, request: HttpRequest, obj: BranchDecision, form: Any, change: bool) -> None:
        """One command."""
        actor: ManageActor = self.actor(request)
        unit, data = _own(self, request), form.cleaned_data
        must_manage(actor, unit.pk)
        decide_branch(
            actor=actor, unit_id=unit.pk, own_cases=data["own"] == "yes", decided_by=data["decided_by"],
            decided_on=data["decided_on"], valid_from=data["valid_from"], condition=data["condition"],
        )  # fmt: skip

    def response_add(self, request: HttpRequest, obj: BranchDecision, post_url_continue: Any = None) -> HttpResponse:
        """Back to the branches."""
        return self.saved(request)


@admin.register(UnitChange, site=site)
class UnitChangeAdmin(ListPageAdmin[UnitChange]):
    """Winding up and takeover: planned by the unit or the region, carried out by the region (UCH-01, UCH-02)."""

    log_type = "unit"
    list_template = "units/manage_changes.html"
    change_form_template = "units/manage_change.html"

    def own_units(self, request: HttpRequest) -> QuerySet[Unit]:
        """Units configured here, and for regional administrators all of the region."""
        return units_managed(int(request.user.pk or 0))

    def get_queryset(self, request: HttpRequest) -> QuerySet[UnitChange]:
        """Changes of those units."""
        rows = super().get_queryset(request).filter(unit__in=self.own_units(request))
        return rows.select_related("unit__provider__region", "successor__provider").order_by("-takes_effect", "-pk")

    def has_change_permission(self, request: HttpRequest, obj: UnitChange | None = None) -> bool:
        """A form while the administrator can do something with it."""
        return super().has_change_permission(request, obj) and (obj is None or bool(self._acts(request, obj)))

    def page_context(self, request: HttpRequest) -> dict[str, Any]:
        """All changes of own units."""
        rows = [{"change": row, "late": told_too_late(row)} for row in self.get_queryset(request)]
        return {"rows": rows, "units": list(self.own_units(request).filter(active=True))}

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The form for ``?unit=``."""
        unit = self.unit_named(request, self.own_units(request).filter(active=True))
        if unit is None:
            return self.to_list()
        title = _("Winding up or takeover: %(unit)s") % {"unit": unit.name}
        return super().add_view(request, form_url, {"title": title, **(extra_context or {})})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The change, with what is left to do at the unit."""
        obj = self.get_object(request, object_id)
        more: dict[str, Any] = {}
        if obj is not None:
            left = [*leftovers_of(obj.unit_id), *places_left(obj.unit)] if obj.status == "planned" else []
            more = {"title": f"{obj.unit.name}, {obj.get_kind_display()}", "row": obj, "left": left, "subtitle": ""}
            more["late"] = told_too_late(obj)
        return super().change_view(request, object_id, form_url, {**more, **(extra_context or {})})

    def get_form(self, request: HttpRequest, obj: UnitChange | None = None, change: bool = False, **kwargs: Any) -> Any:
        """Made for the unit, or for what can be done."""
        form: Any = change_form(_own(self, request)) if obj is None else change_act_form(self._acts(request, obj))
        form.refusal = getattr(request, "refusal", "")
        return form

    def get_fieldsets(self, request: HttpRequest, obj: UnitChange | None = None) -> Any:
        """The form's fields in order; nothing when there is nothing to do."""
        if obj is None:
            return rows_of(["kind", "takes_effect", "successor", "reason"])
        return rows_of(["act", "reason"] if self.has_change_permission(request, obj) else [])

    def log_object(self, obj: UnitChange) -> tuple[str, int]:
        """The log is the unit's."""
        return "unit", obj.unit_id

    def save_model(self, request: HttpRequest, obj: UnitChange, form: Any, change: bool) -> None:
        """One command."""
        actor: ManageActor = self.actor(request)
        data = form.cleaned_data
        if change:
            self._act(actor, obj, data)
            return
        unit = _own(self, request)
        must_manage(actor, unit.pk)
        successor = data["successor"].pk if data["successor"] else None
        obj.pk = plan_unit_change(
            actor=actor, unit_id=unit.pk, kind=data["kind"], takes_effect=data["takes_effect"], successor_id=successor,
            reason=data["reason"],
        ).pk  # fmt: skip

    def response_add(self, request: HttpRequest, obj: UnitChange, post_url_continue: Any = None) -> HttpResponse:
        """To the change's page, with a warning when regional administration cannot know three weeks ahead."""
        change = self.get_queryset(request).get(pk=obj.pk)
        messages.success(request, _("Saved"))
        if told_too_late(change):
            messages.warning(request, _("Regional administration must know of a takeover three weeks before."))
        return HttpResponseRedirect(reverse("admin:units_unitchange_change", args=[obj.pk]))

    def response_change(self, request: HttpRequest, obj: UnitChange) -> HttpResponse:
        """Back to the list."""
        return self.saved(request)

    def _acts(self, request: HttpRequest, obj: UnitChange) -> list[str]:
        if obj.status != UnitChange.Status.PLANNED:
            return []
        user_id = int(request.user.pk or 0)
        if not may_decide_for(user_id, obj.unit):
            return [CANCEL] if units_configured(user_id).filter(pk=obj.unit_id).exists() else []
        return [*([TELL] if obj.region_told_at is None else []), CARRY_OUT, CANCEL]

    def _act(self, actor: ManageActor, obj: UnitChange, data: dict[str, Any]) -> None:
        if data["act"] == CANCEL:
            must_manage(actor, obj.unit_id)
            cancel_unit_change(actor=actor, change_id=obj.pk, reason=data["reason"])
            return
        must_decide_for(actor, obj.unit)
        if data["act"] == TELL:
            confirm_region_told(actor=actor, change_id=obj.pk)
        else:
            carry_out_unit_change(actor=actor, change_id=obj.pk, reason=data["reason"])


def _own(page: ListPageAdmin[Any], request: HttpRequest) -> Unit:
    """The own unit that the form is for."""
    unit = page.unit_named(request, page.own_units(request))
    if unit is None:
        raise NotYourSettings
    return unit
