"""Guests of a case, and the internal chat, whose lines are only added."""

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
        ("units", "0005_closure_other_target"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Guest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "mode",
                    models.CharField(
                        choices=[("consult", "consults internally"), ("participate", "takes part in the chat")],
                        max_length=11,
                    ),
                ),
                ("invited_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("ended_by", models.CharField(blank=True, help_text="Key of the actor.", max_length=60)),
                (
                    "ending",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("removed", "removed"),
                            ("left", "left"),
                            ("closed", "the visit was closed"),
                            ("no_holder", "nobody has the case"),
                            ("took_over", "took over the case"),
                        ],
                        max_length=9,
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="guests", to="cases.case"
                    ),
                ),
                (
                    "invited_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "role",
                    models.ForeignKey(
                        help_text="When invited.",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="units.carerole",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        help_text="Where they must be on duty.",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="units.unit",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("ended_at__isnull", True)), fields=["user", "unit"], name="guest_now"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)), fields=("case", "user"), name="guest_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at__isnull", True), ("ending", "")),
                            models.Q(("ended_at__isnull", False), models.Q(("ending", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="guest_ending_has_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="InternalMark",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("seq", models.PositiveIntegerField()),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="internal_marks", to="cases.case"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("case", "user"), name="internal_mark_once")],
            },
        ),
        migrations.CreateModel(
            name="InternalMessage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("seq", models.PositiveIntegerField(help_text="Of its own, not the patient chat's.")),
                (
                    "kind",
                    models.CharField(choices=[("text", "Text"), ("notice", "Notice")], default="text", max_length=6),
                ),
                ("author_key", models.CharField(max_length=60)),
                ("author_name", models.CharField(blank=True, max_length=200)),
                ("author_title", models.CharField(blank=True, max_length=100)),
                ("client_id", models.CharField(max_length=80)),
                ("text", models.TextField(max_length=4000)),
                ("sent_at", models.DateTimeField()),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="internal_messages", to="cases.case"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("case", "seq"), name="internal_seq_once"),
                    models.UniqueConstraint(fields=("case", "author_key", "client_id"), name="internal_client_once"),
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="internalmessage",
            trigger=pgtrigger.compiler.Trigger(
                name="internal_message_append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="13048225eea8de4328b5f585c51b216e4640f550",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_internal_message_append_only_eb826",
                    table="colleagues_internalmessage",
                    when="BEFORE",
                ),
            ),
        ),
        insert_only("colleagues_internalmessage"),
    ]
