"""Files kept in the database, encrypted, in pieces of 1 MB: no host has state (architecture, decision 3)."""

import hashlib
import io
import logging
from datetime import datetime
from typing import BinaryIO

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    ForeignKey,
    Identity,
    Integer,
    LargeBinary,
    Table,
    Text,
    and_,
    delete,
    func,
    insert,
    select,
)

from core.database import Database, Moment, metadata
from core.privacy import Vault
from core.spreadsheets import Unreadable

log = logging.getLogger(__name__)

PIECE = 1_000_000  # bytes

stored_file = Table(
    "stored_file",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("name", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("kept_at", Moment, nullable=False),
    Column("kept_by", Text, nullable=False),
)

file_piece = Table(
    "file_piece",
    metadata,
    Column("file_id", BigInteger, ForeignKey("stored_file.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
)


def keep(tx: Connection, vault: Vault, at: datetime, by: str, name: str, data: bytes) -> int:
    """Stores the bytes encrypted and returns the file's id."""
    digest = hashlib.sha256(data).hexdigest()
    values = {"name": name, "sha256": digest, "size": len(data), "kept_at": at, "kept_by": by}
    file_id = tx.execute(insert(stored_file).values(**values).returning(stored_file.c.id)).scalar_one()
    for number, start in enumerate(range(0, len(data), PIECE)):
        sealed = vault.seal(data[start : start + PIECE])
        tx.execute(insert(file_piece).values(file_id=file_id, number=number, sealed=sealed))
    return file_id


def size_of(tx: Connection, file_id: int) -> int:
    """Bytes of a kept file; 0 when it is gone."""
    return tx.execute(select(stored_file.c.size).where(stored_file.c.id == file_id)).scalar() or 0


class NotWhole(Unreadable):
    """The file is not there any more, or not as it was kept. The message is a sentence in Spanish."""


def fetch(tx: Connection, vault: Vault, file_id: int) -> bytes:
    """The bytes that were kept. Raises NotWhole, and CannotOpen if DATA_KEY is another one."""
    row = tx.execute(select(stored_file).where(stored_file.c.id == file_id)).first()
    if row is None:
        raise _gone()
    pieces = tx.execute(
        select(file_piece.c.sealed).where(file_piece.c.file_id == file_id).order_by(file_piece.c.number)
    ).scalars()
    data = b"".join(vault.open_bytes(piece) for piece in pieces)
    if len(data) != row.size or hashlib.sha256(data).hexdigest() != row.sha256:
        raise _damaged(file_id)
    return data


def check(tx: Connection, file_id: int) -> None:
    """For whoever cannot take back what was given of a file: that none of its pieces is missing, told without opening
    any. Raises NotWhole."""
    kept = func.count(file_piece.c.number), func.coalesce(func.max(file_piece.c.number) + 1, 0)
    query = (
        select(stored_file.c.size, *kept)
        .outerjoin(file_piece, file_piece.c.file_id == stored_file.c.id)
        .where(stored_file.c.id == file_id)
        .group_by(stored_file.c.id)
    )
    row = tx.execute(query).first()
    if row is None:
        raise _gone()
    size, pieces, after_last = row
    if not pieces == after_last == -(-size // PIECE):
        raise _damaged(file_id)


def opened(db: Database, vault: Vault, file_id: int) -> BinaryIO:
    """A kept file, to be read from its beginning to its end: at no time is more than a piece of it in memory, and no
    transaction stays open. Reading raises NotWhole at the latest in place of its last piece, and CannotOpen if DATA_KEY
    is another one."""
    return io.BufferedReader(_Pieces(db, vault, file_id), PIECE)


class _Pieces(io.RawIOBase):
    """One piece after the other, each asked for once; nothing is asked for after the last."""

    def __init__(self, db: Database, vault: Vault, file_id: int) -> None:
        self._db, self._vault, self._file_id = db, vault, file_id
        self._next = 0
        self._given = 0  # bytes
        self._digest = hashlib.sha256()
        self._left = memoryview(b"")
        self._is_at_end = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview[int] | bytearray") -> int:  # type: ignore[override]
        if not self._left and not self._is_at_end:
            self._left = memoryview(self._piece())
        size = min(len(buffer), len(self._left))
        buffer[:size] = self._left[:size]
        self._left = self._left[size:]
        return size

    def _piece(self) -> bytes:
        """The next one; the last only once all of them together are what was kept."""
        this = and_(file_piece.c.file_id == stored_file.c.id, file_piece.c.number == self._next)
        asked = select(stored_file.c.size, stored_file.c.sha256, file_piece.c.sealed).outerjoin(file_piece, this)
        with self._db.at_once() as tx:
            row = tx.execute(asked.where(stored_file.c.id == self._file_id)).first()
        if row is None:
            raise _gone()
        piece = self._vault.open_bytes(row.sealed) if row.sealed is not None else b""
        given = self._given + len(piece)
        self._digest.update(piece)
        is_missing, is_last = not piece and given < row.size, given >= row.size
        if is_missing or given > row.size or (is_last and self._digest.hexdigest() != row.sha256):
            raise _damaged(self._file_id)
        self._next, self._given, self._is_at_end = self._next + 1, given, is_last
        return piece


def _gone() -> NotWhole:
    return NotWhole("El archivo ya no está guardado.")


def _damaged(file_id: int) -> NotWhole:
    log.error("the stored file %s is not whole", file_id)
    return NotWhole("El archivo guardado no está completo: se perdió o se dañó una parte.")


def remove(tx: Connection, file_id: int) -> None:
    """Deletes a file with all its pieces; nothing is said if it was gone."""
    tx.execute(delete(stored_file).where(stored_file.c.id == file_id))
