"""Celery: beat only ticks, messages carry nothing, and all of them may be lost (design §2)."""

from __future__ import annotations

import os

from celery import Celery
from celery.signals import setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "direkt1177.settings.embedded")

app = Celery("direkt1177")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def keep_logging(**kwargs: object) -> None:
    """Celery leaves logging alone when somebody listens here: Django has set it up."""


@app.task(name="direkt1177.tick")
def tick() -> None:
    """Do what is due. Two ticks at once are harmless: rows are claimed with leases."""
    from direkt1177.outbox import ticks  # noqa: PLC0415 - models exist only after set-up

    ticks.run_all()
