"""A real PostgreSQL, empty before each test; a clock that stands still; a vault with a known key."""

import fcntl
import os
import secrets
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.exc import OperationalError

from app import Parts, assemble, webhooks_app
from core import migrate, postgres
from core.clock import FixedClock
from core.database import Database, libpq_url
from core.privacy import Vault
from settings import Settings
from tests.slow import begin_with_the_slow
from tests.webhooks import Webhooks

SERVER_DIR = Path(__file__).resolve().parent.parent / "var" / "test-pg"


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


@pytest.fixture
def db(_connected: Database) -> Database:
    """The database, empty."""
    empty(_connected)
    return _connected


@pytest.fixture
def server_dir() -> Iterator[Path]:
    """For a server of a test's own. Not tmp_path: every run of pytest closes its parent to the server's user again."""
    with TemporaryDirectory(prefix="pregonero-") as directory:
        yield Path(directory) / "var"
        postgres.stop(Path(directory) / "var")


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
    return Webhooks(webhooks_app(parts), parts.settings.public_url, parts.settings.auth_token)


def empty(database: Database) -> None:
    """Every table without rows and every count from one. Triggers are off, or the audit trail would refuse.

    Most tests leave a few rows in a few tables: these are deleted, and only what has grown is truncated, since each
    truncated table is a new file, and so is each of its indexes.
    """
    for tries_left in (4, 3, 2, 1, 0):
        try:
            return _empty(database)
        except OperationalError:  # a process of the test before that ends only now: two wait for each other
            if not tries_left:
                raise


def _empty(database: Database) -> None:
    with database.begin() as tx:
        found = tx.exec_driver_sql(
            "select quote_ident(tablename) from pg_tables"
            " where schemaname = 'public' and tablename <> 'alembic_version'"
        )
        names = list(found.scalars())
        tx.exec_driver_sql(f"lock table {', '.join(names)} in exclusive mode")  # whoever still writes is waited for
        used = tx.exec_driver_sql(" union all ".join(_IF_USED.format(name) for name in names)).all()
        tx.exec_driver_sql("set local session_replication_role = replica")
        if grown := [name for name, size in used if size > _GROWN]:
            tx.exec_driver_sql(f"truncate {', '.join(grown)} restart identity cascade")
        for name in (name for name, size in used if size <= _GROWN):
            tx.exec_driver_sql(f"delete from {name}")
        tx.exec_driver_sql(
            "select setval(quote_ident(sequencename)::regclass, start_value, false)"
            " from pg_sequences where schemaname = 'public' and last_value is not null"
        )


_GROWN = 256 * 1024  # bytes
_IF_USED = "select '{0}', pg_relation_size('{0}') where exists (select from {0})"


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
