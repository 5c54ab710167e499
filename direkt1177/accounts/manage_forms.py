"""Forms of Manage for opening hours, exceptions and settings."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError as PolicyError

from direkt1177.accounts.admin_base import ReasonForm
from direkt1177.units.clock import now
from direkt1177.units.models import CalendarException, PolicyValue, StaffedHours
from direkt1177.units.policies import raw_value
from direkt1177.units.policy_forms import NAME, HoursField, form_fields, piece_for
from direkt1177.units.policy_values import WEEKDAYS
from direkt1177.units.policy_words import WORDS
from direkt1177.units.staffed_time import STOCKHOLM


def today() -> date:
    """The date in Sweden."""
    return now().astimezone(STOCKHOLM).date()


class DateInput(forms.DateInput):
    """The browser's own date field; Django's calendar is not reachable by keyboard."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class TimeInput(forms.TimeInput):
    """The browser's own time field."""

    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


class WeekForm(ReasonForm):
    """The hours of a week, one line a day."""

    class Meta:
        model = StaffedHours
        fields = ()


def week_form(lines: list[str]) -> type[WeekForm]:
    """A form with the present hours filled in, Monday first."""
    fields: dict[str, Any] = {}
    for number, day in enumerate(WEEKDAYS):
        fields[f"day_{number}"] = HoursField(
            label=str(WORDS[day]), required=False, max_length=100, initial=lines[number]
        )
    fields["day_0"].help_text = _("Write hours like this: 08.00-12.00, 13.00-17.00. Leave it empty when closed.")
    return type("FilledWeekForm", (WeekForm,), fields)


class ExceptionForm(ReasonForm):
    """A date with other hours; what the exception is for stands in the pages of colleagues."""

    why = forms.CharField(label=_("What for"), max_length=120, help_text=_("For example training. Colleagues read it."))
    remove_now = forms.BooleanField(
        label=_("Remove"), required=False, help_text=_("The usual opening hours hold again that day.")
    )

    class Meta:
        model = CalendarException
        fields = ("unit", "date", "start", "end")
        labels = {"unit": _("Unit"), "date": _("Date"), "start": _("Opens"), "end": _("Closes")}
        help_texts = {"start": _("Leave both empty when closed all day.")}
        widgets = {"date": DateInput(), "start": TimeInput(), "end": TimeInput()}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "why" in self.fields:
            self.fields["why"].initial = self.instance.reason

    def clean(self) -> dict[str, Any]:
        """Both times or neither, in order."""
        data = super().clean()
        start, end = data.get("start"), data.get("end")
        if (start is None) != (end is None) or (start is not None and end is not None and end <= start):
            self.add_error("end", _("Give both a start and a later end, or neither for closed all day."))
        return data


class SettingForm(ReasonForm):
    """A new value of a setting from a day on."""

    key = ""
    reason_required = True

    class Meta:
        model = PolicyValue
        fields = ("source", "valid_from")
        labels = {"source": _("Source"), "valid_from": _("Valid from")}
        help_texts = {"source": _("The document or decision that says so.")}
        widgets = {"valid_from": DateInput()}

    def clean_valid_from(self) -> date:
        """From today on: what held before is history."""
        day: date = self.cleaned_data["valid_from"]
        if day < today():
            raise forms.ValidationError(_("The date has passed. Only today and later days can be changed."))
        return day

    def clean(self) -> dict[str, Any]:
        """Put the parts together and let the policy's own type have the last word."""
        data = super().clean()
        if not self.errors:
            try:
                data["raw"] = raw_value(self.key, piece_for(self.key).raw(NAME, data))
            except PolicyError as error:
                raise forms.ValidationError(_("The value is not allowed for this setting.")) from error
        return data


def setting_form(key: str, value: Any) -> type[SettingForm]:
    """A form for one setting with the value that holds filled in."""
    return type("FilledSettingForm", (SettingForm,), {"key": key, **form_fields(key, value)})


class EndForm(ReasonForm):
    """End a unit's own value on its page."""

    end_now = forms.BooleanField(
        label=_("End today"),
        required=False,
        help_text=_("The region's value holds again. The row stays in the history."),
    )
    reason_required = True

    class Meta:
        model = PolicyValue
        fields = ()
