"""A copy of the database: made while it is in use, refused with the wrong key, and never mixed with what is there."""

import os
import resource
import secrets
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql

from core import migrate, postgres
from core.backup import CannotBackUp, CannotRestore, back_up, head_of, restore
from core.database import Database
from core.privacy import Vault
from core.revision import HalfRestored, revision_of

NOW = datetime(2026, 11, 23, 16, tzinfo=UTC)
ACCOUNT = "insert into audit (at, actor, action, subject, subject_id, facts) values (now(), 'ana', 'x', 's', '1', '{}')"


@pytest.fixture
def elsewhere(server_url: str) -> Iterator[str]:
    """An empty database, without tables."""
    name = f"elsewhere_{os.getpid()}_{secrets.token_hex(3)}"
    yield postgres.create_database(server_url, name)
    with psycopg.connect(server_url, autocommit=True) as server:
        server.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


@pytest.fixture
def copy(db: Database, vault: Vault, tmp_path: Path) -> Path:
    """Of a database with one line in its audit trail."""
    _execute(db.url, ACCOUNT)
    back_up(db.url, vault, NOW, tmp_path / "copy")
    return tmp_path / "copy"


def test_what_was_there_is_there_again(copy: Path, vault: Vault, elsewhere: str) -> None:
    head = restore(elsewhere, vault, copy)
    assert head.made_at == "2026-11-23T16:00:00+00:00"
    assert _execute(elsewhere, "select actor from audit") == [("ana",)]
    assert migrate.differences(elsewhere) == []


def test_the_owner_of_a_database_need_not_be_a_superuser(copy: Path, vault: Vault, elsewhere: str) -> None:
    """As on an institution's own server."""
    name, role = urlsplit(elsewhere).path[1:], f"owner_{os.getpid()}_{secrets.token_hex(3)}"
    _execute(elsewhere, f"create role {role} login; alter database {name} owner to {role}")
    try:
        owners = elsewhere.replace("//postgres@", f"//{role}@")
        restore(owners, vault, copy)
        assert _execute(owners, "select actor from audit") == [("ana",)]
        back_up(owners, vault, NOW, copy.with_name("another"))
    finally:
        _execute(elsewhere, f"alter database {name} owner to current_user; reassign owned by {role} to current_user")
        _execute(elsewhere, f"drop owned by {role}; drop role {role}")


def test_the_copy_is_for_its_owner_alone_and_holds_no_key(copy: Path, vault: Vault) -> None:
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert vault.key_for_a_child().encode() not in copy.read_bytes()


def test_with_another_key_it_is_refused_before_anything_is_touched(copy: Path, elsewhere: str) -> None:
    with pytest.raises(CannotRestore, match="otra DATA_KEY"):
        restore(elsewhere, Vault("another key, with which nothing can be read"), copy)
    assert revision_of(elsewhere) is None
    assert _execute(elsewhere, "select count(*) from pg_tables where schemaname = 'public'") == [(0,)]


def test_a_database_that_was_only_made_ready_is_filled(copy: Path, vault: Vault, elsewhere: str) -> None:
    migrate.upgrade(elsewhere)
    restore(elsewhere, vault, copy)
    assert _execute(elsewhere, "select actor from audit") == [("ana",)]


def test_a_database_with_somebodys_data_is_left_alone(copy: Path, vault: Vault, elsewhere: str) -> None:
    migrate.upgrade(elsewhere)
    _execute(elsewhere, ACCOUNT.replace("ana", "luis"))
    with pytest.raises(CannotRestore, match="ya tiene datos"):
        restore(elsewhere, vault, copy)
    assert _execute(elsewhere, "select actor from audit") == [("luis",)]


def test_a_database_in_use_is_left_alone(copy: Path, vault: Vault, elsewhere: str) -> None:
    with psycopg.connect(elsewhere), pytest.raises(CannotRestore, match="deténgalo"):
        restore(elsewhere, vault, copy)


def test_a_copy_that_was_cut_short_leaves_the_database_empty(copy: Path, vault: Vault, elsewhere: str) -> None:
    whole = copy.read_bytes()
    copy.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(CannotRestore, match="incompleta"):
        restore(elsewhere, vault, copy)
    assert _execute(elsewhere, "select count(*) from pg_tables where schemaname = 'public'") == [(0,)]


def test_what_is_no_copy_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("documento;nombre\n")
    with pytest.raises(CannotRestore, match="No es una copia"):
        head_of(tmp_path / "list.csv")


def test_a_newer_versions_copy_waits_for_that_version(copy: Path, vault: Vault, elsewhere: str) -> None:
    head, rest = copy.read_bytes().split(b"\n", 1)
    revision = head_of(copy).revision.encode()
    copy.write_bytes(head.replace(b'"revision": "' + revision, b'"revision": "9999') + b"\n" + rest)
    with pytest.raises(CannotRestore, match="más nueva"):
        restore(elsewhere, vault, copy)


def test_until_it_is_whole_nothing_starts_on_it(copy: Path, vault: Vault, elsewhere: str) -> None:
    """As if it had been killed between loading the tables and holding the campaigns."""

    def killed(_tx: psycopg.Connection) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        restore(elsewhere, vault, copy, killed)
    with pytest.raises(HalfRestored):
        migrate.upgrade(elsewhere)


def test_a_file_that_is_there_is_not_written_over(db: Database, vault: Vault, copy: Path) -> None:
    before = copy.read_bytes()
    with pytest.raises(CannotBackUp, match="ya existe"):
        back_up(db.url, vault, NOW, copy)
    assert copy.read_bytes() == before


def test_a_full_disk_leaves_no_half_copy(db: Database, vault: Vault, tmp_path: Path) -> None:
    """The kernel refuses to let a file grow: as a full disk, it is an error of writing."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, limits[1]))
    try:
        with pytest.raises(CannotBackUp, match="No se pudo escribir"):
            back_up(db.url, vault, NOW, tmp_path / "copy")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert list(tmp_path.iterdir()) == []


def _execute(url: str, statement: str) -> list[tuple]:
    with psycopg.connect(url, autocommit=True) as connection:
        found = connection.execute(statement)
        return found.fetchall() if found.description else []
