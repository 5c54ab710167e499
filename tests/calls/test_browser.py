"""A call between two browsers: request, fee, acceptance, picture and sound both ways, text, drop and rejoin, relay."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser import PageFactory
from tests.calls.conftest import Relay
from tests.e2e.visit import NURSE, PHONE, Axe, NewPage, sign_in_resident, sign_in_staff, synced
from tests.live import Site

pytestmark = pytest.mark.browser
# The page keeps its connections to itself; here they are counted.
_COUNT = """
window.connections = [];
window.RTCPeerConnection = class extends RTCPeerConnection {
  constructor(...args) { super(...args); window.connections.push(this); }
};
"""
_FLOW = """async () => {
  const found = { sound: 0, picture: 0, sent: 0, ways: [] };
  for (const one of window.connections.filter((each) => each.connectionState === 'connected')) {
    const stats = await one.getStats();
    for (const row of stats.values()) {
      if (row.type === 'inbound-rtp' && row.kind === 'audio') found.sound += row.bytesReceived;
      if (row.type === 'inbound-rtp' && row.kind === 'video') found.picture += row.framesDecoded ?? 0;
      if (row.type === 'outbound-rtp') found.sent += row.bytesSent;
      if (row.type === 'candidate-pair' && row.nominated && row.state === 'succeeded')
        found.ways.push(stats.get(row.localCandidateId)?.candidateType);
    }
  }
  return found;
}"""
LONG = 60_000


def started_case(site: Site) -> tuple[str, str]:
    """A started case of Anna's whose patient wrote it and is no child: its public id and the patient's."""
    rows = site.query(
        """SELECT c.public_id, p.public_id FROM cases_case c JOIN residents_person p ON p.id = c.patient_id
           JOIN accounts_user u ON u.id = c.holder_id
           WHERE c.state = 'started' AND u.first_name = 'Anna' AND c.started_by_id = c.patient_id
             AND p.protected = 'no' AND NOT p.protected_by_hand ORDER BY c.id LIMIT 1"""
    )
    return str(rows[0][0]), str(rows[0][1])


def both(site: Site, pages: NewPage) -> tuple[Page, Page, str]:
    """Anna at the case, the patient in the chat on a phone, and the case."""
    case, person = started_case(site)
    anna, patient = pages(site.url), pages(site.url, **PHONE)
    for page in (anna, patient):
        page.context.add_init_script(_COUNT)
    sign_in_resident(patient, person)
    patient.goto(f"/mina-arenden/{case}/")
    synced(patient)
    sign_in_staff(anna, NURSE, f"/personal/arende/{case}/")
    synced(anna)
    return anna, patient, case


def ring(anna: Page, name: str = "Starta video") -> Page:
    """Press the icon above the chat; the window of the call."""
    button = anna.get_by_role("button", name=name, exact=True)
    expect(button).not_to_have_attribute("aria-disabled", "true", timeout=20_000)
    with anna.expect_popup() as opened:
        button.click()
    window = opened.value
    expect(window.locator("[data-call-state]")).to_have_text("Väntar på att patienten svarar", timeout=20_000)
    return window


def answer(patient: Page) -> None:
    """From the card in the chat over the information on fees into the call."""
    patient.locator("#call-card").get_by_role("link", name="Acceptera").click(timeout=20_000)
    expect(patient.get_by_role("heading", name="Vad det kan kosta")).to_be_visible()
    patient.get_by_role("button", name="Acceptera och starta").click()


def connected(*windows: Page) -> None:
    """Both windows say so in words."""
    for window in windows:
        expect(window.locator("[data-call-state]")).to_have_text("Ansluten", timeout=LONG)


def grows(window: Page, *, picture: bool = True) -> dict[str, Any]:
    """Sound (bytes) and picture (frames) from the other side go on arriving; the last count."""
    first = window.evaluate(_FLOW)
    window.wait_for_function(
        f"""async (first) => {{ const now = await ({_FLOW})();
            return now.sound > first.sound && (!{str(picture).lower()} || now.picture > first.picture + 2); }}""",
        arg=first,
        timeout=LONG,
    )
    found: dict[str, Any] = window.evaluate(_FLOW)
    return found


_ENTER_WHILE_AWAY = """() => {
    const root = document.documentElement, box = document.querySelector("[data-rtt-input]");
    root.dataset.live = "slow";
    box.value = "Inte borta";
    box.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
    root.dataset.live = "connected";
    return box.value;
}"""


@pytest.mark.req("VID-01", "VID-02", "VID-03", "VID-04", "VID-06", "VID-08")
def test_video_both_ways_with_text_drop_and_rejoin(live_site: Site, call_page: NewPage, axe: Axe) -> None:
    anna, patient, case = both(live_site, call_page)
    window = ring(anna)
    expect(window.locator("[data-call-before]")).to_contain_text("Headset")
    axe(window)
    expect(anna.locator("#calls")).to_contain_text("Väntar på att patienten svarar")
    expect(anna.locator("[data-items]")).to_contain_text("vill prata med dig på video")
    axe(patient)
    answer(patient)
    connected(window, patient)
    for page in (window, patient):
        assert grows(page)["picture"] > 0
        axe(page)
    assert patient.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    expect(anna.locator("#calls")).to_contain_text("Patienten har accepterat", timeout=20_000)

    # Text beside the call shows while it is written, and stays as a line when Enter ends it; nothing is stored.
    patient.locator("[data-rtt-input]").press_sequentially("Jag hör int", delay=30)
    expect(window.locator("[data-rtt-text]")).to_have_text("Jag hör int", timeout=20_000)
    patient.locator("[data-rtt-input]").press_sequentially("e")
    patient.locator("[data-rtt-input]").press("Enter")
    expect(window.locator("[data-rtt-log]")).to_contain_text("Jag hör inte")
    window.locator("[data-rtt-input]").fill("Jag ringer upp")
    window.locator("[data-rtt-input]").press("Enter")
    expect(patient.locator("[data-rtt-log]")).to_contain_text("Anna Lindmark: Jag ringer upp")
    assert "Jag hör" not in live_site.log()
    # While the line is away Enter sends nothing, and what was written stays in the box.
    assert window.evaluate(_ENTER_WHILE_AWAY) == "Inte borta"
    window.locator("[data-rtt-input]").fill("")

    # Switches: the other side is told; the camera comes back.
    patient.get_by_role("button", name="Dölj mig").click()
    expect(window.locator("[data-call-note]")).to_have_text("Den andra har stängt av kameran", timeout=20_000)
    patient.get_by_role("button", name="Dölj mig").click()
    expect(window.locator("[data-call-note]")).to_be_hidden(timeout=20_000)
    grows(window)
    window.get_by_role("button", name="Tysta mig").press("Enter")
    expect(patient.locator("[data-call-note]")).to_have_text("Den andra har stängt av mikrofonen", timeout=20_000)

    # The patient's page is loaded anew: the call goes on, and both see each other again.
    patient.reload()
    connected(patient, window)
    for page in (window, patient):
        grows(page)
    # The nurse closes her window: the patient is told; she comes back from the case page.
    window.close()
    expect(patient.locator("[data-call-state]")).to_contain_text("lämnat", timeout=30_000)
    with anna.expect_popup() as opened:
        anna.get_by_role("link", name="Till samtalet").click()
    window = opened.value
    connected(patient, window)
    grows(patient)

    # The red handset ends the call, not the visit.
    window.get_by_role("button", name="Lägg på").click()
    expect(window.get_by_role("heading", name="Samtalet är avslutat")).to_be_visible()
    expect(patient.get_by_role("heading", name="Samtalet är avslutat")).to_be_visible(timeout=20_000)
    axe(patient)
    patient.get_by_role("link", name="Till chatten").click()
    expect(patient.locator("[data-message-text]")).to_be_visible()
    expect(anna.get_by_role("button", name="Starta video", exact=True)).to_be_visible(timeout=20_000)
    state = live_site.query(
        "SELECT c.state, k.state, k.kind, k.connected_at IS NOT NULL FROM cases_case c"
        " JOIN calls_call k ON k.case_id = c.id WHERE c.public_id = %s ORDER BY k.id DESC LIMIT 1", case,
    )  # fmt: skip
    assert state == [("started", "ended", "video", True)]


@pytest.mark.req("VID-03")
def test_voice_by_the_relay_only(start_site: Callable[..., Site], call_page: NewPage, relay: Relay, axe: Axe) -> None:
    site = start_site(env={"CALL_TURN": relay.url, "CALL_TURN_SECRET": relay.secret, "CALL_RELAY_ONLY": "1"})
    anna, patient, _case = both(site, call_page)
    window = ring(anna, "Starta röstsamtal")
    answer(patient)
    connected(window, patient)
    for page in (window, patient):
        found = grows(page, picture=False)
        assert found["picture"] == 0
        assert set(found["ways"]) == {"relay"}
    axe(window)
    assert relay.allocations() >= 2
    window.get_by_role("button", name="Lägg på").click()
    expect(patient.get_by_role("heading", name="Samtalet är avslutat")).to_be_visible(timeout=20_000)


def test_video_by_the_relay_only(start_site: Callable[..., Site], call_page: NewPage, relay: Relay) -> None:
    site = start_site(env={"CALL_TURN": relay.url, "CALL_TURN_SECRET": relay.secret, "CALL_RELAY_ONLY": "1"})
    anna, patient, _case = both(site, call_page)
    window = ring(anna)
    answer(patient)
    connected(window, patient)
    for page in (window, patient):
        found = grows(page)
        assert set(found["ways"]) == {"relay"}


@pytest.mark.req("VID-03")
def test_declining_and_accepting_too_late(live_site: Site, call_page: NewPage) -> None:
    anna, patient, _case = both(live_site, call_page)
    window = ring(anna)
    patient.locator("#call-card").get_by_role("button", name="Avböj").click(timeout=20_000)
    expect(window.get_by_text("Patienten avböjde och vill hellre skriva.")).to_be_visible(timeout=20_000)
    window.close()
    window = ring(anna)
    patient.locator("#call-card").get_by_role("link", name="Acceptera").click(timeout=20_000)
    window.get_by_role("button", name="Lägg på").click()
    expect(window.get_by_role("heading", name="Samtalet är avslutat")).to_be_visible()
    patient.get_by_role("button", name="Acceptera och starta").click()
    expect(patient.locator("[data-refusal=call_over]")).to_contain_text("Samtalet har lagts på")


@pytest.mark.req("AUTH-14")
def test_trying_out_the_hardware(live_site: Site, call_page: NewPage, axe: Axe) -> None:
    page = call_page(live_site.url)
    sign_in_staff(page, NURSE, "/personal/installningar/")
    page.get_by_role("navigation", name="Inställningar").get_by_role("link", name="Hårdvara").click()
    page.get_by_role("button", name="Testa kamera och mikrofon").press("Enter")
    words = page.locator("[data-devices-words]")
    expect(words.locator("[data-of=camera]")).to_have_attribute("data-word", "camera_works")
    expect(words.locator("[data-of=microphone]")).to_have_attribute("data-word", "microphone_works", timeout=20_000)
    page.wait_for_function("() => document.querySelector('[data-devices-level]').value > 0.02")
    page.wait_for_function("() => document.querySelector('[data-devices-view]').videoWidth > 0")
    page.get_by_role("button", name="Spela upp ett ljud").click()
    expect(words).to_contain_text("Ett ljud spelades upp")
    axe(page)
    assert re.search("/hardvara/$", page.url)


@pytest.mark.req("VID-08")
def test_without_a_live_line_the_page_says_so_and_names_another_way(live_site: Site, call_page: PageFactory) -> None:
    call_page.allow("WebSocket connection")
    case, person = started_case(live_site)
    anna, patient = call_page(live_site.url), call_page(live_site.url, **PHONE)
    patient.context.route_web_socket(re.compile("/ws/"), lambda line: line.close())
    sign_in_resident(patient, person)
    patient.goto(f"/mina-arenden/{case}/")
    synced(patient)  # it polls
    sign_in_staff(anna, NURSE, f"/personal/arende/{case}/")
    synced(anna)
    window = ring(anna)
    answer(patient)
    help_ = patient.locator("[data-call-help]")
    expect(help_.get_by_role("link", name="Till chatten")).to_be_visible(timeout=LONG)
    expect(help_).to_contain_text("ingen direkt förbindelse med tjänsten")
    # The nurse's line is well, but nothing comes through: the telephone is named.
    expect(window.locator("[data-call-help] a[href^=tel]")).to_be_visible(timeout=LONG)
    expect(window.locator("[data-call-state]")).to_contain_text("Ljud och bild kommer inte fram")
    patient.get_by_role("button", name="Lägg på").click()
    expect(window.get_by_role("heading", name="Samtalet är avslutat")).to_be_visible(timeout=20_000)
