"""Shape of input of offers; rules stand in the commands."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.forms import URGENCIES, KeyForm
from handover.offers import rules


class OfferForm(KeyForm):
    """*Lämna över besök*: receiver, urgency, what is said to whom (HOV-04)."""

    to = forms.CharField(
        label=_("Resource"), max_length=40, error_messages={"required": _("Choose who is to take over.")}
    )
    urgency = forms.TypedChoiceField(
        label=_("Urgency"),
        coerce=int,
        empty_value=None,
        required=False,
        choices=[(number, number) for number in URGENCIES],
        error_messages={"invalid_choice": _("Choose an urgency from 1 to 5.")},
    )
    patient_message = forms.CharField(
        label=_("Message to the patient"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"max_length": _("The message can be at most %(limit_value)s characters.")},
    )
    message = forms.CharField(
        label=_("Internal message"),
        required=False,
        max_length=rules.MESSAGE_LIMIT,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"max_length": _("The message can be at most %(limit_value)s characters.")},
    )
    documented_first = forms.BooleanField(label=_("The visit note is written"), required=False)
    misdirected = forms.BooleanField(label=_("The case landed at the wrong unit"), required=False)


class BulkForm(OfferForm):
    """Several own cases to one role at once; the urgency stays as it is."""

    cases = forms.MultipleChoiceField(
        label=_("Cases to hand over"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one case.")},
    )

    def __init__(self, choices: list[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["urgency"]
        field = self.fields["cases"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = choices


class DeclineForm(KeyForm):
    """Why not."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=rules.REASON_LIMIT,
        error_messages={
            "required": _("Write a short reason."),
            "max_length": _("The reason can be at most %(limit_value)s characters."),
        },
    )


class ReaddressForm(KeyForm):
    """To which role instead."""

    to = forms.CharField(label=_("Role"), max_length=40, error_messages={"required": _("Choose a role.")})
