"""Closures of a unit for new cases, with every decision on the way (HRS-08..18)."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from direkt1177.audit.models import append_only

#: Statuses whose interval counts: two of one unit never overlap, and a target is open meanwhile.
LIVE = ("requested", "agreed", "approved")


class ClosedSpan(Func):
    """``tstzrange(starts_at, ends_at, '[)')``."""

    function = "TSTZRANGE"
    output_field = DateTimeRangeField()


class Closure(models.Model):
    """For a time a unit takes no new cases; they go to the target, or are refused. Ongoing cases never notice."""

    class Kind(models.TextChoices):
        PLANNED = "planned", _("planned")
        ACUTE = "acute", _("acute")

    class Status(models.TextChoices):
        REQUESTED = "requested", pgettext_lazy("closure", "requested")
        AGREED = "agreed", _("the region has agreed, to be ordered")
        APPROVED = "approved", pgettext_lazy("closure", "decided")
        REJECTED = "rejected", pgettext_lazy("closure", "rejected")
        CANCELLED = "cancelled", pgettext_lazy("closure", "cancelled")

    class Grounds(models.TextChoices):
        TRAINING = "training", _("training")
        OTHER_PLANNED = "other_planned", _("other planned closure")
        EXCEPTIONAL = "exceptional", _("exceptional case")
        LOAD = "load", _("unmanageable load")

    class Chain(models.TextChoices):
        FORM_TO_OPERATOR = "form_to_operator"
        REGION_THEN_ORDER = "region_then_order"

    unit = models.ForeignKey("units.Unit", on_delete=models.PROTECT, related_name="closures", verbose_name=_("unit"))
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    starts_at = models.DateTimeField(_("closes"))
    ends_at = models.DateTimeField(_("opens again"))
    grounds = models.CharField(_("grounds"), max_length=20, choices=Grounds.choices)
    reason = models.CharField(_("reason"), max_length=300)
    told = models.CharField(_("what residents are told"), max_length=200, blank=True)
    target = models.ForeignKey(
        "units.Unit", on_delete=models.PROTECT, null=True, blank=True, related_name="receives_for",
        verbose_name=_("takes new cases meanwhile"),
    )  # fmt: skip
    manager = models.CharField(_("requesting manager"), max_length=120)
    chain = models.CharField(max_length=20, choices=Chain.choices)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices)
    requested_at = models.DateTimeField()

    class Meta:
        verbose_name = _("closure")
        verbose_name_plural = _("closures")
        indexes = [models.Index(fields=["status", "ends_at"], name="closure_by_end")]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="closure_ends_after_start"),
            models.CheckConstraint(condition=~Q(target=F("unit")), name="closure_not_to_itself"),
            ExclusionConstraint(
                name="closure_no_overlap",
                expressions=[
                    ("unit", RangeOperators.EQUAL),
                    (ClosedSpan("starts_at", "ends_at", RangeBoundary()), RangeOperators.OVERLAPS),
                ],
                condition=Q(status__in=LIVE),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.starts_at:%Y-%m-%d}"


class ClosureDecision(models.Model):
    """Who decided what and when; only added to."""

    class Kind(models.TextChoices):
        REQUESTED = "requested", _("Closure requested")
        REGION_REPLIED = "region_replied", _("The region agreed")
        ORDERED = "ordered", _("Closure ordered")
        APPROVED = "approved", _("Closure approved")
        REJECTED = "rejected", _("Closure rejected")
        CANCELLED = "cancelled", _("Closure cancelled")
        VERIFIED = "verified", _("Caller verified")
        REOPENED = "reopened", _("Opened again earlier")
        RETARGETED = "retargeted", _("Other receiving unit")
        PUBLISHED = "published", _("Contact card published")
        WITHDRAWN = "withdrawn", _("Text taken off the contact card")

    closure = models.ForeignKey(Closure, on_delete=models.PROTECT, related_name="decisions")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    at = models.DateTimeField(db_default=Now())
    by_key = models.CharField(max_length=60)
    by_name = models.CharField(max_length=120)
    text = models.TextField(blank=True)
    caller = models.CharField(max_length=120, blank=True, help_text="Acute: who phoned and was verified (HRS-16).")

    class Meta:
        ordering = ["id"]
        triggers = [append_only("closure_decision_append_only")]

    def __str__(self) -> str:
        return f"{self.closure_id} {self.kind}"
