"""Where browsers find their way to one another: STUN, and TURN with credentials that soon expire.

coturn's ``use-auth-secret``: the name is the moment of expiry and a pseudonym, the password its HMAC. The pseudonym is
the same for one person on one day, so that coturn's quota per user holds, and says nothing about who it is.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.utils.crypto import salted_hmac

LIFE_SECONDS = 3600


def ice_servers(actor_key: str, *, at: datetime) -> list[dict[str, Any]]:
    """The ``iceServers`` of a page of this actor.

    Args:
        actor_key: ``staff:<id>`` or ``person:<id>``; never leaves the house.
        at: moment, UTC; the credentials hold for an hour from then.
    """
    servers: list[dict[str, Any]] = []
    if settings.CALL_STUN:
        servers.append({"urls": list(settings.CALL_STUN)})
    if settings.CALL_TURN and settings.CALL_TURN_SECRET:
        name = _user_name(actor_key, at)
        servers.append({"urls": list(settings.CALL_TURN), "username": name, "credential": _password(name)})
    return servers


def relay_only() -> bool:
    """Whether sound and picture may only go by the relay, so that nobody learns the other's network address."""
    return bool(settings.CALL_RELAY_ONLY)


def _user_name(actor_key: str, at: datetime) -> str:
    day = at.astimezone(UTC).date().isoformat()
    who = salted_hmac("call-turn", f"{actor_key} {day}", algorithm="sha256").hexdigest()[:16]
    return f"{int(at.timestamp()) + LIFE_SECONDS}:{who}"


def _password(name: str) -> str:
    digest = hmac.new(settings.CALL_TURN_SECRET.encode(), name.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()
