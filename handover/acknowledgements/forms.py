"""Shape of input of acknowledgements; the rules stand in the commands."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.forms import KeyForm
from handover.acknowledgements import rules


class AskForm(KeyForm):
    """To whom, what kind, and what it is about (ACK-01, ACK-04)."""

    kind = forms.ChoiceField(
        label=_("What do you want?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what it is about."), "invalid_choice": _("Choose what it is about.")},
    )
    to = forms.ChoiceField(
        label=_("To a colleague or a role"),
        error_messages={
            "required": _("Choose a colleague or a role at your unit from the list."),
            "invalid_choice": _("Choose a colleague or a role at your unit from the list."),
        },
    )
    text = forms.CharField(
        label=_("Message, never shown to the patient"),
        max_length=rules.TEXT_LIMIT,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={
            "required": _("Write to your colleague what to do or know. At most 2,000 characters."),
            "max_length": _("Write to your colleague what to do or know. At most 2,000 characters."),
        },
    )

    def __init__(self, *args: Any, kinds: list[tuple[str, Any]], to: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in (("kind", kinds), ("to", [("", _("Choose")), *to])):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = choices
