"""The telephone queue as a port: which call a member of staff has now (ASY-07, TEL). No number of it is kept here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, cast
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string

from cases.asynchronous.models import SimulatedCall


@dataclass(frozen=True, slots=True)
class IncomingCall:
    """A call that is going on.

    Attributes:
        call_id: of the telephone system.
        personal_number: twelve digits that the caller keyed in or gave; empty when unknown.
        began_at: UTC.
    """

    call_id: UUID
    personal_number: str
    began_at: datetime


class PhoneQueue(Protocol):
    """A telephone system such as TeleQ."""

    def calls_of(self, hsa_id: str) -> list[IncomingCall]:
        """Calls that this member of staff has now; none when the system does not answer."""


class NoPhoneQueue:
    """Nothing is connected: staff write the number themselves."""

    def calls_of(self, hsa_id: str) -> list[IncomingCall]:
        """None."""
        del hsa_id
        return []


class SimulatorPhoneQueue:
    """Rows of our own, for demonstrations and tests."""

    def calls_of(self, hsa_id: str) -> list[IncomingCall]:
        """Those not ended, the latest first."""
        rows = SimulatedCall.objects.filter(hsa_id=hsa_id, ended_at__isnull=True).order_by("-began_at")
        return [IncomingCall(row.public_id, row.personal_number, row.began_at) for row in rows[:5]]


def phone_queue() -> PhoneQueue:
    """The one of setting ``PHONE_QUEUE``."""
    return cast("PhoneQueue", import_string(settings.PHONE_QUEUE)())
