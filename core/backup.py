"""A copy of the whole database in one file, and the way back.

The file: a first line of JSON that says what it is, then what pg_dump wrote in its own format. The copy does not say
which revision its tables are at: without this module nothing can run on it, and nothing dials before somebody looked.
"""

import contextlib
import json
import os
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from core import migrate, postgres
from core.database import libpq_url
from core.privacy import Vault
from core.revision import revision_of

_KIND, _VERSION = "pregonero-backup", 1
_LONGEST_HEAD = 10_000  # bytes
_PIECE = 1_000_000  # bytes


class CannotBackUp(Exception):
    """The copy was not made, and no part of it is left. The message is one sentence."""


class CannotRestore(Exception):
    """Nothing was changed, or what was begun cannot be used. The message is one sentence and what to do."""


@dataclass(frozen=True)
class Head:
    """``key``: a fingerprint by DATA_KEY, which proves the key and tells nothing of it."""

    made_at: str  #: ISO, UTC
    revision: str
    key: str
    kind: str = _KIND
    version: int = _VERSION


def back_up(database_url: str, vault: Vault, now: datetime, file: Path) -> int:
    """Writes the copy, as of this moment, while the service goes on; its bytes.

    ``file`` must not be there yet; it is there whole or not at all, readable by its owner alone. Raises CannotBackUp.
    """
    if file.exists():
        raise CannotBackUp(f"{file} ya existe: elija otro nombre.")
    made_at = now.isoformat(timespec="seconds")
    head = Head(made_at, revision_of(database_url) or "", _key(vault, made_at))
    part = file.with_name(f".{file.name}.part")
    try:
        with open(part, "wb", opener=lambda path, flags: os.open(path, flags, 0o600)) as target:
            target.write(json.dumps(asdict(head)).encode() + b"\n")
            _dump(database_url, target)
            target.flush()
            os.fsync(target.fileno())
        part.rename(file)
        return file.stat().st_size
    except OSError as error:
        raise CannotBackUp(f"No se pudo escribir {file}: {error.strerror}.") from None
    finally:
        part.unlink(missing_ok=True)


def head_of(file: Path) -> Head:
    """What a copy says of itself. Raises CannotRestore."""
    try:
        with file.open("rb") as source:
            return _read_head(source)
    except OSError as error:
        raise CannotRestore(f"{file} no se puede leer: {error.strerror}.") from None


def restore(
    database_url: str, vault: Vault, file: Path, hold: Callable[[psycopg.Connection], None] = lambda tx: None
) -> Head:
    """Fills an empty database from a copy and brings it up to date. ``hold`` runs in the transaction that makes it
    usable, on the tables as the copy has them.

    Raises CannotRestore: no copy, another DATA_KEY, a newer version's, a database in use or with somebody's data.
    """
    head = head_of(file)
    if head.key != _key(vault, head.made_at):
        raise CannotRestore(
            "Esta copia se hizo con otra DATA_KEY, y sin ella sus datos no se pueden leer: ponga la de entonces"
            " (la variable DATA_KEY, o el archivo data_key.txt de su DATA_DIR) y repita. No se cambió nada."
        )
    if not migrate.knows(head.revision):
        raise CannotRestore("Esta copia es de una versión más nueva de Pregonero: instálela primero.")
    _clear(database_url)
    _load(database_url, file)
    with psycopg.connect(libpq_url(database_url)) as tx:
        hold(tx)
        tx.execute("insert into alembic_version (version_num) values (%s)", [head.revision])
    migrate.upgrade(database_url)
    return head


def _key(vault: Vault, made_at: str) -> str:
    return vault.fingerprint("backup", made_at).hex()


def _read_head(source: BinaryIO) -> Head:
    try:
        told = json.loads(source.readline(_LONGEST_HEAD))
        head = Head(**told)
    except (ValueError, TypeError):
        raise CannotRestore("No es una copia hecha con «pregonero backup».") from None
    if (head.kind, head.version) != (_KIND, _VERSION):
        raise CannotRestore("La copia es de una versión de Pregonero que esta no conoce.")
    return head


def _dump(database_url: str, target: BinaryIO) -> None:
    options = ["--format=custom", "--no-owner", "--no-privileges", "--exclude-table-data=alembic_version"]
    with _running("pg_dump", database_url, options, stdout=subprocess.PIPE) as dumping:
        assert dumping.stdout is not None
        while piece := dumping.stdout.read(_PIECE):
            target.write(piece)
        told = _errors(dumping)
    if dumping.returncode:
        raise CannotBackUp(f"pg_dump no pudo: {told}")


def _load(database_url: str, file: Path) -> None:
    options = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"]
    with file.open("rb") as source:
        source.readline(_LONGEST_HEAD)
        with _running("pg_restore", database_url, options, stdin=subprocess.PIPE) as loading:
            assert loading.stdin is not None
            with contextlib.suppress(BrokenPipeError):  # it says why
                while piece := source.read(_PIECE):
                    loading.stdin.write(piece)
                loading.stdin.close()
            told = _errors(loading)
    if loading.returncode:
        raise CannotRestore(f"La copia está incompleta o no se pudo cargar ({told}). La base quedó vacía.")


@contextlib.contextmanager
def _running(program: str, database_url: str, options: list[str], **pipes: int) -> Iterator[subprocess.Popen]:
    """One of PostgreSQL's programs on the database. The password goes by the environment: everybody sees arguments."""
    known = conninfo_to_dict(libpq_url(database_url))
    password = known.pop("password", None)
    env = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", **({"PGPASSWORD": str(password)} if password else {})}
    argv = [str(postgres.program(program)), *options, f"--dbname={make_conninfo('', **known)}", "--no-password"]
    running = subprocess.Popen(argv, env=env, stderr=subprocess.PIPE, **pipes)  # type: ignore[call-overload]
    try:
        yield running
    finally:
        for pipe in (running.stdin, running.stdout, running.stderr):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        if running.poll() is None:
            running.kill()
        running.wait()


def _errors(running: subprocess.Popen) -> str:
    """What it complained of, first: never what follows, which may repeat what was in a row."""
    assert running.stderr is not None
    told = running.stderr.read().decode(errors="replace").splitlines()
    running.wait()
    return next((line for line in told if "error:" in line), "sin más detalle")[:300]


def _clear(database_url: str) -> None:
    """Makes room: the tables of a database that nobody has used yet. Raises CannotRestore."""
    with psycopg.connect(libpq_url(database_url), autocommit=True, connect_timeout=10) as connection:
        others = connection.execute(
            "select count(*) from pg_stat_activity where datname = current_database()"
            " and backend_type = 'client backend' and pid <> pg_backend_pid()"
        ).fetchone()
        if others and others[0]:
            raise CannotRestore("Hay un servicio conectado a esta base: deténgalo y repita. No se cambió nada.")
        if _has_anything(connection):
            raise CannotRestore("Esta base ya tiene datos, y no se borran: restaure en una vacía. No se cambió nada.")
        connection.execute("drop schema if exists public cascade; create schema public")


def _has_anything(connection: psycopg.Connection) -> bool:
    """Whether anybody's data are there: tables that were just made, empty, are nobody's."""
    query = "select tablename from pg_tables where schemaname = 'public' and tablename !~ '^(procrastinate_|alembic_)'"
    names = [name for (name,) in connection.execute(query)]
    asked = (sql.SQL("select exists (select from {})").format(sql.Identifier(name)) for name in names)
    return any(connection.execute(each).fetchone() == (True,) for each in asked)
