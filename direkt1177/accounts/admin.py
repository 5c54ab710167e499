"""Users, care roles, administrative permissions and units in Manage (ORG-12..16, ADM-01); no clinical model."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from direkt1177.accounts import (
    admin_closures,  # noqa: F401 - they register themselves
    admin_hours,  # noqa: F401
    admin_settings,  # noqa: F401
    admin_shifts,  # noqa: F401
    admin_units,  # noqa: F401
    queries,
)
from direkt1177.accounts import manage_commands as commands
from direkt1177.accounts.actors import ManageActor
from direkt1177.accounts.admin_base import CommandAdmin, OwnUnitFilter, ReasonForm
from direkt1177.accounts.manage import site
from direkt1177.accounts.manage_rights import must_configure
from direkt1177.accounts.models import AdminPermission, Membership, User
from direkt1177.residents.numbers import NumberError, parse_mobile
from direkt1177.units.models import Unit
from direkt1177.units.policies import check_value
from direkt1177.units.unit_commands import update_unit

_PROFILE = ("first_name", "last_name", "title", "mobile")


class UserForm(ReasonForm):
    """A user; the HSA-id is mandatory and stays (ORG-15)."""

    class Meta:
        model = User
        fields = ("hsa_id", *_PROFILE, "is_active")

    def clean_hsa_id(self) -> str:
        """In capitals, so that one card is one user."""
        hsa_id: str = self.cleaned_data["hsa_id"].strip().upper()
        if User.objects.filter(hsa_id=hsa_id).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("There is a user with this HSA-id. Find the user in the list."))
        return hsa_id

    def clean_mobile(self) -> str:
        """E.164 or nothing."""
        text: str = self.cleaned_data["mobile"]
        try:
            return parse_mobile(text) if text else ""
        except NumberError as error:
            raise forms.ValidationError(_("Write a mobile number with digits, for example 070-123 45 67.")) from error

    def clean(self) -> dict[str, Any]:
        """Closing or opening an account needs a reason."""
        data = super().clean()
        if "is_active" in self.changed_data and self.instance.pk and not data.get("reason"):
            self.add_error("reason", _("Write why the account is opened or closed."))
        return data


@admin.register(User, site=site)
class UserAdmin(CommandAdmin[User]):
    """Users are added and stripped of permissions, never deleted (ORG-16)."""

    form = UserForm
    log_type = "user"
    list_display = ("hsa_id", "full_name", "title", "is_active", "last_login")
    list_filter = ("is_active",)
    search_fields = ("hsa_id", "first_name", "last_name")
    ordering = ("first_name", "last_name", "id")

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """All users: who is to get a role at the own unit may work at another today (ORG-06)."""
        return super().get_queryset(request)

    def get_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Facts on roles, permissions and shifts stand below an existing user."""
        if obj is None:
            return ["hsa_id", *_PROFILE, "reason"]
        return ["hsa_id", *_PROFILE, "is_active", "reason", "roles", "permissions", "running_shifts", "last_login"]

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        """The HSA-id stays once given."""
        return [] if obj is None else ["hsa_id", "roles", "permissions", "running_shifts", "last_login"]

    @admin.display(description=_("Care roles"))
    def roles(self, obj: User) -> str:
        """Active care roles."""
        return ", ".join(f"{m.role.name} ({m.unit.name})" for m in queries.memberships_of(obj.pk)) or "–"

    @admin.display(description=_("Administrative permissions"))
    def permissions(self, obj: User) -> str:
        """Active administrative permissions."""
        rows = obj.admin_permissions.filter(ended_at__isnull=True).select_related("unit").order_by("unit__name", "kind")
        return ", ".join(f"{row.get_kind_display()} ({row.unit.name})" for row in rows) or "–"

    @admin.display(description=_("Running shifts"))
    def running_shifts(self, obj: User) -> str:
        """Shifts not ended, also of somebody who looks signed out (SHF-04)."""
        shifts = queries.active_shifts([obj.pk]).get(obj.pk, [])
        return ", ".join(f"{s.unit}, {s.role}, {s.since.astimezone():%Y-%m-%d %H.%M}" for s in shifts) or "–"

    def create(self, *, actor: ManageActor, data: dict[str, Any]) -> User:
        """Add by HSA-id (ORG-15)."""
        profile = {name: data[name] for name in _PROFILE}
        return commands.create_user(actor=actor, hsa_id=data["hsa_id"], reason=data["reason"], **profile)

    def change(self, *, actor: ManageActor, obj: User, data: dict[str, Any]) -> None:
        """Profile, then whether the account is open."""
        profile = {name: data[name] for name in _PROFILE}
        commands.update_user(actor=actor, user_id=obj.pk, reason=data["reason"], **profile)
        commands.set_user_active(actor=actor, user_id=obj.pk, active=data["is_active"], reason=data["reason"])


class GrantForm(ReasonForm):
    """A permission given, or ended on its own page."""

    end_now = forms.BooleanField(
        label=_("End now"), required=False, help_text=_("The user is signed out at once. The row stays in the history.")
    )
    reason_required = True


