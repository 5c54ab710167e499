"""Shape of input of the case pages; rules stand in the commands."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from cases.rules import LOCAL

URGENCIES = (1, 2, 3, 4, 5)
_DAYS = (1, 2, 3, 4, 5, 6, 7, 14, 21, 28, 60, 90)


def new_form_key() -> str:
    """A fresh idempotency key for the forms of one page; each form adds its own name."""
    return uuid.uuid4().hex


class KeyForm(forms.Form):
    """A form with nothing but its idempotency key."""

    form_key = forms.CharField(max_length=80, widget=forms.HiddenInput)


class MessageForm(forms.Form):
    """A chat message sent without script; ``client_id`` is the message's own id."""

    text = forms.CharField(
        label=_("Message"),
        strip=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Write something before you send.")},
    )
    client_id = forms.CharField(max_length=64, min_length=8, widget=forms.HiddenInput)


class ImageForm(forms.Form):
    """A picture for the chat."""

    image = forms.FileField(label=_("Image"), error_messages={"required": _("Choose an image first.")})
    client_id = forms.CharField(max_length=64, min_length=8, widget=forms.HiddenInput)


class UrgencyForm(KeyForm):
    """A new urgency, why, and the version of the case that was seen (TRI-11)."""

    urgency = forms.TypedChoiceField(
        label=_("Urgency"),
        coerce=int,
        choices=[(number, number) for number in URGENCIES],
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose an urgency from 1 to 5."),
            "invalid_choice": _("Choose an urgency from 1 to 5."),
        },
    )
    reason = forms.CharField(label=_("Why"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}))
    version = forms.IntegerField(min_value=0, max_value=2_000_000_000, widget=forms.HiddenInput)


class CloseForm(KeyForm):
    """How many days the patient may come back in the same case (CAS-08)."""

    follow_up_days = forms.TypedChoiceField(
        label=_("How long may the patient write in this case?"),
        coerce=int,
        initial=0,
        error_messages={
            "required": _("Choose how long."),
            "invalid_choice": _("Choose one of the days in the list."),
        },
    )

    def __init__(self, max_days: int, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["follow_up_days"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = follow_up_choices(max_days)


class _MomentForm(KeyForm):
    """A local date and time; ``cleaned_data["moment"]`` is the instant."""

    date = forms.DateField(
        label=_("Day"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"required": _("Choose a day."), "invalid": _("Write the day as year, month and day.")},
    )
    time = forms.TimeField(
        label=_("Time of day"),
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
        input_formats=["%H:%M", "%H.%M", "%H:%M:%S"],
        error_messages={"required": _("Choose a time."), "invalid": _("Write the time as hours and minutes.")},
    )
    message = forms.CharField(
        label=_("Message to the patient"), max_length=8000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )

    def clean(self) -> dict[str, Any]:
        """The moment, when both parts are there."""
        data = super().clean() or self.cleaned_data
        if data.get("date") and data.get("time"):
            data["moment"] = datetime.combine(data["date"], data["time"], tzinfo=LOCAL)
        return data


class PauseForm(_MomentForm):
    """When a paused visit goes on, and what the patient is told (CAS-12)."""


class BookForm(_MomentForm):
    """The time that was booked in the record system, where, and what the patient is told (CAS-13)."""

    where = forms.ChoiceField(
        label=_("Kind of visit"),
        choices=[("app", _("Digital meeting in the app")), ("physical", _("Physical visit"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose the kind of visit.")},
    )
    place = forms.CharField(label=_("Where, or with whom"), max_length=90, required=False)
    booked = forms.BooleanField(
        label=_("The time is booked in the record system"),
        error_messages={"required": _("Book the time in the record system first, then tick here.")},
    )

    def where_words(self) -> str:
        """What is stored and told to the patient, in Swedish as all texts to patients."""
        kind = {"app": "digitalt möte i appen", "physical": "fysiskt besök"}[self.cleaned_data["where"]]
        place = self.cleaned_data["place"].strip()
        return f"{kind}, {place}" if place else kind


class ProtectedForm(KeyForm):
    """*Skyddad Identitet* of Patientinfo (ENT-29)."""

    protected = forms.TypedChoiceField(
        label=_("Protected identity"),
        coerce=lambda value: value == "yes",
        choices=[("yes", _("Yes")), ("no", _("No"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose yes or no."), "invalid_choice": _("Choose yes or no.")},
    )


def follow_up_choices(max_days: int) -> list[tuple[int, Any]]:
    """None, single days up to a week, then weeks, and the region's maximum.

    Args:
        max_days: policy ``follow_up_max_days``; 0 allows none.
    """
    days = [day for day in _DAYS if day < max_days]
    if max_days > 0:
        days.append(max_days)
    words = [(day, ngettext("%(n)s day", "%(n)s days", day) % {"n": day}) for day in days]
    return [(0, _("Not at all")), *words]
