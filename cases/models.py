"""The errand and what hangs on it: messages, uploads, consents, read marks, phrases (requirements §6-8)."""

from __future__ import annotations

import uuid

import pgtrigger
from django.db import models
from django.db.models import Case as WhichOf
from django.db.models import F, Q, When
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from cases.states import CaseState
from direkt1177.accounts.models import User
from direkt1177.audit.models import append_only
from direkt1177.residents.models import Person
from direkt1177.units.models import CareProvider, CareRole, Unit


class Case(models.Model):
    """One ärende. Every open case has one visible responsible: the holder, or the queue of a unit and role."""

    class Kind(models.TextChoices):
        SEEK_CARE = "seek_care", _("Seek care")
        ADMIN_QUESTION = "admin_question", _("Administrative questions")

    class CloseKind(models.TextChoices):
        DONE = "done", _("done")
        NO_REPLY = "no_reply", _("no reply")
        BOOKED = "booked", _("closed and booked")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    state = models.CharField(max_length=14, choices=[(s.value, s.value) for s in CaseState], default="waiting")
    version = models.PositiveIntegerField(default=0)
    provider = models.ForeignKey(CareProvider, on_delete=models.PROTECT)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="cases")
    role = models.ForeignKey(CareRole, on_delete=models.PROTECT)
    patient = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="cases")
    # Who wrote: the patient, or the guardian who thereby is responsible guardian (ENT-19).
    started_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="started_cases")
    contact_reason = models.CharField(max_length=120)
    contact_reason_code = models.CharField(max_length=40, blank=True)
    free_text = models.TextField(
        blank=True, help_text="The patient's question or what they added after triage (TRI-06)."
    )

    # None: not assessed (seek care, shown above 3) or administrative (TRI-14).
    urgency = models.PositiveSmallIntegerField(null=True, blank=True)
    computed_urgency = models.PositiveSmallIntegerField(null=True, blank=True)
    sort_rank = models.PositiveSmallIntegerField(
        help_text="From rules.sort_rank(kind, urgency); the queue sorts on it."
    )
    arrived_at = models.DateTimeField(help_text="Original arrival; survives handover (QUE-18).")
    queued_at = models.DateTimeField(help_text="When it entered the present queue.")
    response_due_at = models.DateTimeField(null=True, blank=True)
    assessment_due_at = models.DateTimeField(null=True, blank=True)
    first_reply_at = models.DateTimeField(null=True, blank=True)

    holder = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="held_cases")
    holder_role = models.ForeignKey(CareRole, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    received_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    resume_at = models.DateTimeField(null=True, blank=True)
    follow_up_until = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True, help_text="When Avsluta besök was done (CAS-08).")
    closed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True, help_text="When nothing more can be written.")

    close_kind = models.CharField(max_length=10, choices=CloseKind.choices, blank=True)
    booked_for = models.DateTimeField(null=True, blank=True, help_text="Time booked in the record system (CAS-13).")
    booked_where = models.CharField(max_length=120, blank=True)

    # An offer stands beside the state; set and cleared by steps that handover calls (design §4, HOV-01).
    offered_unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    offered_role = models.ForeignKey(CareRole, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    offered_user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    offered_at = models.DateTimeField(null=True, blank=True)
    # In whose queue it lies: its own while it waits, the addressee's while it is offered to a role (HOV-08).
    queue_unit = models.GeneratedField(
        expression=WhichOf(When(state="waiting", then=F("unit_id")), default=F("offered_unit_id")),
        output_field=models.BigIntegerField(null=True),
        db_persist=True,
    )
    queue_role = models.GeneratedField(
        expression=WhichOf(When(state="waiting", then=F("role_id")), default=F("offered_role_id")),
        output_field=models.BigIntegerField(null=True),
        db_persist=True,
    )
    released_at = models.DateTimeField(
        null=True, blank=True, help_text="Left without owner since: released, or its holder was away (SHF)."
    )
    released_from = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    from_ticket = models.BooleanField(default=False)
    told_closing_at = models.DateTimeField(
        null=True, blank=True, help_text="When the patient was last told that the service closes (HRS-05)."
    )
    timers_stale = models.BooleanField(
        default=True, db_default=True, help_text="Set by a trigger; the sweep plans the timers anew (design §2)."
    )

    read_now = models.BooleanField(default=False, help_text="A red-flag word in free text: never lowers anything.")
    could_not_answer = models.CharField(max_length=300, blank=True)
    advice_112_shown_at = models.DateTimeField(null=True, blank=True)
    unstaffed_warned_at = models.DateTimeField(null=True, blank=True)
    unstaffed_next_at = models.DateTimeField(
        null=True, blank=True, help_text="Next staffed minute told to the patient."
    )
    listed_elsewhere = models.BooleanField(default=False)
    fee_accepted_at = models.DateTimeField(null=True, blank=True)
    fee_text_version = models.CharField(max_length=40, blank=True)

    last_seq = models.PositiveIntegerField(default=0)
    last_patient_seq = models.PositiveIntegerField(default=0)
    last_staff_seq = models.PositiveIntegerField(default=0)
    staff_seen_seq = models.PositiveIntegerField(default=0)
    patient_seen_seq = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state="waiting", holder__isnull=True)
                | Q(state__in=["received", "started", "paused", "asynchronous"], holder__isnull=False)
                | Q(state__in=["closed", "cancelled"]),
                name="case_one_responsible",
            ),
            models.CheckConstraint(
                condition=Q(urgency__isnull=True) | Q(urgency__range=(1, 5)), name="case_urgency_1_5"
            ),
            models.CheckConstraint(
                condition=~Q(state="asynchronous") | Q(follow_up_until__isnull=False), name="case_async_has_end"
            ),
            models.CheckConstraint(
                condition=~Q(state="closed") | Q(ended_at__isnull=False), name="case_closed_has_time"
            ),
            models.CheckConstraint(
                condition=Q(
                    offered_at__isnull=True,
                    offered_unit__isnull=True,
                    offered_role__isnull=True,
                    offered_user__isnull=True,
                )
                | (
                    Q(offered_at__isnull=False, offered_unit__isnull=False)
                    & Q(state__in=["started", "paused", "asynchronous"])
                    & (
                        Q(offered_role__isnull=False, offered_user__isnull=True)
                        | Q(offered_role__isnull=True, offered_user__isnull=False)
                    )
                ),
                name="case_offer_whole",
            ),
        ]
        indexes = [
            models.Index(
                fields=["queue_unit", "queue_role", "sort_rank", "arrived_at", "id"],
                name="case_queue",
                condition=Q(queue_unit__isnull=False),
            ),
            models.Index(fields=["offered_user"], name="case_offered_user", condition=Q(offered_user__isnull=False)),
            models.Index(fields=["id"], name="case_timers_stale", condition=Q(timers_stale=True)),
            models.Index(
                fields=["holder", "state"],
                name="case_held",
                condition=Q(state__in=["received", "started", "paused", "asynchronous"]),
            ),
            models.Index(fields=["follow_up_until"], name="case_follow_up_due", condition=Q(state="asynchronous")),
            models.Index(fields=["closed_by", "-closed_at"], name="case_closed_by"),
            models.Index(fields=["unit", "role", "sort_rank", "-received_at"], name="case_recent_waits"),
            models.Index(fields=["patient", "-arrived_at"], name="case_patient"),
            models.Index(fields=["unit", "-arrived_at", "-id"], name="case_unit_arrived"),
            models.Index(fields=["unit", "ended_at"], name="case_unit_ended"),
            models.Index(fields=["started_by", "-arrived_at"], name="case_started_by"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="case_timers_stale",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(
                    "state", "holder", "unit", "role", "urgency", "last_seq", "staff_seen_seq", "resume_at",
                    "follow_up_until", "offered_at", "first_reply_at",
                ),
                func="NEW.timers_stale = TRUE; RETURN NEW;",
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"case {self.public_id}"

    @property
    def is_open(self) -> bool:
        """Whether anybody may still write in it."""
        return self.state not in (CaseState.CLOSED, CaseState.CANCELLED)


class CaseReader(models.Model):
    """A right to read one case beside its holder: a giver after acceptance, the addressee of an acknowledgement.

    Either one user, or whoever has a role at a unit; ends at a date or when ended.
    """

    class Basis(models.TextChoices):
        GIVER = "giver", _("handed it over")
        ACKNOWLEDGEMENT = "acknowledgement", _("acknowledgement")
        # The case waits in the giver's queue again and is still offered to a role at another unit: preview only.
        OFFER = "offer", _("offered")
        # Opened by an active choice with a stated reason, for a limited time (cases.finding).
        SEARCH = "search", _("opened with a reason")
        EMERGENCY = "emergency", _("emergency opening")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="readers")
    basis = models.CharField(max_length=16, choices=Basis.choices)
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    role = models.ForeignKey(CareRole, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    since = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=False, role__isnull=True) | Q(user__isnull=True, role__isnull=False),
                name="case_reader_user_or_role",
            )
        ]
        indexes = [models.Index(fields=["case"], name="case_reader_now", condition=Q(ended_at__isnull=True))]

    def __str__(self) -> str:
        return f"reader {self.pk} of {self.case_id}"


