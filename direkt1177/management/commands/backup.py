"""``manage.py backup /srv/backups``: database and uploads into a new folder."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from direkt1177.backups import BackupError, make_backup


class Command(BaseCommand):
    """Needs ``DATABASE_OWNER_URL``; the service may go on meanwhile."""

    help = "Back up database and uploads into a new folder named for the time"

    def add_arguments(self, parser: CommandParser) -> None:
        """Where back-ups lie."""
        parser.add_argument("folder", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Write it and say where it is."""
        began = time.monotonic()
        address = settings.DATABASE_OWNER_URL
        if not address:
            raise CommandError("DATABASE_OWNER_URL must be set: only the owner may read every table")
        try:
            made = make_backup(address=address, uploads=Path(settings.UPLOAD_ROOT), folder=options["folder"])
        except (BackupError, OSError) as error:
            raise CommandError(str(error)) from error
        size = sum(path.stat().st_size for path in made.iterdir())
        self.stdout.write(f"{made}: {size / 1e6:.1f} MB in {time.monotonic() - began:.1f} s")
