"""What asynchronous cases keep beside the case: marks, and answers to *Hur nöjd är du?* without a name."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from cases.models import Case
from direkt1177.accounts.models import User
from direkt1177.audit.models import append_only
from direkt1177.units.models import CareRole, Unit


class Mark(models.Model):
    """Up to which message a follow-up needs no answer: *Markera som klar*, or what was seen at closing (ASY-03)."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="follow_up_mark")
    seq = models.PositiveIntegerField(default=0, help_text="Number of the message; a newer one makes it open again.")
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    def __str__(self) -> str:
        return f"mark of {self.case_id}"


class Rated(models.Model):
    """That a case has been asked about and answered, so that it is answered once; not what was answered."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="rated")

    class Meta:
        triggers = [append_only("rated_append_only")]

    def __str__(self) -> str:
        return f"rated {self.case_id}"


class Rating(models.Model):
    """An answer to *Hur nöjd är du?* for statistics: no case, no person, no order, no day."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    role = models.ForeignKey(CareRole, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=Case.Kind.choices)
    month = models.DateField(help_text="First day of the month of the answer.")
    score = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(score__range=(1, 5)), name="rating_1_5")]
        indexes = [models.Index(fields=["unit", "month"], name="rating_unit_month")]
        triggers = [append_only("rating_append_only")]

    def __str__(self) -> str:
        return f"rating {self.score}"


class SimulatedCall(models.Model):
    """A call that the simulated telephone queue connects to a member of staff; demo and tests only."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    hsa_id = models.CharField(max_length=64, db_index=True)
    personal_number = models.CharField(max_length=12)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"simulated call {self.pk}"
