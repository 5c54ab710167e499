"""Who carries an SMS: the port, the simulator of the demonstration, and where a real one is named."""

from __future__ import annotations

from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from direkt1177.outbox.models import SimulatedSms


class SmsGateway(Protocol):
    """Sends text messages."""

    def send(self, *, reference: str, to: str, text: str) -> None:
        """Hand over one SMS.

        Args:
            reference: our own, unique; the same reference is never delivered twice.
            to: number in international form, ``+46…``.
            text: at most 500 characters; never health information, staff names or numbers (NOT-04).

        Raises:
            Exception: it was not taken; the effect tries again later.
        """


class SimulatorGateway:
    """Keeps what would have been sent, for the page ``/demo/sms/``; production settings refuse it."""

    def send(self, *, reference: str, to: str, text: str) -> None:
        """Keep one SMS; the same reference once."""
        SimulatedSms.objects.bulk_create([SimulatedSms(reference=reference, to=to, text=text)], ignore_conflicts=True)


class NoGatewayError(RuntimeError):
    """No SMS gateway is set up in this installation."""


class NoGateway:
    """For an installation without a gateway: nothing is sent, and every SMS ends among the given-up effects."""

    def send(self, *, reference: str, to: str, text: str) -> None:
        """Refuse.

        Raises:
            NoGatewayError: always; monitoring counts what was given up.
        """
        raise NoGatewayError


def sms_gateway() -> SmsGateway:
    """The gateway named by the setting ``SMS_GATEWAY``."""
    gateway: SmsGateway = import_string(settings.SMS_GATEWAY)()
    return gateway
