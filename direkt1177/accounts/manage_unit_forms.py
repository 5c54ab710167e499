"""Forms of Manage for a unit itself: its name, a branch's own cases, winding up and takeover."""

from __future__ import annotations

from collections.abc import Sequence

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from direkt1177.accounts.admin_base import StepForm
from direkt1177.accounts.manage_forms import DateInput
from direkt1177.units.models import BranchDecision, Unit, UnitChange, UnitName

TELL, CARRY_OUT, CANCEL = "tell", "carry_out", "cancel"
CHANGE_ACTS: dict[str, Promise] = {
    TELL: _("Regional administration confirms that it knows"),
    CARRY_OUT: _("Carry it out: the unit closes for good"),
    CANCEL: _("Take it back"),
}


class NameForm(StepForm):
    """Another name or HSA-id from now on."""

    name = forms.CharField(label=_("Name"), max_length=120)
    hsa_id = forms.CharField(label=_("HSA-id"), max_length=31)
    reason_required = True

    class Meta:
        model = UnitName
        fields = ()


def name_form(unit: Unit) -> type[NameForm]:
    """With what holds now filled in."""
    return type(
        "FilledNameForm",
        (NameForm,),
        {
            "name": forms.CharField(label=_("Name"), max_length=120, initial=unit.name),
            "hsa_id": forms.CharField(label=_("HSA-id"), max_length=31, initial=unit.hsa_id),
        },
    )


class BranchForm(StepForm):
    """A decision on a branch, with who decided and when (ORG-21)."""

    own = forms.ChoiceField(
        label=_("New cases to the branch"), widget=forms.RadioSelect,
        choices=[("yes", _("The branch handles them itself")), ("no", _("They go to the health centre"))],
    )  # fmt: skip
    decided_by = forms.CharField(label=_("Head of operations who has decided"), max_length=120)
    decided_on = forms.DateField(label=_("Date of the decision"), widget=DateInput())
    valid_from = forms.DateField(label=_("Valid from"), widget=DateInput())
    condition = forms.CharField(
        label=_("How the workflow is followed at the branch"), max_length=300, required=False,
        help_text=_("Needed when the branch handles its own cases: who reads them, and when."),
    )  # fmt: skip

    class Meta:
        model = BranchDecision
        fields = ()


class ChangeForm(StepForm):
    """Plan a winding up or takeover."""

    kind = forms.ChoiceField(
        label=_("What happens"), widget=forms.RadioSelect,
        choices=[("wind_up", _("The unit is wound up")), ("takeover", _("Another care provider takes over"))],
    )  # fmt: skip
    takes_effect = forms.DateField(
        label=_("First day on which the unit is closed"), widget=DateInput(),
        help_text=_("Regional administration must know of a takeover three weeks before."),
    )  # fmt: skip
    successor = forms.ModelChoiceField(
        label=_("Unit that goes on"), queryset=Unit.objects.none(), required=False, empty_label=_("None")
    )
    reason_required = True

    class Meta:
        model = UnitChange
        fields = ()


def change_form(unit: Unit) -> type[ChangeForm]:
    """With the units that may go on."""
    others = Unit.objects.filter(provider__region=unit.provider.region_id, active=True).exclude(pk=unit.pk)
    successor = forms.ModelChoiceField(
        label=_("Unit that goes on"), queryset=others.order_by("name"), required=False, empty_label=_("None"),
        help_text=_("It gets what is addressed to the old unit. At a takeover it is the new care provider's."),
    )  # fmt: skip
    return type("FilledChangeForm", (ChangeForm,), {"successor": successor})


class ChangeActForm(StepForm):
    """One step of a planned change."""

    act = forms.ChoiceField(label=_("What you want to do"), widget=forms.RadioSelect)

    class Meta:
        model = UnitChange
        fields = ()


def change_act_form(acts: Sequence[str]) -> type[ChangeActForm]:
    """The form with the steps that are possible now."""
    field = forms.ChoiceField(
        label=_("What you want to do"), widget=forms.RadioSelect, choices=[(act, CHANGE_ACTS[act]) for act in acts]
    )
    return type("FilledChangeActForm", (ChangeActForm,), {"act": field})
