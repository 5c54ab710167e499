"""Forms of Manage for closures: asking, closing acutely, and the steps of the approval chain (HRS-08..16)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from direkt1177.accounts.admin_base import StepForm
from direkt1177.accounts.manage_forms import DateInput, TimeInput
from direkt1177.accounts.models import AdminPermission, User
from direkt1177.units.closures import Act, grounds_for
from direkt1177.units.models import Closure, Unit
from direkt1177.units.policies import policy
from direkt1177.units.staffed_time import STOCKHOLM

ACTS: dict[Act, Promise] = {
    Act.AGREE: _("Answer yes: the closure may be ordered"),
    Act.ORDER: _("Order the closure"),
    Act.APPROVE: _("Approve: the form has been handled"),
    Act.REJECT: _("Say no"),
    Act.CANCEL: _("Take the closure back"),
    Act.REOPEN: _("Open again now"),
    Act.RETARGET: _("Let another unit take new cases"),
    Act.PUBLISH: _("The text stands on the contact card"),
    Act.WITHDRAW: _("The text is off the contact card"),
}
_EXPLAINED = frozenset({Act.REJECT, Act.CANCEL, Act.REOPEN, Act.RETARGET})
_TARGETS = (Unit.Type.PRIMARY_CARE, Unit.Type.BRANCH, Unit.Type.ADVICE_LINE)


def _day(label: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=DateInput())


def _time(label: Any) -> forms.TimeField:
    return forms.TimeField(label=label, widget=TimeInput())


class ClosureForm(StepForm):
    """What both kinds of closure say."""

    ends_day = _day(_("Opens again, date"))
    ends_time = _time(_("Opens again, time"))
    target = forms.ModelChoiceField(
        label=_("Takes new cases meanwhile"), queryset=Unit.objects.none(), required=False,
        empty_label=_("Nobody: the unit takes no new cases"),
    )  # fmt: skip
    told = forms.CharField(
        label=_("What residents are told"), max_length=200, required=False, widget=forms.TextInput(attrs={"size": 60}),
        help_text=_("One sentence, for example: The staff have training. Nothing about persons."),
    )  # fmt: skip
    manager = forms.CharField(label=_("Head of operations who has decided"), max_length=120)
    reason = forms.CharField(
        label=_("Reason"), max_length=300, widget=forms.TextInput(attrs={"size": 60}),
        help_text=_("For regional administration. Nothing about patients or persons."),
    )  # fmt: skip
    reason_required = True

    class Meta:
        model = Closure
        fields = ()

    @property
    def ends_at(self) -> datetime:
        """When it opens again."""
        return moment(self.cleaned_data["ends_day"], self.cleaned_data["ends_time"])


class PlannedForm(ClosureForm):
    """Ask for a planned closure."""

    starts_day = _day(_("Closes, date"))
    starts_time = _time(_("Closes, time"))
    grounds = forms.ChoiceField(label=_("Grounds"))
    receiver_informed = forms.BooleanField(
        label=_("The receiving unit is informed and can follow the routine"), required=False
    )
    field_order = ("starts_day", "starts_time", "ends_day", "ends_time")

    @property
    def starts_at(self) -> datetime:
        """When it closes."""
        return moment(self.cleaned_data["starts_day"], self.cleaned_data["starts_time"])


class AcuteForm(ClosureForm):
    """Close at once, after whoever phoned has been verified (HRS-16)."""

    caller = forms.ModelChoiceField(
        label=_("Who ordered it by phone"), queryset=User.objects.none(),
        help_text=_("Only configuration administrators of the unit may order a closure."),
    )  # fmt: skip
    verified = forms.CharField(
        label=_("How you verified the caller"), max_length=300,
        help_text=_("For example: called back through the unit's switchboard."),
    )  # fmt: skip


PLANNED_FIELDS = (
    "starts_day", "starts_time", "ends_day", "ends_time", "grounds", "reason", "target", "receiver_informed", "told",
    "manager",
)  # fmt: skip
ACUTE_FIELDS = ("ends_day", "ends_time", "reason", "target", "told", "manager", "caller", "verified")


def moment(day: date, clock: time) -> datetime:
    """A local time of Sweden."""
    return datetime.combine(day, clock, STOCKHOLM)


def closure_form(unit: Unit, *, acute: bool) -> type[ClosureForm]:
    """The form for one unit, with what may be chosen there."""
    base: type[ClosureForm] = AcuteForm if acute else PlannedForm
    fields: dict[str, Any] = {
        "target": forms.ModelChoiceField(
            label=_("Takes new cases meanwhile"), queryset=_targets_of(unit), required=False,
            empty_label=_("Nobody: the unit takes no new cases"),
        )
    }  # fmt: skip
    if acute:
        fields["caller"] = forms.ModelChoiceField(
            label=AcuteForm.base_fields["caller"].label, queryset=may_order(unit),
            help_text=AcuteForm.base_fields["caller"].help_text,
        )  # fmt: skip
    else:
        grounds = [(value.value, value.label) for value in grounds_for(policy(unit))]
        fields["grounds"] = forms.ChoiceField(label=_("Grounds"), choices=grounds)
    return type("FilledClosureForm", (base,), fields)


def _targets_of(unit: Unit) -> Any:
    region = Unit.objects.filter(provider__region=unit.provider.region_id, active=True, type__in=_TARGETS)
    return region.exclude(pk=unit.pk).order_by("name")


def may_order(unit: Unit) -> Any:
    """Whoever may order a closure of the unit: its configuration administrators."""
    held = AdminPermission.objects.filter(
        unit=unit, kind=AdminPermission.Kind.CONFIGURATION_ADMIN, ended_at__isnull=True
    )
    return User.objects.filter(is_active=True, admin_permissions__in=held).distinct().order_by("first_name", "pk")


class ActForm(StepForm):
    """One step with a closure."""

    act = forms.ChoiceField(label=_("What you want to do"), widget=forms.RadioSelect)
    card = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Closure
        fields = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "reason" in self.fields:
            self.fields["reason"].label = _("Answer or reason")
            self.fields["reason"].help_text = _(
                "Needed when you say no, take back, open earlier or change the receiving unit."
            )

    def clean(self) -> dict[str, Any]:
        """No, back and earlier need a reason."""
        data = super().clean()
        if data.get("act") in _EXPLAINED and not data.get("reason"):
            self.add_error("reason", _("Write why, so that everybody understands the decision."))
        return data


def act_form(acts: Sequence[Act], closure: Closure, card: str) -> type[ActForm]:
    """The form with the steps that are possible now, and the text that the page shows."""
    choices = [(act.value, ACTS[act]) for act in acts]
    field = forms.ChoiceField(
        label=_("What you want to do"), widget=forms.RadioSelect, choices=choices,
        initial=choices[0][0] if len(choices) == 1 else None,
    )  # fmt: skip
    hidden = forms.CharField(required=False, widget=forms.HiddenInput, initial=card)
    fields: dict[str, Any] = {"act": field, "card": hidden}
    if Act.RETARGET in acts:
        fields["target"] = forms.ModelChoiceField(
            label=_("Other receiving unit"), queryset=_targets_of(closure.unit), required=False,
            empty_label=_("Nobody: the unit takes no new cases"), initial=closure.target_id,
        )  # fmt: skip
    return type("FilledActForm", (ActForm,), fields)
