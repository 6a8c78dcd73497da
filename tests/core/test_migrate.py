"""The revisions make the tables that the code expects, however many ask for them at once."""

import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from procrastinate.schema import SchemaManager
from psycopg import sql
from sqlalchemy.exc import OperationalError

from core import migrate, postgres
from core.revision import revision_of

PROJECT = Path(__file__).resolve().parent.parent.parent
ROOMS = [file.parent for file in PROJECT.glob("*/__init__.py") if file.parent.name != "tests"]
#: Some database has run these: what they lack is for another revision.
KEPT_AS_THEY_ARE = {
    "0000": "be978c7691dd460b",
    "0001": "81b896311d53d7cb",
    "0002": "20c3bfe89a75c1b3",
    "0003": "508fa104874466ad",
    "0004": "2662faa848140bc3",
    "0005": "570c9e293ae8f85c",
    "0006": "cfdcb412a747d6e5",
    "0007": "15919031d2ff2859",
    "0008": "5fba4268aff9fa8a",
    "0009": "2944eb0cc92edb42",
    "0010": "b8d2e8015e9bde7a",
    "0011": "30cb9ba840ea87e4",
    "0012": "466ceb9a624ee564",
    "0013": "1d01bc10979cd3b7",
    "0014": "04696c7e47c95366",
    "0015": "f179b19dbfa8d6e3",
    "0016": "5d3760ca8e0803ae",
    "0017": "b1b911d2e34693e0",
    "0018": "422d6ea7b336d6b3",
    "0019": "fb93e1169a2b2085",
    "0020": "273f54bd7087cdd0",
}
PROCRASTINATE_SCHEMA = "c70ec4b400a60ad9592787653aae5ae77ae41bf801d56b5bd2712751a07f2009"


@pytest.fixture
def empty_url(server_url: str) -> Iterator[str]:
    """A database without any table."""
    name = f"empty_{os.getpid()}"
    yield postgres.create_database(server_url, name)
    with psycopg.connect(server_url, autocommit=True) as server:
        server.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


def test_two_starters_may_migrate_at_once_and_again(empty_url: str) -> None:
    command = [sys.executable, "-c", "import sys; from core import migrate; migrate.upgrade(sys.argv[1])", empty_url]
    starters = [subprocess.Popen(command) for _ in range(2)]
    assert [starter.wait() for starter in starters] == [0, 0]
    migrate.upgrade(empty_url)


def test_the_revisions_lead_to_what_the_tables_say(empty_url: str) -> None:
    migrate.upgrade(empty_url)
    assert migrate.differences(empty_url) == []


def test_a_revision_that_was_run_is_never_written_again() -> None:
    found = {
        path.name[:4]: hashlib.sha256(path.read_bytes()).hexdigest()[:16]
        for path in (PROJECT / "migrations" / "versions").glob("0*.py")
    }
    assert {number: found[number] for number in KEPT_AS_THEY_ARE} == KEPT_AS_THEY_ARE


@pytest.mark.parametrize("number", ["0001", "0002"])
def test_a_database_in_use_is_brought_up_to_date(empty_url: str, number: str) -> None:
    """One row in each table of an earlier version: it is there afterwards, and the tables are as the code says."""
    migrate.upgrade(empty_url, number)
    with psycopg.connect(empty_url, autocommit=True) as connection:
        connection.execute("set session_replication_role = replica")  # whatever a row should refer to
        filled = [table for table in tables_of(connection) if fill(connection, table)]
    migrate.upgrade(empty_url)
    assert migrate.differences(empty_url) == []
    assert {"campaign", "recipient", "account"} <= set(filled)
    with psycopg.connect(empty_url) as connection:
        counts = [
            connection.execute(sql.SQL("select count(*) from {}").format(sql.Identifier(each))) for each in filled
        ]
        assert [count.fetchone() for count in counts] == [(1,)] * len(filled)


SOMETHING = {
    "text": "x",
    "ARRAY": "{}",
    "jsonb": "{}",
    "bytea": b"x",
    "boolean": True,
    "date": "2026-11-22",
    "tsvector": "x",
}


