"""Where a person is shown right now: apps above say which feeds change when a name or the masking changes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from direkt1177.realtime.changes import Change

Source = Callable[[int], Sequence[Change]]
_sources: list[Source] = []


def register(source: Source) -> None:
    """Add a function from a person's primary key to the feed changes that show them (from ``AppConfig.ready``)."""
    if source not in _sources:
        _sources.append(source)


def changes(person_id: int) -> list[Change]:
    """Everything that must be drawn again when this person is masked or gets another name."""
    return [change for source in _sources for change in source(person_id)]
