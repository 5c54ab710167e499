"""Four processes of four threads that press *Ta emot* on the same cases in the same order, from the same instant.

Processes, since sixteen threads of one interpreter would mostly wait for each other instead of for the database. Who
wins does more than who loses and so meets the others again at the next case: they stay together by themselves.
"""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from direkt1177.accounts.actors import StaffActor
from tests.faults.profiles import SOAK

PROCESSES, THREADS_EACH = 4, 4
_WAIT = 1200 if SOAK else 120


def press_all(actors: Sequence[StaffActor], cases: Sequence[UUID]) -> tuple[list[Any], list[Any], list[str]]:
    """Everybody presses on every case.

    Returns:
        (case, user id) of every win, (case, name told) of every loss, and whatever else happened.
    """
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(PROCESSES * THREADS_EACH)
    answers: Any = context.Queue()
    processes = [
        context.Process(target=_work, args=(actors[n::PROCESSES], cases, barrier, answers)) for n in range(PROCESSES)
    ]
    for process in processes:
        process.start()
    wins: list[Any] = []
    told: list[Any] = []
    odd: list[str] = []
    for _ in processes:
        for total, part in zip((wins, told, odd), answers.get(timeout=_WAIT), strict=True):
            total.extend(part)
    for process in processes:
        process.join(timeout=_WAIT)
    answers.close()
    return wins, told, odd


def _work(actors: Sequence[StaffActor], cases: Sequence[UUID], barrier: Any, answers: Any) -> None:
    import django

    django.setup()
    wins: list[Any] = []
    told: list[Any] = []
    odd: list[str] = []
    threads = [threading.Thread(target=_press, args=(actor, cases, barrier, wins, told, odd)) for actor in actors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    answers.put((wins, told, odd))


def _press(
    actor: StaffActor, cases: Sequence[UUID], barrier: Any, wins: list[Any], told: list[Any], odd: list[str]
) -> None:
    from django.db import connection

    from cases import commands
    from cases.errors import CaseTaken

    try:
        connection.ensure_connection()
        barrier.wait(timeout=_WAIT)
        for case in cases:
            try:
                commands.receive_case(actor=actor, case_id=case, key=f"{actor.user_id}-{case}")
                wins.append((case, actor.user_id))
            except CaseTaken as taken:
                told.append((case, taken.by))
    except Exception as error:
        odd.append(repr(error))
    finally:
        connection.close()
