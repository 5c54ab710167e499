"""When an offer to another unit fell back to the giver's queue because the giver's shift ended."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("handover", "0001_offers_and_timers")]

    operations = [
        migrations.AddField(
            model_name="handover",
            name="fell_back_at",
            field=models.DateTimeField(
                blank=True,
                null=True,
                help_text="The giver's shift ended: the case waits at the own unit and still shows as an offer at the "
                "other.",
            ),
        ),
    ]
