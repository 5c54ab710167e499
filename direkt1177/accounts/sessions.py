"""Sessions in PostgreSQL (S-03); a cookie that cannot be a key of ours never reaches the database."""

from __future__ import annotations

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore


class SessionStore(DatabaseStore):
    """Django's store, deaf to keys with other signs than it gives out: NUL or half a sign would be a database error."""

    def _validate_session_key(self, key: str | None) -> bool:
        return bool(key) and len(key or "") >= 8 and (key or "").isascii() and (key or "").isalnum()
