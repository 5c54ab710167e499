"""Bars as numbers for a server-drawn SVG; the same figures stand in the table beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from direkt1177.statistics.queries import Hour

WIDTH, HEIGHT, LEFT, TOP, BASE = 640, 190, 28, 10, 168


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar and its number; everything in the units of the view box."""

    x: float
    y: float
    width: float
    height: float
    middle: float
    label_y: float
    value: int


@dataclass(frozen=True, slots=True)
class Column:
    """One hour: its name and two bars."""

    name: str
    middle: float
    arrived: Bar
    received: Bar


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the grid with its number."""

    y: float
    text_y: float
    value: int


@dataclass(frozen=True, slots=True)
class Chart:
    """What the template draws."""

    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    name_y: int = BASE + 16


def step_of(highest: int) -> int:
    """The distance between lines of the grid: 1, 2, 5, 10, 20, 50 … so that there are at most six."""
    step, factors = 1, (2, 2.5, 2)
    for turn in range(30):
        if highest <= step * 5:
            break
        step = int(step * factors[turn % 3])
    return step


def hours_chart(hours: Sequence[Hour]) -> Chart:
    """Bars of arrived and received per hour."""
    highest = max([1, *(max(hour.arrived, hour.received) for hour in hours)])
    step = step_of(highest)
    top = -(-highest // step) * step
    scale = (BASE - TOP) / top
    pitch = (WIDTH - LEFT) / max(len(hours), 1)
    width = min(pitch * 0.36, 24)

    def bar(x: float, value: int) -> Bar:
        height = value * scale
        return Bar(
            x=round(x, 1),
            y=round(BASE - height, 1),
            width=round(width, 1),
            height=round(height, 1),
            middle=round(x + width / 2, 1),
            label_y=round(BASE - height - 4, 1),
            value=value,
        )

    columns = []
    for place, hour in enumerate(hours):
        middle = LEFT + pitch * (place + 0.5)
        columns.append(
            Column(
                name=f"{hour.hour:02d}",
                middle=round(middle, 1),
                arrived=bar(middle - width - 1, hour.arrived),
                received=bar(middle + 1, hour.received),
            )
        )
    lines = [
        Line(y=round(BASE - value * scale, 1), text_y=round(BASE - value * scale + 4, 1), value=value)
        for value in range(0, top + 1, step)
    ]
    return Chart(tuple(columns), tuple(lines))