def tables_of(connection: psycopg.Connection) -> list[str]:
    query = "select tablename from pg_tables where schemaname = 'public' and tablename !~ '^(procrastinate|alembic)'"
    return [name for (name,) in connection.execute(query)]


def fill(connection: psycopg.Connection, table: str) -> bool:
    """A row with something in each column that must have a value."""
    columns = connection.execute(
        "select column_name, data_type from information_schema.columns"
        " where table_schema = 'public' and table_name = %s and is_nullable = 'NO'"
        " and column_default is null and is_identity = 'NO' and is_generated = 'NEVER'",
        [table],
    ).fetchall()
    names = sql.SQL(", ").join(sql.Identifier(name) for name, _ in columns)
    values = [SOMETHING.get(kind, "2026-11-22T10:00Z" if kind.startswith("timestamp") else 1) for _, kind in columns]
    given = sql.SQL(", ").join(sql.Placeholder() * len(values))
    if not columns:
        return False
    connection.execute(sql.SQL("insert into {} ({}) values ({})").format(sql.Identifier(table), names, given), values)
    return True


def test_starting_over_leaves_every_table_and_no_row(empty_url: str) -> None:
    migrate.upgrade(empty_url)
    with psycopg.connect(empty_url, autocommit=True) as connection:
        connection.execute("insert into procrastinate_jobs (queue_name, task_name) values ('q', 't')")
        migrate.start_over(empty_url)
        assert connection.execute("select count(*) from procrastinate_jobs").fetchone() == (0,)
        kept = connection.execute("select count(*) from pg_tables where schemaname = 'public'").fetchone()
    assert kept is not None and kept[0] >= len(migrate.TABLES)


def test_no_table_is_forgotten() -> None:
    defining = {
        ".".join(path.relative_to(PROJECT).with_suffix("").parts)
        for room in ROOMS
        for path in room.rglob("*.py")
        if re.search(r'= Table\(\n? *"\w+",\n? *metadata,', path.read_text())
    }
    assert defining == set(migrate.TABLES)


def test_procrastinate_still_has_the_schema_that_its_revision_was_written_for() -> None:
    installed = hashlib.sha256(SchemaManager.get_schema().encode()).hexdigest()
    assert installed == PROCRASTINATE_SCHEMA, "read docs/decisions/0003-procrastinate-schema.md: a revision is due"


def test_a_table_in_use_is_left_to_whoever_uses_it(empty_url: str) -> None:
    """A migration that waited for it would make every webhook behind it wait as well."""
    migrate.upgrade(empty_url, "0003")
    with psycopg.connect(empty_url) as busy:
        busy.execute("select count(*) from attempt")  # its transaction stays open
        with pytest.raises(OperationalError, match="lock timeout"):
            migrate.upgrade(empty_url, lock_timeout=0.1, tries=2)
        assert revision_of(empty_url) == "0003"
    migrate.upgrade(empty_url)
    assert migrate.differences(empty_url) == []


def test_a_database_of_a_newer_version_is_left_as_it_is(empty_url: str) -> None:
    """So that a version that turns out bad can be gone back from: it runs on the tables of the next."""
    migrate.upgrade(empty_url)
    with psycopg.connect(empty_url, autocommit=True) as connection:
        connection.execute("update alembic_version set version_num = '9999'")
    migrate.upgrade(empty_url)
    assert revision_of(empty_url) == "9999"


def test_new_post_begins_above_the_letters_that_were_there(empty_url: str) -> None:
    """They keep their ids when they are brought over (messages/former.py)."""
    migrate.upgrade(empty_url, "0007")
    with psycopg.connect(empty_url, autocommit=True) as connection:
        connection.execute(
            "insert into mail (id, kind, to_sealed, subject, body_sealed, state, queued_at)"
            " overriding system value values (4711, 'x', '', '', '', 'sent', now())"
        )
        migrate.upgrade(empty_url)
        above = connection.execute("select nextval(pg_get_serial_sequence('post', 'id'))").fetchone()
    assert above == (104_712,)