class HeldFilter(admin.SimpleListFilter):
    """Held now, or history."""

    title = _("state")
    parameter_name = "held"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """The two choices."""
        return [("yes", _("Held now")), ("no", _("Ended"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Filter by the end."""
        return queryset if self.value() is None else queryset.filter(ended_at__isnull=self.value() == "yes")


class GrantAdmin(CommandAdmin[Any]):
    """Rows that are granted and ended at units where the administrator is user administrator (ORG-14)."""

    form = GrantForm
    list_filter = (HeldFilter, OwnUnitFilter)
    search_fields = ("user__hsa_id", "user__first_name", "user__last_name")
    what: tuple[str, ...] = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Only rows at own units."""
        rows = super().get_queryset(request).filter(unit__in=self.own_units(request))
        return rows.select_related("user", "unit", "granted_by")

    @admin.display(description=_("Last sign-in"), ordering="user__last_login")
    def last_sign_in(self, obj: Any) -> Any:
        """For the continuous review: who no longer comes (ORG-17, ORG-18)."""
        return obj.user.last_login

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """What is given, or who gave it and the end."""
        if obj is None:
            return [*self.what, "reason"]
        ended = getattr(obj, "ended_at", None)
        return [*self.what, "granted_by", "granted_at", "ended_at", *([] if ended else ["end_now", "reason"])]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        """Given is given: a change is an end and a new grant."""
        return [] if obj is None else [*self.what, "granted_by", "granted_at", "ended_at"]

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Ended rows are history."""
        return super().has_change_permission(request, obj) and getattr(obj, "ended_at", None) is None

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Only active users can be chosen."""
        if db_field.name == "user":
            kwargs["queryset"] = User.objects.filter(is_active=True).order_by("first_name", "last_name")
        elif db_field.name == "role":
            kwargs["queryset"] = queries.care_roles()
        return super().formfield_for_dbfield(db_field, request, **kwargs)


@admin.register(Membership, site=site)
class MembershipAdmin(GrantAdmin):
    """Care roles: one per user and unit, another one replaces the first (ORG-06)."""

    what = ("user", "unit", "role")
    list_display = ("user", "unit", "role", "granted_by", "granted_at", "last_sign_in", "ended_at")
    ordering = ("unit__name", "user__first_name", "id")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With the role."""
        return super().get_queryset(request).select_related("role")

    def create(self, *, actor: ManageActor, data: dict[str, Any]) -> Membership:
        """Give a role."""
        return commands.grant_role(
            actor=actor,
            user_id=data["user"].pk,
            unit_id=data["unit"].pk,
            role_id=data["role"].pk,
            reason=data["reason"],
        )

    def change(self, *, actor: ManageActor, obj: Membership, data: dict[str, Any]) -> None:
        """End it."""
        if data.get("end_now"):
            commands.end_membership(actor=actor, membership_id=obj.pk, reason=data["reason"])


@admin.register(AdminPermission, site=site)
class AdminPermissionAdmin(GrantAdmin):
    """Administrative permissions, independent of care roles (ORG-12, ORG-13)."""

    what = ("user", "unit", "kind")
    list_display = ("user", "unit", "kind", "granted_by", "granted_at", "last_sign_in", "ended_at")
    ordering = ("unit__name", "user__first_name", "id")

    def create(self, *, actor: ManageActor, data: dict[str, Any]) -> AdminPermission:
        """Give a permission."""
        return commands.grant_admin_permission(
            actor=actor, user_id=data["user"].pk, unit_id=data["unit"].pk, kind=data["kind"], reason=data["reason"]
        )

    def change(self, *, actor: ManageActor, obj: AdminPermission, data: dict[str, Any]) -> None:
        """End it."""
        if data.get("end_now"):
            commands.end_admin_permission(actor=actor, permission_id=obj.pk, reason=data["reason"])


class UnitForm(ReasonForm):
    """What a configuration administrator may change of a unit."""

    class Meta:
        model = Unit
        fields = ("phone", "contact_card_url", "welcome_message", "receipt_message")

    def clean_welcome_message(self) -> str:
        """A text that the policy's own check takes, or nothing."""
        return self._checked("welcome_message", self.cleaned_data["welcome_message"])

    def clean_receipt_message(self) -> str:
        """As above: an SMS is short and names nobody (NOT-04)."""
        return self._checked("receipt_sms", self.cleaned_data["receipt_message"])

    def _checked(self, key: str, text: str) -> str:
        try:
            if text:
                check_value(key, text)
        except ValueError as error:
            raise forms.ValidationError(_("This text is too long.")) from error
        return text


@admin.register(Unit, site=site)
class UnitAdmin(CommandAdmin[Unit]):
    """Units: basics can be changed where one is configuration administrator (ORG-05, ORG-13)."""

    kind = AdminPermission.Kind.CONFIGURATION_ADMIN
    form = UnitForm
    log_type = "unit"
    list_display = ("name", "type", "provider", "hsa_id", "active")
    list_filter = ("type", "active")
    search_fields = ("name", "hsa_id")
    ordering = ("name",)
    readonly_fields = ("name", "provider", "type", "parent", "hsa_id", "active")
    fields = (
        "name", "provider", "type", "parent", "hsa_id", "active",
        "phone", "contact_card_url", "welcome_message", "receipt_message", "reason",
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Unit]:
        """Only own units."""
        return self.own_units(request).select_related("provider", "parent")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Units come with the contract, not from Manage."""
        return False

    def change(self, *, actor: ManageActor, obj: Unit, data: dict[str, Any]) -> None:
        """Change the basics."""
        must_configure(actor, obj.pk)
        values = {name: data[name] for name in UnitForm.Meta.fields}
        update_unit(actor=actor, unit_id=obj.pk, reason=data["reason"], **values)
