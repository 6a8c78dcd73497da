"""Files that leave piece by piece, and a few at once: no list, however long, fills the memory of a web process."""

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from io import BytesIO
from threading import BoundedSemaphore
from typing import Any, BinaryIO

from sqlalchemy import Connection

from core.database import Database, may_take_its_time

Pieces = Generator[bytes, None, None]

_PIECE = 256 * 1024  # bytes
#: Of one process: each holds a connection for as long as its reader reads, or a whole workbook.
_TURNS = BoundedSemaphore(2)


class Busy(Exception):
    """Hay otras descargas en curso: inténtelo otra vez en unos segundos."""

    def __str__(self) -> str:
        return type(self).__doc__ or ""


def lines(db: Database, pieces_of: Callable[[Connection], Iterator[bytes]]) -> Pieces:
    """What ``pieces_of`` a transaction makes, which stays open until the last of them was taken."""
    with _turn(), db.begin() as tx:
        may_take_its_time(tx)  # a reader on a slow line
        pieces = pieces_of(tx)
        first = next(pieces, b"")
        yield b""
        yield first
        yield from pieces


def workbook(db: Database, write: Callable[[Connection, BinaryIO], Any]) -> Pieces:
    """What ``write`` writes: a ZIP, which is whole only at its end. In memory, since it holds citizens' data."""
    stream = BytesIO()
    with _turn():
        with db.begin() as tx:
            may_take_its_time(tx)
            write(tx, stream)
        stream.seek(0)
        yield b""
        yield from iter(lambda: stream.read(_PIECE), b"")


def begun(pieces: Pieces) -> Pieces:
    """What can fail before the first byte fails now; and only what has begun tidies up when it is closed.

    Raises Busy, and whatever making the first piece raises.
    """
    next(pieces)
    return pieces


@contextmanager
def _turn() -> Iterator[None]:
    if not _TURNS.acquire(blocking=False):
        raise Busy
    try:
        yield
    finally:
        _TURNS.release()
