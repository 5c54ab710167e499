"""The inbox of simulated SMS exists only in the demonstration."""

from __future__ import annotations

import pytest
from django.test import Client
from django.test.utils import override_settings

from direkt1177.outbox.gateways import SimulatorGateway

pytestmark = pytest.mark.django_db


def test_the_page_shows_the_newest_first_and_escapes(client: Client) -> None:
    SimulatorGateway().send(reference="1", to="+46701740635", text="Först")
    SimulatorGateway().send(reference="2", to="+46701740636", text="Sedan <script>")
    for address in ("/demo/sms/", "/demo/sms/?del=lista"):
        page = client.get(address).content.decode()
        assert page.index("+46701740636") < page.index("+46701740635")
        assert "Sedan &lt;script&gt;" in page
        assert "<script>" not in page
    assert "<html" not in client.get("/demo/sms/?del=lista").content.decode()


def test_no_such_page_outside_the_demonstration(client: Client) -> None:
    with override_settings(DEMO_PAGES=False):
        assert client.get("/demo/sms/").status_code == 404


def test_only_reading(client: Client) -> None:
    assert client.post("/demo/sms/").status_code == 405
