"""Searches, openings with a reason, checks of a day; the first and the last are only added to."""

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
        ("cases", "0006_opened_with_a_reason"),
        ("residents", "0001_initial"),
        ("units", "0005_closure_other_target"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Opening",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[("search", "opened with a reason"), ("emergency", "emergency opening")], max_length=9
                    ),
                ),
                ("reason", models.CharField(max_length=300)),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField()),
                ("reviewed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="openings", to="cases.case"
                    ),
                ),
                (
                    "holder",
                    models.ForeignKey(
                        blank=True,
                        help_text="Who held it then.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "reader",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="cases.casereader"
                    ),
                ),
                (
                    "reviewed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        help_text="Where the user worked.",
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
        ),
        migrations.CreateModel(
            name="Search",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("care_initiated", "care-initiated contact"),
                            ("phone", "conversation by telephone"),
                            ("other", "other"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "other",
                    models.CharField(
                        blank=True, help_text="The purpose in own words, when it is another.", max_length=200
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        help_text="Empty: nobody was found.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="residents.person",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="units.unit"),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="DayCheck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField(help_text="In Sweden.")),
                ("at", models.DateTimeField()),
                (
                    "unit",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="units.unit"),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["unit", "day"], name="day_check_of_unit")],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="daycheck",
            trigger=pgtrigger.compiler.Trigger(
                name="day_check_append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="622cf32880df36dfd75edd50fc5b437b5f788269",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_day_check_append_only_5f176",
                    table="finding_daycheck",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="opening",
            index=models.Index(fields=["unit", "kind", "-id"], name="opening_of_unit"),
        ),
        migrations.AddConstraint(
            model_name="opening",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("reviewed_at__isnull", True), ("reviewed_by__isnull", True)),
                    models.Q(("reviewed_at__isnull", False), ("reviewed_by__isnull", False)),
                    _connector="OR",
                ),
                name="opening_reviewed_whole",
            ),
        ),
        migrations.AddIndex(
            model_name="search",
            index=models.Index(fields=["user", "person", "-at"], name="search_by_user"),
        ),
        migrations.AddConstraint(
            model_name="search",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("purpose", "other"), _negated=True),
                    models.Q(("other", ""), _negated=True),
                    _connector="OR",
                ),
                name="search_other_purpose_said",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="search",
            trigger=pgtrigger.compiler.Trigger(
                name="search_append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="4cbe0444a3980fe418f9013cad58ed6a3d3a807e",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_search_append_only_b57c4",
                    table="finding_search",
                    when="BEFORE",
                ),
            ),
        ),
        insert_only("finding_search", "finding_daycheck"),
    ]
