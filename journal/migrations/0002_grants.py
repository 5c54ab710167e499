"""Saved versions and exports are only added to: the role ``app`` may INSERT and SELECT, nothing else."""

from __future__ import annotations

from django.db import migrations

from direkt1177.audit.grants import insert_only


class Migration(migrations.Migration):
    dependencies = [("journal", "0001_initial")]
    operations = [insert_only("journal_noteversion", "journal_export")]
