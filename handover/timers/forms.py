"""Shape of input of the clock panel."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class PhoneForm(forms.Form):
    """A phone attempt: whether somebody answered, and a note."""

    reached = forms.ChoiceField(
        label=_("Did you reach the patient?"),
        choices=[("no", _("Not reached")), ("yes", _("Reached"))],
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose reached or not reached."),
            "invalid_choice": _("Choose reached or not reached."),
        },
    )
    note = forms.CharField(
        label=_("Note"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"max_length": _("Write at most 300 characters.")},
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="phone_%s")
