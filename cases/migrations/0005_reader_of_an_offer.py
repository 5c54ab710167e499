"""A case that fell back to its giver's queue may still be previewed by the role it is offered to."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0004_offers_and_timers")]

    operations = [
        migrations.AlterField(
            model_name="casereader",
            name="basis",
            field=models.CharField(
                choices=[
                    ("giver", "handed it over"),
                    ("acknowledgement", "acknowledgement"),
                    ("offer", "offered"),
                ],
                max_length=16,
            ),
        ),
    ]
