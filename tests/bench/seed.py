"""The data of a measured site, made with the real commands: rooms that chat, a unit with many readers, a long queue.

Run as a process of its own; prints one JSON object.
"""

from __future__ import annotations

import argparse
import json
import os
import uuid
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "direkt1177.settings.embedded")
django.setup()

from django.conf import settings  # noqa: E402 - Django must be set up first
from django.http import HttpRequest  # noqa: E402

from cases import commands, names  # noqa: E402
from cases.commands import claim  # noqa: E402
from cases.models import Case  # noqa: E402
from direkt1177.accounts import sign_in  # noqa: E402
from direkt1177.accounts.actors import AnyActor, StaffActor  # noqa: E402
from direkt1177.accounts.models import User  # noqa: E402
from direkt1177.accounts.sessions import SessionStore  # noqa: E402
from direkt1177.residents.models import Person  # noqa: E402
from direkt1177.units.models import Unit  # noqa: E402
from tests import factories  # noqa: E402
from tests.bench.recording import plan_of, record  # noqa: E402

_SHORT = 50


@dataclass(frozen=True)
class Room:
    """A started case: its chat, both sides' sessions, who sends, and the SQL of one message."""

    case: str
    feed: str
    staff: str
    staff_me: str
    resident: str
    resident_me: str
    staff_sends: bool
    plan: list[Any]


def main(rooms: int, readers: int, long: int) -> dict[str, Any]:
    """Make everything."""
    region = factories.make_region()
    chatting = factories.make_unit(region=region)
    made = [_room(chatting, number) for number in range(rooms)]
    busy = factories.make_unit(region=region)
    for _ in range(_SHORT):
        factories.make_case(busy)
    watching = [factories.make_staff(busy) for _ in range(readers)]
    crowded = factories.make_unit(region=region)
    taker = factories.make_staff(crowded)
    _fill(crowded, long)
    acting = factories.make_staff(busy)
    return {
        "cookie": settings.SESSION_COOKIE_NAME,
        "rooms": [asdict(room) for room in made],
        "queue": names.queue_feed(busy.pk, acting.role_id),
        "readers": [{"session": _staff_session(one), "me": names.me_feed(one.key)} for one in watching],
        "short": _staff_session(acting),
        "long": _staff_session(taker),
        "acting": [acting.user_id, acting.membership_id],
        "taker": [taker.user_id, taker.membership_id],
        "take_next": claim._TAKE_NEXT,
        "long_unit": [crowded.pk, taker.role_id],
    }


def _room(unit: Unit, number: int) -> Room:
    nurse = factories.make_staff(unit)
    case = factories.make_started_case(nurse)
    staff_sends = bool(number % 2)
    sender: AnyActor = nurse if staff_sends else factories.resident(case.patient)
    sent = []
    for _ in range(3):  # the first reply is counted apart
        key, text = uuid.uuid4().hex, f"first words {uuid.uuid4().hex}"

        def send(key: str = key, text: str = text) -> None:
            commands.send_message(actor=sender, case_id=case.public_id, client_id=key, text=text)

        sent.append((record(send), text, key))
    _, (first, _, _), (second, text, key) = sent
    return Room(
        case=str(case.public_id),
        feed=names.patient_chat_feed(case.public_id),
        staff=_staff_session(nurse),
        staff_me=names.me_feed(nurse.key),
        resident=_resident_session(case.patient),
        resident_me=names.me_feed(f"person:{case.patient_id}"),
        staff_sends=staff_sends,
        plan=plan_of(first, second, text, key),
    )


def _fill(unit: Unit, size: int) -> None:
    """Copies of one sent case, each arrived a second after the one before."""
    model = factories.make_case(unit)
    copies: list[Case] = []
    for number in range(1, size):
        copy = Case.objects.get(pk=model.pk) if number == 1 else _copied(copies[0])
        copy.pk, copy.public_id = None, uuid.uuid4()
        copy._state.adding = True
        copy.arrived_at = copy.queued_at = model.arrived_at + timedelta(seconds=number)
        copies.append(copy)
    Case.objects.bulk_create(copies, batch_size=1000)


def _copied(case: Case) -> Case:
    return Case(**{field.attname: getattr(case, field.attname) for field in Case._meta.concrete_fields})


def _staff_session(actor: StaffActor) -> str:
    request = HttpRequest()
    request.session = SessionStore()
    user = User.objects.get(pk=actor.user_id)
    sign_in.open_staff_session(request, user)
    sign_in.choose_membership(request, actor.membership_id, user.authz_epoch)
    request.session.save()
    return str(request.session.session_key)


def _resident_session(person: Person) -> str:
    request = HttpRequest()
    request.session = SessionStore()
    sign_in.open_resident_session(request, person)
    request.session.save()
    return str(request.session.session_key)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    for option in ("--rooms", "--readers", "--long"):
        parser.add_argument(option, type=int, required=True)
    print(json.dumps(main(**vars(parser.parse_args()))))
