"""People and started visits for a site under faults: ``python -m tests.faults.world OUT CASES KIND``.

Runs in a process of its own with the site's database in the environment, and signs everybody in through the real
pages. ``KIND`` is ``started`` (visits going on) or ``ended`` (visits closed with a follow-up of one day).
"""

from __future__ import annotations

import itertools
import json
import sys
from pathlib import Path
from typing import Any

import django


def make(cases: int, kind: str) -> list[dict[str, Any]]:
    """For every case its public id, and actor key and session of patient and nurse."""
    from direkt1177.units.models import Region
    from tests import factories, signing_in

    # Another process may have made people here before: go on counting after theirs.
    factories._number = itertools.count(1 + 150 * Region.objects.count())
    unit = factories.make_unit()
    made = []
    for _ in range(cases):
        nurse = factories.make_staff(unit)
        if kind == "ended":
            case = factories.make_closed_case(nurse, follow_up_days=1)
        else:
            case = factories.make_started_case(nurse)
        patient = factories.resident(case.patient)
        sessions = {
            "patient": signing_in.resident_client(case.patient).cookies["sessionid"].value,
            "nurse": signing_in.staff_client(nurse).cookies["sessionid"].value,
        }
        keys = {"patient": patient.key, "nurse": nurse.key}
        made.append({"case": str(case.public_id), "sessions": sessions, "keys": keys})
    return made


if __name__ == "__main__":
    django.setup()
    from django.test.utils import setup_test_environment

    setup_test_environment()
    Path(sys.argv[1]).write_text(json.dumps(make(int(sys.argv[2]), sys.argv[3])))
