"""Calls of a case, and who came and went: rows of the latter are only added."""

from __future__ import annotations

import uuid

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from direkt1177.audit.grants import insert_only


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("cases", "0005_reader_of_an_offer"),
        ("residents", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Call",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("kind", models.CharField(choices=[("video", "video"), ("voice", "voice")], max_length=5)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("requested", "requested"),
                            ("accepted", "accepted"),
                            ("declined", "declined"),
                            ("missed", "missed"),
                            ("ended", "ended"),
                        ],
                        default="requested",
                        max_length=9,
                    ),
                ),
                ("requested_at", models.DateTimeField()),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                (
                    "fee_text_version",
                    models.CharField(blank=True, help_text="Shown before accepting (FEE-06).", max_length=40),
                ),
                (
                    "connected_at",
                    models.DateTimeField(blank=True, help_text="When both sides were first in it.", null=True),
                ),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "ended_by",
                    models.CharField(blank=True, help_text="Key of the actor who put it down.", max_length=60),
                ),
                (
                    "answered_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="residents.person",
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="calls", to="cases.case"
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="CallMove",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("actor_key", models.CharField(help_text="staff:<id> or person:<id>", max_length=60)),
                ("session", models.CharField(help_text="One page of theirs.", max_length=40)),
                ("op", models.CharField(choices=[("join", "Join"), ("leave", "Leave")], max_length=5)),
                ("at", models.DateTimeField()),
                (
                    "call",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="moves", to="calls.call"
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="call",
            index=models.Index(fields=["case", "-requested_at"], name="call_of_case"),
        ),
        migrations.AddIndex(
            model_name="call",
            index=models.Index(
                condition=models.Q(("state__in", ["requested", "accepted"])), fields=["requested_at"], name="call_open"
            ),
        ),
        migrations.AddConstraint(
            model_name="call",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["requested", "accepted"])),
                fields=("case",),
                name="call_one_open_per_case",
            ),
        ),
        migrations.AddConstraint(
            model_name="call",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["accepted", "ended"]), _negated=True),
                    models.Q(("answered_at__isnull", False), ("answered_by__isnull", False)),
                    _connector="OR",
                ),
                name="call_answered_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="call",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at__isnull", True), ("state__in", ["requested", "accepted"])),
                    models.Q(("ended_at__isnull", False), ("state__in", ["declined", "missed", "ended"])),
                    _connector="OR",
                ),
                name="call_over_has_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="callmove",
            constraint=models.UniqueConstraint(fields=("call", "session", "op"), name="call_move_once"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="callmove",
            trigger=pgtrigger.compiler.Trigger(
                name="call_move_append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="929d8ac12e92ce142bbae0c12e4436752e96989e",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_call_move_append_only_a22c0",
                    table="calls_callmove",
                    when="BEFORE",
                ),
            ),
        ),
        insert_only("calls_callmove"),
    ]
