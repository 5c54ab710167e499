"""Feed heads and change lists: what changed, in commit order (design §3)."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class FeedHead(models.Model):
    """The newest version of a feed; its row lock makes commit order equal version order."""

    feed = models.CharField(max_length=120, primary_key=True)
    version = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.feed} @ {self.version}"


class FeedChange(models.Model):
    """One object put into or dropped from a feed at a version; kept 48 hours."""

    class Op(models.TextChoices):
        PUT = "put"
        DROP = "drop"

    feed = models.CharField(max_length=120)
    version = models.BigIntegerField()
    object = models.CharField(max_length=80)
    op = models.CharField(max_length=4, choices=Op.choices)
    at = models.DateTimeField(db_default=Now(), db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["feed", "version"], name="feed_change_once")]

    def __str__(self) -> str:
        return f"{self.feed} @ {self.version}: {self.op} {self.object}"
