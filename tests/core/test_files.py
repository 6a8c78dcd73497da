"""Files kept in the database: in pieces, encrypted, and back byte for byte."""

import hashlib

import pytest
from sqlalchemy import event, func, select, update

from core import files
from core.files import PIECE, file_piece, stored_file
from core.privacy import CannotOpen, Vault


def keep(db, vault, clock, data) -> int:
    with db.begin() as tx:
        return files.keep(tx, vault, clock.now(), "ana@x.example", "lista.csv", data)


@pytest.mark.parametrize(
    ("size", "pieces"), [(0, 0), (1, 1), (PIECE - 1, 1), (PIECE, 1), (PIECE + 1, 2), (2 * PIECE, 2), (2_500_000, 3)]
)
def test_it_comes_back_byte_for_byte(db, vault, clock, size, pieces):
    data = bytes(n % 251 for n in range(1000)) * (size // 1000 + 1)
    data = data[:size]
    file_id = keep(db, vault, clock, data)
    with db.begin() as tx:
        assert files.fetch(tx, vault, file_id) == data
        row = tx.execute(select(stored_file)).one()
        assert tx.execute(select(func.count()).select_from(file_piece)).scalar_one() == pieces
    assert (row.size, row.sha256, row.name) == (size, hashlib.sha256(data).hexdigest(), "lista.csv")
    assert (row.kept_by, row.kept_at) == ("ana@x.example", clock.now())


def test_nothing_of_it_can_be_read_in_the_database(db, vault, clock):
    file_id = keep(db, vault, clock, b"00016297-5;Ana")
    with db.begin() as tx:
        sealed = bytes(tx.execute(select(file_piece.c.sealed)).scalar_one())
    assert b"Ana" not in sealed
    assert b"00016297" not in sealed
    with pytest.raises(CannotOpen), db.begin() as tx:
        files.fetch(tx, Vault("another key, of an installation elsewhere"), file_id)


def test_a_piece_that_was_changed_is_noticed(db, vault, clock):
    file_id = keep(db, vault, clock, b"00016297-5;Ana")
    with db.begin() as tx:
        sealed = bytearray(tx.execute(select(file_piece.c.sealed)).scalar_one())
        sealed[-1] ^= 1
        tx.execute(update(file_piece).values(sealed=bytes(sealed)))
    with pytest.raises(CannotOpen), db.begin() as tx:
        files.fetch(tx, vault, file_id)


def test_two_files_are_two(db, vault, clock):
    first, second = keep(db, vault, clock, b"uno"), keep(db, vault, clock, b"dos")
    with db.begin() as tx:
        assert (files.fetch(tx, vault, first), files.fetch(tx, vault, second)) == (b"uno", b"dos")


def test_a_transaction_that_fails_keeps_none(db, vault, clock):
    with pytest.raises(ZeroDivisionError), db.begin() as tx:
        files.keep(tx, vault, clock.now(), "ana", "lista.csv", b"x" * 3_000_000)
        raise ZeroDivisionError
    with db.begin() as tx:
        assert tx.execute(select(func.count()).select_from(stored_file)).scalar_one() == 0


@pytest.mark.parametrize("size", [0, 1, files.PIECE - 1, files.PIECE, files.PIECE + 1, 3 * files.PIECE])
def test_a_file_can_be_read_a_piece_at_a_time(db, vault, clock, size):
    data = bytes(range(256)) * (size // 256 + 1)
    data = data[:size]
    with db.begin() as tx:
        file_id = files.keep(tx, vault, clock.now(), "ana", "lista.csv", data)
    with files.opened(db, vault, file_id) as file:
        begun = file.read(10)
        assert begun + file.read() == data
        assert file.read(1) == b""


@pytest.mark.parametrize(("size", "asked"), [(0, 1), (1, 1), (PIECE, 1), (PIECE + 1, 2), (3 * PIECE, 3)])
def test_each_piece_is_asked_for_once_and_nothing_after_the_last(db, vault, clock, size, asked):
    file_id = keep(db, vault, clock, b"x" * size)
    told: list[str] = []

    def tell(_connection, _cursor, statement, *_more) -> None:
        told.append(statement)

    event.listen(db.engine, "before_cursor_execute", tell)
    try:
        with files.opened(db, vault, file_id) as file:
            while file.read(300_000):
                pass
    finally:
        event.remove(db.engine, "before_cursor_execute", tell)
    assert len(told) == asked


def test_the_same_file_is_read_by_two_at_once(db, vault, clock):
    data = bytes(range(256)) * 8_000
    file_id = keep(db, vault, clock, data)
    with files.opened(db, vault, file_id) as one, files.opened(db, vault, file_id) as other:
        begun = (one.read(1_500_000), other.read(10))
        assert (begun[0] + one.read(), begun[1] + other.read()) == (data, data)
