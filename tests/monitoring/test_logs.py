"""No personal data in the log of an installation (S-08): canaries, and a look at every message of ours."""

from __future__ import annotations

import ast
import json
import logging
import sys
import threading
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from direkt1177.logs import JsonFormatter, install_hooks, without_personal_data
from tests.databases import ROOT

NAME, TEXT = "Kanarina Fågelsson", "Jag har ont i vingen"
NUMBER, DASHED, MOBILE, MAIL = "191212121212", "20121212-1212", "+46701740605", "kanarie@example.org"
CANARIES = [NAME, TEXT, NUMBER, DASHED, MOBILE, MAIL]


def _write(logger: str, message: Any, *values: Any, error: BaseException | None = None, **extra: Any) -> str:
    info: Any = (type(error), error, error.__traceback__) if error is not None else None
    record = logging.LogRecord(logger, logging.ERROR, __file__, 1, message, values, info)
    record.__dict__.update(extra)
    line = JsonFormatter().format(record)
    assert "\n" not in line
    return line


def _fields(line: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(line)
    return found


def _raised(text: str) -> BaseException:
    try:
        _raise(text)
    except ValueError as error:
        return error
    raise AssertionError


@pytest.mark.parametrize("canary", CANARIES)
@pytest.mark.parametrize("logger", ["direkt1177.outbox", "django.request", "asyncio", "psycopg.pool"])
def test_the_text_of_an_error_is_never_written(logger: str, canary: str) -> None:
    line = _write(logger, "it failed", error=_raised(canary))
    assert canary not in line
    fields = _fields(line)
    assert fields["error"] == "ValueError"
    assert any("test_logs.py" in frame and "_raised" in frame for frame in fields["stack"])


@pytest.mark.parametrize("canary", CANARIES)
def test_values_in_other_peoples_messages_are_never_written(canary: str) -> None:
    assert canary not in _write("django.request", "Internal Server Error: %s", f"/sok/?q={canary}")
    assert canary not in _write("psycopg.pool", "error connecting in %r: %s", "pool-1", canary)
    assert canary not in _write("asyncio", f"Task exception was never retrieved\nfuture: ValueError({canary!r})")
    # Django hands the text of a suspicious request over as the message itself.
    assert canary not in _write("django.security.DisallowedHost", f"Invalid HTTP_HOST header: {canary!r}")
    error = _raised(f"no such thing: {canary}")
    assert canary not in _write("celery", f"task failed: {error}", error=error)


def test_only_allowed_fields_are_written() -> None:
    request = SimpleNamespace(resolver_match=SimpleNamespace(route="mina-arenden/<uuid:public_id>/"), body=TEXT)
    line = _write(
        "django.request", "x", request=request, status_code=500, patient=NAME, data={"number": NUMBER}, args_text=TEXT
    )
    assert set(_fields(line)) == {"time", "level", "logger", "process", "request_id", "message", "route", "status"}
    assert not any(canary in line for canary in CANARIES)


@pytest.mark.parametrize(
    "text",
    ["191212121212", "19121212-1212", "121212-1212", "121212+1212", "1212121212", "20121212 1212", "0701740605",
     "070-174 06 05", "070 174 06 05", "+46701740605", "+46 70 174 06 05", "0046701740605", "08-123 45 67",
     "kanarie@example.org", "kanarie.f+x@mail.example.org"],
)  # fmt: skip
def test_the_last_net_catches_numbers_even_in_our_own_messages(text: str) -> None:
    line = _write("cases.commands", f"sent to {text}, done")
    assert text not in line
    assert "[removed]" in line


@pytest.mark.parametrize("text", ["effect 4711 (resident_sms) failed, attempt 3", "kl. 09.00", "case 12, 2 of 10"])
def test_the_last_net_leaves_the_rest_alone(text: str) -> None:
    assert without_personal_data(text) == text


@given(
    st.from_regex(r"(19|20)\d{6}[-+]?\d{4}", fullmatch=True), st.text(alphabet=" ,.;:()[]'\"", min_size=1, max_size=2)
)
def test_no_number_slips_through_whatever_stands_beside_it(number: str, beside: str) -> None:
    assert number not in without_personal_data(f"x{beside}{number}{beside}x")


def test_errors_that_nobody_caught_go_the_same_way(caplog: pytest.LogCaptureFixture) -> None:
    before = threading.excepthook, sys.excepthook
    try:
        install_hooks()
        thread = threading.Thread(target=_raise, args=(NAME,))
        thread.start()
        thread.join()
        error = _raised(NAME)
        sys.excepthook(type(error), error, error.__traceback__)
    finally:
        threading.excepthook, sys.excepthook = before
    assert [record.getMessage() for record in caplog.records] == ["a thread ended", "the process ended"]
    lines = [JsonFormatter().format(record) for record in caplog.records]
    assert not any(NAME in line for line in lines)


def _raise(text: str) -> None:
    raise ValueError(text)


_LEVELS = {"debug", "info", "warning", "error", "exception", "critical"}
# What our own messages may carry: ids, counts, kinds, names of classes and of our own code.
_ALLOWED = {
    "type(error).__name__", "action.name", "name", "effect.pk", "effect.kind", "attempt", "len(hub.sockets)",
    "orphan.case_pk", "orphan.why", "self._action.name", "due.pk", "due.subject", "due.subject_id", "after", "pk",
    "', '.join((name for name, well in checks.items() if not well))",
}  # fmt: skip


def test_our_own_messages_carry_only_what_is_allowed() -> None:
    """A new log line with something else in it must be looked at, then added above."""
    found = []
    for folder in ("direkt1177", "cases", "triage", "handover", "journal"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                    continue
                if ast.unparse(node.func.value) != "logger" or node.func.attr not in _LEVELS:
                    continue
                where = f"{path.relative_to(ROOT)}:{node.lineno}"
                if not isinstance(node.args[0], ast.Constant):
                    found.append(f"{where}: the message must be a plain string")
                found += [f"{where}: {ast.unparse(a)}" for a in node.args[1:] if ast.unparse(a) not in _ALLOWED]
    assert found == []
