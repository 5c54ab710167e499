"""A deploy: every socket is asked to come back, all do, and nothing is lost meanwhile (R-14)."""

from __future__ import annotations

import json
import time
from collections import Counter

import pytest

from tests.faults import checkers
from tests.faults.nemesis import start_people, write_whole
from tests.faults.profiles import PROFILE, SEED, SOAK, report
from tests.faults.site import fault_site
from tests.faults.test_chat import people_of
from tests.realtime.harness import wait_for

# A session may hold twelve sockets; eight tabs for each person leave room for those that are just closing.
TABS = 8
SPREAD = 10 if SOAK else 2


@pytest.mark.req("CHT-01")
def test_all_sockets_come_back_after_a_restart_of_each_web_process() -> None:
    cases = -(-PROFILE.sockets // (2 * TABS))
    with fault_site(SOCKET_RESTART_SPREAD=str(SPREAD)) as site:
        world = site.make_world(cases)
        writers, _ = people_of(world, cases * 2 * 10)
        for writer in writers:
            writer["mode"] = "socket"
        tabs = [
            {**writer, "name": f"{writer['name']}-tab{n}", "messages": 0}
            for writer in writers
            for n in range(2, TABS + 1)
        ][: PROFILE.sockets - len(writers)]
        folk = [*writers, *tabs]
        # As live.js: the first wait before coming back is random, up to five seconds.
        people = start_people(site, "all", folk, seed=SEED, first_delay=5 if SOAK else 1)
        read = checkers.History.read

        def opened() -> Counter[str]:
            time.sleep(1)  # reading hundreds of histories without pause would starve those who write them
            return Counter(one["proc"] for one in read(site.folder).of("open"))

        wait_for(lambda: len(opened()) == len(folk), "all to be connected", 120)
        for name, child in site.webs.items():
            assert child.process is not None
            child.process.terminate()
            child.process.wait(SPREAD + 25)
            child.start()
            site.wait_for_web(name)
        (site.folder / "enough").touch()

        def all_acked() -> bool:
            time.sleep(1)
            history = read(site.folder)
            return len(history.of("ok")) >= len(writers) * writers[0]["messages"] and {
                one["id"] for one in history.of("invoke")
            } == {one["id"] for one in history.of("ok")}

        wait_for(all_acked, "the last messages", 120)
        feeds = [f"chat:{one['case']}:patient" for one in world]
        heads = dict(site.query("SELECT feed, version FROM realtime_feedhead WHERE feed = ANY(%s)", feeds))
        write_whole(site.folder / "calm.json", json.dumps(heads))
        people.wait(120)

        history = read(site.folder)
        stored = {one["case"]: checkers.messages(site, one["case"]) for one in world}
        assert checkers.durable(history, stored) == []
        assert checkers.unique(stored) == []
        assert checkers.in_order(stored) == []
        assert checkers.converged(history, folk, stored) == []
        assert checkers.still_in(history) == []
        assert history.of("answer") == []
        codes = Counter(one["code"] for one in history.of("closed"))
        assert codes[1012] >= PROFILE.sockets * 0.8, codes
        lines = [one for one in history.lines if one["type"] in ("open", "closed")]
        away: list[float] = []
        since: dict[str, float] = {}
        for one in lines:
            if one["type"] == "closed":
                since.setdefault(one["proc"], one["t"])
            elif one["proc"] in since:
                away.append(one["t"] - since.pop(one["proc"]))
        starts = [one["t"] for one in lines if one["type"] == "open"][len(folk) :]
        peak = max(Counter(int(t) for t in starts).values())
        assert max(away) < 30, "R-14: everybody is back within 30 s"
        report(
            "deploy", sockets=len(folk), restarts=len(site.webs), away_p50=round(checkers.percentile(away, 0.5), 1),
            away_worst=round(max(away), 1), peak_reconnects_a_second=peak, closed_1012=codes[1012],
            closed_otherwise=sum(codes.values()) - codes[1012], messages=len(history.of("ok")),
        )  # fmt: skip
