"""Rate limits at the doors where many may knock: sign-in, new cases, images, searches, messages (S-09).

Counted in Redis, so that all processes count together, under hashed keys: no address and no person stands there. Redis
may be away or frozen: a count waits at most 0.2 s for it, and after a failure none is tried for some seconds. Until it
is back, patients' messages, images and new cases pass (care goes first), and sign-in and searches are counted in the
memory of each process: then the limit holds per process instead of per site, but it holds, and nobody is locked out of
care because Redis is down. Django's ``settings.RATE_LIMITS`` names the limits.
"""

from __future__ import annotations

import asyncio
import functools
import hashlib
import logging
import time
import weakref
from collections.abc import Sequence
from typing import Any, cast

import redis
import redis.asyncio as redis_async
from django.conf import settings
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from limits import RateLimitItem, parse
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import MovingWindowRateLimiter
from redis.asyncio.retry import Retry as RetryAsync
from redis.backoff import NoBackoff
from redis.retry import Retry

from direkt1177.audit.refusals import Refusal

logger = logging.getLogger(__name__)
WAIT_SECONDS = 0.2
REST_SECONDS = 5.0
# These keep their limit without Redis; all others let everybody through then.
HOLDS_WITHOUT_REDIS = frozenset({"sign_in", "sign_in_failed", "search"})


