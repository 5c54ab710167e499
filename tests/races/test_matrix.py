"""Every unordered pair of commands that compete for a case, at the same instant: one of the two serial outcomes.

What each order gives is not written down here but tried: each pair runs one after the other, both ways, in worlds of
its own, and then together. Whatever the pair leaves behind must equal one of the two (design §2, anchors §5.3).
"""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from functools import partial
from itertools import combinations_with_replacement
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError

from direkt1177.audit.refusals import Refusal
from direkt1177.realtime.models import FeedChange, FeedHead
from tests.faults.profiles import SCALE, SOAK, report
from tests.races.moves import ALL, MOVES, People, Seen, World, look, make_people, make_world
from tests.races.threads import together

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = int(os.environ.get("RACE_ROUNDS", max(int(20 * SCALE), 1) if SOAK else 1))
# Commands that compete for no case: each changes rows of its own, under their lock or by a unique constraint.
ALONE = {
    "cases.calls.commands.": "calls of a case: tests/races/test_call_races.py has its own matrix, closing included",
    "cases.colleagues.commands.": "guests and the internal chat: tests/races/test_colleague_races.py, closing included",
    "cases.asynchronous.commands.": "under the case's lock, or a new case: tests/races/test_follow_up_races",
    "cases.finding.commands.": "rights to read, under the case's lock, which changes nothing in it; rows of one's own",
    "cases.uploads.remove_pending_image": "an image not yet sent, of one author",
    "cases.uploads._store": "a new image, before any case",
    "cases.commands.phrases.": "a unit's phrases, no case",
    "direkt1177.audit.sealing.": "seals rows of the log that nobody changes any more",
    "direkt1177.accounts.commands.note_signed_in": "appends to the log",
    "direkt1177.accounts.commands.note_signed_out": "appends to the log",
    "direkt1177.accounts.first_admin.": "a user and permissions, under the region's lock; no case",
    "direkt1177.accounts.manage_commands.create_user": "a new user; the HSA-id is unique",
    "direkt1177.accounts.manage_commands.update_user": "as update_profile, which is in the matrix",
    "direkt1177.accounts.manage_commands.grant_admin_permission": "a new row; unique",
    "direkt1177.accounts.manage_commands.end_admin_permission": "one row, ended once under its lock",
    "direkt1177.residents.commands.ask_register": "an effect with a unique key",
    "direkt1177.residents.commands.store_register_answer": "as set_protected, which is in the matrix",
    "direkt1177.residents.commands.end_guardians_rights": "raises epochs; harmless when repeated",
    "direkt1177.residents.tasks._ask": "effects with unique keys",
    "direkt1177.units.": "settings of a unit or region; this app knows no case",
    "handover.tickets.commands.": "a ticket, under the case's lock where a line is written: test_tickets_races",
    "handover.acknowledgements.commands.": "a post, decided under its lock: test_tickets_races",
    "handover.timers.planning.": "timer rows and the mark of a case, under its lock, which the sweep never awaits",
    "handover.timers.sweep.": "a unit's timers, under the unit's lock, which it never awaits",
    "handover.timers.fire.": "each handler is a step under the case's lock, which the sweep never awaits",
    "handover.notices.commands.": "rows of one user, under the user's lock or changed in one statement",
    "handover.shifts.closing_commands.tell_closing": "one message and a mark under each case's lock, as nurse writes",
    "handover.shifts.closing_commands.go_on_after_closing": "appends to the log",
    "handover.shifts.closing_commands.note_writing": "appends to the log",
    "handover.shifts.tasks.": "appends to the log; which of two ticks does it is decided by a row's lock",
    "triage.commands.": "before there is a case: one interview, locked by each, answered by one resident",
}


def _pairs() -> list[tuple[str, str, str]]:
    """State and two moves: every unordered pair once, in the first state that both may meet in; all states in soak."""
    found: dict[tuple[str, str], list[str]] = {}
    for state in ALL:
        for pair in combinations_with_replacement([n for n, m in MOVES.items() if state in m.states], 2):
            found.setdefault(pair, []).append(state)
    return [(state, *pair) for pair, states in found.items() for state in (states if SOAK else states[:1])]


PAIRS = _pairs()


def commands_in_the_code() -> Iterator[str]:
    """Module and name of every function under ``@command``."""
    for app in ("direkt1177", "cases", "triage", "journal", "handover"):
        for path in sorted((ROOT / app).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.FunctionDef) and any(
                    isinstance(d, ast.Name) and d.id == "command" for d in node.decorator_list
                ):
                    yield ".".join(path.relative_to(ROOT).with_suffix("").parts) + f".{node.name}"


