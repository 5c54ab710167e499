"""``manage.py traceability``: write docs/traceability.md from the tests' marks."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from direkt1177.traceability import TABLE, UnknownRequirementError, render


class Command(BaseCommand):
    """Write the table of requirements and tests."""

    help = "Write docs/traceability.md from @pytest.mark.req(...) marks"
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the file."""
        try:
            TABLE.write_text(render(), encoding="utf-8")
        except UnknownRequirementError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{TABLE} written")
