"""Append-only proof: what was changed, who read whose data, its seals, which requests were already answered."""

from __future__ import annotations

from typing import Any

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now


def append_only(name: str) -> pgtrigger.Trigger:
    """A trigger that refuses UPDATE and DELETE of a row."""
    return pgtrigger.Protect(name=name, operation=pgtrigger.Update | pgtrigger.Delete)


def no_truncate(name: str) -> pgtrigger.Trigger:
    """A trigger that refuses TRUNCATE, for every role."""
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.Before,
        level=pgtrigger.Statement,
        operation=pgtrigger.Truncate,
        func="RAISE EXCEPTION 'append-only: % may not be emptied', TG_TABLE_NAME;",
    )


class LogRow(models.Model):
    """What every log row says of the actor: as text too, so that it still reads when the account is gone."""

    at = models.DateTimeField(db_default=Now(), db_index=True)
    request_id = models.CharField(max_length=36, blank=True)
    actor_kind = models.CharField(max_length=10)
    actor_key = models.CharField(max_length=60, db_index=True)
    actor_name = models.CharField(max_length=120)
    actor_role = models.CharField(max_length=80, blank=True)
    unit_id = models.BigIntegerField(null=True, blank=True)
    provider_id = models.BigIntegerField(null=True, blank=True)
    object_type = models.CharField(max_length=40)
    object_id = models.CharField(max_length=60)

    class Meta:
        abstract = True


class ChangeLog(LogRow):
    """One change by one command; never free text from the patient."""

    event = models.CharField(max_length=60)
    patient_id = models.BigIntegerField(null=True, blank=True, db_index=True)
    from_state = models.CharField(max_length=20, blank=True)
    to_state = models.CharField(max_length=20, blank=True)
    data = models.JSONField(default=dict)

    class Meta:
        triggers = [append_only("change_log_append_only"), no_truncate("change_log_no_truncate")]
        indexes = [models.Index(fields=["object_type", "object_id", "id"], name="change_log_object")]

    def __str__(self) -> str:
        return f"{self.event} {self.object_type}:{self.object_id}"


class ReadLog(LogRow):
    """One reading of patient data (4 kap. 3 § patientdatalagen; L-09): who, what, whose, on what basis.

    A live feed is logged as an interval: a ``feed_start`` and a ``feed_end`` row with the same ``interval``.
    """

    action = models.CharField(max_length=20)
    basis = models.CharField(max_length=40)
    reason = models.CharField(max_length=300, blank=True)
    patients = ArrayField(models.BigIntegerField(), default=list)
    interval = models.UUIDField(null=True, blank=True)

    class Meta:
        triggers = [append_only("read_log_append_only"), no_truncate("read_log_no_truncate")]
        indexes = [models.Index(fields=["interval"], name="read_log_interval")]

    def __str__(self) -> str:
        return f"{self.actor_key} {self.action} {self.object_type}:{self.object_id}"


class BoardStay(models.Model):
    """A patient entered or left a shared list, so that the log extract can name all who were shown them."""

    board = models.CharField(max_length=120)
    object_id = models.CharField(max_length=60)
    patient_id = models.BigIntegerField(db_index=True)
    op = models.CharField(max_length=5, choices=[("enter", "enter"), ("leave", "leave")])
    at = models.DateTimeField(db_default=Now())

    class Meta:
        triggers = [append_only("board_stay_append_only"), no_truncate("board_stay_no_truncate")]
        indexes = [models.Index(fields=["board", "at"], name="board_stay_board")]

    def __str__(self) -> str:
        return f"{self.board} {self.op} {self.object_id}"


class Seal(models.Model):
    """A closed range of a log, proven: the rows after the seal before it, up to ``last_id`` (see ``seal_chain.py``)."""

    log = models.CharField(max_length=20)
    number = models.BigIntegerField()
    layout = models.SmallIntegerField()
    last_id = models.BigIntegerField()
    rows = models.IntegerField()
    digest = models.CharField(max_length=64)
    key_id = models.CharField(max_length=16)
    mac = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        triggers = [append_only("seal_append_only"), no_truncate("seal_no_truncate")]
        constraints = [models.UniqueConstraint(fields=["log", "number"], name="seal_number_once")]

    def __str__(self) -> str:
        return f"{self.log} {self.number}"

    def said(self) -> dict[str, Any]:
        """What its ``mac`` is computed from, besides the seal before it."""
        return {
            name: getattr(self, name)
            for name in ("key_id", "log", "number", "layout", "last_id", "rows", "digest", "at")
        }


class IdempotencyKey(models.Model):
    """A mutating call already answered: same key and body, same outcome; other body, refused (R-09)."""

    actor_key = models.CharField(max_length=60)
    key = models.CharField(max_length=80)
    command = models.CharField(max_length=60)
    body_hash = models.CharField(max_length=64)
    outcome = models.JSONField(default=dict)
    at = models.DateTimeField(db_default=Now(), db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["actor_key", "key"], name="idempotency_key_once")]

    def __str__(self) -> str:
        return f"{self.command} {self.key}"
