"""Shape of the forms of ending a shift, releasing and the day's list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator
from django.utils.translation import gettext_lazy as _

from cases.forms import follow_up_choices
from cases.models import Case
from direkt1177.units.models import CareRole
from direkt1177.units.policy_model import Policy
from direkt1177.units.staffed_time import STOCKHOLM
from handover.shifts.rules import Choice, follow_up_by_closing
from handover.shifts.settle import Wish

WORDS = {
    Choice.CLOSE: _("Close the visit"),
    Choice.PUT_BACK: _("Put back in the queue"),
    Choice.HAND_OVER: _("Hand over to a role"),
    Choice.PAUSE: _("Pause to a day"),
    Choice.ASYNCHRONOUS: _("Make asynchronous"),
    Choice.BOOK: _("Close and book a time"),
    Choice.KEEP: _("Keep it, the handover ends"),
    Choice.OFFER: _("Let the handover stand"),
}


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


class ChoiceForm(forms.Form):
    """What becomes of one case; only the fields of the chosen way count, the command checks them."""

    do = forms.ChoiceField(label=_("What happens now?"), required=False, widget=forms.RadioSelect)
    role = forms.TypedChoiceField(label=_("To"), coerce=int, required=False, empty_value=None)
    left_text = forms.CharField(
        label=_("Message to the patient"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    day = forms.DateField(
        label=_("We go on"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    pause_text = forms.CharField(
        label=_("Message to the patient"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    close_days = forms.TypedChoiceField(
        label=_("How long may the patient write in this case?"), coerce=int, required=False
    )
    days = forms.TypedChoiceField(label=_("How long may the patient write in this case?"), coerce=int, required=False)
    booked_day = forms.DateField(
        label=_("Booked day"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    booked_time = forms.TimeField(
        label=_("Time"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    booked_where = forms.CharField(label=_("Where it is booked"), max_length=120, required=False)

    def __init__(
        self, *args: Any, case: Case, choices: Sequence[Choice], roles: Sequence[CareRole],
        on_duty: Mapping[int, str], policy: Policy, **kwargs: Any,
    ) -> None:  # fmt: skip
        kwargs["prefix"] = str(case.public_id)
        super().__init__(*args, **kwargs)
        self.case = case
        self.allowed = list(choices)
        self.reason = ""
        _choices(self, "do", [(choice.value, WORDS[choice]) for choice in choices])
        _choices(self, "role", [(role.pk, on_duty.get(role.pk, role.name)) for role in roles])
        _choices(self, "close_days", follow_up_choices(policy.follow_up_max_days))
        _choices(self, "days", follow_up_choices(policy.follow_up_max_days)[1:])
        if not follow_up_by_closing(policy):
            del self.fields["close_days"]

    def wish(self) -> Wish | None:
        """What was chosen; None when nothing."""
        data = self.cleaned_data
        if not data.get("do"):
            return None
        choice = Choice(data["do"])
        days = data.get("close_days") if choice == Choice.CLOSE else data.get("days")
        return Wish(
            case=str(self.case.public_id),
            choice=choice,
            role_id=data.get("role"),
            text=data.get("pause_text" if choice == Choice.PAUSE else "left_text") or "",
            day=data.get("day"),
            days=days or 0,
            booked_for=_moment(data.get("booked_day"), data.get("booked_time")),
            booked_where=data.get("booked_where") or "",
        )


class ReleaseForm(forms.Form):
    """Why a case, or all of one holder, is released."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        error_messages={"required": _("Write why the case is released.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    key = forms.CharField(max_length=80, min_length=8, widget=forms.HiddenInput)


class DayForm(forms.Form):
    """Which day the list shows (ORG-24)."""

    datum = forms.DateField(
        label=_("Date"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        validators=[MaxValueValidator(date(9000, 1, 1), message=_("Choose a day that is not so far away."))],
    )


def _choices(form: forms.Form, name: str, values: Sequence[tuple[Any, Any]]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = list(values)


def _moment(day: date | None, clock: time | None) -> datetime | None:
    if day is None or clock is None:
        return None
    return datetime.combine(day, clock, tzinfo=STOCKHOLM)
