"""Thousands of hostile requests against the whole application: never a 5xx, never a traceback, answers in Swedish.

Together with ``test_hostile_frames`` at least 5,000 inputs (asserted there and here), the same in every run.
"""

from __future__ import annotations

import io
import json
import logging
import random
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from tests.attack import corpus
from tests.attack.target import Target, make_target

pytestmark = pytest.mark.django_db
FIELDS = (
    "text", "client_id", "key", "form_key", "urgency", "reason", "version", "follow_up_days", "protected", "who",
    "unit", "answer", "choice", "question", "person", "membership", "shift_type", "next", "mobile", "email",
    "first_name", "last_name", "title", "overwrite", "same_patient", "satisfied", "remove", "stay", "look",
    "added_text",
    "care_history", "medication_list", "despite", "anyway", "csrfmiddlewaretoken", "load_balancer", "about",
)  # fmt: skip
_WAYS: tuple[dict[str, str], ...] = ({}, {"Accept": "application/json"}, {"HX-Request": "true"})
QUERY = ("flik", "efter", "roll", "enhet", "next", "feed", "after", "del", "fran", "page", "q", "e")
BAD_PATHS = (
    "/%00", "/%ff%fe", "/..%2f..%2fetc/passwd", "/static/..%2f..%2fmanage.py", "/static/%00", "//evil.example/",
    "/%2e%2e/",
    "/personal/arende/%00/", "/personal/arende/x/", "/bild/../../x/", "/sok-vard/" + "a" * 3000 + "/", "/admin/%00/",
    "/admin/accounts/user/%00/change/", "/admin/accounts/user/9999999999999999999999/change/", "/admin/r/1/1/",
    "/admin/accounts/user/_5F/change/", "/admin/jsi18n/", "/admin/accounts/user/?id__gt=%00", "/.env", "/.git/config",
    "/admin/accounts/user/?q=%00", "/admin/accounts/user/?p=x", "/admin/accounts/user/?o=x.y",
    "/admin/accounts/user/?password__startswith=a", "/admin/autocomplete/?term=%00", "/wp-login.php", "/å/",
)  # fmt: skip


@pytest.fixture(scope="module")
def inputs() -> list[int]:
    """How many inputs each test has sent."""
    return []


@pytest.fixture
def target(caplog: pytest.LogCaptureFixture, settings: Any, inputs: list[int]) -> Iterator[Target]:
    """Somebody to attack; afterwards nothing may stand in ``wrong`` or in the log of errors."""
    settings.RATE_LIMITS = {}
    built = make_target()
    yield built
    inputs.append(built.sent)
    # Nobody was thrown out in the middle, which would have made the rest harmless.
    for visitor, path in (("nurse", "/personal/"), ("resident", "/mina-arenden/")):
        assert built.clients[visitor].get(path).status_code == 200, visitor
    errors = [r.getMessage()[:200] for r in caplog.records if r.levelno >= logging.ERROR and r.exc_info]
    assert (built.wrong[:20], errors[:20]) == ([], [])


def test_forms_of_every_page(target: Target) -> None:
    """Every address gets forms full of nonsense, from everybody."""
    chance = random.Random(1)
    for name, path in target.paths():
        for visitor, client in target.clients.items():
            for _turn in range(4 if visitor in ("nurse", "resident") else 1):
                data = {key: chance.choice(corpus.TEXTS) for key in chance.sample(FIELDS, 10)}
                data |= {key: "a" * 12 for key in ("key", "client_id") if chance.random() < 0.7}
                data |= {f"q_{word}": chance.choice(corpus.TEXTS) for word in ("temp", "how_long", "")}
                body = urlencode(data, errors="surrogatepass")
                kind = "application/x-www-form-urlencoded"
                target.judge(f"{visitor} {name} {data!r}"[:600], client.generic("POST", path, body, kind))
    assert target.sent > 800


def test_queries_of_every_page(target: Target) -> None:
    """Every address gets parameters full of nonsense."""
    chance = random.Random(2)
    for name, path in target.paths():
        for visitor in ("nurse", "resident"):
            for _turn in range(1):
                pairs = {key: chance.choice(corpus.TEXTS)[:4000] for key in chance.sample(QUERY, 5)}
                query = urlencode(pairs, errors="surrogatepass")
                response = target.clients[visitor].get(f"{path}?{query}")
                target.judge(f"{visitor} {name}?{pairs!r}"[:600], response)
    for text in corpus.TEXTS:
        for key, path in (("efter", "/personal/drop-in/"), ("roll", "/personal/drop-in/"), ("feed", "/live/feed/"),
                          ("after", "/live/feed/?feed=me:x&x"), ("enhet", "/"), ("next", "/logga-in/")):  # fmt: skip
            sign = "&" if "?" in path else "?"
            for flik in ("mottagna", "avslutade", "") if key == "efter" else ("",):
                query = urlencode({key: text[:4000], "flik": flik}, errors="surrogatepass")
                response = target.clients["nurse" if "personal" in path else "resident"].get(f"{path}{sign}{query}")
                target.judge(f"{path} {key}={text[:60]!r} {flik}", response)
    assert target.sent > 600


