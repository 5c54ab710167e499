"""What commands share: their outcome and idempotency; locking is in ``cases.locking``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from cases.locking import lock_case, lock_held, move
from cases.models import Case
from direkt1177.accounts.actors import AnyActor
from direkt1177.audit.idempotency import once

__all__ = ["Done", "do_once", "done", "lock_case", "lock_held", "move"]


@dataclass(frozen=True, slots=True)
class Done:
    """A case after a command; the same again when the same key is sent again."""

    public_id: str
    state: str
    version: int


def done(case: Case) -> Done:
    """The outcome of a command on this case."""
    return Done(str(case.public_id), str(case.state), case.version)


def do_once(*, actor: AnyActor, key: str, command: str, body: dict[str, Any], do: Callable[[], Done]) -> Done:
    """Same key, same outcome; see ``audit.idempotency.once``.

    Raises:
        KeyReused: the key was used for something else.
    """
    return Done(**once(actor=actor, key=key, command=command, body=body, do=lambda: asdict(do())))