class TooOften(Refusal):
    """Too many in too short a time.

    Attributes:
        retry_after: whole seconds until it is worth trying again.
    """

    status = 429
    code = "too_fast"
    headline = _("That was too many in a short time")

    def __init__(self, retry_after: int) -> None:
        self.retry_after = max(retry_after, 1)
        minutes = -(-self.retry_after // 60)
        if self.retry_after <= 60:
            text = ngettext(
                "Wait %(n)s second and try again.", "Wait %(n)s seconds and try again.", self.retry_after
            ) % {"n": self.retry_after}
        else:
            text = ngettext("Wait %(n)s minute and try again.", "Wait %(n)s minutes and try again.", minutes) % {
                "n": minutes
            }
        super().__init__(text)


def require(name: str, who: str) -> None:
    """Count one.

    Args:
        name: of ``settings.RATE_LIMITS``; one that is not there is not limited.
        who: whose it is: an actor's key, or a network address.

    Raises:
        TooOften: it is one too many.
    """
    _ask(name, who, count=True)


async def require_each(name: str, whos: Sequence[str]) -> list[TooOften | None]:
    """Count one for each, in one round trip and without a thread; for the hot path.

    Counted together with ``require``, under the same keys. Only for limits that let everybody through without Redis.

    Args:
        name: as for ``require``.
        whos: in order; the same may come several times.

    Returns:
        For each what ``require`` would raise.
    """
    text = settings.RATE_LIMITS.get(name)
    if not text or name in HOLDS_WITHOUT_REDIS or not _rest.over:
        return [None] * len(whos)
    item = _item(text)
    storage = cast("RedisStorage", _shared().storage)
    keys = [storage.prefixed_key(item.key_for(*_key(name, who))) for who in whos]
    try:
        passed = await _counter().count(keys, item.amount, item.get_expiry())
    except (redis.RedisError, OSError, TimeoutError) as error:
        _rest.begin(error)
        return [None] * len(whos)
    # When a place becomes free is asked on refusal alone.
    return [
        None if ok else await asyncio.to_thread(_refusal, item, _key(name, who))
        for ok, who in zip(passed, whos, strict=True)
    ]


async def leave() -> None:
    """Close what ``require_each`` has opened in the running loop, which is about to end."""
    counter = _counters.pop(asyncio.get_running_loop(), None)
    if counter is not None:
        await counter.close()


def refuse_when_spent(name: str, who: str) -> None:
    """Look without counting.

    Raises:
        TooOften: nothing is left.
    """
    _ask(name, who, count=False)


def address_of(request: Any) -> str:
    """The network address of a request; behind a proxy the server takes it from the headers of a trusted hop."""
    return str(request.META.get("REMOTE_ADDR") or "unknown")


def _ask(name: str, who: str, *, count: bool) -> None:
    text = settings.RATE_LIMITS.get(name)
    if not text:
        return
    item = _item(text)
    key = _key(name, who)
    limiter = _shared()
    try:
        if _rest.over:
            _decide(limiter, item, key, count=count)
            return
    except (redis.RedisError, OSError) as error:
        _rest.begin(error)
    if name in HOLDS_WITHOUT_REDIS:
        _decide(_own(), item, key, count=count)


def _decide(limiter: MovingWindowRateLimiter, item: RateLimitItem, key: tuple[str, str], *, count: bool) -> None:
    passes = limiter.hit(item, *key) if count else limiter.test(item, *key)
    if not passes:
        raise _spent(limiter, item, key)


def _spent(limiter: MovingWindowRateLimiter, item: RateLimitItem, key: tuple[str, str]) -> TooOften:
    return TooOften(int(limiter.get_window_stats(item, *key).reset_time - time.time()) + 1)


def _refusal(item: RateLimitItem, key: tuple[str, str]) -> TooOften:
    try:
        return _spent(_shared(), item, key)
    except (redis.RedisError, OSError):
        return TooOften(1)


@functools.lru_cache(maxsize=4096)
def _key(name: str, who: str) -> tuple[str, str]:
    return name, salted_hmac("rate-limit", who, algorithm="sha256").hexdigest()[:32]


class _Counter:
    """Counts in Redis from an event loop: the same script and keys as ``_shared`` uses."""

    def __init__(self) -> None:
        self._script: bytes = cast("RedisStorage", _shared().storage).SCRIPT_ACQUIRE_MOVING_WINDOW
        self._sha = hashlib.sha1(self._script, usedforsecurity=False).hexdigest()
        self._redis = redis_async.Redis.from_url(
            settings.REDIS_URL,
            socket_timeout=WAIT_SECONDS,
            socket_connect_timeout=WAIT_SECONDS,
            retry=RetryAsync(NoBackoff(), 0),
            single_connection_client=True,
        )

    async def count(self, keys: list[str], most: int, seconds: int) -> list[bool]:
        async with asyncio.timeout(WAIT_SECONDS):
            pipe = self._redis.pipeline(transaction=False)
            for key in keys:
                pipe.execute_command("EVALSHA", self._sha, 1, key, time.time(), most, seconds, 1)
            try:
                return [bool(passed) for passed in await pipe.execute()]
            except redis.exceptions.NoScriptError:
                await self._redis.script_load(self._script)
                return [True] * len(keys)  # once after Redis was emptied

    async def close(self) -> None:
        await self._redis.aclose()


_counters: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, _Counter] = weakref.WeakKeyDictionary()


def _counter() -> _Counter:
    loop = asyncio.get_running_loop()
    if loop not in _counters:
        _counters[loop] = _Counter()
    return _counters[loop]


class _Rest:
    """Redis is left alone for a while after it failed, so that nobody waits for it again and again."""

    def __init__(self) -> None:
        self._until = 0.0

    @property
    def over(self) -> bool:
        return time.monotonic() >= self._until

    def begin(self, error: Exception) -> None:
        logger.warning("rate limits without Redis: %s", type(error).__name__)
        self._until = time.monotonic() + REST_SECONDS

    def end(self) -> None:
        self._until = 0.0


_rest = _Rest()


@functools.cache
def _item(text: str) -> RateLimitItem:
    return parse(text)


@functools.cache
def _shared() -> MovingWindowRateLimiter:
    pool = redis.ConnectionPool.from_url(
        settings.REDIS_URL,
        socket_timeout=WAIT_SECONDS,
        socket_connect_timeout=WAIT_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )
    return MovingWindowRateLimiter(RedisStorage("redis://", connection_pool=pool, key_prefix="direkt-limit"))


@functools.cache
def _own() -> MovingWindowRateLimiter:
    return MovingWindowRateLimiter(MemoryStorage())
