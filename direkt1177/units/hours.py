"""Opening hours as people write them in one line: "08.00-12.00, 13.00-17.00"."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from datetime import time

from direkt1177.units.policy_model import parse_hours
from direkt1177.units.staffed_time import END_OF_DAY, Interval

_DASHES = re.compile(r"\s*[-\N{EN DASH}]\s*")
_PART = re.compile(r"([01]?\d|2[0-3])[.:]([0-5]\d)-(?:([01]?\d|2[0-3])[.:]([0-5]\d)|(24)[.:](00))", re.ASCII)


def parse_line(text: str) -> tuple[str, ...]:
    """Intervals of one day in the form that policies store ("08.00-12.00"), in order; nothing means closed.

    Args:
        text: intervals with commas between; "8:00 – 12:00" is understood too.

    Raises:
        ValueError: no times, an end that is not after its start, or intervals that overlap.
    """
    found = []
    for part in (p for p in _DASHES.sub("-", text).split(",") if p.strip()):
        match = _PART.fullmatch(part.strip())
        if match is None:
            raise ValueError("not an interval")
        start_hour, start_minute, end_hour, end_minute, midnight, _zeros = match.groups()
        end = "24.00" if midnight else f"{int(end_hour):02d}.{end_minute}"
        found.append(f"{int(start_hour):02d}.{start_minute}-{end}")
    found.sort()
    times = intervals_of(found)
    if any(later.start < earlier.end for earlier, later in itertools.pairwise(times)):
        raise ValueError("intervals overlap")
    return tuple(found)


def intervals_of(texts: Sequence[str]) -> tuple[Interval, ...]:
    """Stored words as intervals.

    Raises:
        ValueError: an end that is not after its start.
    """
    return tuple(Interval(*parse_hours(text)) for text in texts)


def line_of(intervals: Sequence[Interval]) -> str:
    """Intervals of one day as one line; empty when closed."""
    return ", ".join(f"{_clock(i.start)}-{_clock(i.end, end=True)}" for i in intervals)


def _clock(at: time, *, end: bool = False) -> str:
    return "24.00" if end and at >= END_OF_DAY else at.strftime("%H.%M")
