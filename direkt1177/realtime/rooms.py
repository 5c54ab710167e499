"""One feed in one process: who reads it here, how far everybody is, and reading each change once for all of them."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from typing import TYPE_CHECKING

from django.utils import translation

from direkt1177.realtime.changes import CONTROL, Since
from direkt1177.realtime.reading import Answer, read_news, render_in
from direkt1177.realtime.sources import calm_seconds
from direkt1177.realtime.threads import in_thread

if TYPE_CHECKING:
    from direkt1177.realtime.calm import Calm
    from direkt1177.realtime.sockets import Socket
    from direkt1177.realtime.together import Fresh

logger = logging.getLogger(__name__)
KEPT_ANSWERS = 8
SECOND_LOOK_SECONDS = 0.6


class Room:
    """Fan-out of a feed inside this process.

    ``version`` is what has been sent to everybody here; each reader's own position is never behind it unless that
    reader is slow. Readers whose first answer is still being read have no position yet and are left out until then.

    Attributes:
        readers: position of each subscribed socket; None while its first answer is on the way.
        watchers: sockets whose rights are announced in this feed (``me:`` feeds).
        joined: whether the channel layer delivers this feed's short-lived frames.
    """

    def __init__(self, feed: str, calm: Calm) -> None:
        self.feed = feed
        self._calm = calm if calm_seconds(feed) else None
        self.version: int | None = None
        self.wanted = 0
        self.readers: dict[Socket, int | None] = {}
        self.watchers: set[Socket] = set()
        self.joined = False
        self.join_task: asyncio.Task[None] | None = None
        self._refresh: asyncio.Task[None] | None = None
        self._doubted = 0
        self._answers: OrderedDict[tuple[int, int, str], asyncio.Task[Answer]] = OrderedDict()

    @property
    def empty(self) -> bool:
        """Whether nobody here needs it any more."""
        return not self.readers and not self.watchers

    def bell(self, version: int) -> bool:
        """Hear of a version; True when it is news."""
        if version <= self.wanted:
            return False
        self.wanted = version
        self.kick()
        return True

    def kick(self) -> None:
        """Start reading what is missing, unless it is being done or nobody has a position yet."""
        if self.version is None or self.wanted <= self.version or self.empty:
            return
        if self._calm is not None:
            self._calm.want(self)
        elif self._refresh is None:
            self._refresh = asyncio.ensure_future(self._run())

    def show(self, fresh: Fresh) -> None:
        """Deliver what was just stored by this process, when it is all that readers miss; else read as ever."""
        if self._refresh is not None or self.version != fresh.before or not self.readers:
            self.bell(fresh.version)
            return
        answers = {}
        for language in self.languages():
            with translation.override(language):
                answers[language] = Answer(fresh.version, fresh.write())
        self.deliver(fresh.before, fresh.version, answers)

    def start_at(self, version: int) -> None:
        """The first position that is known here: everything later is news."""
        if self.version is None:
            self.version = version
        self.wanted = max(self.wanted, version)
        self.kick()

    def restart_at(self, version: int) -> None:
        """The database knows no more than this: a bell was wrong, or the data was restored from an older copy."""
        self.version = self.wanted = version
        self._answers.clear()

    async def answer(self, after: int, news: Since, language: str) -> Answer:
        """The frame for what a reader at ``after`` misses; readers of one language with the same need share it."""
        key = (0 if news.complete else after, news.version, language)
        task = self._answers.get(key)
        if task is None:
            task = asyncio.ensure_future(in_thread(render_in, language, self.feed, news))
            if self._calm is None:  # hardly anybody shares those, and there are as many as people
                self._answers[key] = task
            while len(self._answers) > KEPT_ANSWERS:
                self._answers.popitem(last=False)
        try:
            return await asyncio.shield(task)
        except Exception:
            self._answers.pop(key, None)
            raise

    def stop(self) -> None:
        """Nobody reads here any more."""
        for task in (self.join_task, self._refresh):
            if task is not None:
                task.cancel()
        if self._calm is not None:
            self._calm.forget(self)

    async def _run(self) -> None:
        try:
            while self.version is not None and self.wanted > self.version and not self.empty:
                before = self.version
                news, answers = await in_thread(read_news, self.feed, before, self.languages())
                if news.version <= before:
                    self.restart_at(news.version)
                    return
                self.heed(news)
                self.deliver(before, news.version, answers)
        except asyncio.CancelledError:
            raise
        except Exception as error:  # noqa: BLE001 - the watchdog tries again; content stays out of the log
            logger.warning("feed could not be read: %s", type(error).__name__)
        finally:
            self._refresh = None

    def languages(self) -> set[str]:
        """Languages of those who read here."""
        return {socket.language for socket in self.readers}

    def heed(self, news: Since) -> None:
        """Look whether the news says that rights changed."""
        control = news.ops.get(CONTROL, ("", 0))[1]
        if news.complete or control > self._doubted:
            self._doubted = max(self._doubted, control)
            self.doubt()

    def deliver(self, before: int, version: int, answers: dict[str, Answer]) -> None:
        """Send everybody here what is new, in their language; from now on this is known here.

        Args:
            before: what was known here, and what the answers begin from.
            version: what the answers lead to.
            answers: by language.
        """
        self._deliver(before, answers)
        self.version = version
        self.wanted = max(self.wanted, version)

    def doubt(self) -> None:
        """Rights may have changed: look now, and once more when the session may have been ended right after."""
        for socket in list(self.watchers):
            socket.recheck_soon()
            asyncio.get_running_loop().call_later(SECOND_LOOK_SECONDS, socket.recheck_soon)

    def _deliver(self, before: int, answers: dict[str, Answer]) -> None:
        """Send everybody here what is new, in their language."""
        newest = max((answer.version for answer in answers.values()), default=0)
        for socket, position in list(self.readers.items()):
            if position is None or position >= newest:
                continue
            if socket.unsure:
                socket.miss(self.feed)
                continue
            answer = answers.get(socket.language)
            # Slow and still catching up: these changes alone would leave a gap. Or the first reader of its language
            # came while the others' was rendered.
            if position < before or answer is None:
                socket.catch_up({self.feed})
            elif socket.outlet.push_feed(self.feed, answer):
                self.readers[socket] = answer.version
