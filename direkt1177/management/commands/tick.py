"""``manage.py tick``: do what is due once, or again and again; the same that Celery's tick does."""

from __future__ import annotations

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from direkt1177.outbox import ticks


class Command(BaseCommand):
    """Run every registered tick."""

    help = "Do what is due (outbox, timers). Two ticks at once are harmless."

    def add_arguments(self, parser: CommandParser) -> None:
        """``--loop`` goes on until it is stopped, ``--every`` says how often."""
        parser.add_argument("--loop", action="store_true", help="go on until Ctrl-C or SIGTERM")
        parser.add_argument("--every", type=float, default=1.0, metavar="SECONDS", help="pause between two ticks")

    def handle(self, *args: Any, **options: Any) -> None:
        """Tick once or until told to stop."""
        ticks.run_all()
        if not options["loop"]:
            return
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        while not stop.wait(options["every"]):
            ticks.run_all()
