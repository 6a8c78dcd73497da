"""A real PostgreSQL, empty before each test; a clock that stands still; a vault with a known key."""

import fcntl
import gc
import os
import secrets
from collections.abc import Generator, Iterator
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import hypothesis
import psycopg
import pytest
from argon2 import PasswordHasher
from flask import Flask
from psycopg import sql

from app import webhooks_app
from assembly import Parts, assemble
from console import accounts
from core import migrate, postgres
from core.clock import FixedClock
from core.database import Database, libpq_url
from core.privacy import Vault
from settings import Settings
from tests.emptying import emptier, empty
from tests.routes import Route
from tests.slow import begin_with_the_slow
from tests.webhooks import Webhooks

SERVER_DIR = Path(__file__).resolve().parent.parent / "var" / "test-pg"

Flask.url_rule_class = Route

hypothesis.settings.register_profile("shared", deadline=None)  # how long an example takes is the machine's doing
hypothesis.settings.load_profile("shared")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is imported and collected stays to the end: looking through it for garbage took a sixth of the run."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(trylast=True)  # of those that -k and -m leave
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items[:] = begin_with_the_slow(items, int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")))


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """TEST_DATABASE_URL (a superuser's), or an embedded server shared by every run; the last one to leave ends it."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield libpq_url(given)
        return
    SERVER_DIR.mkdir(parents=True, exist_ok=True)
    with open(SERVER_DIR / "users.lock", "w") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        url = postgres.ensure_running(SERVER_DIR)
        with psycopg.connect(url, autocommit=True) as connection:
            for name in ("fsync", "full_page_writes", "synchronous_commit"):  # nothing here outlives a power cut
                connection.execute(f"alter system set {name} = off")
            connection.execute("select pg_reload_conf()")
        yield url
        fcntl.flock(users, fcntl.LOCK_UN)
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        postgres.stop(SERVER_DIR)


@pytest.fixture(scope="session")
def database_url(server_url: str) -> Iterator[str]:
    """A database of this process alone, with every table, dropped at the end."""
    name = f"test_{os.getpid()}_{secrets.token_hex(3)}"
    with psycopg.connect(server_url, autocommit=True) as server:
        _drop_abandoned(server)
        server.execute("select pg_advisory_lock(hashtext(%s))", [name])  # held as long as the database is in use
        url = postgres.create_database(server_url, name)
        _make_tables(url)
        yield url
        _drop(server, name)


@pytest.fixture(scope="session")
def _connected(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture(scope="session")
def _emptier(database_url: str) -> Iterator[psycopg.Connection]:
    with emptier(database_url) as connection:
        yield connection


@pytest.fixture
def db(_connected: Database, _emptier: psycopg.Connection) -> Database:
    """The database, empty."""
    empty(_emptier)
    return _connected


@pytest.fixture
def server_dir() -> Iterator[Path]:
    """For a server of a test's own. Not tmp_path: every run of pytest closes its parent to the server's user again."""
    with TemporaryDirectory(prefix="pregonero-") as directory:
        yield Path(directory) / "var"
        postgres.stop(Path(directory) / "var")


@pytest.fixture(scope="session", autouse=True)
def slow_hasher() -> Iterator[PasswordHasher]:
    """The passwords' own, with a cheap one in its place: argon2 is slow on purpose, and proves no more by it."""
    with pytest.MonkeyPatch.context() as patch:
        slow = accounts._hasher
        patch.setattr(accounts, "_hasher", PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1))
        yield slow


@pytest.fixture
def vault() -> Vault:
    return Vault("a key for tests alone, of no use elsewhere")


@pytest.fixture
def clock() -> FixedClock:
    """A Monday morning in El Salvador, inside legal hours."""
    return FixedClock(datetime.fromisoformat("2026-11-23T10:00:00-06:00"))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Those of a newcomer: the local carrier, everything by default."""
    return Settings.from_environment({"DATA_DIR": str(tmp_path)})


@pytest.fixture
def parts(settings: Settings, db: Database, vault: Vault, clock: FixedClock) -> Parts:
    """The parts of the application around the test's database and clock."""
    return assemble(settings, db, vault, clock)


@pytest.fixture
def webhooks(parts: Parts) -> Webhooks:
    return Webhooks(webhooks_app(parts), parts.settings.public_url, parts.settings.trunks.first.auth_token)


def _make_tables(url: str) -> None:
    migrate.upgrade(url)


def _drop_abandoned(server: psycopg.Connection) -> None:
    """The databases of runs that were killed: nobody holds their lock."""
    for (name,) in server.execute("select datname from pg_database where datname like 'test\\_%'").fetchall():
        if server.execute("select pg_try_advisory_lock(hashtext(%s))", [name]).fetchone() == (True,):
            _drop(server, name)
            server.execute("select pg_advisory_unlock(hashtext(%s))", [name])


def _drop(server: psycopg.Connection, name: str) -> None:
    server.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))
