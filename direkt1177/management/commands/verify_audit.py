"""``manage.py verify_audit``: prove that nobody changed, removed or added a sealed log row."""

from __future__ import annotations

import sys
from argparse import FileType
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from direkt1177.audit.seal_chain import TABLES
from direkt1177.audit.seal_check import check_log, read_anchors


class Command(BaseCommand):
    """Compute every seal again; exit code 1 names the first broken one of each log."""

    help = "Compute the seals of the logs again. Keep the output elsewhere and give it back with --anchors next time."

    def add_arguments(self, parser: CommandParser) -> None:
        """``--anchors`` takes earlier output."""
        parser.add_argument(
            "--anchors",
            type=FileType(encoding="utf-8"),
            metavar="FILE",
            help="earlier output of this command, kept where the database's administrator cannot reach it",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Check all logs, print one code for each, exit with 1 when one is broken."""
        anchors = {}
        if options["anchors"]:
            with options["anchors"] as file:
                anchors = read_anchors(file.read())
        broken = False
        for log in TABLES:
            check = check_log(log, anchors=anchors)
            if check.fault:
                broken = True
                self.stderr.write(f"{log}: BROKEN at {check.fault}")
                continue
            self.stdout.write(
                f"{log}: {check.seals} seals over {check.rows} rows hold; "
                f"{check.unsealed} newer rows are not sealed yet"
            )
            if check.newest:
                self.stdout.write(f"{log} {check.newest[0]} {check.newest[1]}")
        if broken:
            sys.exit(1)
