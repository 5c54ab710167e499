"""Phrases in Manage (ADM-02): the only model of this app that is shown there; personal ones never."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from cases.commands.phrases import add_phrase, change_phrase
from cases.models import Phrase
from direkt1177.accounts.actors import ManageActor
from direkt1177.accounts.admin_base import CommandAdmin, OwnUnitFilter, ReasonForm
from direkt1177.accounts.manage import site
from direkt1177.accounts.models import AdminPermission

LONGEST = 2000  # as a message in the chat


class Suggested(forms.TextInput):
    """A text field that suggests what is in use, with the browser's own list."""

    suggestions: tuple[str, ...] = ()

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        """The field and its list."""
        field = super().render(name, value, {**(attrs or {}), "list": f"{name}-list"}, renderer)
        options = format_html_join("", '<option value="{}"></option>', ((each,) for each in self.suggestions))
        return format_html('{}<datalist id="{}-list">{}</datalist>', field, name, options)


class PhraseForm(ReasonForm):
    """A shared phrase of a unit."""

    class Meta:
        model = Phrase
        fields = ("unit", "category", "title", "text", "active")
        labels = {
            "unit": _("Unit"),
            "category": _("Category"),
            "title": _("Title"),
            "text": _("Text"),
            "active": _("In use"),
        }
        help_texts = {
            "category": _("Choose one that is in use, or write a new one."),
            "active": _("Untick to withdraw the phrase. The row stays in the history."),
        }
        widgets = {"category": Suggested(), "text": forms.Textarea(attrs={"rows": 6})}

    def clean_text(self) -> str:
        """No longer than a message may be."""
        text: str = self.cleaned_data["text"].strip()
        if len(text) > LONGEST:
            raise forms.ValidationError(_("This text is too long."))
        return text


@admin.register(Phrase, site=site)
class PhraseAdmin(CommandAdmin[Phrase]):
    """Shared phrases of the units where one is configuration administrator."""

    kind = AdminPermission.Kind.CONFIGURATION_ADMIN
    form = PhraseForm
    log_type = "phrase"
    list_display = ("title", "category", "unit", "active")
    list_filter = ("active", "category", OwnUnitFilter)
    search_fields = ("title", "category", "text")
    ordering = ("unit__name", "category", "title", "id")
    fields = ("unit", "category", "title", "text", "active", "reason")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Phrase]:
        """Only shared ones at own units."""
        rows = super().get_queryset(request).filter(level=Phrase.Level.UNIT, unit__in=self.own_units(request))
        return rows.select_related("unit")

    def get_readonly_fields(self, request: HttpRequest, obj: Phrase | None = None) -> list[str]:
        """The unit stays."""
        return [] if obj is None else ["unit"]

    def get_form(self, request: HttpRequest, obj: Phrase | None = None, change: bool = False, **kwargs: Any) -> Any:
        """With the categories in use at own units as suggestions."""
        form = super().get_form(request, obj, change=change, **kwargs)
        used = self.get_queryset(request).order_by("category").values_list("category", flat=True).distinct()
        if "category" in form.base_fields:
            form.base_fields["category"].widget.suggestions = tuple(used)
        return form

    def create(self, *, actor: ManageActor, data: dict[str, Any]) -> Phrase:
        """Add a phrase."""
        values = {name: data[name] for name in ("category", "title", "text", "active", "reason")}
        return add_phrase(actor=actor, unit_id=data["unit"].pk, **values)

    def change(self, *, actor: ManageActor, obj: Phrase, data: dict[str, Any]) -> None:
        """Change or withdraw it."""
        values = {name: data[name] for name in ("category", "title", "text", "active", "reason")}
        change_phrase(actor=actor, phrase_id=obj.pk, **values)
