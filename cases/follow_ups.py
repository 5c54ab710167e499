"""Which messages of a follow-up need no answer: told by a higher part, asked by the end of follow-ups (ASY-03, ASY-08).

Without anybody who knows, only an answer of staff counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

Handled = Callable[[Iterable[int]], Mapping[int, int]]
_known: list[Handled] = []


def register(handled: Handled) -> None:
    """Let somebody say up to which message number a case (primary key) needs no answer."""
    if handled not in _known:
        _known.append(handled)


def handled_seq(cases: Iterable[int]) -> dict[int, int]:
    """Primary key of a case -> number of the newest message that was marked as needing no answer; absent is 0."""
    wanted = list(cases)
    found: dict[int, int] = {}
    for ask in _known:
        for case, seq in ask(wanted).items():
            found[case] = max(seq, found.get(case, 0))
    return found
