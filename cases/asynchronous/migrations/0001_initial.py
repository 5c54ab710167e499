"""Marks of follow-ups, answers without a name (rows of them are only added), simulated calls."""

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
            name="SimulatedCall",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("hsa_id", models.CharField(db_index=True, max_length=64)),
                ("personal_number", models.CharField(max_length=12)),
                ("began_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Mark",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "seq",
                    models.PositiveIntegerField(
                        default=0, help_text="Number of the message; a newer one makes it open again."
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="follow_up_mark", to="cases.case"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Rated",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="rated", to="cases.case"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Rating",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[("seek_care", "Seek care"), ("admin_question", "Administrative questions")],
                        max_length=20,
                    ),
                ),
                ("month", models.DateField(help_text="First day of the month of the answer.")),
                ("score", models.PositiveSmallIntegerField()),
                (
                    "role",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="units.carerole"
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="units.unit"),
                ),
            ],
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="rated",
            trigger=pgtrigger.compiler.Trigger(
                name="rated_append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="4f6d703cc58c49d9f93b3930d7647fa5a95a3ee5",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_rated_append_only_d8d61",
                    table="asynchronous_rated",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="rating",
            index=models.Index(fields=["unit", "month"], name="rating_unit_month"),
        ),
        migrations.AddConstraint(
            model_name="rating",
            constraint=models.CheckConstraint(condition=models.Q(("score__range", (1, 5))), name="rating_1_5"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="rating",
            trigger=pgtrigger.compiler.Trigger(
                name="rating_append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="cd39ce4b63e3c4a3f1ed858b03384778de41fd79",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_rating_append_only_67b2b",
                    table="asynchronous_rating",
                    when="BEFORE",
                ),
            ),
        ),
        insert_only("asynchronous_rated", "asynchronous_rating"),
    ]
