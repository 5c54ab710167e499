"""The base of every named refusal, at the bottom of the house so that sockets can say why."""

from __future__ import annotations

from typing import Any, ClassVar


class Refused(Exception):  # noqa: N818 - it is an answer, not an error
    """A command or door said no.

    Attributes:
        status: HTTP status of the answer.
        code: stable name for frames and tests.
        headline: short, translated.
        message: what happened, who, when and what to do; translated, without patient data.
    """

    status: ClassVar[int] = 409
    code: ClassVar[str] = "refused"
    headline: Any = ""
    message: Any = ""

    def __init__(self, message: Any = None) -> None:
        if message is not None:
            self.message = message
        super().__init__(self.code)
