"""``desk:<unit>:<role>`` and ``coordinator:<unit>``: tell panels of *Startsida* to fetch themselves again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from direkt1177.accounts.actors import AnyActor, StaffActor
from direkt1177.audit.refusals import NotFound
from direkt1177.realtime.sources import Grant, Item
from handover import names


class _PanelSource:
    """Carries names of panels only, never anything of a patient: its reading is not logged, the panels' own is."""

    prefix = ""
    volatile: ClassVar[frozenset[str]] = frozenset()

    def first_page(self, feed: str) -> Sequence[Item]:
        """Nothing to draw: a panel is fetched with the page."""
        del feed
        return []

    def read(self, feed: str, objects: list[str]) -> Sequence[Item]:
        """The panels that changed."""
        del feed
        return [Item(name) for name in objects]

    def log_start(self, actor: AnyActor, feed: str, grant: Grant, interval: object) -> None:
        """No patient, no row."""

    def log_end(self, actor: AnyActor, feed: str, grant: Grant, interval: object) -> None:
        """No patient, no row."""

    def log_poll(self, actor: AnyActor, feed: str, grant: Grant) -> None:
        """No patient, no row."""


class DeskSource(_PanelSource):
    """What a role at a unit is to look at besides its queue."""

    prefix = "desk"

    def authorize(self, actor: AnyActor, feed: str) -> Grant:
        """Signed in at the unit with that role.

        Raises:
            NotFound: another role, another unit, a resident.
        """
        if not isinstance(actor, StaffActor) or feed != names.desk_feed(actor.unit_id, actor.role_id):
            raise NotFound
        return Grant("desk", log=False)


class CoordinatorSource(_PanelSource):
    """What the coordinator of a unit watches."""

    prefix = "coordinator"

    def authorize(self, actor: AnyActor, feed: str) -> Grant:
        """A coordinator signed in at the unit.

        Raises:
            NotFound: anybody else.
        """
        if (
            not isinstance(actor, StaffActor)
            or "coordinator" not in actor.permissions
            or feed != names.coordinator_feed(actor.unit_id)
        ):
            raise NotFound
        return Grant("coordinator", log=False)