def test_no_command_is_missing_from_the_matrix() -> None:
    raced = {move.command for move in MOVES.values()}
    found = set(commands_in_the_code())
    alone = {name for name in found if name.startswith(tuple(ALONE))}
    assert found - raced - alone == set(), "add a move, or say why it competes for no case"
    assert raced - found == set(), "gone from the code"
    assert [name for name in ALONE if not any(one.startswith(name) for one in found)] == [], "gone from the code"
    assert raced & alone == set()


class Stage:
    """Gives each run a world; the people are shared as long as nobody changed them or left a case in their queue."""

    def __init__(self, state: str, first: str, second: str) -> None:
        self.state, self.names = state, (first, second)
        self.fresh = MOVES[first].people or MOVES[second].people or state in ("waiting", "offered", "released")

    def world(self) -> World:
        """A world in the state."""
        people = None if self.fresh else _shared.get(self.state)
        people = people or make_people()
        world = make_world(self.state, people)
        if not self.fresh:
            _shared[self.state] = people
        return world

    def jobs(self, world: World) -> list[partial[Any]]:
        """What the two do."""
        return [partial(MOVES[name].do, world, slot) for slot, name in enumerate(self.names)]

    def look(self, world: World, first: Any, second: Any) -> Seen:
        """What they left behind."""
        seen = look(world, self.names, (first, second))
        if seen.facts["case"][0] == "waiting":
            _shared.pop(self.state, None)
        return seen

    def serial(self, *, swap: bool) -> Seen:
        """One after the other; ``swap`` lets the second go first."""
        world = self.world()
        jobs = self.jobs(world)
        outcomes: list[Any] = [None, None]
        for index in (1, 0) if swap else (0, 1):
            outcomes[index] = _try(jobs[index])
        return self.look(world, *outcomes)

    def passed_by(self, skipper: int) -> Seen:
        """One of the two took no notice of the locked row and left it to a later try."""
        world = self.world()
        other = _try(self.jobs(world)[1 - skipper])
        seen = self.look(world, other, other)
        told = [seen.outcomes[0], seen.outcomes[1]]
        told[skipper] = MOVES[self.names[skipper]].skips
        return Seen((told[0], told[1]), seen.facts)

    def allowed(self) -> Iterator[Seen]:
        """Outcomes that are right, the likeliest first."""
        yield self.serial(swap=False)
        yield self.serial(swap=True)
        for skipper, name in enumerate(self.names):
            if MOVES[name].skips:
                yield self.passed_by(skipper)

    def together(self, *, swap: bool) -> Seen:
        """Both at once."""
        world = self.world()
        jobs = self.jobs(world)
        outcomes = together(jobs[::-1])[::-1] if swap else together(jobs)
        broken = [o for o in outcomes if isinstance(o, Exception) and not isinstance(o, Refusal)]
        assert not broken, broken
        return self.look(world, *outcomes)


_shared: dict[str, People] = {}


def _try(job: partial[Any]) -> Any:
    try:
        return job()
    except Refusal as refusal:
        return refusal


def race(state: str, first: str, second: str) -> str:
    """Run a pair; what is wrong with it, or nothing."""
    stage = Stage(state, first, second)
    right: list[Seen] = []
    more = stage.allowed()
    for turn in range(1 if MOVES[first].slow or MOVES[second].slow else ROUNDS):
        seen = stage.together(swap=bool(turn % 2))
        while seen not in right:
            try:
                right.append(next(more))
            except StopIteration:
                return f"{first} against {second}: {seen}\n  allowed: {right}"
    return ""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("state", ALL)
def test_every_pair_gives_one_of_the_two_serial_outcomes(state: str) -> None:
    wrong: list[str] = []
    raced = [(a, b) for at, a, b in PAIRS if at == state]
    _shared.clear()
    for first, second in raced:
        try:
            wrong += [problem] if (problem := race(state, first, second)) else []
        except (AssertionError, DatabaseError) as error:
            wrong.append(f"{first} against {second}: {error!r}")
    counted: dict[str, int] = {}
    for feed in FeedChange.objects.values_list("feed", flat=True):
        counted[feed] = counted.get(feed, 0) + 1
    assert not wrong, f"{len(wrong)} of {len(raced)} pairs:\n" + "\n".join(wrong[:12])
    assert dict(FeedHead.objects.values_list("feed", "version")) == counted, "a feed has a hole"
    report("pairs", state=state, pairs=len(raced), rounds=ROUNDS)
