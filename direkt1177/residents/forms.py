"""Shape of what residents fill in about themselves."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from direkt1177.residents.models import Person
from direkt1177.residents.numbers import NumberError, parse_mobile, shown_mobile


class ContactForm(forms.Form):
    """Mobile number and e-mail, both may be left empty (ENT-14)."""

    mobile = forms.CharField(
        label=_("Mobile number"),
        max_length=40,
        required=False,
        help_text=_("We send an SMS when you have something to read. Never about your health."),
        widget=forms.TextInput(attrs={"type": "tel", "inputmode": "tel", "autocomplete": "tel"}),
        error_messages={"max_length": _("Write a mobile number with digits, for example 070-123 45 67.")},
    )
    email = forms.EmailField(
        label=_("E-mail"),
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={"invalid": _("Write an e-mail address like name@example.se.")},
    )

    @classmethod
    def of(cls, person: Person) -> ContactForm:
        """The form as it stands in the database; residents see their own details unmasked."""
        return cls(initial={"mobile": shown_mobile(person.mobile), "email": person.email})

    def clean_mobile(self) -> str:
        """A number that takes SMS, or nothing."""
        text: str = self.cleaned_data["mobile"]
        if text:
            try:
                parse_mobile(text)
            except NumberError as error:
                raise forms.ValidationError(
                    _("Write a mobile number with digits, for example 070-123 45 67.")
                ) from error
        return text
