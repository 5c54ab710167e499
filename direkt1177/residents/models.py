"""Persons as the register knows them, guardians, protection (ENT-14..29)."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from direkt1177.units.models import Unit


class Person(models.Model):
    """A resident. Names and contact details reach pages, frames and exports only through ``PersonView``."""

    class Protected(models.TextChoices):
        YES = "yes", _("yes")
        NO = "no", _("no")
        UNKNOWN = "unknown", _("unknown")

    class Sex(models.TextChoices):
        FEMALE = "female", _("woman")
        MALE = "male", _("man")
        UNKNOWN = "unknown", _("unknown")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    personal_number = models.CharField(max_length=12, unique=True)
    first_name = models.CharField(max_length=80)
    last_name = models.CharField(max_length=80)
    birth_date = models.DateField()
    sex = models.CharField(max_length=8, choices=Sex.choices, default=Sex.UNKNOWN)
    mobile = models.CharField(max_length=20, blank=True, help_text="E.164; empty means no SMS (ENT-14).")
    email = models.EmailField(blank=True)
    listed_unit = models.ForeignKey(Unit, on_delete=models.SET_NULL, null=True, blank=True, related_name="listed")
    # The register's answer; unknown is treated as protected. Staff may set yes by hand, never lower a yes (ENT-29).
    protected = models.CharField(max_length=8, choices=Protected.choices, default=Protected.UNKNOWN)
    protected_by_hand = models.BooleanField(default=False)
    # Staff checked the record and answered No: unmasks only while the register itself has no answer (ENT-28).
    cleared_by_hand = models.BooleanField(default=False)
    register_checked_at = models.DateTimeField(null=True, blank=True)
    authz_epoch = models.PositiveIntegerField(default=0, help_text="Raised when something is no longer allowed (§3).")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(protected_by_hand=False) | Q(cleared_by_hand=False), name="person_one_answer_by_hand"
            ),
            models.CheckConstraint(
                condition=Q(cleared_by_hand=False) | ~Q(protected="yes"), name="person_register_yes_stays"
            ),
        ]

    def __str__(self) -> str:
        return f"person {self.pk}"

    @property
    def is_masked(self) -> bool:
        """Whether name and contact details are hidden: unless protection is known to be "no" (ENT-26, ENT-29)."""
        if self.protected_by_hand or self.protected == self.Protected.YES:
            return True
        return self.protected == self.Protected.UNKNOWN and not self.cleared_by_hand


class Guardianship(models.Model):
    """A guardian of a child, from the register; a blocked one does not see the child (ENT-18, ENT-21)."""

    guardian = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="guardian_of")
    child = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="guardians")
    blocked = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["guardian", "child"], name="guardianship_once")]

    def __str__(self) -> str:
        return f"guardianship {self.pk}"


class SimulatedAnswer(models.Model):
    """What the simulated person register says of a number instead of what our own rows say; demo and tests only."""

    personal_number = models.CharField(max_length=12, unique=True)
    answer = models.JSONField(help_text="Empty: the register does not know the person.")

    def __str__(self) -> str:
        return f"simulated answer {self.pk}"
