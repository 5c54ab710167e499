"""Actors of many sessions inside one statement of somebody else's, for the hot path.

The statement reads each session and the rights behind it anew, as ``queries.actor_from_session`` does; only decoding a
session that has not changed is remembered. Whatever is unusual gives no actor: then the plain way decides.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.utils import timezone

from direkt1177.accounts.actors import ResidentActor, StaffActor
from direkt1177.accounts.queries import EPOCH, MEMBERSHIP, PERSON, SEEN, STAFF_IDLE
from direkt1177.accounts.sessions import SessionStore
from direkt1177.realtime.rows import columns_of, made_of
from direkt1177.residents.entrance import REGION
from direkt1177.residents.models import Person
from direkt1177.residents.names import MASKED_NAME

SESSIONS = (
    "SELECT session_key, session_data FROM django_session WHERE session_key = ANY(%(keys)s) AND expire_date > %(at)s"
)
# asked: has columns session (text), membership, member and person (bigint).
_PERSON = columns_of(Person, "me")
_STAFF = (
    "session.session_data, m.unit_id, u.first_name, u.last_name, u.hsa_id, u.title, u.authz_epoch,"
    " unit.name, region.id, region.name, m.role_id, role.code, role.name, provider.id, shift.id, shift.started_at,"
    " CASE WHEN m.id IS NOT NULL THEN ARRAY(SELECT kind FROM accounts_adminpermission p"
    "  WHERE p.user_id = m.user_id AND p.unit_id = m.unit_id AND p.ended_at IS NULL) END"
)
COLUMNS = f"{_STAFF}, {_PERSON}, listed_region.id, listed_region.name"
WIDTH = 17 + len(_PERSON.split(", ")) + 2
JOINS = """
JOIN django_session session ON session.session_key = asked.session AND session.expire_date > %(at)s
LEFT JOIN (accounts_membership m
  JOIN accounts_user u ON u.id = m.user_id AND u.is_active
  JOIN units_unit unit ON unit.id = m.unit_id AND unit.active
  JOIN units_careprovider provider ON provider.id = unit.provider_id
  JOIN units_region region ON region.id = provider.region_id
  JOIN units_carerole role ON role.id = m.role_id
  LEFT JOIN accounts_shift shift ON shift.user_id = m.user_id AND shift.unit_id = m.unit_id AND shift.ended_at IS NULL
) ON m.id = asked.membership AND m.user_id = asked.member AND m.ended_at IS NULL
LEFT JOIN (residents_person me
  LEFT JOIN units_unit listed ON listed.id = me.listed_unit_id
  LEFT JOIN units_careprovider listed_provider ON listed_provider.id = listed.provider_id
  LEFT JOIN units_region listed_region ON listed_region.id = listed_provider.region_id
) ON me.id = asked.person
"""


@dataclass(frozen=True, slots=True)
class Stored:
    """What stands in a session: who, under which rights, when last seen."""

    member: int | None
    membership: int | None
    person: int | None
    epoch: int | None
    seen: datetime | None
    region: tuple[int, str] | None

    @property
    def key(self) -> str:
        """Key of the actor that it would be."""
        return f"person:{self.person}" if self.person is not None else f"staff:{self.member}"


@functools.lru_cache(maxsize=8192)
def stored(data: str) -> Stored:
    """Take apart what stands in a session; the same text is the same for ever."""
    session = SessionStore().decode(data)
    member, membership, person, region = (session.get(name) for name in (SESSION_KEY, MEMBERSHIP, PERSON, REGION))
    seen = session.get(SEEN)
    return Stored(
        member=int(member) if member and person is None else None,
        membership=int(membership) if membership and person is None else None,
        person=int(person) if person else None,
        epoch=session.get(EPOCH),
        seen=datetime.fromisoformat(seen) if seen else None,
        region=(region[0], region[1]) if region else None,
    )


def actor_of(asked: Stored, session_key: str, row: Sequence[Any]) -> StaffActor | ResidentActor | None:
    """The actor of a row of ``COLUMNS``; None when there is none, or when the plain way must look closer.

    Args:
        asked: what the session was when the statement was made; somebody else's by now gives no actor.
        session_key: of the session.
        row: the first ``WIDTH`` values.
    """
    before, asked = asked, stored(row[0])
    if (asked.member, asked.membership, asked.person) != (before.member, before.membership, before.person):
        return None
    if asked.person is not None:
        return _resident(asked, session_key, row)
    if row[1] is None or row[6] != asked.epoch:
        return None
    if asked.seen is not None and asked.seen <= timezone.now() - STAFF_IDLE:
        return None  # idle or not depends on the log
    first, last, hsa_id, title, epoch = row[2:7]
    return StaffActor(
        user_id=asked.member or 0,
        name=f"{first} {last}".strip() or hsa_id,
        title=title,
        unit_id=row[1],
        unit_name=row[7],
        region_id=row[8],
        region_name=row[9],
        role_id=row[10],
        role_code=row[11],
        role_name=row[12],
        provider_id=row[13],
        shift_id=row[14],
        session_key=session_key,
        authz_epoch=epoch,
        profile_complete=bool(first and last and title),
        permissions=frozenset(row[16]),
        membership_id=asked.membership or 0,
        since=row[15],
    )


def _resident(asked: Stored, session_key: str, row: Sequence[Any]) -> ResidentActor | None:
    if row[17] is None:
        return None
    person = made_of(Person, row[17 : WIDTH - 2])
    if person.authz_epoch != asked.epoch:
        return None
    listed = (row[WIDTH - 2], row[WIDTH - 1]) if row[WIDTH - 2] is not None else None
    region = asked.region or listed or (None, "")
    return ResidentActor(
        person_id=person.pk,
        name=MASKED_NAME if person.is_masked else f"{person.first_name} {person.last_name}".strip(),
        session_key=session_key,
        authz_epoch=person.authz_epoch,
        region_id=region[0],
        region_name=region[1],
    )
