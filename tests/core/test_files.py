"""Files kept in the database: in pieces, encrypted, and back byte for byte."""

import hashlib

import pytest
from sqlalchemy import delete, event, func, select, update

from core import files
from core.files import PIECE, NotWhole, file_piece, stored_file
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


def lose_piece(db, file_id, number) -> None:
    with db.begin() as tx:
        tx.execute(delete(file_piece).where(file_piece.c.file_id == file_id, file_piece.c.number == number))


def swap_first_pieces(db, file_id) -> None:
    """Each can be opened, and all of them are there."""
    with db.begin() as tx:
        for number, becomes in ((0, 99), (1, 0), (99, 1)):
            this = (file_piece.c.file_id == file_id, file_piece.c.number == number)
            tx.execute(update(file_piece).where(*this).values(number=becomes))


def read_in_parts(db, vault, file_id) -> bytes:
    with files.opened(db, vault, file_id) as file:
        return b"".join(iter(lambda: file.read(300_000), b""))


def fetch(db, vault, file_id) -> bytes:
    with db.begin() as tx:
        return files.fetch(tx, vault, file_id)


def check_and_read(db, vault, file_id) -> bytes:
    with db.begin() as tx:
        files.check(tx, file_id)
    return b""


@pytest.mark.parametrize("read", [fetch, read_in_parts, check_and_read])
@pytest.mark.parametrize("lost", [0, 1, 2])
def test_a_file_that_lost_a_piece_is_never_taken_for_a_shorter_one(db, vault, clock, read, lost):
    file_id = keep(db, vault, clock, b"x" * 2_500_000)
    lose_piece(db, file_id, lost)
    with pytest.raises(NotWhole, match="no está completo"):
        read(db, vault, file_id)


@pytest.mark.parametrize("read", [fetch, read_in_parts])
def test_pieces_in_another_order_are_noticed_by_what_was_written_down_of_the_whole(db, vault, clock, read):
    file_id = keep(db, vault, clock, b"a" * PIECE + b"b" * PIECE + b"c")
    swap_first_pieces(db, file_id)
    with pytest.raises(NotWhole, match="no está completo"):
        read(db, vault, file_id)


@pytest.mark.parametrize("read", [fetch, read_in_parts])
def test_a_file_that_is_longer_than_it_was_is_not_whole_either(db, vault, clock, read):
    file_id = keep(db, vault, clock, b"x" * 10)
    with db.begin() as tx:
        tx.execute(update(stored_file).values(size=4))
    with pytest.raises(NotWhole):
        read(db, vault, file_id)


def test_who_reads_in_parts_is_never_given_the_end_of_a_file_that_was_damaged(db, vault, clock):
    file_id = keep(db, vault, clock, b"a" * PIECE + b"b" * PIECE + b"c")
    swap_first_pieces(db, file_id)
    with files.opened(db, vault, file_id) as file:
        assert file.read(PIECE) == b"b" * PIECE
        with pytest.raises(NotWhole):
            file.read(PIECE + 1)
        with pytest.raises(NotWhole):
            file.read()  # nor is it over for whoever asks again


@pytest.mark.parametrize("read", [fetch, read_in_parts, check_and_read])
def test_a_file_that_was_removed_is_said_to_be_gone(db, vault, clock, read):
    file_id = keep(db, vault, clock, b"")
    with db.begin() as tx:
        files.remove(tx, file_id)
    with pytest.raises(NotWhole, match="ya no está guardado"):
        read(db, vault, file_id)


def test_a_whole_file_is_found_to_be_there_without_being_opened(db, vault, clock):
    for size in (0, 1, PIECE, 2_500_000):
        file_id = keep(db, vault, clock, b"x" * size)
        with db.begin() as tx:
            files.check(tx, file_id)


def test_what_is_logged_of_a_damaged_file_is_its_number_alone(db, vault, clock, caplog):
    file_id = keep(db, vault, clock, b"00016297-5;Ana")
    lose_piece(db, file_id, 0)
    with pytest.raises(NotWhole):
        fetch(db, vault, file_id)
    assert [each.getMessage() for each in caplog.records] == [f"the stored file {file_id} is not whole"]
