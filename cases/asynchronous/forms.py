"""Shape of input of the pages of asynchronous cases; the rules stand in the commands."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from cases.asynchronous import rules
from cases.forms import KeyForm
from direkt1177.residents.numbers import NumberError, parse_personal_number

PURPOSES = (
    ("contact", _("Care-initiated contact")),
    ("phone", _("Conversation by telephone")),
)


class SearchForm(forms.Form):
    """Whom it is about, and why one looks."""

    number = forms.CharField(
        label=_("Personal identity number, 12 digits"),
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"required": _("Write the number, 12 digits.")},
    )
    purpose = forms.ChoiceField(
        label=_("Purpose of the search"),
        choices=PURPOSES,
        error_messages={"required": _("Choose why you search."), "invalid_choice": _("Choose why you search.")},
    )

    def clean_number(self) -> str:
        """A number with the right check digit, 12 digits."""
        typed: str = self.cleaned_data["number"]
        if sum(c.isdigit() for c in typed) != 12:
            raise forms.ValidationError(_("Write the number with 12 digits, such as 19800101-1234."))
        try:
            return parse_personal_number(typed).digits
        except NumberError:
            raise forms.ValidationError(_("The number is not right. Check the digits.")) from None


class AboutForm(KeyForm):
    """First step: what about, for how long, and of a child to whom (ASY-04)."""

    reason = forms.CharField(
        label=_("Contact reason"),
        max_length=rules.REASON_LIMIT,
        error_messages={
            "required": _("Write what it is about, at most 120 characters."),
            "max_length": _("Write what it is about, at most 120 characters."),
        },
    )
    days = forms.TypedChoiceField(
        label=_("How many days may the patient write in the case?"),
        coerce=int,
        error_messages={"required": _("Choose how long."), "invalid_choice": _("Choose one of the days in the list.")},
    )
    reader = forms.TypedChoiceField(
        label=_("Who reads and answers?"),
        coerce=int,
        error_messages={"required": _("Choose who reads."), "invalid_choice": _("Choose who reads.")},
    )
    kind = forms.ChoiceField(choices=[("text", ""), ("image", "")], required=False, widget=forms.HiddenInput)

    def __init__(self, days: list[int], readers: list[tuple[int, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice: Any = self.fields["days"]
        choice.choices = [(n, ngettext("%(n)s day", "%(n)s days", n) % {"n": n}) for n in days]
        reader: Any = self.fields["reader"]
        reader.choices = readers
        if len(readers) == 1:
            reader.widget = forms.HiddenInput()
            reader.widget.choices = readers


class WriteForm(AboutForm):
    """Second step: the first message, and what staff vouch for."""

    text = forms.CharField(
        label=_("First message"),
        strip=False,
        widget=forms.Textarea(attrs={"rows": 7}),
        error_messages={"required": _("Write something before you send.")},
    )
    agreed = forms.BooleanField(label=_("The patient agrees to be contacted here"), required=False)
    checked = forms.BooleanField(label=_("I have checked for protected identity"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("reason", "days", "reader"):
            self.fields[name].widget = forms.HiddenInput()


class MarkForm(forms.Form):
    """Up to which message the page stood."""

    seen = forms.IntegerField(min_value=0, max_value=2_000_000_000)


class ExtendForm(forms.Form):
    """How many days more."""

    days = forms.IntegerField(min_value=1, max_value=90)


class RateForm(forms.Form):
    """How content, 1 to 5."""

    score = forms.TypedChoiceField(
        label=_("How content are you with the contact?"),
        coerce=int,
        choices=[(n, n) for n in rules.SCORES],
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose a number from 1 to 5."),
            "invalid_choice": _("Choose a number from 1 to 5."),
        },
    )
