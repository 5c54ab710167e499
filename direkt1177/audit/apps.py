"""PROOF: append-only change log and read log."""

from __future__ import annotations

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """PROOF: append-only change log and read log."""

    name = "direkt1177.audit"
    label = "audit"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Ticks seal the logs and forget old idempotency keys."""
        from direkt1177.audit import idempotency, sealing  # noqa: PLC0415 - models exist only after set-up
        from direkt1177.outbox import ticks  # noqa: PLC0415

        ticks.register("forget_idempotency_keys", idempotency.forget_old)
        ticks.register("seal_logs", sealing.seal_logs)