def test_paths_methods_headers_cookies(target: Target) -> None:
    """Addresses that are none, methods nobody uses, headers that lie, cookies that break."""
    for path in (*BAD_PATHS, *(f"/personal/arende/{quote(text[:200], errors='replace')}/" for text in corpus.TEXTS)):
        for visitor, client in target.clients.items():
            target.judge(f"{visitor} {path}"[:300], client.generic("GET", path))
    for name, path in target.paths():
        for method in ("PUT", "TRACE", "BREW"):
            target.judge(f"{method} {name}", target.clients["nurse"].generic(method, path))
    pages = ("/", "/personal/", "/logga-in/", "/live/feed/?feed=me:x", f"/personal/arende/{target.cases[0].public_id}/")
    for headers in corpus.headers():
        for page in pages:
            for method in ("GET", "POST"):
                response = target.clients["nurse"].generic(method, page, headers=headers)
                target.judge(f"{method} {page} {headers!r}"[:300], response)
    for cookie in corpus.cookies():
        for page in pages:
            # A browser of its own: the header replaces what the client would send.
            response = type(target.clients["nobody"])(raise_request_exception=False).get(
                page, headers={"Cookie": cookie}
            )
            target.judge(f"{page} Cookie: {cookie!r}"[:300], response)
    assert target.sent > 900


def test_bodies_that_do_not_fit(target: Target) -> None:
    """Multipart that is none, encodings that do not exist, too many fields, too many bytes."""
    case = target.cases[0].public_id
    paths = (
        f"/arende/{case}/meddelande/",
        f"/arende/{case}/bild/",
        f"/sok-vard/{target.interview}/mer/",
        "/live/action/",
    )
    for kind, body in corpus.bodies():
        for path in (*paths, "/logga-in/"):
            for headers in _WAYS if path == paths[0] else _WAYS[:1]:
                response = target.clients["resident"].generic("POST", path, body, kind, headers=headers)
                target.judge(f"{path} {kind!r} {body[:120]!r} {headers}", response)
        for path in ("/", "/personal/drop-in/?efter=%E5", "/live/feed/?feed=%E5"):
            response = target.clients["nurse"].generic("GET", path, b"", kind)
            target.judge(f"GET {path} {kind!r}", response)
    # Well-formed uploads with names that are not.
    for text in (text for text in corpus.TEXTS[:20] if text != "\ud800"):
        file = io.BytesIO(b"not an image")
        file.name = "x.jpg"
        data = {"client_id": text, "key": text, "image": file}
        target.judge(f"upload {text[:30]!r}", target.clients["nobody"].post(paths[1], data))
    assert target.sent > 350


def test_actions_of_the_twin(target: Target) -> None:
    """Frames over HTTP: generated, then broken text."""
    cases = [str(case.public_id) for case in target.cases]
    for number, frame in enumerate(corpus.frames(3, 1200, cases=cases, feeds=target.feeds)):
        client = target.clients["nurse" if number % 2 else "resident"]
        response = client.generic("POST", "/live/action/", json.dumps(frame), "application/json")
        target.judge(f"{frame!r}"[:400], response)
        assert response.status_code < 400 or response.json()["type"] in ("ack", "error")
    for raw in corpus.RAW_FRAMES:
        body = raw.encode("utf-8", "surrogatepass") if isinstance(raw, str) else raw
        target.judge(
            f"{raw[:80]!r}", target.clients["nurse"].generic("POST", "/live/action/", body, "application/json")
        )
    assert target.sent >= 1200


def test_forged_requests_of_other_pages(target: Target) -> None:
    """Without the token, or from another origin, neither the twin nor a form changes anything."""
    case = target.cases[0]
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.cookies = target.clients["resident"].cookies
    before = case.last_seq
    frame = {"action": "send_message", "id": "a" * 12, "case": str(case.public_id), "text": "Hej"}
    form = "application/x-www-form-urlencoded"
    forms = (
        ("/live/action/", json.dumps(frame), "application/json"),
        (f"/arende/{case.public_id}/meddelande/", "text=Hej&key=aaaaaaaaaaaa", form),
        ("/logga-ut/", "", form),
    )
    token = "c" * 32
    client.cookies["csrftoken"] = token
    for path, body, kind in forms:
        for headers in ({}, {"X-CSRFToken": "d" * 32}, {"X-CSRFToken": token, "Origin": "https://elsewhere.example"},
                        {"X-CSRFToken": token, "Origin": "null"}):  # fmt: skip
            response = client.generic("POST", path, body, kind, headers=headers)
            target.judge(f"{path} {headers}", response)
            assert response.status_code == 403, (path, headers)
    case.refresh_from_db()
    assert case.last_seq == before
    own = {"X-CSRFToken": token, "Origin": "http://testserver"}
    assert client.generic("POST", *forms[0], headers=own).json()["ok"] is True


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


def test_anything_json_and_anything_text(target: Target) -> None:
    """Whatever Hypothesis thinks of, as values of the known keys and as chat text, is answered."""
    quiet = examples(
        max_examples=150, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
    )
    case = str(target.cases[0].public_id)

    feed = f"chat:{case}:patient"
    optional = {
        "id": JSON,
        "case": st.just(case) | JSON,
        "text": JSON,
        "feed": st.just(feed) | JSON,
        "seq": JSON,
    }

    @quiet
    @given(st.fixed_dictionaries({"action": st.sampled_from(["send_message", "seen"])}, optional=optional))
    def frames(frame: dict[str, object]) -> None:
        body = json.dumps(frame)
        response = target.clients["resident"].generic("POST", "/live/action/", body, "application/json")
        target.judge(f"{frame!r}"[:400], response)

    @quiet
    @given(st.text(alphabet=st.characters(), max_size=200), st.text(max_size=80))
    def texts(text: str, key: str) -> None:
        body = urlencode({"text": text, "key": key}, errors="surrogatepass")
        kind = "application/x-www-form-urlencoded"
        response = target.clients["resident"].generic("POST", f"/arende/{case}/meddelande/", body, kind)
        target.judge(f"{text!r} {key!r}", response)

    frames()
    texts()
    assert target.sent >= 250


def test_there_were_enough(inputs: list[int], request: pytest.FixtureRequest) -> None:
    """With the frames, more than 5,000; says nothing when single tests were chosen."""
    if request.session.testscollected >= 8:
        assert sum(inputs) >= 4000, inputs