class Upload(models.Model):
    """An image: decoded in a limited child process and stored without metadata; pending until then (IMG-01)."""

    class Origin(models.TextChoices):
        TRIAGE = "triage", _("triage")
        POST_TRIAGE = "post_triage", _("after triage")
        CHAT = "chat", _("chat")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, blank=True, related_name="uploads")
    # An image chosen during the interview waits here until the case exists (id of the interview, as a value).
    interview = models.UUIDField(null=True, blank=True, db_index=True)
    question = models.CharField(max_length=60, blank=True)
    origin = models.CharField(max_length=12, choices=Origin.choices)
    by_person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True)
    by_user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True)
    file_key = models.CharField(max_length=80, unique=True)
    thumb_key = models.CharField(max_length=80)
    content_type = models.CharField(max_length=20)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    bytes = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"upload {self.public_id}"


class Message(models.Model):
    """One sent line of the patient chat; never changed, never removed (L-06)."""

    class Author(models.TextChoices):
        PATIENT = "patient"
        STAFF = "staff"
        SYSTEM = "system"

    class Kind(models.TextChoices):
        TEXT = "text"
        IMAGE = "image"
        WELCOME = "welcome"
        NOTICE = "notice"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="messages")
    seq = models.PositiveIntegerField()
    author = models.CharField(max_length=8, choices=Author.choices)
    author_key = models.CharField(max_length=60, help_text="staff:<id>, person:<id> or system")
    author_name = models.CharField(max_length=120, help_text="As shown to the patient; empty for the patient's own.")
    author_title = models.CharField(max_length=80, blank=True)
    client_id = models.CharField(max_length=64)
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.TEXT)
    text = models.TextField(blank=True)
    upload = models.ForeignKey(Upload, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    sent_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "seq"], name="message_seq_once"),
            models.UniqueConstraint(fields=["case", "author_key", "client_id"], name="message_client_id_once"),
        ]
        triggers = [append_only("message_append_only")]

    def __str__(self) -> str:
        return f"message {self.case_id}:{self.seq}"


