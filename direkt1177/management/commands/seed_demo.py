"""``manage.py seed_demo``: invented people, units and errands, through the real commands."""

from __future__ import annotations

import time
from random import Random
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from direkt1177.accounts.actors import SYSTEM
from direkt1177.accounts.models import User
from direkt1177.demo.errands import Errands
from direkt1177.demo.people import build_people
from direkt1177.demo.places import build_places
from direkt1177.demo.staff import build_staff, open_shifts
from direkt1177.outbox.effects_run import run_due
from triage.commands import publish_bundled


class Command(BaseCommand):
    """The same seed on the same day gives the same people, texts and times; addresses of errands are drawn anew."""

    help = "Fill an empty database with demo data"

    def add_arguments(self, parser: CommandParser) -> None:
        """Which data and how many errands."""
        parser.add_argument("--seed", type=int, default=1, help="which demo data (1)")
        parser.add_argument("--cases", type=int, default=60, help="how many errands (60)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do nothing when there is anybody already."""
        if options["cases"] < 0:
            raise CommandError("--cases cannot be negative")
        if User.objects.exists():
            self.stdout.write("There are data already: nothing was changed.")
            return
        started = time.monotonic()
        with connection.cursor() as cursor:
            # Demo data may be lost in a crash of the machine; the demo then begins anew.
            cursor.execute("SET synchronous_commit = off")
        random = Random(options["seed"])  # noqa: S311 - demo data, nothing secret
        places = build_places(random)
        publish_bundled(actor=SYSTEM)
        team = build_staff(places)
        people = build_people(random, places)
        open_shifts(team)
        Errands(random, places, team, people).build(options["cases"])
        while run_due():
            pass
        with connection.cursor() as cursor:
            cursor.execute("RESET synchronous_commit")
        self.stdout.write(
            f"{len(places.units)} units, {len(team.users)} staff, {len(people.by_key)} residents, "
            f"{options['cases']} errands in {time.monotonic() - started:.1f} s"
        )
