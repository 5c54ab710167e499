"""Side effects as rows: unique key, due time, lease, attempts (R-05)."""

from __future__ import annotations

from django.db import models


class Effect(models.Model):
    """Something to do outside the transaction, done by a worker under a lease."""

    class State(models.TextChoices):
        DUE = "due"
        RUNNING = "running"
        DONE = "done"
        DEAD = "dead"
        CANCELLED = "cancelled"

    key = models.CharField(max_length=200, unique=True)
    kind = models.CharField(max_length=60)
    aggregate = models.CharField(max_length=80, help_text="Effects of one aggregate run one at a time, in order.")
    payload = models.JSONField(default=dict, help_text="Ids and template names only: never names, numbers or text.")
    due_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.DUE)
    retry_at = models.DateTimeField(null=True, blank=True, help_text="Not before this, after a failed attempt.")
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    note = models.CharField(max_length=60, blank=True, help_text="How it ended, such as no_number; never content.")
    last_error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], name="effect_due", condition=models.Q(state__in=["due", "running"])),
            models.Index(
                fields=["aggregate", "due_at", "id"],
                name="effect_aggregate",
                condition=models.Q(state__in=["due", "running"]),
            ),
        ]

    def __str__(self) -> str:
        return self.key


class SimulatedSms(models.Model):
    """An SMS that the simulator took instead of a gateway; shown on the demo inbox page."""

    reference = models.CharField(max_length=200, unique=True)
    to = models.CharField(max_length=20)
    text = models.CharField(max_length=500)
    sent_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.reference


class Heartbeat(models.Model):
    """When something that comes again and again last began: monitoring asks how long ago that was."""

    name = models.CharField(max_length=40, unique=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
