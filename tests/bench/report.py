"""``docs/performance.md``: only what was measured, each beside its limit and its gate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.bench import chat, timers
from tests.bench.machine import median
from tests.bench.site import Sizes

Range = tuple[float, float, float]


def written(facts: Mapping[str, Any], sizes: Sizes) -> str:
    """The whole page.

    Args:
        facts: results by part, and where and when.
        sizes: how much was measured.
    """
    rows = [
        *_chat(facts["chat"], sizes),
        *_queue(facts["queue"]),
        _page(facts["pages"], sizes),
        *_claims(facts["claims"]),
        *timers.rows_of(facts["timers"]),
    ]
    lines = [f"| {what} | {value} | {gate} | {_met(met)} |" for what, value, gate, met in rows]
    return "\n".join([*_head(facts, sizes), *lines, "", *_absolute(facts), ""])


def _head(facts: Mapping[str, Any], sizes: Sizes) -> list[str]:
    star = " (the star: with changes not yet committed)" if facts["commit"].endswith("*") else ""
    return [
        "# Performance",
        "",
        "Written by `make bench`. Ratios are medians of pairs measured by turns in one run, with the smallest and",
        "largest pair; absolute figures are of this machine and this hour.",
        "",
        f"* Measured {facts['when']}, commit {facts['commit']}{star}.",
        f"* Machine: {facts['machine']}. Load client, servers, PostgreSQL (durable) and Valkey share it.",
        f"* Load average before {facts['load'][0]:.1f}, after {facts['load'][1]:.1f}; {facts['stolen']:.0%} of the",
        "  time was stolen by the host.",
        f"* Sizes: {sizes.rooms} rooms, {sizes.rounds} rounds of {sizes.seconds:g} s, {sizes.readers} readers,",
        f"  {sizes.long} open cases.",
        "* L1: a bare `websockets` server with a psycopg pool: one INSERT, commit, fan-out in the process. L2: the",
        "  same server doing exactly our command's SQL, recorded from it.",
        "* Site: one uvicorn process with sessions, rights, audit rows and outbox as in production; both sides of a",
        "  chat read its feed and their own list. Only the limits of messages per person and socket are raised.",
        "",
        "| what | measured (smallest to largest) | gate | met |",
        "|---|---|---|---|",
    ]  # fmt: skip


def _chat(rounds: dict[str, list[chat.Round]], sizes: Sizes) -> list[tuple[str, str, str, bool | None]]:
    first, second = chat.ratio(rounds, "p50", "L1"), chat.ratio(rounds, "p50", "L2")
    cpu, speed = chat.ratio(rounds, "cpu", "L1"), chat.ratio(rounds, "saturation", "L1")
    p95 = chat.ratio(rounds, "p95", "L1")
    lost = sum(turn.burst_lost for turn in rounds["direkt"])
    late = sum(turn.lost for turn in rounds["direkt"])
    return [
        (f"chat p50 at {chat.RATE} msg/s, of L1", _times(first), "≤ 3", first[0] <= 3),
        (f"chat p50 at {chat.RATE} msg/s, of L2", _times(second), "≤ 2", second[0] <= 2),
        (f"chat p95 at {chat.RATE} msg/s, of L1", _times(p95), "reported", None),
        ("server CPU a message, of L1", _times(cpu), "≤ 4", cpu[0] <= 4),
        ("server CPU a message, of L2", _times(chat.ratio(rounds, "cpu", "L2")), "reported", None),
        ("saturation, of L1", _times(speed), "≥ 0.25", speed[0] >= 0.25),
        ("saturation, of L2", _times(chat.ratio(rounds, "saturation", "L2")), "reported", None),
        (f"burst of {sizes.burst} in 0.2 s, each round: lost", str(lost), "0", lost == 0),
        (f"not delivered within 20 s at {chat.RATE} msg/s", str(late), "reported", None),
    ]


def _queue(found: dict[str, Any]) -> list[tuple[str, str, str, bool | None]]:
    last, memory, stalled = found["ratio"], found["ours"].memory, found["stalled"]
    harmless = stalled["lost"] == 0 and stalled["ratio"] <= 1.5
    return [
        (f"one queue change to {found['readers']} sockets of a process, last one, of L1",
         _times(last), "≤ 1.5", last[0] <= 1.5),
        ("the same, server CPU a delivery, of L1", f"{found['cpu']:.2f}×", "reported", None),
        ("the same, not delivered", str(found["ours"].lost), "0", found["ours"].lost == 0),
        ("memory a connection with session",
         f"{memory:.1f} KiB (L1 {found['bare'].memory:.1f})", "≤ 32 KiB", memory <= 32),
        (f"{stalled['stalled']} readers that take nothing: {stalled['others']} others' last one, of without them",
         f"{stalled['ratio']:.2f}×, {stalled['lost']} lost, {stalled['closed']} stalled closed",
         "0 lost, ≤ 1.5", harmless),
    ]  # fmt: skip


def _page(found: dict[str, Any], sizes: Sizes) -> tuple[str, str, str, bool | None]:
    ratio = found["ratio"]
    what = f"queue page with {sizes.long} open cases, CPU of that with 50"
    return what, f"{_times(ratio)}; time {found['times']:.2f}×", "≤ 1.2", ratio[0] <= 1.2


def _claims(found: dict[str, Any]) -> list[tuple[str, str, str, bool | None]]:
    ratio = found["logged"]
    return [
        (f"*Ta emot nästa*, statement and audit row in a transaction, {found['at_once']} at once, of a plain UPDATE",
         _times(ratio), "≥ 0.4", ratio[0] >= 0.4),
        ("the statement alone, of a plain UPDATE", f"{found['statement']:.2f}×", "reported", None),
        (f"the whole command in one Python process with {found['threads']} threads, of a plain UPDATE",
         f"{found['whole']:.3f}×", "reported", None),
        ("cases taken twice", str(found["doubled"]), "0", found["doubled"] == 0),
    ]  # fmt: skip


def _absolute(facts: Mapping[str, Any]) -> list[str]:
    rounds: dict[str, list[chat.Round]] = facts["chat"]
    lines = [
        "Medians behind the ratios:",
        "",
        "| chat | p50 ms | p95 ms | CPU a message, ms | saturation, msg/s | burst done in, s |",
        "|---|---|---|---|---|---|",
    ]
    for name, turns in rounds.items():
        p50, p95, cpu, speed, burst = (
            median([getattr(turn, part) for turn in turns])
            for part in ("p50", "p95", "cpu", "saturation", "burst_seconds")
        )
        lines.append(f"| {name} | {p50 * 1e3:.2f} | {p95 * 1e3:.2f} | {cpu * 1e3:.2f} | {speed:.0f} | {burst:.2f} |")
    queue, pages, claims = facts["queue"], facts["pages"], facts["claims"]
    lines += ["", "| queue change | half, ms | last, ms | CPU a delivery, µs | bytes |", "|---|---|---|---|---|"]
    for crowd in (queue["bare"], queue["ours"]):
        half, last, cpu = median(crowd.halves), median(crowd.seconds), sum(crowd.cpu) / len(crowd.cpu)
        lines.append(f"| {crowd.name} | {half * 1e3:.0f} | {last * 1e3:.0f} | {cpu * 1e6:.0f} | {crowd.payload} |")
    short, long = (median(pages["cost"][name]) * 1e3 for name in ("short", "long"))
    lines += [
        "",
        f"Queue page: {short:.1f} ms of processor a request with 50 open cases, {long:.1f} ms with the long queue.",
        f"Claims: {claims['plain']:.0f} plain UPDATEs a second, {claims['claims']:.0f} claims with audit row,",
        f"{claims['commands']:.0f} whole commands.",
    ]
    return lines


def _times(ratio: Range) -> str:
    return f"{ratio[0]:.2f}× ({ratio[1]:.2f} to {ratio[2]:.2f})"


def _met(met: bool | None) -> str:
    return "" if met is None else "yes" if met else "**no**"
