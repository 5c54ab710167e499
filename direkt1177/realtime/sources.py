"""What feeds show: each app registers a source for its feed names; this app only moves what they render."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Item:
    """One object of a feed as it is now, with nothing about who looks.

    Attributes:
        object: stable name inside the feed.
        html: rendered with the template that the page itself uses; may be empty when ``data`` says all.
        data: JSON facts.
        sort: where it belongs among the others, compared as text; empty keeps the order of arrival.
    """

    object: str
    html: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    sort: str = ""


@dataclass(frozen=True, slots=True)
class Grant:
    """Leave to read a feed.

    Attributes:
        basis: why: ``holder``, ``queue_role``, ``self`` …
        log: whether the reading is logged as an interval.
        patients: primary keys of the persons whose data it shows, when they are known beforehand.
    """

    basis: str
    log: bool = True
    patients: list[int] = field(default_factory=list)


class FeedSource(Protocol):
    """Reads the feeds whose names begin with ``<prefix>:``. All methods are called in a database thread.

    ``calm_seconds`` (optional): how long the feed rests after it was drawn; changes meanwhile are drawn as one, and
    ``read_each(wanted: dict[feed, objects]) -> dict[feed, items]``, if there is one, reads many such feeds at once.
    Optional attributes: ``volatile`` (frozenset of the short-lived kinds it carries, by default typing and presence;
    a call's are signal and rtt)
    and ``label_of(actor, feed) -> str`` (the name shown beside them; by default the name of staff, nothing of others).
    """

    prefix: str

    def authorize(self, actor: Any, feed: str) -> Grant:
        """Decide whether the actor may read it.

        Raises:
            Refused: absent and forbidden alike.
        """

    def first_page(self, feed: str) -> Sequence[Item]:
        """The whole list or timeline (its first page), in order."""

    def read(self, feed: str, objects: list[str]) -> Sequence[Item]:
        """The named objects as they are now; those missing left the feed."""

    def log_start(self, actor: Any, feed: str, grant: Grant, interval: uuid.UUID) -> None:
        """A live reading begins."""

    def log_end(self, actor: Any, feed: str, grant: Grant, interval: uuid.UUID) -> None:
        """It ended."""

    def log_poll(self, actor: Any, feed: str, grant: Grant) -> None:
        """The feed was read over HTTP (the twin that polls)."""


class NoSuchFeedError(LookupError):
    """No app has a source for that name."""


_sources: dict[str, FeedSource] = {}


def register(source: FeedSource) -> None:
    """Add a source (from ``AppConfig.ready``)."""
    _sources[source.prefix] = source


def source_for(feed: str) -> FeedSource:
    """The source of a feed.

    Raises:
        NoSuchFeedError: nothing is registered for its prefix.
    """
    try:
        return _sources[feed.partition(":")[0]]
    except KeyError:
        raise NoSuchFeedError(feed.partition(":")[0]) from None


def volatile_kinds(source: FeedSource) -> frozenset[str]:
    """Which short-lived frames a source's feeds carry."""
    kinds: frozenset[str] = getattr(source, "volatile", frozenset({"typing", "presence"}))
    return kinds


def has_volatile(feed: str) -> bool:
    """Whether a feed may carry short-lived frames at all."""
    source = _sources.get(feed.partition(":")[0])
    return source is not None and bool(volatile_kinds(source))


def calm_seconds(feed: str) -> float:
    """How long a feed rests after it was drawn; 0 for those whose every change is awaited."""
    return float(getattr(_sources.get(feed.partition(":")[0]), "calm_seconds", 0.0))


def label_of(source: FeedSource, actor: Any, feed: str) -> str:
    """The name shown beside typing and presence; never a patient's unless the source says so."""
    own = getattr(source, "label_of", None)
    if own is not None:
        return str(own(actor, feed))
    return str(actor.name) if actor.kind == "staff" else ""
