"""Fixtures for everyone. Nothing of ours is mocked: PostgreSQL, Valkey, sockets, processes and Chromium are real.

Database (tests connect as the role ``app``, so grants are really tested; migrations ran as ``owner``):

* ``db``: the test runs in a transaction that is rolled back. ``on_commit`` callbacks run only inside
  ``django_capture_on_commit_callbacks(execute=True)``. Durable transactions of commands are allowed.
* ``transactional_db``: real commits, for threads, sockets and races. Afterwards every table is brought back to what it
  held after the migrations, append-only tables included; sequences go on counting.
* ``owner_connection``: a psycopg connection as ``owner`` (autocommit), to look behind the scenes or to try what even
  the owner may not do.

Redis: ``redis_client`` is a redis-py client for this run's Valkey.

Processes and browsers (details in ``tests/live.py`` and ``tests/browser.py``):

* ``live_site`` (session): web + sockets in a real uvicorn process, ticks in another, own database filled by
  ``seed_demo --seed 1 --cases 60``, own Valkey. ``live_site.url``, ``.valkey``, ``.database_url``, ``.log()``.
* ``empty_site`` (session): the same without demo data.
* ``start_site`` (function): a factory for a site of one's own, ``start_site(clock="2026-03-01T03:00:00+01:00")``.
* ``browser`` (session): Playwright's Chromium. ``new_page`` (function): a factory for pages in contexts of their own
  that fail the test on console errors, CSP violations, 5xx answers and requests to foreign origins.
* ``axe``: ``axe(page)`` fails on WCAG 2.2 A and AA violations.
"""

from __future__ import annotations

import os
from collections.abc import Generator

import psycopg
import pytest
import redis

from tests import databases


@pytest.fixture(scope="session")
def migrated_template() -> None:
    """This run's migrated database, from which test databases are copied."""
    databases.create_template()


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, migrated_template: None, request: pytest.FixtureRequest
) -> Generator[None, None, None]:
    """Replaces pytest-django's: the owner makes the database, the tests are ``app`` in it."""
    from django.test import TransactionTestCase

    name = databases.name_of(os.environ["DATABASE_URL"])
    databases.create_copy(name)
    patch = pytest.MonkeyPatch()
    patch.setattr(TransactionTestCase, "_fixture_teardown", lambda self: databases.clean())
    yield
    patch.undo()
    databases.drop(name)


@pytest.fixture
def owner_connection(db: None) -> Generator[psycopg.Connection, None, None]:
    """A connection as ``owner`` to the test database, autocommit."""
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True) as connection:
        yield connection


@pytest.fixture
def redis_client() -> Generator[redis.Redis, None, None]:
    """A client for this run's Valkey."""
    client = redis.Redis.from_url(os.environ["REDIS_URL"], socket_timeout=5)
    yield client
    client.close()
