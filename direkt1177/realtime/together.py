"""Actions that many ask for at once are carried out together: one transaction for all that came meanwhile.

The first one that comes is carried out at once; what comes while the database works waits for the next turn. Whatever
cannot be done together (somebody holds the row, a rule says no, the statement fails) is done alone, the plain way, in a
thread: there every refusal gets its words, and nobody's failure is another one's.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from direkt1177.realtime import doorbells
from direkt1177.realtime.line import Line

if TYPE_CHECKING:
    from direkt1177.realtime.actions import Action
    from direkt1177.realtime.hub import Hub
    from direkt1177.realtime.sockets import Socket

logger = logging.getLogger(__name__)
MOST_AT_ONCE = 64
SECONDS = 15.0


@dataclass(slots=True, eq=False)
class Asked:
    """One wish.

    Attributes:
        session_key: of whoever asks.
        language: of the answer.
        payload: checked by the action's schema.
        frame: as it came, for doing it alone.
        counted: set when limits have counted it already.
    """

    socket: Socket
    session_key: str
    language: str
    payload: Any
    frame: dict[str, Any]
    counted: bool = False


@dataclass(frozen=True, slots=True)
class Fresh:
    """What just changed in a feed, known without reading it again.

    Attributes:
        before: version that readers must have for this to be all they miss.
        version: version of the feed now.
        write: the ``changes`` frame, in the language in force.
    """

    feed: str
    before: int
    version: int
    write: Callable[[], str]


@dataclass(slots=True)
class Done:
    """What came of it.

    Attributes:
        acks: for each wish in order; None when it must be done alone.
        versions: new version of each feed that changed.
        fresh: of feeds whose news is known already.
    """

    acks: list[dict[str, Any] | None]
    versions: dict[str, int] = field(default_factory=dict)
    fresh: list[Fresh] = field(default_factory=list)


class Together(Protocol):
    """Carries out many wishes in one transaction; what it raises leaves all of them to be done alone."""

    async def __call__(self, line: Line, asked: Sequence[Asked]) -> Done:
        """Do what can be done, each with its own right, refusal and outcome."""


class Turns:
    """The wishes for one action in one hub."""

    def __init__(self, hub: Hub, action: Action, together: Together) -> None:
        self._hub = hub
        self._action = action
        self._together = together
        self._line = Line()
        self._waiting: deque[Asked] = deque()
        # What a socket asks for while an earlier wish of it is done alone waits here, so that order is kept.
        self._held: dict[Socket, deque[Asked]] = {}
        self._running = False

    def ask(self, wish: Asked) -> None:
        """Carry it out in the next turn; the socket hears of it."""
        held = self._held.get(wish.socket)
        if held is not None:
            held.append(wish)
            return
        self._waiting.append(wish)
        if not self._running:
            self._running = True
            self._hub.background(self._run())

    async def _run(self) -> None:
        try:
            while self._waiting:
                turn = [self._waiting.popleft() for _ in range(min(len(self._waiting), MOST_AT_ONCE))]
                await self._take(turn)
        finally:
            self._running = False

    async def _take(self, turn: list[Asked]) -> None:
        try:
            async with asyncio.timeout(SECONDS):
                done = await self._together(self._line, turn)
        except asyncio.CancelledError:
            raise
        except Exception as error:  # noqa: BLE001 - done alone it gets its words; content stays out of the log
            logger.info("%s is done one by one: %s", self._action.name, type(error).__name__)
            done = Done([None] * len(turn))
        alone: dict[Socket, deque[Asked]] = {}
        for wish, ack in zip(turn, done.acks, strict=True):
            if ack is None:
                alone.setdefault(wish.socket, deque()).append(wish)
            else:
                wish.socket.answered(ack)
        self._hub.tell(done.fresh)
        if done.versions:
            doorbells.ring(done.versions)
        for socket, wishes in alone.items():
            # Nothing of this socket can be in a later turn yet: what came meanwhile still waits.
            later = [wish for wish in self._waiting if wish.socket is socket]
            if later:
                self._waiting = deque(wish for wish in self._waiting if wish.socket is not socket)
                wishes.extend(later)
            self._held[socket] = wishes
            self._hub.background(self._alone(socket, wishes))

    async def _alone(self, socket: Socket, wishes: deque[Asked]) -> None:
        try:
            while wishes:
                wish = wishes.popleft()
                try:
                    await socket.perform_alone(self._action, wish)
                except Exception as error:  # noqa: BLE001 - the next wish is not to suffer; content stays out of the log
                    logger.error("%s could not be done alone: %s", self._action.name, type(error).__name__)  # noqa: TRY400
                    socket.failed(self._action, wish)
        finally:
            del self._held[socket]
