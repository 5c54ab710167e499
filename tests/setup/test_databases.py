"""The tests' own ground: they are ``app``, cleaning reaches append-only tables, nothing survives a test."""

from __future__ import annotations

import os

import psycopg
import pytest
from django.contrib.auth.models import Permission
from django.db import connection, transaction

from tests import databases

_APPEND_ONLY = b"""
CREATE TABLE public.trial (id int PRIMARY KEY);
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN RAISE EXCEPTION 'append only'; END $$;
CREATE TRIGGER stay BEFORE UPDATE OR DELETE ON public.trial FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER stay_all BEFORE TRUNCATE ON public.trial EXECUTE FUNCTION refuse_change();
REVOKE UPDATE, DELETE ON public.trial FROM app;
INSERT INTO public.trial VALUES (1);
"""


def test_tests_are_app(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("app",)
        cursor.execute("SELECT count(*) FROM pg_tables WHERE tableowner = current_user")
        assert cursor.fetchone() == (0,)


def _tables_where_app_may(db_privilege: str) -> set[str]:
    statement = """
        SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
        AND has_table_privilege('app', oid, %s)
    """
    with connection.cursor() as cursor:
        cursor.execute(statement, [db_privilege])
        return {name for (name,) in cursor.fetchall()}


def test_app_can_only_add_to_some_tables(db: None) -> None:
    """At least change log and read log; the apps' own tests say which."""
    assert len(_tables_where_app_may("INSERT") - _tables_where_app_may("UPDATE, DELETE")) >= 2


def test_app_may_truncate_nothing(db: None) -> None:
    assert _tables_where_app_may("TRUNCATE") == set()


def test_cleaning_empties_append_only_tables(transactional_db: None, owner_connection: psycopg.Connection) -> None:
    owner_connection.execute(_APPEND_ONLY)
    try:
        with pytest.raises(psycopg.errors.RaiseException):
            owner_connection.execute("DELETE FROM public.trial")
        databases.clean()
        assert owner_connection.execute("SELECT count(*) FROM public.trial").fetchone() == (0,)
    finally:
        owner_connection.execute("DROP TABLE public.trial; DROP FUNCTION refuse_change")


def test_cleaning_brings_back_what_migrations_made(transactional_db: None) -> None:
    before = Permission.objects.count()
    assert before
    Permission.objects.all().delete()
    databases.clean()
    assert Permission.objects.count() == before


def test_cleaning_does_not_wait_for_a_forgotten_transaction(transactional_db: None) -> None:
    forgotten = psycopg.connect(os.environ["DATABASE_URL"])
    forgotten.execute("UPDATE auth_permission SET name = 'changed'")
    Permission.objects.create(name="left", codename="left", content_type=Permission.objects.all()[0].content_type)
    databases.clean()
    assert not Permission.objects.filter(codename="left").exists()
    with pytest.raises(psycopg.OperationalError):
        forgotten.execute("SELECT 1")
    forgotten.close()


def test_durable_transactions_are_allowed_in_plain_tests(db: None) -> None:
    with transaction.atomic(durable=True):
        assert Permission.objects.exists()
