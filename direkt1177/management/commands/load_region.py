"""Load a region's settings from its data file: ``manage.py load_region kalmar``."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from pydantic import ValidationError

from direkt1177.accounts.actors import SYSTEM
from direkt1177.units.commands import load_region
from direkt1177.units.region_files import codes, read_region_file


class Command(BaseCommand):
    """Checks the file against the policy model first; loading again changes nothing."""

    help = "Load a region's settings from its data file"

    def add_arguments(self, parser: CommandParser) -> None:
        """One region at a time."""
        parser.add_argument("code", choices=codes(), help="which region")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, check, load."""
        try:
            file = read_region_file(options["code"])
        except ValidationError as error:
            raise CommandError(str(error)) from error
        region = load_region(actor=SYSTEM, file=file)
        self.stdout.write(f"{region.name}: {file.document.title} {file.document.version}")