class Consent(models.Model):
    """The resident's answer on one item, with time (ENT-32, ENT-34)."""

    class Item(models.TextChoices):
        CARE_HISTORY = "care_history", _("care history")
        MEDICATION_LIST = "medication_list", _("medication list")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="consents")
    item = models.CharField(max_length=20, choices=Item.choices)
    allowed = models.BooleanField()
    by = models.ForeignKey(Person, on_delete=models.PROTECT)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "item"], name="consent_once")]
        triggers = [append_only("consent_append_only")]

    def __str__(self) -> str:
        return f"consent {self.case_id} {self.item}"


class UrgencyChange(models.Model):
    """Staff changed the urgency: old, new, who, when, why (TRI-11)."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="urgency_changes")
    old = models.PositiveSmallIntegerField(null=True, blank=True)
    new = models.PositiveSmallIntegerField()
    by = models.ForeignKey(User, on_delete=models.PROTECT)
    reason = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        triggers = [append_only("urgency_change_append_only")]

    def __str__(self) -> str:
        return f"urgency {self.case_id}: {self.old} to {self.new}"


class Phrase(models.Model):
    """A ready text for the chat: of the region (national level), a unit, or one user (CHT-02)."""

    class Level(models.TextChoices):
        NATIONAL = "national", _("national")
        UNIT = "unit", _("shared local")
        PERSONAL = "personal", _("personal")

    level = models.CharField(max_length=10, choices=Level.choices)
    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, null=True, blank=True, related_name="phrases")
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, blank=True, related_name="phrases")
    category = models.CharField(max_length=60)
    title = models.CharField(max_length=80)
    text = models.TextField()
    active = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("phrase")
        verbose_name_plural = _("phrases")
        constraints = [
            models.CheckConstraint(
                condition=Q(level="national", unit__isnull=True, user__isnull=True)
                | Q(level="unit", unit__isnull=False, user__isnull=True)
                | Q(level="personal", unit__isnull=True, user__isnull=False),
                name="phrase_level_owner",
            )
        ]

    def __str__(self) -> str:
        return self.title
