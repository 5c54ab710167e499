"""Whole sites for tests: real uvicorn, real ticks, own database, own Valkey.

``live_site`` is shared by the session (demo data of ``seed_demo --seed 1 --cases 60``). ``start_site(...)`` makes one
for a single test, for instance with a moved clock or one whose Valkey is to be killed.
"""

from __future__ import annotations

import itertools
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest

from direkt1177.embedded import ValkeyServer
from direkt1177.embedded.children import Child, child_environment, free_port, wait_for_site, web_command
from tests import databases

_numbers = itertools.count(1)


@dataclass
class Site:
    """A running site.

    Attributes:
        url: address of the pages, without a slash at the end.
        database_url: as ``app``; ``owner_url`` as ``owner``.
        valkey: this site's own server: ``kill()``, ``start()``, ``client().flushall()``.
        web, ticker: the two processes: ``stop()``, ``start()``.
        env: environment of the processes.
    """

    url: str
    database_url: str
    owner_url: str
    valkey: ValkeyServer
    web: Child
    ticker: Child
    folder: Path
    env: Mapping[str, str] = field(default_factory=dict)

    def query(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """What the database says, as ``owner``, committed at once; rows of a SELECT or RETURNING."""
        with psycopg.connect(self.owner_url, autocommit=True) as connection:
            cursor = connection.execute(statement.encode(), values or None)
            return cursor.fetchall() if cursor.description else []

    def manage(self, *arguments: str) -> str:
        """Run a management command against this site's database."""
        return databases.run_manage(*arguments, env=dict(self.env))

    def log(self) -> str:
        """All that web and ticker have written."""
        return "".join(child.log.read_text(errors="replace") for child in (self.web, self.ticker) if child.log.exists())

    def freeze_valkey(self) -> Callable[[], None]:
        """Stop Valkey from answering without closing its connections; the result lets it go on."""
        process = self.valkey.process
        assert process is not None
        process.send_signal(signal.SIGSTOP)
        return lambda: process.send_signal(signal.SIGCONT)

    def wait(self) -> None:
        """Wait until the pages answer (after ``web.start()``)."""
        wait_for_site(f"{self.url}/", self.web, seconds=60)

    def stop(self) -> None:
        """End the processes and drop the database."""
        self.ticker.stop()
        self.web.stop()
        self.valkey.stop()
        shutil.rmtree(self.valkey.socket.parent, ignore_errors=True)
        databases.drop(databases.name_of(self.database_url))


@pytest.fixture(scope="session")
def seeded_database(migrated_template: None) -> Callable[[str | None, int, Mapping[str, str]], str]:
    """Gives the name of a database with demo data; made once per clock and size, never used itself."""
    known: dict[tuple[str | None, int], str] = {}

    def name_for(clock: str | None, cases: int, env: Mapping[str, str]) -> str:
        key = (clock, cases)
        if key not in known:
            name = f"{databases.template_name()}_seed{len(known)}"
            databases.create_copy(name)
            addresses = databases.addresses(name)
            databases.run_manage("seed_demo", "--seed", "1", "--cases", str(cases), env={**env, **addresses})
            known[key] = name
        return known[key]

    return name_for


SiteFactory = Callable[..., Site]


def _make_site(
    seeded: Callable[[str | None, int, Mapping[str, str]], str],
    folder: Path,
    *,
    clock: str | None = None,
    cases: int = 60,
    seed: bool = True,
    env: Mapping[str, str] | None = None,
) -> Site:
    number = next(_numbers)
    name = f"{databases.template_name()}_site{number}"
    clock_env = {"DEMO_CLOCK": clock} if clock else {}
    databases.create_copy(name, template=seeded(clock, cases, clock_env) if seed else None)
    addresses = databases.addresses(name)
    # A socket's path must be short: pytest's own folders are too deep.
    run = Path(tempfile.mkdtemp(prefix="direkt-site-"))
    valkey = ValkeyServer(folder, run, durable=False, name="valkey")
    valkey.start()
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    site_env = child_environment(
        {**addresses, "REDIS_URL": valkey.address},
        SOCKET_ORIGINS=url,
        DATABASE_POOL="8",
        STATIC_AUTOREFRESH="0",
        UPLOAD_ROOT=str(folder / "uploads"),
        LOG_LEVEL="INFO",
        **clock_env,
        **(env or {}),
    )
    site_env.pop("DATABASE_ROLE", None)
    ticking = [sys.executable, "-W", "ignore", "manage.py", "tick", "--loop", "--every", "0.5"]
    site = Site(
        url=url,
        database_url=addresses["DATABASE_URL"],
        owner_url=addresses["DATABASE_OWNER_URL"],
        valkey=valkey,
        web=Child("web", web_command(port), folder / "web.log", site_env, databases.ROOT),
        ticker=Child("ticker", ticking, folder / "ticker.log", site_env, databases.ROOT),
        folder=folder,
        env=site_env,
    )
    site.web.start()
    site.ticker.start()
    try:
        site.wait()
    except BaseException:
        site.stop()
        raise
    return site


@pytest.fixture(scope="session")
def live_site(
    seeded_database: Callable[[str | None, int, Mapping[str, str]], str], tmp_path_factory: pytest.TempPathFactory
) -> Generator[Site, None, None]:
    """One site for all browser tests; leave its shared demo persons as you found them, or use ``start_site``."""
    site = _make_site(seeded_database, tmp_path_factory.mktemp("site"))
    yield site
    site.stop()


@pytest.fixture(scope="session")
def empty_site(
    seeded_database: Callable[[str | None, int, Mapping[str, str]], str], tmp_path_factory: pytest.TempPathFactory
) -> Generator[Site, None, None]:
    """A site without demo data, for what needs nobody signed in."""
    site = _make_site(seeded_database, tmp_path_factory.mktemp("empty"), seed=False)
    yield site
    site.stop()


@pytest.fixture
def start_site(
    seeded_database: Callable[[str | None, int, Mapping[str, str]], str], tmp_path_factory: pytest.TempPathFactory
) -> Generator[SiteFactory, None, None]:
    """Factory: ``start_site(clock=None, cases=60, seed=True, env=None)``; sites stop after the test."""
    sites: list[Site] = []

    def start(**options: Any) -> Site:
        sites.append(_make_site(seeded_database, tmp_path_factory.mktemp("site"), **options))
        return sites[-1]

    yield start
    for site in sites:
        site.stop()
