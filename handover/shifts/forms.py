"""Shape of the form that ends a shift."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class EndShiftForm(forms.Form):
    """How the shift was (SHF-06)."""

    satisfied = forms.TypedChoiceField(
        label=_("How was the shift?"),
        coerce=lambda value: value == "yes",
        choices=[("yes", _("Satisfied")), ("no", _("Dissatisfied"))],
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose satisfied or dissatisfied."),
            "invalid_choice": _("Choose satisfied or dissatisfied."),
        },
    )
    form_key = forms.CharField(max_length=80, widget=forms.HiddenInput)
