"""Opening hours in Manage: the week of a unit or role, and dates that differ (HRS-01, HRS-02, ADM-05)."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from direkt1177.accounts.actors import ManageActor
from direkt1177.accounts.admin_base import CommandAdmin, OwnUnitFilter
from direkt1177.accounts.manage import site
from direkt1177.accounts.manage_forms import ExceptionForm, today, week_form
from direkt1177.accounts.manage_rights import must_configure, regions_of, units_configured, units_managed
from direkt1177.accounts.manage_scope import UnitPageAdmin, number, rows_of
from direkt1177.accounts.models import AdminPermission
from direkt1177.units import hours_commands as commands
from direkt1177.units.hours import intervals_of, line_of
from direkt1177.units.models import CalendarException, CareRole, StaffedHours, Unit
from direkt1177.units.override_queries import hour_overrides
from direkt1177.units.policies import policy, region_policy
from direkt1177.units.policy_values import WEEKDAYS
from direkt1177.units.policy_words import WORDS, words_of
from direkt1177.units.queries import calendar_for

_CONFIGURATION = AdminPermission.Kind.CONFIGURATION_ADMIN
_DAYS = [f"day_{number}" for number in range(7)]


@admin.register(StaffedHours, site=site)
class StaffedHoursAdmin(UnitPageAdmin[StaffedHours]):
    """A week is changed as a whole: seven lines, one reason, one row in the log."""

    kind = _CONFIGURATION
    log_type = "unit"
    list_template = "units/manage_hours.html"

    def own_units(self, request: HttpRequest) -> QuerySet[Unit]:
        """Units configured here; regional administrators see all of the region (HRS-02)."""
        return units_managed(int(request.user.pk or 0))

    def has_change_permission(self, request: HttpRequest, obj: StaffedHours | None = None) -> bool:
        """Single intervals have no page of their own."""
        return obj is None and super().has_change_permission(request)

    def list_context(self, request: HttpRequest, unit: Unit) -> dict[str, Any]:
        """The unit's week, weeks of roles that have their own, and dates that differ."""
        own = set(StaffedHours.objects.filter(unit=unit).values_list("role_id", flat=True))
        roles = list(CareRole.objects.order_by("order", "name"))
        user_id = int(request.user.pk or 0)
        regions = [region.pk for region in regions_of(user_id)]
        return {
            "booking": words_of(policy(unit).booking_system),
            "may_change": units_configured(user_id).filter(pk=unit.pk).exists(),
            "shows_overrides": bool(regions),
            "overrides": hour_overrides(regions, today()) if regions else [],
            "days": [WORDS[day] for day in WEEKDAYS],
            "rows": [
                {"role": role, "own": (role.pk if role else None) in own, "lines": _lines(unit, role)}
                for role in [None, *(role for role in roles if role.pk in own)]
            ],
            "roles": [role for role in roles if role.pk not in own],
            "region_lines": _region_lines(unit),
            "exceptions": CalendarException.objects.filter(unit=unit, date__gte=today()).order_by("date", "start"),
        }

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The week's form, for ``?unit=`` and perhaps ``&role=``."""
        unit, role = self.unit_of(request), _role_of(request)
        own = units_configured(int(request.user.pk or 0))
        if unit is None or not own.filter(pk=unit.pk).exists():
            return self.to_list()
        if "unit" not in request.GET or (role is None and request.GET.get("role")):
            return self.to_list()
        title = _("Opening hours: %(where)s") % {"where": f"{unit.name}, {role.name}" if role else unit.name}
        return super().add_view(request, form_url, {"title": title, **(extra_context or {})})

    def get_form(
        self, request: HttpRequest, obj: StaffedHours | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """Seven lines with the unit's or role's own hours."""
        unit, role = self.unit_of(request), _role_of(request)
        own = StaffedHours.objects.filter(unit=unit, role=role).exists()
        form = week_form(_lines(unit, role) if unit and own else [""] * 7)
        form.refusal = getattr(request, "refusal", "")
        form.unit_id, form.role_id = (unit.pk if unit else 0), (role.pk if role else None)  # type: ignore[attr-defined]
        return form

    def get_fieldsets(self, request: HttpRequest, obj: StaffedHours | None = None) -> Any:
        """Days, then the reason."""
        return rows_of([*_DAYS, "reason"])

    def save_model(self, request: HttpRequest, obj: StaffedHours, form: Any, change: bool) -> None:
        """One command for the week."""
        actor: ManageActor = self.actor(request)
        must_configure(actor, form.unit_id)
        week = {number: intervals_of(form.cleaned_data[name]) for number, name in enumerate(_DAYS)}
        commands.set_staffed_hours(
            actor=actor, unit_id=form.unit_id, role_id=form.role_id, week=week, reason=form.cleaned_data["reason"]
        )

    def response_add(self, request: HttpRequest, obj: StaffedHours, post_url_continue: Any = None) -> HttpResponse:
        """Back to the unit's hours."""
        return self.saved(request, f"?unit={int(request.GET['unit'])}")


def _role_of(request: HttpRequest) -> CareRole | None:
    wanted = request.GET.get("role", "")
    return CareRole.objects.filter(pk=int(wanted)).first() if number(wanted) else None


def _lines(unit: Unit, role: CareRole | None) -> list[str]:
    weekly = calendar_for(unit, role).weekly
    return [line_of(sorted(intervals, key=lambda i: i.start)) for intervals in weekly]


def _region_lines(unit: Unit) -> list[str]:
    hours = region_policy(unit.provider.region_id).staffed_hours
    return [", ".join(hours.get(day, ())) for day in WEEKDAYS]


@admin.register(CalendarException, site=site)
class CalendarExceptionAdmin(CommandAdmin[CalendarException]):
    """Dates on which a unit is closed or keeps other hours."""

    kind = _CONFIGURATION
    form = ExceptionForm
    log_type = "unit"
    list_display = ("date", "unit", "start", "end", "reason")
    list_filter = (OwnUnitFilter,)
    ordering = ("-date", "start")

    def get_queryset(self, request: HttpRequest) -> QuerySet[CalendarException]:
        """Only own units."""
        return super().get_queryset(request).filter(unit__in=self.own_units(request)).select_related("unit")

    def has_change_permission(self, request: HttpRequest, obj: CalendarException | None = None) -> bool:
        """Dates that have passed are history."""
        return super().has_change_permission(request, obj) and (obj is None or obj.date >= today())

    def get_fields(self, request: HttpRequest, obj: CalendarException | None = None) -> Any:
        """Removing needs something to remove; a passed date is only shown."""
        if obj is None:
            return ["unit", "date", "start", "end", "why", "reason"]
        if obj.date < today():
            return ["unit", "date", "start", "end"]
        return ["unit", "date", "start", "end", "why", "remove_now", "reason"]

    def get_readonly_fields(self, request: HttpRequest, obj: CalendarException | None = None) -> list[str]:
        """The unit stays."""
        return [] if obj is None else ["unit"]

    def log_object(self, obj: CalendarException) -> tuple[str, int]:
        """The log is the unit's."""
        return "unit", obj.unit_id

    def create(self, *, actor: ManageActor, data: dict[str, Any]) -> CalendarException:
        """Add a date."""
        must_configure(actor, data["unit"].pk)
        return commands.add_calendar_exception(actor=actor, unit_id=data["unit"].pk, **_values(data))

    def change(self, *, actor: ManageActor, obj: CalendarException, data: dict[str, Any]) -> None:
        """Change or remove it."""
        must_configure(actor, obj.unit_id)
        if data.get("remove_now"):
            commands.remove_calendar_exception(actor=actor, exception_id=obj.pk, reason=data["reason"])
        else:
            commands.change_calendar_exception(actor=actor, exception_id=obj.pk, **_values(data))

    def response_change(self, request: HttpRequest, obj: CalendarException) -> HttpResponse:
        """A removed row has no page to go on with."""
        if CalendarException.objects.filter(pk=obj.pk).exists():
            return super().response_change(request, obj)
        return self.response_post_save_change(request, obj)


def _values(data: dict[str, Any]) -> dict[str, Any]:
    return {
        "day": data["date"],
        "start": data["start"],
        "end": data["end"],
        "why": data["why"],
        "reason": data["reason"],
    }
