"""Guests of a case, and the internal chat between those who work in it (CHT-13..19)."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.models import Case
from direkt1177.accounts.models import User
from direkt1177.audit.models import append_only
from direkt1177.units.models import CareRole, Unit


class Guest(models.Model):
    """A colleague who was invited into one case; the row stays when the right has ended."""

    class Mode(models.TextChoices):
        CONSULT = "consult", _("consults internally")
        PARTICIPATE = "participate", _("takes part in the chat")

    class Ending(models.TextChoices):
        REMOVED = "removed", _("removed")
        LEFT = "left", _("left")
        CLOSED = "closed", _("the visit was closed")
        NO_HOLDER = "no_holder", _("nobody has the case")
        TOOK_OVER = "took_over", _("took over the case")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="guests")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+", help_text="Where they must be on duty.")
    role = models.ForeignKey(CareRole, on_delete=models.PROTECT, related_name="+", help_text="When invited.")
    mode = models.CharField(max_length=11, choices=Mode.choices)
    invited_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    invited_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(max_length=60, blank=True, help_text="Key of the actor.")
    ending = models.CharField(max_length=9, choices=Ending.choices, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "user"], condition=Q(ended_at__isnull=True), name="guest_once"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ending="") | (Q(ended_at__isnull=False) & ~Q(ending="")),
                name="guest_ending_has_time",
            ),
        ]
        indexes = [
            models.Index(fields=["user", "unit"], name="guest_now", condition=Q(ended_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"guest {self.public_id}"


class InternalMessage(models.Model):
    """A line of the *vårdgivarchatt*; never changed, never shown to the patient (CHT-13, I-15)."""

    class Kind(models.TextChoices):
        TEXT = "text"
        NOTICE = "notice"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="internal_messages")
    seq = models.PositiveIntegerField(help_text="Of its own, not the patient chat's.")
    kind = models.CharField(max_length=6, choices=Kind.choices, default=Kind.TEXT)
    author_key = models.CharField(max_length=60)
    author_name = models.CharField(max_length=200, blank=True)
    author_title = models.CharField(max_length=100, blank=True)
    client_id = models.CharField(max_length=80)
    text = models.TextField(max_length=4000)
    sent_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "seq"], name="internal_seq_once"),
            models.UniqueConstraint(fields=["case", "author_key", "client_id"], name="internal_client_once"),
        ]
        triggers = [append_only("internal_message_append_only")]

    def __str__(self) -> str:
        return f"internal message {self.seq} of case {self.case_id}"


class InternalMark(models.Model):
    """How far somebody has read the internal chat of a case."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="internal_marks")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    seq = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "user"], name="internal_mark_once")]

    def __str__(self) -> str:
        return f"mark of user {self.user_id} in case {self.case_id}"
