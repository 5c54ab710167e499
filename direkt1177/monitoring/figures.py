"""What a monitor should watch, in Prometheus' text form: sums over the whole installation, never a unit or a name."""

from __future__ import annotations

from django.db import connection

from direkt1177.realtime.hub import socket_count

_SQL = """
SELECT
  (SELECT count(*) FROM cases_case WHERE state = 'waiting'),
  (SELECT coalesce(extract(epoch FROM clock_timestamp() - min(queued_at)), 0) FROM cases_case WHERE state = 'waiting'),
  (SELECT count(*) FROM outbox_effect WHERE state IN ('due', 'running')),
  (SELECT coalesce(greatest(extract(epoch FROM clock_timestamp() - min(due_at)), 0), 0)
     FROM outbox_effect WHERE state IN ('due', 'running') AND due_at <= clock_timestamp()),
  (SELECT count(*) FROM outbox_effect WHERE state = 'dead'),
  (SELECT extract(epoch FROM clock_timestamp() - max(at)) FROM outbox_heartbeat WHERE name = 'tick'),
  (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()),
  (SELECT extract(epoch FROM clock_timestamp() - max(at)) FROM outbox_heartbeat WHERE name = 'responsible_check'),
  (SELECT extract(epoch FROM clock_timestamp() - max(at)) FROM outbox_heartbeat WHERE name = 'responsible_missing')
"""
_NAMES = [
    ("direkt_queue_waiting", "Cases that wait in any queue."),
    ("direkt_queue_oldest_seconds", "How long the case has waited that has waited longest in its queue."),
    ("direkt_outbox_depth", "Side effects that are due, planned or under way."),
    ("direkt_outbox_oldest_due_seconds", "How long the oldest side effect is overdue."),
    ("direkt_outbox_dead", "Side effects that were given up: somebody must look at them."),
    ("direkt_tick_lag_seconds", "Since the last tick; beat ticks every ten seconds. Missing: there never was one."),
    ("direkt_database_connections", "Connections to this database, of all processes."),
    ("direkt_responsible_check_seconds", "Since it was last checked that every open case has a responsible; hourly."),
    ("direkt_responsible_missing_seconds", "Since a case without a responsible was last found. Missing: never."),
]


def of_database() -> list[str]:
    """Figures of the installation, the same from every process; one query.

    Raises:
        django.db.Error: PostgreSQL does not answer.
    """
    with connection.cursor() as cursor:
        cursor.execute(_SQL)
        row = cursor.fetchone() or ()
    found = []
    for (name, text), value in zip(_NAMES, row, strict=True):
        if value is not None:
            found += _gauge(name, text, float(value))
    return found


def of_process(lag: float) -> list[str]:
    """Figures of this process.

    Args:
        lag: of its event loop, in seconds.
    """
    return [
        *_gauge("direkt_sockets", "Sockets that are open in this process.", socket_count()),
        *_gauge("direkt_loop_lag_seconds", "Longest delay of the event loop within five seconds.", lag),
    ]


def _gauge(name: str, text: str, value: float) -> list[str]:
    return [f"# HELP {name} {text}", f"# TYPE {name} gauge", f"{name} {value:g}"]
