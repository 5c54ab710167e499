"""``python -m tests.bench``: measure, and write ``docs/performance.md``."""

from __future__ import annotations

import argparse
import os
import resource
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import uvloop

from tests.bench import chat, claims, machine, queue, report, timers
from tests.bench.site import QUICK, ROOT, Site, Sizes, commit, tell


def main(*, quick: bool, out: Path | None) -> None:
    """Everything, one after the other."""
    # Asked to end, it leaves neither servers nor folders behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    sizes = QUICK if quick else Sizes()
    load, (stolen, ticks) = os.getloadavg()[0], machine.stolen()
    facts: dict[str, Any] = {
        "when": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "commit": commit(),
        "machine": machine.described(),
    }
    with Site(sizes) as site:
        facts["chat"] = uvloop.run(chat.measure(site))
        facts["queue"] = uvloop.run(queue.measure(site))
        facts["pages"] = queue.measure_pages(site)
        facts["claims"] = uvloop.run(claims.measure(site, site.seeded["take_next"]))
        # Last: it clears the marks of the cases that were measured.
        facts["timers"] = timers.measure(site.env, open_timers=2000 if quick else timers.OPEN)
    after = machine.stolen()
    facts["load"] = load, os.getloadavg()[0]
    facts["stolen"] = (after[0] - stolen) / (after[1] - ticks)
    text = report.written(facts, sizes)
    print(text)
    if out is not None:
        out.write_text(text, encoding="utf-8")
        tell(f"written to {out}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="tiny sizes, to see that it works; writes no file")
    parser.add_argument("--out", type=Path, help="where to write; docs/performance.md unless --quick")
    arguments = parser.parse_args()
    target = arguments.out or (None if arguments.quick else ROOT / "docs" / "performance.md")
    main(quick=arguments.quick, out=target)
