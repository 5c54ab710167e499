"""Let the first administrator in: ``manage.py first_admin SE2321000000-A001 --unit=…``."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from direkt1177.accounts.actors import SYSTEM
from direkt1177.accounts.first_admin import let_in_first_admin
from direkt1177.audit.refusals import Refusal


class Command(BaseCommand):
    """Works once a region; afterwards permissions are granted in Manage."""

    help = "Make somebody the first regional and user administrator of a region"

    def add_arguments(self, parser: CommandParser) -> None:
        """Who, where, and who decided."""
        parser.add_argument("hsa_id", help="HSA-id on the person's card")
        parser.add_argument("--unit", required=True, help="slug of a unit in the region")
        parser.add_argument("--first-name", required=True)
        parser.add_argument("--last-name", required=True)
        parser.add_argument("--reason", required=True, help="who decided; stands in the log")

    def handle(self, *args: Any, **options: Any) -> None:
        """One command of the application, logged like any other."""
        try:
            user = let_in_first_admin(
                actor=SYSTEM,
                hsa_id=options["hsa_id"],
                first_name=options["first_name"],
                last_name=options["last_name"],
                unit_slug=options["unit"],
                reason=options["reason"],
            )
        except Refusal as refusal:
            raise CommandError(str(refusal.message)) from refusal
        self.stdout.write(f"{user} is administrator now")
