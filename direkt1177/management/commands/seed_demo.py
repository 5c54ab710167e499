"""``manage.py seed_demo``: invented people, units and errands, through the real commands."""

from __future__ import annotations

import os
import time
from random import Random
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from cases.models import Case
from direkt1177.accounts.actors import SYSTEM
from direkt1177.accounts.models import User
from direkt1177.demo.errands import Errands
from direkt1177.demo.files import REGIONS, read_region
from direkt1177.demo.onward import build_onward
from direkt1177.demo.people import build_people
from direkt1177.demo.places import build_places
from direkt1177.demo.staff import build_staff, open_shifts
from direkt1177.outbox.effects_run import run_due
from direkt1177.residents.models import Person
from direkt1177.units.models import Unit
from triage.commands import publish_bundled


class Command(BaseCommand):
    """The same seed on the same day gives the same people, texts and times; addresses of errands are drawn anew."""

    help = "Fill an empty database with demo data"

    def add_arguments(self, parser: CommandParser) -> None:
        """Which data and how many errands."""
        parser.add_argument("--seed", type=int, default=1, help="which demo data (1)")
        parser.add_argument("--cases", type=int, default=60, help="how many errands in the first region (60)")
        parser.add_argument(
            "--regions",
            "--region",
            default=os.environ.get("DEMO_REGIONS") or REGIONS[0],
            help=f"all, or some of {','.join(REGIONS)} ({REGIONS[0]}, or what DEMO_REGIONS says)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Do nothing when there is anybody already."""
        if options["cases"] < 0:
            raise CommandError("--cases cannot be negative")
        codes = _chosen(options["regions"])
        if User.objects.exists():
            self.stdout.write("There are data already: nothing was changed.")
            return
        started = time.monotonic()
        with connection.cursor() as cursor:
            # Demo data may be lost in a crash of the machine; the demo then begins anew.
            cursor.execute("SET synchronous_commit = off")
        publish_bundled(actor=SYSTEM)
        for code in codes:
            _build_region(code, seed=options["seed"], cases=options["cases"])
        while run_due():
            pass
        with connection.cursor() as cursor:
            cursor.execute("RESET synchronous_commit")
        self.stdout.write(
            f"{len(codes)} regions, {Unit.objects.count()} units, {User.objects.count()} staff, "
            f"{Person.objects.count()} residents, {Case.objects.count()} errands in {time.monotonic() - started:.1f} s"
        )


def _chosen(text: str) -> list[str]:
    """The regions asked for, in the order of building.

    Raises:
        CommandError: one of them has no demo data.
    """
    names = set(REGIONS) if text == "all" else {name.strip() for name in text.split(",")}
    if unknown := names - set(REGIONS):
        raise CommandError(f"no demo data of {', '.join(sorted(unknown))}; there are {', '.join(REGIONS)}")
    return [code for code in REGIONS if code in names]


def _build_region(code: str, *, seed: int, cases: int) -> None:
    # Each region has its own stream of chance: the same people, whichever other regions are built.
    random = Random(seed + 1000 * REGIONS.index(code))  # noqa: S311 - demo data, nothing secret
    data = read_region(code)
    places = build_places(random, data)
    team = build_staff(places, data)
    people = build_people(random, places, data)
    open_shifts(team)
    Errands(random, places, team, people, data).build(cases)
    build_onward(code)
