"""JSON logs without personal data (S-08): an allow-list of fields, then a filter as the last net.

One object a line. Never in it: the text of an exception (it may quote a row), local variables, addresses with their
query, values put into messages of other people's code. A stack is a list of ``file:line function``.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import threading
import traceback
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

_OWN = ("direkt1177", "cases", "triage", "handover", "journal")
_LONGEST = 300
_FRAMES = 30
# The last net. It may catch too much (any ten digits): a log line is no place for a figure that long.
_PERSONAL = [
    re.compile(r"(?<![0-9A-Za-z])(?:18|19|20)?\d{6}[-+ ]?\d{4}(?![0-9A-Za-z])"),
    re.compile(r"(?<![0-9A-Za-z])(?:\+|00)\d{1,3}(?:[ ()-]*\d){7,11}(?![0-9A-Za-z])"),
    re.compile(r"(?<![0-9A-Za-z])0(?:[ /-]*\d){7,10}(?![0-9A-Za-z])"),
    re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+"),
]
logger = logging.getLogger(__name__)


def without_personal_data(text: str) -> str:
    """Replace what looks like a personnummer, a phone number or an e-mail address."""
    for pattern in _PERSONAL:
        text = pattern.sub("[removed]", text)
    return text


class JsonFormatter(logging.Formatter):
    """Writes ``time level logger process request_id message`` and, for errors, ``error`` and ``stack``. Nothing else.

    Messages of our own loggers are written with their values: they hold ids, kinds and class names only, which a test
    watches over. Of everybody else's only the first line of the message as it stands in their code is written.
    """

    def format(self, record: logging.LogRecord) -> str:
        """One line of JSON."""
        entry: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": _text(record.name),
            "process": record.process,
            "request_id": _text(str(getattr(record, "request_id", "-"))),
            "message": _text(_message(record)),
        }
        route = getattr(getattr(getattr(record, "request", None), "resolver_match", None), "route", None)
        if isinstance(route, str):
            entry["route"] = _text(route)
        if isinstance(status := getattr(record, "status_code", None), int):
            entry["status"] = status
        if record.exc_info and record.exc_info[0] is not None:
            entry["error"] = _text(record.exc_info[0].__name__)
            entry["stack"] = _stack(record.exc_info[2])
        return json.dumps(entry, ensure_ascii=False)


def _message(record: logging.LogRecord) -> str:
    if record.name.split(".")[0] in _OWN:
        try:
            return record.getMessage()
        except (TypeError, ValueError):
            return str(record.msg)
    if record.name.startswith("django.security"):
        return "refused"  # Django writes the exception's text, which quotes the request
    text = str(record.msg) if isinstance(record.msg, str) else type(record.msg).__name__
    error = record.exc_info[1] if record.exc_info else None
    return text.replace(str(error), type(error).__name__) if error is not None and str(error) else text


def _text(text: str) -> str:
    first = text.partition("\n")[0][:_LONGEST]
    return without_personal_data(first)


def _stack(trace: TracebackType | None) -> list[str]:
    frames = traceback.extract_tb(trace)[-_FRAMES:]
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]


def install_hooks() -> None:
    """Let errors that nobody caught go through the log too: Python's own hooks would print their text."""

    def of_thread(args: threading.ExceptHookArgs) -> None:
        if args.exc_type is not SystemExit and args.exc_value is not None:
            logger.critical("a thread ended", exc_info=(args.exc_type, args.exc_value, args.exc_traceback))

    def of_process(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if not issubclass(kind, KeyboardInterrupt):
            logger.critical("the process ended", exc_info=(kind, error, trace))

    threading.excepthook = of_thread
    sys.excepthook = of_process
