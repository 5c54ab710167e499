"""Places to die while a side effect is carried out, for ticker and Celery worker; every SMS handed over is noted.

``python -m tests.faults.doing SECONDS`` is a ticker; ``celery --app tests.faults.doing worker`` a worker.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from direkt1177.celery import app
from tests.faults.failpoints import trip

__all__ = ["app"]


def install() -> None:
    """Wrap the simulated gateway and the storing of the outcome."""
    from direkt1177.outbox import effects_run
    from direkt1177.outbox.gateways import SimulatorGateway

    send, carry_out = SimulatorGateway.send, effects_run.carry_out

    def send_with_places(self: SimulatorGateway, *, reference: str, to: str, text: str) -> None:
        trip("before_send")
        send(self, reference=reference, to=to, text=text)
        with Path(os.environ["FAILPOINTS"], "handed-over.log").open("a") as log:
            log.write(f"{reference}\n")
        trip("after_send")

    def carry_out_with_place(effect_id: int, attempt: int) -> bool:
        result = carry_out(effect_id, attempt)
        trip("after_done")
        return result

    vars_of: Any = SimulatorGateway
    vars_of.send = send_with_places
    effects_run.carry_out = carry_out_with_place


if __name__ == "__main__":
    import django
    from django.core.management import call_command

    django.setup()
    install()
    call_command("tick", loop=True, every=float(sys.argv[1]))
else:
    from celery.signals import worker_init

    @worker_init.connect(weak=False)
    def _install(**_more: Any) -> None:
        install()
