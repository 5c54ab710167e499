"""``notices:<user>``: how many notices are unread, for the bell; nobody else's."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import ClassVar

from direkt1177.accounts.actors import AnyActor, StaffActor
from direkt1177.audit.refusals import NotFound
from direkt1177.realtime.sources import Grant, Item
from handover import names
from handover.notices import queries


class NoticesSource:
    """Numbers by unit; the page fetches what it shows. No patient is in it, so no reading is logged."""

    prefix = "notices"
    calm_seconds = 1.0
    volatile: ClassVar[frozenset[str]] = frozenset()

    def authorize(self, actor: AnyActor, feed: str) -> Grant:
        """Only oneself.

        Raises:
            NotFound: somebody else's.
        """
        if not isinstance(actor, StaffActor) or feed != names.notices_feed(actor.user_id):
            raise NotFound
        return Grant("self", log=False)

    def first_page(self, feed: str) -> Sequence[Item]:
        """The numbers."""
        return self.read(feed, [names.NOTICES])

    def read(self, feed: str, objects: list[str]) -> Sequence[Item]:
        """The numbers."""
        user = feed.removeprefix("notices:")
        # Posts to oneself: the panel *Vidimera* fetches itself.
        told = [Item(names.ACKNOWLEDGEMENTS)] if names.ACKNOWLEDGEMENTS in objects else []
        if names.NOTICES not in objects or not user.isdecimal():
            return told
        return [*told, Item(names.NOTICES, "", {"unread": queries.unread_by_unit(int(user))})]

    def log_start(self, actor: AnyActor, feed: str, grant: Grant, interval: uuid.UUID) -> None:
        """Nothing to log."""

    def log_end(self, actor: AnyActor, feed: str, grant: Grant, interval: uuid.UUID) -> None:
        """Nothing to log."""

    def log_poll(self, actor: AnyActor, feed: str, grant: Grant) -> None:
        """Nothing to log."""
