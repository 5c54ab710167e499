"""Offers, tickets, acknowledgements, timers, notices (requirements §11-16)."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from cases.models import Case
from direkt1177.accounts.models import User
from direkt1177.audit.models import append_only
from direkt1177.residents.models import Person
from direkt1177.units.models import CareProvider, CareRole, Unit
from handover.states import HandoverState, TicketState


class Handover(models.Model):
    """An offer of a case to a role or a colleague; the giver holds the case until somebody accepts (HOV-01)."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="handovers")
    state = models.CharField(max_length=10, choices=[(s.value, s.value) for s in HandoverState], default="pending")
    from_user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    from_unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    from_role = models.ForeignKey(CareRole, on_delete=models.PROTECT, related_name="+")
    to_unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    to_role = models.ForeignKey(CareRole, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    to_user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    message = models.TextField(blank=True, help_text="Internal; never shown to the patient (HOV-04).")
    old_urgency = models.PositiveSmallIntegerField(null=True, blank=True)
    urgency = models.PositiveSmallIntegerField(null=True, blank=True)
    misdirected = models.BooleanField(default=False, help_text="It landed at the wrong unit (CAS-21).")
    patient_told_seq = models.PositiveIntegerField(null=True, blank=True, help_text="Message to the patient (CAS-14).")
    documented_first = models.BooleanField(default=False, help_text="Confirmed before sending to a unit (HOV-15).")
    offered_at = models.DateTimeField()
    escalate_at = models.DateTimeField(null=True, blank=True)
    escalated_at = models.DateTimeField(null=True, blank=True)
    fell_back_at = models.DateTimeField(
        null=True, blank=True,
        help_text="The giver's shift ended: the case waits at the own unit and still shows as an offer at the other.",
    )  # fmt: skip
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.CharField(max_length=300, blank=True, help_text="Why declined or withdrawn.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=Q(state="pending"), name="handover_one_pending"),
            models.CheckConstraint(
                condition=Q(to_role__isnull=False, to_user__isnull=True)
                | Q(to_role__isnull=True, to_user__isnull=False),
                name="handover_role_or_user",
            ),
            models.CheckConstraint(
                condition=Q(state="pending", decided_at__isnull=True)
                | (~Q(state="pending") & Q(decided_at__isnull=False)),
                name="handover_decided_has_time",
            ),
        ]
        indexes = [
            models.Index(fields=["from_user", "-offered_at"], name="handover_from"),
            models.Index(fields=["to_unit", "to_role"], name="handover_to", condition=Q(state="pending")),
            models.Index(fields=["escalate_at"], name="handover_escalate", condition=Q(state="pending")),
        ]

    def __str__(self) -> str:
        return f"handover {self.public_id}"


class Ticket(models.Model):
    """Biljett: lets one patient enter a unit's and role's queue once, within its dates (TIK-01, TIK-02)."""

    class Type(models.TextChoices):
        DROP_IN = "drop_in", _("Drop-in")
        BOOK_TIME = "book_time", _("Book a time")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    state = models.CharField(max_length=10, choices=[(s.value, s.value) for s in TicketState], default="draft")
    version = models.PositiveIntegerField(default=0)
    type = models.CharField(max_length=10, choices=Type.choices, default=Type.DROP_IN)
    issuing_case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="tickets")
    patient = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="tickets")
    # Who may use it: the patient, or the responsible guardian of the issuing case (ENT-19).
    holder_person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    issued_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    issuing_unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    issuing_role = models.ForeignKey(CareRole, on_delete=models.PROTECT, related_name="+")
    provider = models.ForeignKey(CareProvider, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="tickets")
    role = models.ForeignKey(CareRole, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=Case.Kind.choices, default=Case.Kind.SEEK_CARE)
    urgency = models.PositiveSmallIntegerField()
    contact_reason = models.CharField(max_length=120)
    contact_reason_code = models.CharField(max_length=40, blank=True)
    forms = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    answers = models.JSONField(default=dict, help_text="Answers to its forms, before activation.")
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField()
    booked_for = models.DateTimeField(null=True, blank=True, help_text="Of a ticket with a booked time (TIK-04).")
    anamnesis = models.TextField(blank=True, help_text="Receiving staff only, never the patient.")
    information = models.TextField(blank=True, help_text="To the patient, shown when the ticket is opened.")
    phone_contact_at = models.DateTimeField(null=True, blank=True, help_text="Urgency 1-2: when they talked.")
    no_phone_reason = models.CharField(max_length=300, blank=True)
    answers_documented = ArrayField(
        models.CharField(max_length=60), default=list, blank=True,
        help_text="Questions whose answers the giver's exported note contains: flags only (TIK-10).",
    )  # fmt: skip
    created_at = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(null=True, blank=True)
    usable_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True, help_text="Activated, expired or withdrawn.")
    ended_by = models.CharField(max_length=60, blank=True, help_text="Key of who ended it.")
    withdraw_reason = models.CharField(max_length=300, blank=True)
    case = models.OneToOneField(Case, on_delete=models.PROTECT, null=True, blank=True, related_name="ticket")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(urgency__range=(1, 5)), name="ticket_urgency_1_5"),
            models.CheckConstraint(condition=Q(valid_to__gt=F("valid_from")), name="ticket_interval"),
            models.CheckConstraint(
                condition=Q(state="activated", case__isnull=False) | (~Q(state="activated") & Q(case__isnull=True)),
                name="ticket_activated_has_case",
            ),
        ]
        indexes = [
            models.Index(fields=["patient", "-created_at"], name="ticket_patient"),
            models.Index(fields=["holder_person"], name="ticket_holder"),
            models.Index(fields=["valid_to"], name="ticket_due", condition=Q(state__in=["sent", "usable"])),
            models.Index(fields=["unit", "state"], name="ticket_unit"),
        ]

    def __str__(self) -> str:
        return f"ticket {self.public_id}"


