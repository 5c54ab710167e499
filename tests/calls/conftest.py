"""A Chromium with an invented camera and microphone, and a relay of our own on the loopback."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from direkt1177.embedded.children import free_port
from tests.browser import FLAGS, PageFactory, close_watched

_FAKE = [
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--allow-loopback-in-peer-connection",
]


@pytest.fixture(scope="session")
def call_browser(browser: Browser) -> Generator[Browser, None, None]:
    """Chromium whose camera shows a test picture and whose microphone beeps."""
    path = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    chromium = browser.browser_type.launch(executable_path=path, args=[*FLAGS, *_FAKE])
    yield chromium
    chromium.close()


@pytest.fixture
def call_page(call_browser: Browser, request: pytest.FixtureRequest) -> Generator[PageFactory, None, None]:
    """As ``new_page``, in that browser."""
    factory = PageFactory(call_browser)
    yield factory
    close_watched(factory, request)


@dataclass
class Relay:
    """A running coturn."""

    url: str
    secret: str
    log: Path

    def allocations(self) -> int:
        """How many relayed addresses it has given out."""
        return self.log.read_text(errors="replace").count("ALLOCATE processed, success")


@pytest.fixture
def relay(tmp_path: Path) -> Generator[Relay, None, None]:
    """coturn as a child process, with credentials that expire; it is stopped afterwards."""
    port, secret, log = free_port(), "test-secret-of-the-relay", tmp_path / "turn.log"
    program = os.environ.get("TURNSERVER") or shutil.which("turnserver")
    assert program, "coturn is needed: .ci/coturn.sh gets it"
    command = [
        program, "-n", f"--listening-port={port}", "--listening-ip=127.0.0.1", "--relay-ip=127.0.0.1",
        "--use-auth-secret", f"--static-auth-secret={secret}", "--realm=direkt.test", "--no-tls", "--no-dtls",
        "--no-cli", "--allow-loopback-peers", "--fingerprint", "--verbose", f"--log-file={log}", "--simple-log",
        f"--pidfile={tmp_path / 'turn.pid'}", f"--userdb={tmp_path / 'turn.db'}",
    ]  # fmt: skip
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        until = time.monotonic() + 20
        while not (log.exists() and "listener opened on" in log.read_text(errors="replace")):
            assert process.poll() is None and time.monotonic() < until, "coturn did not start"
            time.sleep(0.05)
        yield Relay(f"turn:127.0.0.1:{port}?transport=udp", secret, log)
        process.terminate()
        process.wait(timeout=20)
