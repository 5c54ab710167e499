"""Celery tasks: they carry a row id and may all be lost; the tick finds what is due."""

from __future__ import annotations

from celery import shared_task

from direkt1177.outbox import effects_run


@shared_task(name="direkt1177.run_effect", ignore_result=True, acks_late=True, expires=60)
def run_effect(effect_id: int) -> None:
    """Run one effect if it is due and nobody else has it."""
    effects_run.run_effect(effect_id)
