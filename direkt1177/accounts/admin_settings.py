"""Settings in Manage: every key with what holds, from where, and a form made from its type (ADM-07)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from direkt1177.accounts import queries
from direkt1177.accounts.actors import ManageActor
from direkt1177.accounts.manage import site
from direkt1177.accounts.manage_forms import EndForm, setting_form, today
from direkt1177.accounts.manage_rights import must_configure, must_configure_region, regions_of, units_managed
from direkt1177.accounts.manage_scope import UnitPageAdmin, number, rows_of
from direkt1177.accounts.models import AdminPermission
from direkt1177.units.commands import end_policy_value, set_policy_value
from direkt1177.units.models import PolicyValue, Region, Unit
from direkt1177.units.policies import check_value, policy, region_policy, shown
from direkt1177.units.policy_forms import form_fields
from direkt1177.units.policy_model import Policy, setting_of
from direkt1177.units.policy_words import words_of

_KINDS = AdminPermission.Kind


@dataclass(frozen=True, slots=True)
class Target:
    """Whose setting a form changes: a region's, or a unit's own."""

    key: str
    region: Region
    unit: Unit | None

    @property
    def words(self) -> str:
        """Setting and place, for the page's title."""
        return f"{setting_of(self.key).label}: {self.unit.name if self.unit else self.region.name}"

    @property
    def value(self) -> Any:
        """What holds there today."""
        return getattr(policy(self.unit) if self.unit else region_policy(self.region), self.key)


