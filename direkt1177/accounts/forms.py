"""Shape of what staff fill in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from direkt1177.accounts.models import Membership, User
from direkt1177.residents.numbers import NumberError, parse_mobile, shown_mobile


class ChooseUnitForm(forms.Form):
    """Unit (the role comes with it) and, the first time, shift type and load balancer (AUTH-08, AUTH-09)."""

    membership = forms.ChoiceField(
        label=_("Unit"), widget=forms.RadioSelect, error_messages={"required": _("Choose the unit you work at.")}
    )
    shift_type = forms.ChoiceField(label=_("Shift type"), error_messages={"required": _("Choose a shift type.")})
    load_balancer = forms.BooleanField(
        label=_("Load balancer"),
        required=False,
        help_text=_("Keep it off: the queue is worked by choosing, never by automatic assignment."),
    )

    def __init__(self, *args: Any, memberships: list[Membership], first_time: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["membership"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(str(m.pk), f"{m.unit.name}, {m.role.name}") for m in memberships]
        kinds = self.fields["shift_type"]
        assert isinstance(kinds, forms.ChoiceField)
        kinds.choices = [("", _("Choose")), *User.ShiftType.choices]
        if not first_time:
            del self.fields["shift_type"], self.fields["load_balancer"]


class ProfileForm(forms.Form):
    """What the patient sees of a member of staff, and where SMS to staff go (AUTH-11, AUTH-13)."""

    first_name = forms.CharField(
        label=_("First name"), max_length=80, error_messages={"required": _("Write your first name.")}
    )
    last_name = forms.CharField(
        label=_("Last name"), max_length=80, error_messages={"required": _("Write your last name.")}
    )
    title = forms.CharField(
        label=_("Title"),
        max_length=80,
        help_text=_("For example nurse or specialist in general medicine."),
        error_messages={"required": _("Write your title.")},
    )
    mobile = forms.CharField(
        label=_("Mobile number"),
        max_length=40,
        required=False,
        help_text=_("The unit's work phone or another one. SMS to staff go there."),
        widget=forms.TextInput(attrs={"type": "tel", "inputmode": "tel", "autocomplete": "tel"}),
    )
    load_balancer = forms.BooleanField(
        label=_("Load balancer"),
        required=False,
        help_text=_("Keep it off: the queue is worked by choosing, never by automatic assignment."),
    )

    @classmethod
    def of(cls, user: User) -> ProfileForm:
        """The form as it stands in the database."""
        return cls(
            initial={
                "first_name": user.first_name,
                "last_name": user.last_name,
                "title": user.title,
                "mobile": shown_mobile(user.mobile),
                "load_balancer": user.load_balancer_enabled,
            }
        )

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
