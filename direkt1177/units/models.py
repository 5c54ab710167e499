"""Region, care provider, unit, branch; care roles; staffed time; policies (ORG-01..05, HRS-01..03)."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from direkt1177.units.change_models import BranchDecision, UnitChange, UnitName
from direkt1177.units.closure_models import Closure, ClosureDecision

__all__ = [
    "BranchDecision",
    "CalendarException",
    "CareProvider",
    "CareRole",
    "Closure",
    "ClosureDecision",
    "PolicyValue",
    "Region",
    "StaffedHours",
    "Unit",
    "UnitChange",
    "UnitName",
]


class Region(models.Model):
    """A region: the configuration boundary (ORG-03)."""

    code = models.SlugField(max_length=30, unique=True)
    name = models.CharField(max_length=80)
    service_name = models.CharField(max_length=80, help_text="Name of the service on residents' pages.")

    def __str__(self) -> str:
        return self.name


class CareProvider(models.Model):
    """Vårdgivare: the legal care provider, public or private (ORG-02)."""

    class Kind(models.TextChoices):
        PUBLIC = "public", _("public")
        PRIVATE = "private", _("private")

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="providers")
    name = models.CharField(max_length=120)
    organisation_number = models.CharField(max_length=12, unique=True)
    kind = models.CharField(max_length=10, choices=Kind.choices)

    def __str__(self) -> str:
        return self.name


class Unit(models.Model):
    """Vårdenhet: health centre, branch, rehab unit or advice line (ORG-04, ORG-05)."""

    class Type(models.TextChoices):
        PRIMARY_CARE = "primary_care", _("health centre")
        BRANCH = "branch", _("branch")
        REHAB = "rehab", _("rehab unit")
        ADVICE_LINE = "advice_line", _("advice line")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    slug = models.SlugField(max_length=60, unique=True, help_text="Stands in links from the contact card (ENT-06).")
    provider = models.ForeignKey(
        CareProvider, verbose_name=_("care provider"), on_delete=models.PROTECT, related_name="units"
    )
    parent = models.ForeignKey(
        "self", verbose_name=_("health centre of the branch"), on_delete=models.PROTECT, null=True, blank=True,
        related_name="branches",
    )  # fmt: skip
    type = models.CharField(_("type"), max_length=20, choices=Type.choices)
    name = models.CharField(_("name"), max_length=120)
    hsa_id = models.CharField(_("HSA-id"), max_length=31, unique=True)
    contact_card_url = models.URLField(_("contact card"), blank=True)
    phone = models.CharField(_("phone"), max_length=20, blank=True)
    active = models.BooleanField(_("active"), default=True)
    wound_up_at = models.DateTimeField(_("wound up"), null=True, blank=True)
    successor = models.ForeignKey(
        "self", verbose_name=_("unit that goes on"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    open_on_red_days = models.BooleanField(default=False, help_text="An advice line keeps its hours on red days.")
    welcome_message = models.TextField(_("welcome message"), blank=True, help_text=_("Empty: the region's text."))
    receipt_message = models.TextField(
        _("SMS when a case is received"), blank=True, help_text=_("Empty: the region's text.")
    )

    # What policies.policy() found for this object; not a field.
    policy_memo: tuple[date, Any] | None = None

    class Meta:
        verbose_name = _("unit")
        verbose_name_plural = _("units")
        constraints = [
            models.CheckConstraint(
                condition=Q(type="branch", parent__isnull=False) | (~Q(type="branch") & Q(parent__isnull=True)),
                name="unit_branch_has_parent",
            ),
            models.CheckConstraint(condition=~Q(parent=F("id")), name="unit_not_its_own_parent"),
            models.CheckConstraint(condition=~Q(successor=F("id")), name="unit_not_its_own_successor"),
        ]

    def __str__(self) -> str:
        return self.name


class CareRole(models.Model):
    """Vårdroll: decides which queue its holders see (ORG-07, ORG-08)."""

    code = models.SlugField(max_length=30, unique=True)
    name = models.CharField(max_length=60)
    order = models.PositiveSmallIntegerField(default=0)

    def __str__(self) -> str:
        return self.name


class StaffedHours(models.Model):
    """One interval of staffed time on a weekday (0 = Monday), for the unit or one of its roles."""

    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="staffed_hours")
    role = models.ForeignKey(CareRole, on_delete=models.PROTECT, null=True, blank=True)
    weekday = models.PositiveSmallIntegerField()
    start = models.TimeField()
    end = models.TimeField()

    class Meta:
        verbose_name = _("opening hours")
        verbose_name_plural = _("opening hours")
        constraints = [
            models.CheckConstraint(condition=Q(end__gt=F("start")), name="staffed_hours_end_after_start"),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="staffed_hours_weekday"),
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.weekday} {self.start}-{self.end}"


class CalendarException(models.Model):
    """A date on which a unit is closed or keeps other hours than its weekly pattern."""

    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="calendar_exceptions")
    date = models.DateField()
    start = models.TimeField(null=True, blank=True)
    end = models.TimeField(null=True, blank=True)
    reason = models.CharField(max_length=120)

    class Meta:
        verbose_name = _("exception from opening hours")
        verbose_name_plural = _("exceptions from opening hours")
        constraints = [
            models.CheckConstraint(
                condition=Q(start__isnull=True, end__isnull=True) | Q(end__gt=F("start")),
                name="calendar_exception_closed_or_interval",
            )
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.date}: {self.reason}"


class PolicyValue(models.Model):
    """A region's or unit's value of one policy key, with source and validity (requirements §29)."""

    region = models.ForeignKey(Region, on_delete=models.CASCADE, related_name="policy_values")
    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, null=True, blank=True, related_name="policy_values")
    key = models.CharField(max_length=60)
    value = models.JSONField()
    source = models.CharField(max_length=200)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        verbose_name = _("setting")
        verbose_name_plural = _("settings")
        constraints = [
            models.UniqueConstraint(
                fields=["region", "unit", "key", "valid_from"], name="policy_value_once", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")), name="policy_value_interval"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} = {self.value}"
