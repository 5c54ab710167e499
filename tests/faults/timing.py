"""A ticker with places to die while timers are planned and fired: ``python -m tests.faults.timing SECONDS``."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import datetime
from typing import Any

from tests.faults.failpoints import trip

PLACES = (
    "plan_before_commit", "plan_after_commit", "fire_before_handler", "fire_before_commit", "fire_after_commit",
)  # fmt: skip


def install() -> None:
    """Wrap what plans and what fires; the shipped code knows nothing of it."""
    from handover.timers import fire, planning, plans

    replace, plan_batch, fire_one = plans.replace, planning.plan_batch, fire.fire
    parts: Any = plans

    def replace_with_place(*args: Any) -> None:
        replace(*args)
        trip("plan_before_commit")

    def plan_batch_with_place(*, after: int, most: int = planning.BATCH) -> list[int]:
        done = plan_batch(after=after, most=most)
        if done:
            trip("plan_after_commit")
        return done

    def fire_with_place(due: fire.Due) -> bool:
        fired = fire_one(due)
        if fired:
            trip("fire_after_commit")
        return fired

    def with_places(handler: fire.Handler) -> Callable[[Any], datetime | None]:
        def run(timer: Any) -> datetime | None:
            trip("fire_before_handler")
            again = handler(timer)
            trip("fire_before_commit")
            return again

        return run

    parts.replace = replace_with_place
    parts = planning
    parts.plan_batch = plan_batch_with_place
    parts = fire
    parts.fire = fire_with_place
    for kind, handler in list(fire._handlers.items()):
        fire._handlers[kind] = with_places(handler)


if __name__ == "__main__":
    import django
    from django.core.management import call_command

    django.setup()
    install()
    call_command("tick", loop=True, every=float(sys.argv[1]))
