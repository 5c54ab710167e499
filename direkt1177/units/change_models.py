"""What changes of a unit itself: a branch's own cases, its names, winding up and takeover (ORG-21, UCH-01..03)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from direkt1177.audit.models import append_only


class BranchDecision(models.Model):
    """The head of operations' decision on whether a branch handles its own cases; the latest one holds (ORG-21)."""

    unit = models.ForeignKey(
        "units.Unit", on_delete=models.PROTECT, related_name="branch_decisions", verbose_name=_("branch")
    )
    own_cases = models.BooleanField(_("handles its own cases"))
    decided_by = models.CharField(_("decided by"), max_length=120)
    decided_on = models.DateField(_("date of the decision"))
    valid_from = models.DateField(_("valid from"))
    condition = models.CharField(_("how the workflow is followed there"), max_length=300, blank=True)
    by_key = models.CharField(max_length=60)
    by_name = models.CharField(_("written down by"), max_length=120)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("decision on a branch")
        verbose_name_plural = _("branches' own cases")
        constraints = [
            models.CheckConstraint(
                condition=Q(own_cases=False) | ~Q(condition=""), name="branch_own_cases_has_condition"
            )
        ]
        triggers = [append_only("branch_decision_append_only")]

    def __str__(self) -> str:
        return f"{self.unit} {self.valid_from}"


class UnitName(models.Model):
    """What a unit was called, and whose it was, during a time; no row means that it never changed (UCH-03).

    ``valid_from`` empty: since ever; ``valid_to`` empty: still.
    """

    unit = models.ForeignKey("units.Unit", on_delete=models.PROTECT, related_name="names")
    name = models.CharField(_("name"), max_length=120)
    hsa_id = models.CharField(_("HSA-id"), max_length=31)
    provider = models.ForeignKey("units.CareProvider", on_delete=models.PROTECT, verbose_name=_("care provider"))
    valid_from = models.DateTimeField(_("valid from"), null=True)
    valid_to = models.DateTimeField(_("valid to"), null=True)

    class Meta:
        verbose_name = _("unit's name")
        verbose_name_plural = _("units' names")
        constraints = [
            models.UniqueConstraint(fields=["unit"], condition=Q(valid_to__isnull=True), name="unit_name_one_now"),
            models.UniqueConstraint(fields=["unit"], condition=Q(valid_from__isnull=True), name="unit_name_one_first"),
            models.CheckConstraint(
                condition=Q(valid_from__isnull=True) | Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="unit_name_interval",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class UnitChange(models.Model):
    """A unit is wound up for good, or another care provider takes over with a successor unit (UCH-01, UCH-02)."""

    class Kind(models.TextChoices):
        WIND_UP = "wind_up", _("wound up")
        TAKEOVER = "takeover", _("taken over by another care provider")

    class Status(models.TextChoices):
        PLANNED = "planned", pgettext_lazy("unit change", "planned")
        DONE = "done", pgettext_lazy("unit change", "carried out")
        CANCELLED = "cancelled", pgettext_lazy("unit change", "cancelled")

    unit = models.ForeignKey("units.Unit", on_delete=models.PROTECT, related_name="changes", verbose_name=_("unit"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    takes_effect = models.DateField(_("takes effect"))
    successor = models.ForeignKey(
        "units.Unit", on_delete=models.PROTECT, null=True, blank=True, related_name="takes_over",
        verbose_name=_("unit that goes on"),
    )  # fmt: skip
    reason = models.CharField(_("reason"), max_length=300)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.PLANNED)
    planned_by_key = models.CharField(max_length=60)
    planned_by = models.CharField(_("planned by"), max_length=120)
    planned_at = models.DateTimeField(_("planned"))
    region_told_at = models.DateTimeField(_("regional administration told"), null=True, blank=True)
    region_told_by = models.CharField(max_length=120, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("winding up or takeover")
        verbose_name_plural = _("winding up and takeover")
        constraints = [
            models.UniqueConstraint(fields=["unit"], condition=Q(status="planned"), name="unit_change_one_planned"),
            models.CheckConstraint(
                condition=~Q(kind="takeover") | Q(successor__isnull=False), name="takeover_has_successor"
            ),
            models.CheckConstraint(condition=~Q(successor=F("unit")), name="unit_change_not_to_itself"),
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.takes_effect}"
