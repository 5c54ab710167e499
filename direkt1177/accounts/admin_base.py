"""The base of every ``ModelAdmin``: saving goes through the apps' commands with actor and reason (design §1).

No second writer: no inline, no list editing, no bulk action, no delete, and Django's own admin log is replaced by ours.
"""

from __future__ import annotations

from typing import Any, ClassVar, Generic, TypeVar

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from direkt1177.accounts import queries
from direkt1177.accounts.actors import ManageActor
from direkt1177.accounts.manage_log import told
from direkt1177.accounts.models import AdminPermission, User
from direkt1177.audit.models import ChangeLog
from direkt1177.audit.refusals import Refusal, SignInNeeded
from direkt1177.units.models import Unit

M = TypeVar("M", bound=Model)


class ReasonForm(forms.ModelForm):  # type: ignore[type-arg]
    """A model form with the reason for the log; shows a command's refusal with everything typed kept."""

    reason = forms.CharField(
        label=_("Reason"), max_length=200, required=False, help_text=_("Stands in the log together with your name.")
    )
    reason_required: ClassVar[bool] = False
    refusal: ClassVar[str] = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "reason" in self.fields:
            self.fields["reason"].required = self.reason_required

    def clean(self) -> dict[str, Any]:
        """Add what the command said no to."""
        if self.refusal:
            raise forms.ValidationError(self.refusal)
        return super().clean() or {}


class StepForm(ReasonForm):
    """A form for a command whose values are not those of a row: the command checks them, not the model."""

    def _post_clean(self) -> None:
        """Nothing is put into the row."""


class OwnUnitFilter(admin.SimpleListFilter):
    """Choose among own units only."""

    title = _("unit")
    parameter_name = "unit"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Own units by name."""
        return [(str(unit.pk), unit.name) for unit in model_admin.own_units(request)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Rows of the chosen unit."""
        value = self.value() or ""
        return queryset.filter(unit_id=int(value)) if value in dict(self.lookup_choices) else queryset


class CommandAdmin(admin.ModelAdmin, Generic[M]):  # type: ignore[type-arg]
    """Lists and forms whose only way of writing is ``create`` and ``change``, which call commands."""

    actions = None
    list_per_page = 50
    show_full_result_count = False
    log_type: str = ""
    kind: ClassVar[str] = AdminPermission.Kind.USER_ADMIN

    def own_units(self, request: HttpRequest) -> QuerySet[Unit]:
        """Units where the administrator holds this page's right (ORG-13, ORG-14)."""
        return queries.units_with_permission(int(request.user.pk or 0), [self.kind])

    def must_view(self, request: HttpRequest) -> None:
        """Refuse whoever may not see the list."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied

    def log_object(self, obj: M) -> tuple[str, int]:
        """Type and id under which the change log knows an object."""
        return self.log_type, obj.pk

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Only own units that are in use can be chosen, and nothing is added in passing."""
        if db_field.name == "unit":
            kwargs["queryset"] = self.own_units(request).filter(active=True)
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        for link in ("can_add_related", "can_change_related", "can_view_related"):
            if field is not None and hasattr(field.widget, link):
                setattr(field.widget, link, False)
        return field

    def create(self, *, actor: ManageActor, data: dict[str, Any]) -> M:
        """Call the command that adds one; ``data`` is the form's cleaned data."""
        raise NotImplementedError

    def change(self, *, actor: ManageActor, obj: M, data: dict[str, Any]) -> None:
        """Call the commands that change one; ``obj`` carries the form's values, unsaved."""
        raise NotImplementedError

    def actor(self, request: HttpRequest) -> ManageActor:
        """Who administers."""
        user = request.user
        if not isinstance(user, User):
            raise SignInNeeded
        return ManageActor(user_id=user.pk, name=user.full_name or user.hsa_id)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Django's, without its transaction (commands have their own) and with refusals as errors of the form."""
        show = super()._changeform_view  # type: ignore[misc]
        try:
            return show(request, object_id, form_url, extra_context)  # type: ignore[no-any-return]
        except Refusal as refusal:
            request.refusal = f"{refusal.headline}. {refusal.message}"  # type: ignore[attr-defined]
            response: HttpResponse = show(request, object_id, form_url, extra_context)
            response.status_code = refusal.status
            return response

    def get_form(self, request: HttpRequest, obj: M | None = None, change: bool = False, **kwargs: Any) -> Any:
        """The form class, told of the refusal that this request met."""
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        form.refusal = getattr(request, "refusal", "")
        return form

    def save_model(self, request: HttpRequest, obj: M, form: Any, change: bool) -> None:
        """Call the commands instead of saving."""
        actor = self.actor(request)
        if change:
            self.change(actor=actor, obj=obj, data=form.cleaned_data)
        else:
            obj.pk = self.create(actor=actor, data=form.cleaned_data).pk

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> M:
        """Values into the object, nothing into the database."""
        return form.instance  # type: ignore[no-any-return]

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """There are no inlines and no many-to-many fields."""

    def delete_model(self, request: HttpRequest, obj: M) -> None:
        """Nothing is deleted in Manage (ORG-16)."""
        raise PermissionDenied

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        """Nothing is deleted in Manage (ORG-16)."""
        raise PermissionDenied

    def has_delete_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        """Never: users and permissions are ended, not removed (ORG-16)."""
        return False

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Our change log has it already."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Our change log has it already."""

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """What the change log says of the object, newest first."""
        obj = self.get_object(request, unquote(object_id))
        if obj is None:
            raise Http404
        if not self.has_view_or_change_permission(request, obj):
            raise PermissionDenied
        kind, pk = self.log_object(obj)
        rows = ChangeLog.objects.filter(object_type=kind, object_id=str(pk)).order_by("-id")[:200]
        context = {
            **self.admin_site.each_context(request),
            "title": _("Changes"),
            "subtitle": str(obj),
            "rows": [told(row) for row in rows],
            "opts": self.opts,
            "object": obj,
        }
        return TemplateResponse(request, "accounts/manage_history.html", context)
