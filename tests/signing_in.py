"""Signing in through the real pages, for tests with Django's client."""

from __future__ import annotations

from django.test import Client

from direkt1177.accounts.actors import StaffActor
from direkt1177.accounts.models import User
from direkt1177.residents.models import Person


def staff_client(actor: StaffActor) -> Client:
    """A browser of a member of staff at the actor's unit, with a running shift."""
    user = User.objects.get(pk=actor.user_id)
    client = admin_client(user)
    answer = {
        "membership": str(actor.membership_id),
        "shift_type": User.ShiftType.PRIMARY_ON_CALL,
        "next": "/personal/",
    }
    assert client.post("/personal/enhet/", answer).status_code == 302
    return client


def admin_client(user: User) -> Client:
    """A browser of a member of staff who has chosen no unit."""
    client = Client()
    assert client.post("/personal/logga-in/", {"person": user.hsa_id}).status_code == 302
    return client


def resident_client(person: Person) -> Client:
    """A browser of a resident."""
    client = Client()
    assert client.post("/logga-in/", {"person": str(person.public_id)}).status_code == 302
    return client