@admin.register(PolicyValue, site=site)
class PolicyValueAdmin(UnitPageAdmin[PolicyValue]):
    """All settings of a unit; regions' by regional administrators, own ones where the region lets units differ."""

    log_type = "unit"
    list_template = "units/manage_settings.html"

    def own_units(self, request: HttpRequest) -> QuerySet[Unit]:
        """Units configured here, and for regional administrators all of the region."""
        return units_managed(int(request.user.pk or 0))

    def get_queryset(self, request: HttpRequest) -> QuerySet[PolicyValue]:
        """Rows of those units and, to read, of their regions."""
        units = self.own_units(request)
        of_region = Q(unit__isnull=True, region__providers__units__in=units)
        rows = super().get_queryset(request).filter(of_region | Q(unit__in=units))
        return rows.select_related("unit", "region").distinct()

    def has_change_permission(self, request: HttpRequest, obj: PolicyValue | None = None) -> bool:
        """A unit's own value that still holds can be ended; all other change is a new value from a day on."""
        if not super().has_change_permission(request, obj) or obj is None:
            return super().has_change_permission(request, obj)
        own = queries.units_with_permission(int(request.user.pk or 0), [_KINDS.CONFIGURATION_ADMIN])
        ended = obj.valid_to is not None and obj.valid_to <= today()
        return obj.unit_id is not None and not ended and own.filter(pk=obj.unit_id).exists()

    def list_context(self, request: HttpRequest, unit: Unit) -> dict[str, Any]:
        """Every key: what holds, source, validity, whose; the region's beside a unit's own."""
        user_id = int(request.user.pk or 0)
        region = unit.provider.region
        configured = queries.units_with_permission(user_id, [_KINDS.CONFIGURATION_ADMIN]).filter(pk=unit.pk).exists()
        of_region = region_policy(region)
        open_rows = {
            row.key: row.pk
            for row in PolicyValue.objects.filter(
                Q(valid_to__isnull=True) | Q(valid_to__gt=today()), unit=unit
            ).order_by("-valid_from")
        }
        return {
            "region": region,
            "may_change_region": region in regions_of(user_id),
            "rows": [
                {
                    "setting": setting,
                    "inherited": words_of(getattr(of_region, setting.key)) if setting.own else "",
                    "may_change": configured and setting_of(setting.key).per_unit,
                    "per_unit": setting_of(setting.key).per_unit,
                    "open_row": open_rows.get(setting.key),
                }
                for setting in shown(unit)
            ],
        }

    def target_of(self, request: HttpRequest) -> Target | None:
        """What the address names, when the administrator may change it; None otherwise."""
        key, unit, region = (request.GET.get(name, "") for name in ("key", "unit", "region"))
        if key not in Policy.model_fields:
            return None
        user_id = int(request.user.pk or 0)
        if number(region):
            found = next((each for each in regions_of(user_id) if each.pk == int(region)), None)
            return Target(key, found, None) if found else None
        if not number(unit) or not setting_of(key).per_unit:
            return None
        own = queries.units_with_permission(user_id, [_KINDS.CONFIGURATION_ADMIN]).select_related("provider__region")
        place = own.filter(pk=int(unit)).first()
        return Target(key, place.provider.region, place) if place else None

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The form of one key, for ``?key=`` and ``&unit=`` or ``&region=``."""
        target = self.target_of(request)
        if target is None:
            return self.to_list()
        return super().add_view(request, form_url, {"title": target.words, **(extra_context or {})})

    def get_form(
        self, request: HttpRequest, obj: PolicyValue | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """Made from the key's type, or the end of an own value."""
        target = self.target_of(request)
        if obj is not None or target is None:
            return super().get_form(request, obj, change=change, form=EndForm, **kwargs)
        form = setting_form(target.key, target.value)
        form.refusal = getattr(request, "refusal", "")
        return form

    def get_fieldsets(self, request: HttpRequest, obj: PolicyValue | None = None) -> Any:
        """The value's fields first."""
        target = self.target_of(request)
        if obj is None and target is not None:
            return rows_of([*form_fields(target.key, target.value), "valid_from", "source", "reason"])
        facts = ["label", "where", "words", "source", "valid_from", "valid_to"]
        return rows_of(facts + (["end_now", "reason"] if self.has_change_permission(request, obj) else []))

    def get_readonly_fields(self, request: HttpRequest, obj: PolicyValue | None = None) -> list[str]:
        """Stored rows are history."""
        return [] if obj is None else ["label", "where", "words", "source", "valid_from", "valid_to"]

    @admin.display(description=_("Setting"))
    def label(self, obj: PolicyValue) -> str:
        """The key in words."""
        return str(setting_of(obj.key).label) if obj.key in Policy.model_fields else obj.key

    @admin.display(description=_("Unit or region"))
    def where(self, obj: PolicyValue) -> str:
        """Whose."""
        return str(obj.unit or obj.region)

    @admin.display(description=_("Value"))
    def words(self, obj: PolicyValue) -> str:
        """The value in words."""
        return words_of(check_value(obj.key, obj.value)) if obj.key in Policy.model_fields else str(obj.value)

    def log_object(self, obj: PolicyValue) -> tuple[str, int]:
        """The log is the unit's or the region's."""
        return ("unit", obj.unit_id) if obj.unit_id else ("region", obj.region_id)

    def save_model(self, request: HttpRequest, obj: PolicyValue, form: Any, change: bool) -> None:
        """A new value from a day on, or the end of an own one."""
        actor: ManageActor = self.actor(request)
        data = form.cleaned_data
        if change:
            must_configure(actor, obj.unit_id or 0)
            if data.get("end_now"):
                end_policy_value(actor=actor, value_id=obj.pk, reason=data["reason"])
            return
        target = self.target_of(request)
        if target is None:
            return
        if target.unit is None:
            must_configure_region(actor, target.region.pk)
        else:
            must_configure(actor, target.unit.pk)
        set_policy_value(
            actor=actor,
            region_id=target.region.pk,
            unit_id=target.unit.pk if target.unit else None,
            key=target.key,
            value=data["raw"],
            source=data["source"],
            valid_from=data["valid_from"],
            reason=data["reason"],
        )

    def response_add(self, request: HttpRequest, obj: PolicyValue, post_url_continue: Any = None) -> HttpResponse:
        """Back to the unit's settings."""
        unit = request.GET.get("unit") or request.GET.get("back") or ""
        return self.saved(request, f"?unit={int(unit)}" if number(unit) else "")

    def response_change(self, request: HttpRequest, obj: PolicyValue) -> HttpResponse:
        """Back to the unit's settings."""
        return self.saved(request, f"?unit={obj.unit_id}")
