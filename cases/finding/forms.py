"""Shape of input of finding."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cases.finding import rules
from cases.finding.models import Search
from cases.forms import KeyForm
from direkt1177.residents.numbers import NumberError, parse_personal_number


class SearchForm(forms.Form):
    """A full number and why; ``cleaned_data["number"]`` is twelve digits (QUE-21)."""

    number = forms.CharField(
        label=_("Personal identity number or coordination number"),
        max_length=20,
        help_text=_("The full number, 10 or 12 digits."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric", "autofocus": True}),
        error_messages={"required": _("Write the full number."), "max_length": _("Write 10 or 12 digits.")},
    )
    purpose = forms.ChoiceField(
        label=pgettext_lazy("finding", "Purpose"),
        choices=Search.Purpose.choices,
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose why you search."),
            "invalid_choice": _("Choose one of the purposes."),
        },
    )
    other = forms.CharField(
        label=_("Other purpose"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"max_length": _("The purpose can be at most %(limit_value)s characters.")},
    )

    def clean_number(self) -> str:
        """Twelve digits."""
        try:
            return parse_personal_number(self.cleaned_data["number"]).digits
        except NumberError:
            raise forms.ValidationError(
                _("This is not a personal identity number or coordination number. Check the digits.")
            ) from None

    def clean(self) -> dict[str, Any]:
        """Another purpose is said in words; words beside a listed purpose are left out."""
        data = super().clean() or self.cleaned_data
        if data.get("purpose") == Search.Purpose.OTHER:
            if not data.get("other") and "other" not in self.errors:
                self.add_error("other", _("Write what the purpose is."))
        else:
            data["other"] = ""
        return data


class ReasonForm(KeyForm):
    """Why a case is to be read."""

    reason = forms.CharField(
        label=pgettext_lazy("finding", "Reason"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={
            "required": _("Write why you need to read the case."),
            "max_length": _("The reason can be at most %(limit_value)s characters."),
        },
    )


LAST_DAY = MaxValueValidator(date(9000, 1, 1), message=_("Choose a day that is not so far away."))


class DayForm(forms.Form):
    """*Välj datum*: a day or an interval, a person, a role, or neither (QUE-10)."""

    fran = forms.DateField(
        label=pgettext_lazy("finding", "From"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"required": _("Choose a day."), "invalid": _("Write the day as year, month and day.")},
        validators=[LAST_DAY],
    )
    till = forms.DateField(
        label=_("To and including"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"invalid": _("Write the day as year, month and day.")},
        validators=[LAST_DAY],
    )
    person = forms.TypedChoiceField(
        label=pgettext_lazy("finding", "Person"),
        coerce=int,
        empty_value=None,
        required=False,
        error_messages={"invalid_choice": _("Choose somebody in the list.")},
    )
    roll = forms.TypedChoiceField(
        label=_("Role"),
        coerce=int,
        empty_value=None,
        required=False,
        error_messages={"invalid_choice": _("Choose a role in the list.")},
    )

    def __init__(self, *args: Any, people: list[tuple[int, str]], roles: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, empty, choices in (("person", _("Everybody"), people), ("roll", _("All roles"), roles)):
            field = self.fields[name]
            assert isinstance(field, forms.TypedChoiceField)
            field.choices = [("", empty), *choices]

    def clean(self) -> dict[str, Any]:
        """A single day without an end; the end is not before the beginning."""
        data = super().clean() or self.cleaned_data
        first, last = data.get("fran"), data.get("till")
        if first is None or "till" in self.errors:
            return data
        data["till"] = last = last or first
        if last < first:
            self.add_error("till", _("The last day is before the first. Change one of them."))
        elif (last - first).days >= rules.MOST_DAYS:
            self.add_error("till", _("Choose at most %(n)s days at a time.") % {"n": rules.MOST_DAYS})
        return data
