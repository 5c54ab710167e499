"""``manage.py restore /srv/backups/20260301T030000Z``: into an empty database and an empty upload folder."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from direkt1177.backups import BackupError, restore_backup


class Command(BaseCommand):
    """Needs ``DATABASE_OWNER_URL`` of a database in which roles and grants are prepared and nothing else is."""

    help = "Restore a back-up and compare every table, constraint, trigger, index and grant with what was backed up"
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Which back-up."""
        parser.add_argument("backup", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Restore, compare, say how much it was."""
        began = time.monotonic()
        address = settings.DATABASE_OWNER_URL
        if not address:
            raise CommandError("DATABASE_OWNER_URL must be set")
        try:
            rows = restore_backup(backup=options["backup"], address=address, uploads=Path(settings.UPLOAD_ROOT))
        except (BackupError, OSError, ValueError) as error:
            raise CommandError(str(error)) from error
        took = time.monotonic() - began
        self.stdout.write(
            f"{sum(rows.values())} rows in {len(rows)} tables restored and compared, all equal: {took:.1f} s"
        )
