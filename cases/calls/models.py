"""A call of a case, and who came and went (requirements §9). What was said or written in it is stored nowhere."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.calls.states import CallState
from cases.models import Case
from direkt1177.accounts.models import User
from direkt1177.audit.models import append_only
from direkt1177.residents.models import Person


class Call(models.Model):
    """One request for a call and what became of it; its kind is the mode used when it was connected (VID-05)."""

    class Kind(models.TextChoices):
        VIDEO = "video", _("video")
        VOICE = "voice", _("voice")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="calls")
    kind = models.CharField(max_length=5, choices=Kind.choices)
    state = models.CharField(max_length=9, choices=[(s.value, s.value) for s in CallState], default="requested")
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    answered_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)
    fee_text_version = models.CharField(max_length=40, blank=True, help_text="Shown before accepting (FEE-06).")
    connected_at = models.DateTimeField(null=True, blank=True, help_text="When both sides were first in it.")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(max_length=60, blank=True, help_text="Key of the actor who put it down.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(state__in=["requested", "accepted"]), name="call_one_open_per_case"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["accepted", "ended"]) | Q(answered_by__isnull=False, answered_at__isnull=False),
                name="call_answered_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["requested", "accepted"], ended_at__isnull=True)
                | Q(state__in=["declined", "missed", "ended"], ended_at__isnull=False),
                name="call_over_has_time",
            ),
        ]
        indexes = [
            models.Index(fields=["case", "-requested_at"], name="call_of_case"),
            models.Index(fields=["requested_at"], name="call_open", condition=Q(state__in=["requested", "accepted"])),
        ]

    def __str__(self) -> str:
        return f"call {self.public_id}"


class CallMove(models.Model):
    """Somebody's page came into a call or left it; never changed (VID)."""

    class Op(models.TextChoices):
        JOIN = "join"
        LEAVE = "leave"

    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="moves")
    actor_key = models.CharField(max_length=60, help_text="staff:<id> or person:<id>")
    session = models.CharField(max_length=40, help_text="One page of theirs.")
    op = models.CharField(max_length=5, choices=Op.choices)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["call", "session", "op"], name="call_move_once")]
        triggers = [append_only("call_move_append_only")]

    def __str__(self) -> str:
        return f"{self.op} of call {self.call_id}"
