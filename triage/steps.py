"""Parts that commands call inside their own transaction."""

from __future__ import annotations

import functools
from typing import Any

from direkt1177.audit.actor import Actor
from direkt1177.audit.record import record
from triage.engine.loader import as_stored, bundled, from_stored
from triage.engine.model import Protocol
from triage.events import ProtocolPublished
from triage.models import ProtocolVersion

#: Who approves what ships with the project: nobody, and it says so.
BUNDLED_APPROVER = "Medföljande demo, ej för klinisk användning"
_loaded: dict[str, Protocol] = {}


def publish(*, actor: Actor, protocol: Protocol, approved_by: str) -> ProtocolVersion:
    """Publish a protocol version; the same content twice is the same version.

    Args:
        approved_by: the named person who stands for the content.
    """
    row = ProtocolVersion.objects.filter(sha256=protocol.sha256).first()
    if row is not None:
        return row
    row = ProtocolVersion.objects.create(
        protocol=protocol.id,
        version=protocol.version,
        sha256=protocol.sha256,
        body=as_stored(protocol),
        approved_by=approved_by,
    )
    record(
        ProtocolPublished(
            protocol=protocol.id, version=protocol.version, sha256=protocol.sha256, approved_by=approved_by
        ),
        actor=actor,
    )
    return row


def current_version(*, actor: Actor, protocol_id: str) -> ProtocolVersion:
    """The version new interviews use: the latest published, or the bundled demo where none is."""
    row = ProtocolVersion.objects.filter(protocol=protocol_id).order_by("-published_at", "-pk").first()
    if row is not None:
        return row
    return publish(actor=actor, protocol=bundled()[protocol_id], approved_by=BUNDLED_APPROVER)


def protocol_of(version: ProtocolVersion) -> Protocol:
    """The protocol a version holds, checked against its hash once per process."""
    if version.sha256 not in _loaded:
        if len(_loaded) > 64:
            _loaded.clear()
        _loaded[version.sha256] = from_stored(dict(version.body))
    return _loaded[version.sha256]


@functools.cache
def general_gate() -> tuple[Any, ...]:
    """The emergency signs shown before a contact reason is known."""
    return bundled()["general"].gate
