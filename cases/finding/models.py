"""Searches for a patient, openings with a stated reason, and who has looked through a day's list."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cases.models import Case, CaseReader
from direkt1177.accounts.models import User
from direkt1177.audit.models import append_only
from direkt1177.residents.models import Person
from direkt1177.units.models import Unit


class Search(models.Model):
    """One search by personal identity number; the number itself is not kept (QUE-21)."""

    class Purpose(models.TextChoices):
        CARE_INITIATED = "care_initiated", _("care-initiated contact")
        PHONE = "phone", _("conversation by telephone")
        OTHER = "other", pgettext_lazy("purpose of a search", "other")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=16, choices=Purpose.choices)
    other = models.CharField(max_length=200, blank=True, help_text="The purpose in own words, when it is another.")
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+", help_text="Empty: nobody was found."
    )
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(purpose="other") | ~models.Q(other=""), name="search_other_purpose_said"
            )
        ]
        indexes = [models.Index(fields=["user", "person", "-at"], name="search_by_user")]
        triggers = [append_only("search_append_only")]

    def __str__(self) -> str:
        return f"search {self.public_id}"


class Opening(models.Model):
    """A case opened by an active choice with a reason; the right itself is a ``CaseReader`` that ends at ``until``."""

    class Kind(models.TextChoices):
        SEARCH = "search", _("opened with a reason")
        EMERGENCY = "emergency", _("emergency opening")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=9, choices=Kind.choices)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="openings")
    reader = models.OneToOneField(CaseReader, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+", help_text="Where the user worked.")
    holder = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", help_text="Who held it then."
    )
    reason = models.CharField(max_length=300)
    since = models.DateTimeField()
    until = models.DateTimeField()
    reviewed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    reviewed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(reviewed_by__isnull=True, reviewed_at__isnull=True)
                | models.Q(reviewed_by__isnull=False, reviewed_at__isnull=False),
                name="opening_reviewed_whole",
            )
        ]
        indexes = [models.Index(fields=["unit", "kind", "-id"], name="opening_of_unit")]

    def __str__(self) -> str:
        return f"opening {self.public_id}"


class DayCheck(models.Model):
    """Somebody has looked through today's list of the unit (QUE-12)."""

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    day = models.DateField(help_text="In Sweden.")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["unit", "day"], name="day_check_of_unit")]
        triggers = [append_only("day_check_append_only")]

    def __str__(self) -> str:
        return f"check of {self.unit_id} {self.day}"
