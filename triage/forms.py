"""Shape of what the entrance's pages send; rules and rights are checked by the commands."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from direkt1177.questions.answers import clean_text
from triage import search
from triage.commands.answering import WORDS_LIMIT

CHOOSE = _("Choose one of the answers.")


class WordsField(forms.CharField):
    """Typed text: control characters go, the limit counts what is stored."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(strip=False, widget=forms.Textarea(attrs={"rows": 4}), **kwargs)

    def to_python(self, value: Any) -> str:
        """Clean the text."""
        return clean_text(str(value or ""))

    def validate(self, value: str) -> None:
        """Say what to do when it is empty or too long."""
        super().validate(value)
        if len(value) > WORDS_LIMIT:
            message = _("The text can be at most %(limit)s characters. Shorten it.")
            raise forms.ValidationError(message, params={"limit": WORDS_LIMIT})


class WhoForm(forms.Form):
    """Whom it is about."""

    who = forms.ChoiceField(widget=forms.RadioSelect, error_messages={"required": _("Choose who needs help.")})
    unit = forms.ChoiceField(required=False, widget=forms.RadioSelect)

    def __init__(self, *args: Any, people: list[tuple[str, str]], units: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["who"].choices = people  # type: ignore[attr-defined]
        self.fields["who"].error_messages["invalid_choice"] = _("Choose who needs help.")
        field = self.fields["unit"]
        field.choices = units  # type: ignore[attr-defined]
        field.required = bool(units)
        field.error_messages |= {"required": _("Choose a unit."), "invalid_choice": _("Choose a unit.")}


class DescribeForm(forms.Form):
    """Own words and a contact reason from the search."""

    text = WordsField(error_messages={"required": _("Write a few words about what has happened.")})
    reason = forms.ChoiceField(
        required=False,
        choices=lambda: [(item.id, item.title) for item in search.reasons().values()],
        error_messages={"invalid_choice": _("Choose what fits best.")},
    )


class ConsentForm(forms.Form):
    """*Tillåt* or *Tillåt inte*, nothing chosen from the start (ENT-32)."""

    CHOICES = (("yes", _("Allow")), ("no", _("Do not allow")))
    care_history = forms.ChoiceField(
        choices=CHOICES, widget=forms.RadioSelect, error_messages={"required": _("Choose Allow or Do not allow.")}
    )
    medication_list = forms.ChoiceField(
        choices=CHOICES, widget=forms.RadioSelect, error_messages={"required": _("Choose Allow or Do not allow.")}
    )


class AdminQuestionForm(forms.Form):
    """An administrative question in own words."""

    subject = forms.CharField(
        max_length=80,
        label=_("What is it about?"),
        help_text=_("A few words, for example: certificate, referral, change of appointment."),
        error_messages={"required": _("Write what it is about."), "max_length": _("Use at most 80 characters.")},
    )
    text = WordsField(label=_("Your question"), error_messages={"required": _("Write your question.")})

    def clean_subject(self) -> str:
        """One clean line."""
        subject = clean_text(self.cleaned_data["subject"]).replace("\n", " ")
        if not subject:
            raise forms.ValidationError(_("Write what it is about."))
        return subject
