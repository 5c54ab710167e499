"""Shape of input of the ticket pages; the rules stand in ``rules`` and the commands."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.forms import URGENCIES, KeyForm
from handover.models import Ticket
from handover.tickets import rules
from handover.tickets.rules import Fields
from triage import question_sets

_MOMENT = "%Y-%m-%dT%H:%M"


class _Day(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class _Moment(forms.DateTimeInput):
    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format=_MOMENT)


class TicketForm(KeyForm):
    """The ticket form (TIK-02). A shape that is wrong is told with the rules, all at once."""

    ticket = forms.UUIDField(required=False, widget=forms.HiddenInput)
    verified = forms.BooleanField(label=_("I have checked that it is the right patient"), required=False)
    type = forms.ChoiceField(
        label=_("Ticket"),
        choices=Ticket.Type.choices,
        initial=Ticket.Type.DROP_IN,
        error_messages={"required": _("Choose a type."), "invalid_choice": _("Choose a type.")},
    )
    urgency = forms.TypedChoiceField(
        label=_("Urgency in the receiver's queue"),
        coerce=int,
        empty_value=None,
        required=False,
        choices=[(number, number) for number in URGENCIES],
        error_messages={"invalid_choice": _("Choose an urgency from 1 to 5.")},
    )
    reason = forms.CharField(
        label=_("Contact reason, the patient's heading"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"list": "ticket-reasons", "autocomplete": "off"}),
    )
    to = forms.CharField(label=_("Resource, unit and role"), max_length=40, required=False)
    question_forms = forms.MultipleChoiceField(
        label=_("Forms, answered before the visit"),
        required=False,
        choices=lambda: [(item.id, item.title) for item in question_sets.question_sets().values()],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": _("Choose one of the forms in the list.")},
    )
    valid_from = forms.DateField(
        label=_("Valid from"), required=False, widget=_Day, error_messages={"invalid": _("Write a date.")}
    )
    valid_to = forms.DateField(
        label=_("Valid up to and including"),
        required=False,
        widget=_Day,
        error_messages={"invalid": _("Write a date.")},
    )
    booked_for = forms.DateTimeField(
        label=_("Booked time"),
        required=False,
        widget=_Moment,
        input_formats=[_MOMENT],
        error_messages={"invalid": _("Write a date and a time.")},
    )
    anamnesis = forms.CharField(
        label=_("Anamnesis, information to the receiving staff"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    information = forms.CharField(
        label=_("Information to the patient (optional)"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    phone_contact_at = forms.DateTimeField(
        label=_("Talked by phone"),
        required=False,
        widget=_Moment,
        input_formats=[_MOMENT],
        error_messages={"invalid": _("Write a date and a time.")},
    )
    no_phone_reason = forms.CharField(
        label=_("Or why not"),
        required=False,
        max_length=rules.REASON_LIMIT,
        error_messages={"max_length": _("At most %(limit_value)s characters.")},
    )

    def fields_typed(self) -> Fields:
        """What was typed, for the commands."""
        data: dict[str, Any] = self.cleaned_data
        return Fields(
            verified=data["verified"],
            type=data["type"],
            urgency=data["urgency"],
            reason=data["reason"],
            forms=tuple(data["question_forms"]),
            to=data["to"],
            valid_from=data["valid_from"],
            valid_to=data["valid_to"],
            booked_for=data["booked_for"],
            anamnesis=data["anamnesis"],
            information=data["information"],
            phone_contact_at=data["phone_contact_at"],
            no_phone_reason=data["no_phone_reason"],
        )


class WithdrawForm(KeyForm):
    """Why a ticket is taken back."""

    reason = forms.CharField(
        label=_("Why is the ticket withdrawn?"),
        max_length=rules.REASON_LIMIT,
        required=False,
        error_messages={"max_length": _("At most %(limit_value)s characters.")},
    )
