"""ASK: question types, conditions, rendering, answer checking."""

from __future__ import annotations

from django.apps import AppConfig


class QuestionsConfig(AppConfig):
    """ASK: question types, conditions, rendering, answer checking."""

    name = "direkt1177.questions"
    label = "questions"
    default_auto_field = "django.db.models.BigAutoField"
