"""Apps above hear, within the same transaction, that settings, hours or closures of units have changed.

Timers are computed from them; whoever keeps some marks them as stale here and computes them again later.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

Listener = Callable[[frozenset[int]], None]
_listeners: list[Listener] = []


def register(listener: Listener) -> None:
    """Call ``listener(unit_ids)`` inside every command that changes what time depends on; from ``AppConfig.ready``."""
    if listener not in _listeners:
        _listeners.append(listener)


def announce(unit_ids: Iterable[int]) -> None:
    """Tell all listeners; what they raise undoes the command."""
    changed = frozenset(unit_ids)
    if changed:
        for listener in _listeners:
            listener(changed)
