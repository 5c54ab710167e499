"""The lag of a loop that is held up is seen, and forgotten when it is over."""

from __future__ import annotations

import asyncio
import time

import pytest

from direkt1177.monitoring import loop_lag
from direkt1177.monitoring.loop_lag import LoopLag


@pytest.mark.asyncio
async def test_a_held_up_loop_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop_lag, "PERIOD", 0.01)
    lag = LoopLag()
    lag.watch()
    await asyncio.sleep(0.05)
    quiet = lag.worst()
    time.sleep(0.3)  # noqa: ASYNC251 - holding up the loop is the point
    assert lag.worst() > 0.25 > quiet
    await asyncio.sleep(1.0)
    assert lag.worst() < 0.25
