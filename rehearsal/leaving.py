"""What a rehearsal leaves behind: nothing, also where its process was killed."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from campaigns.rehearsals import book
from core.database import Database, libpq_url
from rehearsal import place

_LOCK = 5_120_027  # of advisory locks: the class of those that a rehearsal's process holds


@contextmanager
def holding(url: str, rehearsal_id: int) -> Iterator[bool]:
    """Whether nobody else holds this rehearsal; it is then held until the block ends or the process dies."""
    with psycopg.connect(libpq_url(url), autocommit=True) as connection:
        row = connection.execute("select pg_try_advisory_lock(%s, %s)", [_LOCK, rehearsal_id % 2**31]).fetchone()
        yield bool(row and row[0])


def folder_of(data_dir: Path, rehearsal_id: int) -> Path:
    """Where a rehearsal keeps its files: who answers, and the log of its processes."""
    return data_dir / place.FOLDER / str(rehearsal_id)


def sweep(url: str, data_dir: Path, but: int = 0) -> int:
    """Removes what rehearsals left whose process was killed; returns how many. Those that run are left alone."""
    found = 0
    with psycopg.connect(libpq_url(url), autocommit=True) as connection:
        database = connection.info.dbname
        pattern = place.copy_name(database, "%").replace("_", r"\_")
        names = connection.execute("select datname from pg_database where datname like %s", [pattern]).fetchall()
    left = {int(name.rpartition("_")[2]) for (name,) in names if name.rpartition("_")[2].isdigit()}
    folder = data_dir / place.FOLDER
    if folder.is_dir():
        left |= {int(each.name) for each in folder.iterdir() if each.name.isdigit()}
    for each in sorted(left - {but}):
        with holding(url, each) as is_nobodys:
            if is_nobodys:
                discard(url, folder_of(data_dir, each), each)
                found += 1
    return found


def give_up_abandoned(db: Database, *, waiting_too: bool = False) -> bool:
    """Whether a rehearsal was found that is said to run, and whose process is gone; it is then over.

    ``waiting_too``: also one that was not begun, where its process has come and gone.
    """
    with db.begin() as tx:
        row = book.going(tx)
    if row is None or (row.state != book.State.RUNNING and not waiting_too):
        return False
    with holding(db.url, row.id) as is_nobodys:
        if is_nobodys:
            with db.begin() as tx:
                book.fail(tx, row.id, "Se interrumpió: el proceso que lo hacía se terminó. Vuelva a empezarlo.")
    return is_nobodys


def discard(url: str, folder: Path, rehearsal_id: int) -> None:
    """Drops the copy, whoever is still connected to it, and its files."""
    with psycopg.connect(libpq_url(url), autocommit=True) as connection:
        name = place.copy_name(connection.info.dbname, rehearsal_id)
        connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))
    shutil.rmtree(folder, ignore_errors=True)
