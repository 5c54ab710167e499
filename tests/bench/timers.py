"""Timers: what a sweep costs with many open and nothing due, how fast what is due is found, what Redis holds for it.

``python -m tests.bench.timers`` measures alone, on servers of its own, and prints; ``make bench`` has it as a part.
``--inside`` is the process that sweeps, on the database of the environment; it prints one JSON object.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

OPEN, DUE, TURNS = 100_000, 1_000, 30
ROOT = Path(__file__).resolve().parents[2]


def measure(env: dict[str, str], *, open_timers: int = OPEN) -> dict[str, Any]:
    """Sweep in a process of its own.

    Args:
        env: environment with the addresses of a migrated database and Redis.
        open_timers: how many stand there, none of them due.
    """
    command = [sys.executable, "-W", "ignore", "-m", "tests.bench.timers", "--inside", str(open_timers)]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stdout[-1000:] + done.stderr[-3000:])
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def inside(open_timers: int) -> dict[str, Any]:
    """Fill the table, sweep, find, claim."""
    import django

    django.setup()
    import redis
    from django.conf import settings
    from django.db import connection, transaction

    from cases.models import Case
    from direkt1177.units.clock import now
    from handover.models import Timer
    from handover.timers import fire, sweep
    from tests import factories

    cache = redis.Redis.from_url(settings.REDIS_URL)
    factories.make_case()
    Case.objects.update(timers_stale=False)
    Timer.objects.all().delete()
    sweep.plan_new_units()
    before = _bytes_in(cache)
    at = now()

    def rows(count: int, first: int, due: timedelta) -> None:
        made = (
            Timer(
                kind="bench", subject="case", subject_id=10**9 + first + n, stamp="1", due_at=at + due * (1 + n / count)
            )
            for n in range(count)
        )
        Timer.objects.bulk_create(made, batch_size=5000)

    rows(open_timers, 0, timedelta(days=3))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE handover_timer")
    nothing = _times(sweep.sweep, TURNS)
    rows(DUE, open_timers, timedelta(hours=-1))
    found = _times(lambda: fire.find_due(DUE), TURNS)
    assert len(fire.find_due(DUE)) == DUE

    def claim() -> None:
        with transaction.atomic():
            due = Timer.objects.select_for_update(skip_locked=True, no_key=True).filter(
                fired_at__isnull=True, due_at__lte=now()
            )
            assert len(due.order_by("due_at")[:DUE]) == DUE
            transaction.set_rollback(True)

    claimed = _times(claim, TURNS)
    return {
        "open": open_timers, "nothing": nothing, "due": DUE, "find": found, "claim": claimed,
        "redis": _bytes_in(cache) - before,
    }  # fmt: skip


def _times(do: Callable[[], object], turns: int) -> dict[str, float]:
    """Milliseconds: median and worst."""
    do()
    taken = []
    for _ in range(turns):
        began = time.perf_counter()
        do()
        taken.append((time.perf_counter() - began) * 1e3)
    return {"median": statistics.median(taken), "worst": max(taken)}


def _bytes_in(cache: Any) -> int:
    return sum(int(cache.memory_usage(key) or 0) for key in cache.scan_iter())


def rows_of(found: dict[str, Any]) -> list[tuple[str, str, str, bool | None]]:
    """Lines of ``docs/performance.md``."""
    nothing, find, claim = (found[part] for part in ("nothing", "find", "claim"))

    def took(part: dict[str, float]) -> str:
        return f"{part['median']:.1f} ms (worst {part['worst']:.1f})"

    sweep = f"a sweep with {found['open']} open timers and nothing due"
    return [
        (sweep, took(nothing), "≤ 10 ms", nothing["median"] <= 10),
        (f"finding {found['due']} due among them", took(find), "≤ 50 ms", find["median"] <= 50),
        (f"locking {found['due']} due rows, read whole", took(claim), "≤ 50 ms", claim["median"] <= 50),
        ("bytes in Redis for all of them", str(found["redis"]), "0", found["redis"] == 0),
    ]  # fmt: skip


def main() -> None:
    """Alone: own servers, an empty migrated database."""
    from direkt1177.embedded import EmbeddedServers
    from direkt1177.embedded.children import child_environment

    folder = Path(tempfile.mkdtemp(prefix="direkt-bench-timers-"))
    servers = EmbeddedServers(folder, durable=True)
    try:
        servers.start()
        env = child_environment(servers.environment(), DATABASE_POOL="2", LOG_LEVEL="WARNING")
        env.pop("DATABASE_ROLE", None)
        migrate = [sys.executable, "-W", "ignore", "manage.py", "migrate", "--verbosity=0", "--skip-checks"]
        subprocess.run(migrate, cwd=ROOT, env={**env, "DATABASE_ROLE": "owner"}, check=True)
        for what, value, gate, met in rows_of(measure(env)):
            print(f"{what}: {value}; gate {gate}: {'met' if met else 'NOT MET'}")
    finally:
        servers.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "direkt1177.settings.embedded")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inside", type=int)
    arguments = parser.parse_args()
    if arguments.inside is None:
        main()
    else:
        print(json.dumps(inside(arguments.inside)))
