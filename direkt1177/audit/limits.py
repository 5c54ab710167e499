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
from collections import deque
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
TELL_SECONDS = 0.1
FORGET_SECONDS = 3600.0
MOST_REMEMBERED = 10_000
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


def count_soon(name: str, who: str) -> TooOften | None:
    """Count one without waiting for Redis, in an event loop; for the hot path.

    What this process lets through it counts exactly. It tells Redis, under the same keys as ``require``, within 0.1 s
    and hears there what others have counted: whoever has spent it all is refused from then on. Only for limits that let
    everybody through without Redis.

    Args:
        name, who: as for ``require``.

    Returns:
        What ``require`` would raise.
    """
    text = settings.RATE_LIMITS.get(name)
    if not text or name in HOLDS_WITHOUT_REDIS or not _rest.over:
        return None
    return _counting().count(_item(text), _key(name, who))


async def leave() -> None:
    """Close what ``count_soon`` has opened in the running loop, which is about to end."""
    counting = _countings.pop(asyncio.get_running_loop(), None)
    if counting is not None:
        await counting.close()


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


@functools.lru_cache(maxsize=4096)
def _key(name: str, who: str) -> tuple[str, str]:
    return name, salted_hmac("rate-limit", who, algorithm="sha256").hexdigest()[:32]


class _Counting:
    """What one event loop has let through lately, and what of it Redis has not been told yet."""

    def __init__(self) -> None:
        self._passed: dict[tuple[str, str], deque[float]] = {}
        self._spent: dict[tuple[str, str], float] = {}
        self._untold: dict[tuple[str, str], tuple[RateLimitItem, int]] = {}
        self._telling: asyncio.Task[None] | None = None
        storage = cast("RedisStorage", _shared().storage)
        self._prefixed = storage.prefixed_key
        self._script: bytes = storage.SCRIPT_ACQUIRE_MOVING_WINDOW
        self._sha = hashlib.sha1(self._script, usedforsecurity=False).hexdigest()
        self._redis = redis_async.Redis.from_url(
            settings.REDIS_URL,
            socket_timeout=WAIT_SECONDS,
            socket_connect_timeout=WAIT_SECONDS,
            retry=RetryAsync(NoBackoff(), 0),
            single_connection_client=True,
        )

    def count(self, item: RateLimitItem, key: tuple[str, str]) -> TooOften | None:
        now = time.time()
        passed = self._passed.setdefault(key, deque())
        while passed and passed[0] <= now - item.get_expiry():
            passed.popleft()
        free_at = self._spent.get(key, 0.0)
        if len(passed) >= item.amount:
            free_at = max(free_at, passed[0] + item.get_expiry())
        if free_at > now:
            return TooOften(int(free_at - now) + 1)
        passed.append(now)
        self._untold[key] = (item, self._untold.get(key, (item, 0))[1] + 1)
        if self._telling is None:
            self._telling = asyncio.ensure_future(self._tell())
        return None

    async def _tell(self) -> None:
        try:
            while self._untold:
                await asyncio.sleep(TELL_SECONDS)
                untold, self._untold = self._untold, {}
                async with asyncio.timeout(WAIT_SECONDS):
                    passed = await self._told(untold)
                for (key, (item, _)), ok in zip(untold.items(), passed, strict=True):
                    self._spent.pop(key, None)
                    if not ok:
                        self._spent[key] = await asyncio.to_thread(_free_at, item, key)
        except (redis.RedisError, OSError, TimeoutError) as error:
            _rest.begin(error)
        finally:
            self._telling = None
            self._forget()

    async def _told(self, untold: dict[tuple[str, str], tuple[RateLimitItem, int]]) -> list[bool]:
        pipe = self._redis.pipeline(transaction=False)
        now = time.time()
        for key, (item, count) in untold.items():
            name = self._prefixed(item.key_for(*key))
            pipe.execute_command("EVALSHA", self._sha, 1, name, now, item.amount, item.get_expiry(), count)
        try:
            return [bool(passed) for passed in await pipe.execute()]
        except redis.exceptions.NoScriptError:  # at first, and after Redis was emptied
            await self._redis.script_load(self._script)
            return [True] * len(untold)

    def _forget(self) -> None:
        """Those who have been silent need no memory."""
        long_ago = time.time() - FORGET_SECONDS
        if len(self._passed) > MOST_REMEMBERED:
            self._passed = {key: passed for key, passed in self._passed.items() if passed and passed[-1] > long_ago}
            self._spent = {key: until for key, until in self._spent.items() if until > time.time()}

    async def close(self) -> None:
        if self._telling is not None:
            self._telling.cancel()
        await self._redis.aclose()


def _free_at(item: RateLimitItem, key: tuple[str, str]) -> float:
    try:
        return float(_shared().get_window_stats(item, *key).reset_time)
    except (redis.RedisError, OSError):
        return 0.0


_countings: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, _Counting] = weakref.WeakKeyDictionary()


def _counting() -> _Counting:
    loop = asyncio.get_running_loop()
    if loop not in _countings:
        _countings[loop] = _Counting()
    return _countings[loop]


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
