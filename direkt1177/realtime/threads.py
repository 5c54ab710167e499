"""Database work of sockets: in threads of its own, never in the one that all sync code of a process shares."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ParamSpec, TypeVar

from channels.db import DatabaseSyncToAsync

P = ParamSpec("P")
R = TypeVar("R")
WORKERS = int(os.environ.get("SOCKET_THREADS", "6"))
_pools: dict[int, ThreadPoolExecutor] = {}


async def in_thread(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Call a function that uses the database; its connection goes back to the pool afterwards."""
    pool = _pools.get(os.getpid())
    if pool is None:
        pool = _pools.setdefault(os.getpid(), ThreadPoolExecutor(WORKERS, thread_name_prefix="socket-db"))
    call: Any = DatabaseSyncToAsync(function, thread_sensitive=False, executor=pool)
    result: R = await call(*args, **kwargs)
    return result
