"""What the role ``app`` may do with append-only tables (design §2): used by migrations of every app."""

from __future__ import annotations

from django.db.migrations import RunSQL

_IF_APP = "DO $$ BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'app') THEN %s END IF; END $$;"


def insert_only(*tables: str) -> RunSQL:
    """A migration operation: the role ``app``, when it exists, may only INSERT and SELECT.

    Args:
        tables: names of tables in the schema ``public``, such as ``cases_message``.
    """
    names = ", ".join(tables)
    return RunSQL(
        _IF_APP
        % (
            f"REVOKE UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER ON {names} FROM app;"
            f" GRANT SELECT, INSERT ON {names} TO app;"
        ),
        _IF_APP % f"GRANT UPDATE, DELETE ON {names} TO app;",
    )
