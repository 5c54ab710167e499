"""``manage.py demo_people``: who can sign in to the demo, as the sign-in pages list them."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from direkt1177.accounts.demo_persons import DemoGroup, resident_groups, staff_groups

MOST_RESIDENTS = 6


class Command(BaseCommand):
    """Print demo persons; only where the demo sign-in is allowed."""

    help = "List the invented persons who can sign in to the demo"
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Print staff by unit, then some residents."""
        if not settings.DEMO_PAGES:
            raise CommandError("There are no demo persons with these settings.")
        with translation.override(settings.LANGUAGE_CODE):
            for group in staff_groups():
                self._print(group, len(group.persons))
            left = MOST_RESIDENTS
            for group in resident_groups():
                self._print(group, left)
                left -= len(group.persons)
                if left <= 0:
                    break

    def _print(self, group: DemoGroup, most: int) -> None:
        self.stdout.write(f"  {group.heading}")
        for person in group.persons[:most]:
            self.stdout.write(f"    {person.name:<26}{person.label}")
