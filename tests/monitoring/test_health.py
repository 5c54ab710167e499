"""``/live``, ``/ready`` and ``/metrics`` of a real process, and what each failure does to them (R-16)."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from typing import Any

import psycopg
import pytest

from tests.live import Site, SiteFactory

TOKEN = "m0nitor" * 6


def _get(site: Site, path: str, **headers: str) -> tuple[int, str, dict[str, str]]:
    request = urllib.request.Request(site.url + path, headers={k.replace("_", "-"): v for k, v in headers.items()})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.read().decode(), {k.lower(): v for k, v in answer.headers.items()}
    except urllib.error.HTTPError as answer:
        with answer:
            return answer.code, answer.read().decode(), {k.lower(): v for k, v in answer.headers.items()}


def _checks(site: Site) -> tuple[int, dict[str, Any]]:
    status, body, _ = _get(site, "/ready")
    return status, json.loads(body)["checks"]


def _figures(site: Site, **headers: str) -> dict[str, float]:
    status, body, _ = _get(site, "/metrics", **headers)
    assert status == 200
    lines = [line for line in body.splitlines() if not line.startswith("#")]
    assert all(re.fullmatch(r'[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? [0-9.e+-]+', line) for line in lines), body
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


def test_all_is_well(empty_site: Site) -> None:
    status, body, headers = _get(empty_site, "/live")
    assert (status, json.loads(body)["live"]) == (200, True)
    assert headers["cache-control"] == "no-store"
    assert "set-cookie" not in headers
    assert _checks(empty_site) == (
        200,
        {"staying": True, "disk": True, "database": True, "audit": True, "migrations": True},
    )


def test_a_trial_leaves_nothing_behind(empty_site: Site) -> None:
    _checks(empty_site)
    assert empty_site.query("SELECT count(*) FROM outbox_effect WHERE key = 'ready'") == [(0,)]
    assert empty_site.query("SELECT count(*) FROM audit_changelog WHERE event = 'ready'") == [(0,)]


def test_only_reading_is_answered(empty_site: Site) -> None:
    for path in ("/live", "/ready", "/metrics"):
        request = urllib.request.Request(empty_site.url + path, method="POST", data=b"x")
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=20)
        assert refused.value.code == 405
        refused.value.close()


@pytest.mark.parametrize(
    ("name", "harm", "heal"),
    [
        ("audit", "REVOKE INSERT ON audit_changelog FROM app", "GRANT INSERT ON audit_changelog TO app"),
        ("database", "REVOKE INSERT ON outbox_effect FROM app", "GRANT INSERT ON outbox_effect TO app"),
        (
            "migrations",
            "DELETE FROM django_migrations WHERE app = 'outbox' AND name = '0001_initial'",
            "INSERT INTO django_migrations (app, name, applied) VALUES ('outbox', '0001_initial', now())",
        ),
    ],
)
def test_what_is_broken_is_named(name: str, harm: str, heal: str, empty_site: Site) -> None:
    empty_site.query(harm)
    try:
        status, checks = _checks(empty_site)
    finally:
        empty_site.query(heal)
    assert status == 503
    assert [each for each, well in checks.items() if not well] == [name]
    assert _checks(empty_site)[0] == 200


def test_a_database_that_refuses_to_write_is_not_ready(empty_site: Site) -> None:
    """As a standby or a full disk would; the process itself lives on."""
    name = empty_site.query("SELECT current_database()")[0][0]
    with psycopg.connect(empty_site.owner_url, autocommit=True) as connection:
        connection.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on'.encode())
    try:
        empty_site.query(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
            " AND usename = 'app'"
        )
        status, checks = _checks(empty_site)
        assert status == 503
        assert not checks["database"] and not checks["audit"]
        assert _get(empty_site, "/live")[0] == 200
    finally:
        with psycopg.connect(empty_site.owner_url, autocommit=True) as connection:
            connection.execute(b"SET default_transaction_read_only = off")
            connection.execute(f'ALTER DATABASE "{name}" RESET default_transaction_read_only'.encode())
        empty_site.query(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
            " AND usename = 'app'"
        )


def test_without_redis_it_stays_ready_and_without_room_it_does_not(start_site: SiteFactory) -> None:
    site = start_site(seed=False, env={"READY_FREE_DISK_MB": str(10**9)})
    site.valkey.kill()
    status, checks = _checks(site)
    assert status == 503
    assert [name for name, well in checks.items() if not well] == ["disk"]
    assert '"ready"' not in site.log()
    assert "not ready: disk" in site.log()


def test_figures_follow_what_happens(empty_site: Site) -> None:
    site = empty_site
    insert = (
        "INSERT INTO outbox_effect (key, kind, aggregate, payload, due_at, state, attempts, note, last_error,"
        " created_at, lease_until)"
        " VALUES (%s, 'none', %s, '{{}}', now() - interval '{age}', %s, 0, '', '', now(), {lease})"
    ).replace("{{}}", "{}")
    # Under a lease of somebody else, so that the ticker leaves it alone.
    held = insert.replace("{age}", "120 s").replace("{lease}", "now() + interval '1 hour'")
    dead = insert.replace("{age}", "1 s").replace("{lease}", "NULL")
    try:
        site.query(held, "figure-1", "figure-1", "running")
        site.query(dead, "figure-2", "figure-2", "dead")
        before = _figures(site)
        assert before["direkt_outbox_depth"] == 1
        assert 115 < before["direkt_outbox_oldest_due_seconds"] < 300
        assert before["direkt_outbox_dead"] == 1
    finally:
        site.query("DELETE FROM outbox_effect WHERE key LIKE 'figure-%%'")
    assert before["direkt_tick_lag_seconds"] < 60
    assert before["direkt_database_up"] == 1
    assert before["direkt_sockets"] == 0
    assert before["direkt_queue_waiting"] == 0
    _get(site, "/personal/logga-in/")
    _get(site, "/nowhere-at-all/")
    after = _figures(site)
    answers = [after[f'direkt_requests_total{{method="GET",status="{kind}"}}'] for kind in ("2xx", "4xx")]
    earlier = [before.get(f'direkt_requests_total{{method="GET",status="{kind}"}}', 0) for kind in ("2xx", "4xx")]
    assert [a - b for a, b in zip(answers, earlier, strict=True)] == [1, 1]


def test_the_tick_lag_grows_when_nobody_ticks(empty_site: Site) -> None:
    empty_site.ticker.stop()
    try:
        empty_site.query("UPDATE outbox_heartbeat SET at = now() - interval '2 hours'")
        assert _figures(empty_site)["direkt_tick_lag_seconds"] > 7000
    finally:
        empty_site.ticker.start()


def test_figures_are_only_for_those_who_watch(start_site: SiteFactory) -> None:
    site = start_site(seed=False, env={"METRICS_TOKEN": TOKEN})
    assert _figures(site, Authorization=f"Bearer {TOKEN}", X_Forwarded_For="192.0.2.1")
    assert _figures(site), "a direct connection from this machine"
    # What came through a proxy is no direct connection, whoever it says it is.
    for headers in (
        {"X_Forwarded_For": "127.0.0.1"},
        {"X_Forwarded_Proto": "https"},
        {"Authorization": "Bearer wrong"},
        {"Authorization": f"Bearer {TOKEN}x"},
        {"Forwarded": "for=127.0.0.1"},
    ):
        assert _get(site, "/metrics", **headers)[:2] == (404, ""), headers
