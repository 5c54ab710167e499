"""The visit note: versions, signature, export (JOU-01..06, L-06)."""

from __future__ import annotations

import uuid

import pgtrigger
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from cases.models import Case
from direkt1177.accounts.models import User
from direkt1177.audit.models import append_only


class Note(models.Model):
    """Besöksanteckning of a case; the row of a signed note never changes (JOU-02)."""

    class State(models.TextChoices):
        DRAFT = "draft"
        SIGNED = "signed"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="note")
    state = models.CharField(max_length=6, choices=State.choices, default=State.DRAFT)
    version = models.PositiveIntegerField(default=0)
    sections = models.JSONField(default=list, help_text='[{"keyword": "Kontaktorsak", "text": "…"}, …]')
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    updated_at = models.DateTimeField(auto_now=True)
    signed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    signed_name = models.CharField(max_length=160, blank=True)
    signed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state="draft", signed_at__isnull=True, signed_by__isnull=True)
                | Q(state="signed", signed_at__isnull=False, signed_by__isnull=False),
                name="note_signed_has_signer",
            )
        ]
        triggers = [
            pgtrigger.Protect(
                name="note_signed_frozen",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__state="signed"),
            )
        ]

    def __str__(self) -> str:
        return f"note {self.public_id}"


class NoteVersion(models.Model):
    """Every saved version of a note stays (HFD 2013:33)."""

    note = models.ForeignKey(Note, on_delete=models.PROTECT, related_name="versions")
    version = models.PositiveIntegerField()
    sections = models.JSONField()
    by = models.ForeignKey(User, on_delete=models.PROTECT)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["note", "version"], name="note_version_once")]
        triggers = [append_only("note_version_append_only")]

    def __str__(self) -> str:
        return f"note {self.note_id} v{self.version}"


class Export(models.Model):
    """A signed note handed out as paste-ready text in the region's keywords (JOU-12)."""

    note = models.ForeignKey(Note, on_delete=models.PROTECT, related_name="exports")
    template = models.CharField(max_length=60)
    text = models.TextField()
    by = models.ForeignKey(User, on_delete=models.PROTECT)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        triggers = [append_only("export_append_only")]

    def __str__(self) -> str:
        return f"export {self.pk}"
