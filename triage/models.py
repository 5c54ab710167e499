"""Published protocol versions and residents' interviews (TRI-01..17, ENT-01..39)."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from cases.models import Case
from direkt1177.audit.models import append_only
from direkt1177.residents.models import Person
from direkt1177.units.models import CareRole, Unit


class ProtocolVersion(models.Model):
    """One published version of a protocol: the data itself, its hash and who approved it (TRI-17)."""

    protocol = models.SlugField(max_length=40)
    version = models.CharField(max_length=20)
    sha256 = models.CharField(max_length=64, unique=True)
    body = models.JSONField()
    approved_by = models.CharField(max_length=120)
    published_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["protocol", "version"], name="protocol_version_once")]
        triggers = [append_only("protocol_version_append_only")]

    def __str__(self) -> str:
        return f"{self.protocol} {self.version}"


class Interview(models.Model):
    """What a resident answers before there is a case; kept when it ends without one (TRI-05)."""

    class Outcome(models.TextChoices):
        OPEN = "open"
        SELF_CARE = "self_care"
        CALLED_112 = "called_112"
        CASE = "case"
        ABANDONED = "abandoned"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=20, choices=Case.Kind.choices)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="interviews_answered")
    patient = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="interviews")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, default=Outcome.OPEN)
    version = models.PositiveIntegerField(default=0)
    own_words = models.TextField(blank=True)
    contact_reason = models.CharField(max_length=120, blank=True)
    contact_reason_code = models.CharField(max_length=40, blank=True)
    protocol_version = models.ForeignKey(ProtocolVersion, on_delete=models.PROTECT, null=True, blank=True)
    gate_answer = models.CharField(max_length=10, blank=True)
    advice_112_shown_at = models.DateTimeField(null=True, blank=True)
    answers = models.JSONField(default=dict, help_text="question id -> answer as checked by questions")
    assessment = models.JSONField(null=True, blank=True, help_text="The engine's result, frozen when sent.")
    contact_after_112 = models.BooleanField(default=False, help_text="Chose staff on the page Ring 112 nu.")
    result_seen = models.BooleanField(default=False, help_text="Went on from the result page.")
    chose_staff_after_self_care = models.BooleanField(default=False)
    more_done = models.BooleanField(default=False, help_text="The questions after the result are answered.")
    post_answers = models.JSONField(default=dict)
    added_text = models.TextField(blank=True)
    consents = models.JSONField(default=dict)
    fee_accepted_at = models.DateTimeField(null=True, blank=True)
    fee_text_version = models.CharField(max_length=40, blank=True)
    unstaffed_warned_at = models.DateTimeField(null=True, blank=True)
    unstaffed_next_at = models.DateTimeField(null=True, blank=True)
    # Entered with a ticket (id as a value: tickets are above): only what comes after the result is asked (TIK-07).
    ticket = models.UUIDField(null=True, blank=True)
    role = models.ForeignKey(CareRole, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    ticket_urgency = models.PositiveSmallIntegerField(null=True, blank=True)
    case = models.OneToOneField(Case, on_delete=models.PROTECT, null=True, blank=True, related_name="interview")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField(help_text="Last change, by the clock of the rules; drafts live 24 h.")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome="case", case__isnull=False) | (~Q(outcome="case") & Q(case__isnull=True)),
                name="interview_case_when_sent",
            ),
            models.CheckConstraint(
                condition=Q(ticket__isnull=True, role__isnull=True, ticket_urgency__isnull=True)
                | Q(ticket__isnull=False, role__isnull=False),
                name="interview_ticket_has_role",
            ),
            models.UniqueConstraint(fields=["ticket"], condition=Q(outcome="open"), name="interview_ticket_once_open"),
        ]
        indexes = [models.Index(fields=["person", "-updated_at"], name="interview_open", condition=Q(outcome="open"))]

    def __str__(self) -> str:
        return f"interview {self.public_id}"
