"""What was sent is only added to: the role ``app`` may INSERT and SELECT, nothing else."""

from __future__ import annotations

from django.db import migrations

from direkt1177.audit.grants import insert_only


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial")]
    operations = [insert_only("cases_message", "cases_consent", "cases_urgencychange")]
