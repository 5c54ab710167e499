"""Two more reasons to read a case, and what the date filter looks up."""

from __future__ import annotations

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0005_reader_of_an_offer"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.AlterField(
            model_name="casereader",
            name="basis",
            field=models.CharField(
                choices=[
                    ("giver", "handed it over"),
                    ("acknowledgement", "acknowledgement"),
                    ("offer", "offered"),
                    ("search", "opened with a reason"),
                    ("emergency", "emergency opening"),
                ],
                max_length=16,
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["unit", "-arrived_at", "-id"], name="case_unit_arrived"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["unit", "ended_at"], name="case_unit_ended"),
        ),
    ]
