"""Where the case page, the preview and *Startsida* have room for what higher apps show and offer.

Pages compose by URL (design §1): a part registers an address from ``AppConfig.ready``; the page fetches it or links to
it. An address that does not exist (yet) is left out, and so is a place in which nobody has anything to show.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, reverse

from cases.access import OpenCase
from direkt1177.accounts.actors import StaffActor
from direkt1177.realtime.changes import heads

# Of one case (the address takes its public id): beside the chat, in the preview, in the head, as the tab *Biljetter*,
# under the own visits of *Alla besök*.
FACTS, PREVIEW, HEAD, TICKETS, VISITS = "facts", "preview", "head", "tickets", "visits"
# Of the user (the address takes nothing): sections of *Startsida*.
START = "start"
# Of the user, beside the state of the connection: small and always there, such as the bell.
TOPBAR = "topbar"
OF_A_CASE = frozenset({FACTS, PREVIEW, HEAD, TICKETS, VISITS})


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """A way on in the menu beside *Avsluta besök* (CAS-07)."""

    label: Any
    url_name: str
    when: Callable[[OpenCase], bool]
    icon: str
    shortcut: str
    order: int
    dialog: bool
    guests: bool


class CaseMenu:
    """The menu of the arrow beside *Avsluta besök*."""

    def __init__(self) -> None:
        self._entries: list[MenuEntry] = []

    def register(
        self,
        label: Any,
        url_name: str,
        when: Callable[[OpenCase], bool] = lambda _opened: True,
        *,
        icon: str = "arrow-right",
        shortcut: str = "",
        order: int = 50,
        dialog: bool = False,
        guests: bool = False,
    ) -> None:
        """Add a way on.

        Args:
            label: lazy text.
            url_name: of a page that takes the public id of the case, as ``handover:offer``.
            when: whether it is there for a case the actor holds; the page itself decides again.
            icon: of the sprite.
            shortcut: one letter that opens it on the case page, lower case.
            order: small numbers first.
            dialog: htmx gets a ``<dialog>`` from the page, which then opens over the case.
            guests: whether guests who take part have it too (I-09).
        """
        if all(known.url_name != url_name for known in self._entries):
            self._entries.append(MenuEntry(label, url_name, when, icon, shortcut, order, dialog, guests))
            self._entries.sort(key=lambda entry: entry.order)

    def of(self, opened: OpenCase) -> list[dict[str, Any]]:
        """What the holder, or a guest who takes part, may choose now: label, address, icon, shortcut."""
        shown = []
        for entry in self._entries if opened.takes_part else ():
            if not (opened.works or entry.guests):
                continue
            url = _url(entry.url_name, opened.case.public_id)
            if url and entry.when(opened):
                shown.append(
                    {
                        "label": entry.label,
                        "url": url,
                        "icon": entry.icon,
                        "shortcut": entry.shortcut,
                        "dialog": entry.dialog,
                    }
                )
        return shown


@dataclass(frozen=True, slots=True)
class Slot:
    """A panel that a page fetches."""

    url_name: str
    title: Any
    feed: Callable[[StaffActor], str] | None
    when: Callable[[Any], bool]
    order: int


class Slots:
    """Panels by place."""

    def __init__(self) -> None:
        self._of: dict[str, list[Slot]] = {}

    def register(
        self,
        place: str,
        url_name: str,
        *,
        title: Any = "",
        feed: Callable[[StaffActor], str] | None = None,
        when: Callable[[Any], bool] = lambda _seen: True,
        order: int = 50,
    ) -> None:
        """Add a panel.

        Args:
            place: of the constants above.
            url_name: of a fragment; in the places of a case it takes the public id of the case.
            title: lazy text, shown until the panel has come.
            feed: the feed whose changes fetch the panel again; panels of a case follow the case by themselves.
            when: gets the ``OpenCase`` in the places of a case, else the ``StaffActor``.
            order: small numbers first.
        """
        there = self._of.setdefault(place, [])
        if all(known.url_name != url_name for known in there):
            there.append(Slot(url_name, title, feed, when, order))
            there.sort(key=lambda slot: slot.order)

    def any(self, place: str, seen: OpenCase | StaffActor) -> bool:
        """Whether the place has anything to show."""
        return bool(self.of(place, seen, live=False))

    def of(
        self, place: str, seen: OpenCase | StaffActor, *, actor: StaffActor | None = None, live: bool = True
    ) -> list[dict[str, Any]]:
        """The panels of a place: id, address, title, feed and its version now; one query when any has a feed.

        Args:
            place: of the constants above.
            seen: the open case, or who looks.
            actor: who looks, for the feeds.
            live: False leaves the feeds out.
        """
        found = []
        for slot in self._of.get(place, ()):
            url = _url(slot.url_name, *((seen.case.public_id,) if isinstance(seen, OpenCase) else ()))
            if not url or not slot.when(seen):
                continue
            who = actor or (seen if isinstance(seen, StaffActor) else None)
            feed = slot.feed(who) if live and slot.feed is not None and who is not None else ""
            ident = slot.url_name.replace(":", "-").replace("_", "-")
            found.append({"id": f"slot-{ident}", "url": url, "title": slot.title, "feed": feed})
        feeds = [panel["feed"] for panel in found if panel["feed"]]
        versions = heads(feeds) if feeds else {}
        return [panel | {"after": versions.get(panel["feed"], 0)} for panel in found]


def _url(name: str, *args: Any) -> str:
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


case_menu = CaseMenu()
slots = Slots()
