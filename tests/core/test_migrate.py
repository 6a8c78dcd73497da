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
from sqlalchemy import text

from core import migrate, postgres
from core.database import Database

PROJECT = Path(__file__).resolve().parent.parent.parent
ROOMS = (
    *("core", "prompts", "carrier", "beneficiaries", "campaigns", "cases", "desk", "ivr", "dialer", "messages"),
    *("console", "drill"),
)
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


def test_starting_over_leaves_every_table_and_no_row(db: Database) -> None:
    with db.begin() as tx:
        tx.execute(text("insert into procrastinate_jobs (queue_name, task_name) values ('q', 't')"))
    migrate.start_over(db.url)
    with db.begin() as tx:
        assert tx.execute(text("select count(*) from procrastinate_jobs")).scalar_one() == 0


def test_no_table_is_forgotten() -> None:
    defining = {
        ".".join(path.relative_to(PROJECT).with_suffix("").parts)
        for room in ROOMS
        for path in (PROJECT / room).rglob("*.py")
        if re.search(r'= Table\(\n? *"\w+",\n? *metadata,', path.read_text())
    }
    assert defining == set(migrate.TABLES)


def test_procrastinate_still_has_the_schema_that_its_revision_was_written_for() -> None:
    installed = hashlib.sha256(SchemaManager.get_schema().encode()).hexdigest()
    assert installed == PROCRASTINATE_SCHEMA, "read docs/decisions/0003-procrastinate-schema.md: a revision is due"
