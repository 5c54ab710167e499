"""A process that carries out commands, as HTTP processes and workers do: one line in, one line out.

``urgency``: the first case of the watched queue gets another urgency. ``claims <count> <threads>``: *Ta emot nästa* so
often; answers the seconds it took and how many different cases were taken.
"""

from __future__ import annotations

import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "direkt1177.settings.embedded")
django.setup()

from django.db import connection  # noqa: E402 - Django must be set up first

from cases import commands  # noqa: E402
from cases.models import Case  # noqa: E402
from direkt1177.accounts.actors import StaffActor  # noqa: E402
from direkt1177.accounts.queries import staff_actor  # noqa: E402
from tests.factories import key  # noqa: E402


def main(acting: StaffActor, taker: StaffActor) -> None:
    """Do as the lines say until there are no more."""
    case = Case.objects.filter(unit_id=acting.unit_id, state="waiting").order_by("pk").first()
    assert case is not None
    print("ready", flush=True)
    for line in sys.stdin:
        what, *numbers = line.split()
        if what == "urgency":
            case.refresh_from_db()
            urgency = 2 + (case.urgency or 2) % 3
            commands.change_urgency(
                actor=acting, case_id=case.public_id, urgency=urgency, reason="", key=key(), version=case.version
            )
            print("done", flush=True)
        else:
            count, threads = map(int, numbers)
            print(*_claims(taker, count, threads), flush=True)


def _claims(taker: StaffActor, count: int, threads: int) -> tuple[float, int]:
    def take(_number: int) -> str:
        try:
            return commands.receive_next_case(actor=taker, key=key()).public_id
        finally:
            connection.close()

    with ThreadPoolExecutor(threads) as pool:
        began = time.perf_counter()
        taken = set(pool.map(take, range(count)))
        return time.perf_counter() - began, len(taken)


if __name__ == "__main__":
    staff = [staff_actor(user_id=int(u), membership_id=int(m)) for u, m in (a.split(":") for a in sys.argv[1:3])]
    assert all(staff), "the seeded staff are gone"
    main(*[one for one in staff if one is not None])
