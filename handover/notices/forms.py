"""Shape of the choices under *Notifieringar* (NOT-02)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from handover.notices.kinds import chosen_kinds


class ChoicesForm(forms.Form):
    """For each kind: nothing, in the centre, or there and by SMS."""

    def __init__(self, data: Any = None, *, chosen: Mapping[str, str]) -> None:
        super().__init__(data)
        for kind in chosen_kinds():
            self.fields[kind.code] = forms.ChoiceField(
                label=str(kind.choice_words),
                choices=[
                    ("none", _("No notice")),
                    ("app", _("In the notification centre")),
                    ("sms", _("In the notification centre and by SMS")),
                ],
                initial=chosen.get(kind.code, "none"),
                widget=forms.RadioSelect,
                error_messages={"required": _("Choose one of the three.")},
            )
