"""What must hold after any faults, read from the history and the database; each function returns what is wrong."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.faults.site import FaultSite


@dataclass
class History:
    """Everything that people and nemesis noted."""

    lines: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def read(cls, folder: Path) -> History:
        """All history files of a folder, in order of time."""
        found: list[dict[str, Any]] = []
        for path in sorted(folder.glob("history-*.jsonl")):
            for line in path.read_text().splitlines():
                try:
                    found.append(json.loads(line))
                except ValueError:
                    continue  # the last line of a process that was killed
        return cls(sorted(found, key=lambda one: float(one["t"])))

    def of(self, *kinds: str) -> list[dict[str, Any]]:
        """Lines of certain types."""
        return [one for one in self.lines if one["type"] in kinds]


def messages(site: FaultSite, case: str) -> list[list[str]]:
    """The case's timeline in the database, as people note what they show."""
    rows = site.query(
        "SELECT m.seq::text, m.author_key, m.client_id, m.text FROM cases_message m JOIN cases_case c ON c.id ="
        " m.case_id WHERE c.public_id = %s ORDER BY m.seq",
        case,
    )
    return [list(row) for row in rows]


def durable(history: History, stored: dict[str, list[list[str]]]) -> list[str]:
    """Acked messages are in the database under the number of their ack; every invoked one got an ack at last."""
    numbers = {row[2]: int(row[0]) for rows in stored.values() for row in rows}
    acked = {one["id"]: one["seq"] for one in history.of("ok")}
    wrong = [f"acked {ident} as {seq}, stored as {numbers.get(ident)}" for ident, seq in acked.items()
             if numbers.get(ident) != seq]  # fmt: skip
    wrong += [f"never acked: {ident}" for ident in {one["id"] for one in history.of("invoke")} - acked.keys()]
    return wrong + [f"given up: {one}" for one in history.of("lost")]


def unique(stored: dict[str, list[list[str]]]) -> list[str]:
    """No message twice."""
    counted = Counter((case, *row[1:3]) for case, rows in stored.items() for row in rows)
    return [f"{key} is stored {count} times" for key, count in counted.items() if count > 1]


def in_order(stored: dict[str, list[list[str]]]) -> list[str]:
    """Numbers of a case are 1..n; the messages of one author stand in the order they were written."""
    wrong = []
    for case, rows in stored.items():
        if [int(row[0]) for row in rows] != list(range(1, len(rows) + 1)):
            wrong.append(f"holes in {case}")
        for author in {row[1] for row in rows}:
            ids = [row[2] for row in rows if row[1] == author and not row[2].startswith("welcome")]
            if ids != sorted(ids):
                wrong.append(f"{author} is out of order in {case}")
    return wrong


def converged(history: History, people: list[dict[str, Any]], stored: dict[str, list[list[str]]]) -> list[str]:
    """Everybody shows what the database holds."""
    shown = {one["proc"]: one["items"] for one in history.of("shown")}
    wrong = []
    for person in people:
        rows = stored[person["case"]]
        if person["name"] not in shown:
            wrong.append(f"{person['name']} never came to an end")
        elif shown[person["name"]] != rows:
            wrong.append(f"{person['name']} shows {len(shown[person['name']])} of {len(rows)} messages, or others")
    return wrong


def still_in(history: History) -> list[str]:
    """Nobody was signed out or lost a chat that is theirs."""
    refused = [one for one in history.of("refused") if one["reason"] not in ("unavailable", "too_fast")]
    return [str(one) for one in [*history.of("signed_out"), *refused]]


def effects(site: FaultSite) -> list[str]:
    """Every side effect is done, none is given up, and no SMS arrived twice."""
    wrong = [f"{count} effects are {state}" for state, count in
             site.query("SELECT state, count(*) FROM outbox_effect WHERE state <> 'done' GROUP BY state")]  # fmt: skip
    asked = {key for (key,) in site.query("SELECT key FROM outbox_effect WHERE kind = 'resident_sms' AND note = ''")}
    arrived = Counter(ref for (ref,) in site.query("SELECT reference FROM outbox_simulatedsms"))
    wrong += [f"SMS {ref} arrived {count} times" for ref, count in arrived.items() if count > 1]
    wrong += [f"SMS {ref} was asked for and never arrived" for ref in asked - arrived.keys()]
    return wrong + [f"SMS {ref} was never asked for" for ref in arrived.keys() - asked]


def logged(site: FaultSite) -> list[str]:
    """Each message has its one row in the change log, and feed versions have no hole."""
    wrong = []
    counts = "SELECT (SELECT count(*) FROM cases_message WHERE client_id NOT LIKE 'welcome%%' AND %s = 1),"
    [(stored, rows)] = site.query(counts + " (SELECT count(*) FROM audit_changelog WHERE event = 'message_sent')", 1)
    if stored != rows:
        wrong.append(f"{stored} messages, {rows} rows in the change log")
    holes = site.query(
        "SELECT h.feed, h.version, count(c.*) FROM realtime_feedhead h LEFT JOIN realtime_feedchange c USING (feed)"
        " GROUP BY 1, 2 HAVING h.version <> count(c.*)"
    )
    return wrong + [f"feed {feed}: version {version}, {count} changes" for feed, version, count in holes]


def percentile(values: list[float], share: float) -> float:
    """0 when there is none."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else 0.0