class Acknowledgement(models.Model):
    """Vidimering: a post from staff to a colleague or role, never seen by the patient (ACK-01, ACK-02)."""

    class Kind(models.TextChoices):
        FOLLOW_UP = "follow_up", _("follow-up")
        INFORMATION = "information", _("for information")
        UNUSED_TICKET = "unused_ticket", _("unused ticket")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=14, choices=Kind.choices)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, blank=True, related_name="acknowledgements")
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    patient = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    to_user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    to_role = models.ForeignKey(CareRole, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    text = models.TextField(blank=True)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(to_role__isnull=False, to_user__isnull=True)
                | Q(to_role__isnull=True, to_user__isnull=False),
                name="acknowledgement_role_or_user",
            ),
            models.CheckConstraint(
                condition=Q(done_at__isnull=True, done_by__isnull=True)
                | Q(done_at__isnull=False, done_by__isnull=False),
                name="acknowledgement_done_by_somebody",
            ),
            models.UniqueConstraint(
                fields=["ticket"], condition=Q(kind="unused_ticket"), name="acknowledgement_once_per_ticket"
            ),
        ]
        indexes = [
            models.Index(fields=["unit", "to_role", "created_at"], name="ack_role", condition=Q(done_at__isnull=True)),
            models.Index(fields=["to_user", "created_at"], name="ack_user", condition=Q(done_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"acknowledgement {self.public_id}"


class ContactAttempt(models.Model):
    """Somebody tried to reach the patient outside the chat (INA-03, INA-05); only added to."""

    class Way(models.TextChoices):
        PHONE = "phone", _("phone")
        SMS = "sms", _("SMS reminder")
        WARNING = "warning", _("warning in the chat")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="contact_attempts")
    way = models.CharField(max_length=8, choices=Way.choices)
    reached = models.BooleanField(default=False)
    note = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        triggers = [append_only("contact_attempt_append_only")]
        indexes = [models.Index(fields=["case", "at"], name="contact_attempt_case")]

    def __str__(self) -> str:
        return f"{self.way} {self.case_id}"


class Timer(models.Model):
    """Something that will be due; a row, found by the tick (design §2). At most one of each kind per subject.

    ``stamp`` is what it was computed from (the number of the silent message, the offer, the date): a timer fires once
    for a stamp, however often it is planned anew.
    """

    kind = models.CharField(max_length=24)
    subject = models.CharField(max_length=10, help_text="case, ticket, handover or unit")
    subject_id = models.BigIntegerField()
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    stamp = models.CharField(max_length=60)
    due_at = models.DateTimeField()
    fired_at = models.DateTimeField(null=True, blank=True)
    data = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subject", "subject_id", "kind"], name="timer_once")]
        indexes = [models.Index(fields=["due_at"], name="timer_due", condition=Q(fired_at__isnull=True))]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}:{self.subject_id}"


class Notice(models.Model):
    """One line in a user's notification centre; carries ids only, the words are made when shown (NOT-01)."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="notices")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=30)
    key = models.CharField(max_length=120, help_text="What it is about; the same twice is one notice.")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    acknowledgement = models.ForeignKey(
        Acknowledgement, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    handover = models.ForeignKey(Handover, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    data = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="notice_once")]
        indexes = [
            models.Index(fields=["user", "unit", "-created_at"], name="notice_latest"),
            models.Index(fields=["user", "unit"], name="notice_unseen", condition=Q(seen_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.user_id}"


class NoticeChoice(models.Model):
    """Whether a user wants SMS about rows a, b, c and e of NOT-01 (NOT-02); no row means no."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notice_choices")
    kind = models.CharField(max_length=30)
    sms = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "kind"], name="notice_choice_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.user_id}"
