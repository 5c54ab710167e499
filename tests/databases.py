"""Databases of a test run: made and migrated by ``owner``, used by ``app``, cleaned by ``owner``."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

ROOT = Path(__file__).resolve().parent.parent

# What migrations put into tables (content types, permissions, …) is copied aside once; cleaning brings exactly that
# back. Rows are deleted with triggers and foreign keys asleep, so append-only tables are emptied too.
_BASELINE = """
CREATE SCHEMA baseline;
DO $$
DECLARE name text; filled boolean;
BEGIN
  FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
    EXECUTE format('SELECT EXISTS (SELECT 1 FROM public.%I)', name) INTO filled;
    IF filled THEN EXECUTE format('CREATE TABLE baseline.%I AS TABLE public.%I', name, name); END IF;
  END LOOP;
END $$;
CREATE FUNCTION baseline.clean() RETURNS void LANGUAGE plpgsql AS $$
DECLARE name text; kept boolean; changed boolean; columns text;
BEGIN
  FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
    kept := to_regclass(format('baseline.%I', name)) IS NOT NULL;
    IF kept THEN
      EXECUTE format('SELECT EXISTS ((SELECT t::text FROM public.%1$I t EXCEPT SELECT t::text FROM baseline.%1$I t)
        UNION ALL (SELECT t::text FROM baseline.%1$I t EXCEPT SELECT t::text FROM public.%1$I t))', name) INTO changed;
    ELSE
      EXECUTE format('SELECT EXISTS (SELECT 1 FROM public.%I)', name) INTO changed;
    END IF;
    IF changed THEN EXECUTE format('DELETE FROM public.%I', name); END IF;
    IF changed AND kept THEN
      SELECT string_agg(quote_ident(attname), ', ') INTO columns FROM pg_attribute
        WHERE attrelid = format('public.%I', name)::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '';
      EXECUTE format('INSERT INTO public.%1$I (%2$s) OVERRIDING SYSTEM VALUE SELECT %2$s FROM baseline.%1$I',
        name, columns);
    END IF;
  END LOOP;
END $$;
"""


def name_of(address: str) -> str:
    """Database name in an address."""
    return urlsplit(address).path.lstrip("/")


def template_name() -> str:
    """Name of this run's migrated and never used database, which others are copied from."""
    return f"{name_of(os.environ['DATABASE_OWNER_URL'])}_template"


def run_manage(*arguments: str, env: dict[str, str] | None = None) -> str:
    """Run ``manage.py`` in a process of its own and return what it printed.

    Raises:
        AssertionError: with the output when it fails.
    """
    done = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *arguments],
        cwd=ROOT, env={**os.environ, **(env or {})}, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, f"manage.py {' '.join(arguments)} failed:\n{done.stdout}\n{done.stderr}"
    return done.stdout


def create_template() -> None:
    """Create this run's template: all migrations as ``owner``, then the baseline for cleaning."""
    from tests.plugin import with_database

    template = with_database(os.environ["DATABASE_OWNER_URL"], template_name())
    with _maintenance() as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(template_name())))
    as_owner = {"DATABASE_ROLE": "owner", "DATABASE_OWNER_URL": template}
    run_manage("migrate", "--verbosity=0", "--skip-checks", env=as_owner)
    with psycopg.connect(template) as connection:
        connection.execute(_BASELINE.encode())


def create_copy(name: str, *, template: str | None = None) -> None:
    """Create a database as a copy of another (this run's template), replacing an older one of that name."""
    drop(name)
    statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
    with _maintenance() as connection:
        connection.execute(statement.format(sql.Identifier(name), sql.Identifier(template or template_name())))


def addresses(name: str) -> dict[str, str]:
    """Both roles' addresses of a database of this run."""
    from tests.plugin import with_database

    return {key: with_database(os.environ[key], name) for key in ("DATABASE_URL", "DATABASE_OWNER_URL")}


def drop(name: str) -> None:
    """Drop a database of this run together with the connections that are still open to it."""
    with _maintenance() as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def clean(address: str | None = None) -> None:
    """Bring a database back to what it held after the migrations, append-only tables included.

    Transactions that a test forgot are ended first: nothing survives into the next test, and nothing waits.

    Args:
        address: owner's address; this run's test database when left out.
    """
    with psycopg.connect(address or os.environ["DATABASE_OWNER_URL"]) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND state LIKE 'idle in transaction%'"
        )
        connection.execute("SET LOCAL lock_timeout = '10s'")
        connection.execute("SET LOCAL session_replication_role = replica")
        connection.execute("SELECT baseline.clean()")


def _maintenance() -> psycopg.Connection:
    return psycopg.connect(os.environ["MAINTENANCE_DATABASE_OWNER_URL"], autocommit=True)
