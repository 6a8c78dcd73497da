"""Bringing messages here: once, encrypted, deleted at the carrier, and gone after 30 days."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from carrier.client import CarrierDown
from carrier.recordings import NoRecording
from core import audit, files
from core.files import file_piece, stored_file
from desk.states import VoiceMessageState
from desk.tables import voice_message
from desk.voice_messages import inbox
from desk.voice_messages.fetching import KEPT, Fetcher
from desk.voice_messages.inbox import Which
from desk.voice_messages.tables import voice_message_note
from tests.desk.voice_messages.builders import WAV, Shelf, left, sid


@pytest.fixture
def shelf() -> Shelf:
    return Shelf(held={sid(1): WAV, sid(2): WAV})


@pytest.fixture
def fetcher(db, vault, clock, shelf) -> Fetcher:
    return Fetcher(db, vault, clock, lambda account: shelf)


@pytest.fixture
def number(db, vault, clock) -> int:
    with db.begin() as tx:
        return left(tx, vault, clock.now())


def row(db, number):
    with db.begin() as tx:
        return tx.execute(select(voice_message).where(voice_message.c.id == number)).one()


def kept(db) -> tuple[int, int]:
    """How many files, and pieces of them, there are."""
    with db.begin() as tx:
        tables = (stored_file, file_piece)
        files, pieces = (tx.execute(select(func.count()).select_from(table)).scalar_one() for table in tables)
    return files, pieces


def test_it_is_kept_here_encrypted_and_deleted_there(db, vault, fetcher, shelf, number):
    fetcher.fetch(number)
    found = row(db, number)
    assert (found.state, found.is_deleted_remotely) == (VoiceMessageState.FETCHED, True)
    assert sid(1) not in shelf.held
    with db.begin() as tx:
        assert files.fetch(tx, vault, found.file_id) == WAV
        assert all(b"WAVE" not in bytes(piece) for piece in tx.execute(select(file_piece.c.sealed)).scalars())


def test_a_second_run_changes_nothing(db, fetcher, number):
    fetcher.fetch(number)
    before = row(db, number)
    fetcher.fetch(number)
    assert row(db, number) == before
    assert kept(db) == (1, 3)


def test_a_run_that_comes_late_keeps_no_second_copy(db, fetcher, number):
    fetcher.fetch(number)
    fetcher._keep(number, WAV)  # another worker had fetched it too, and stores after us
    assert kept(db) == (1, 3)


def test_while_the_carrier_is_away_it_stays_where_it_is(db, fetcher, shelf, number):
    shelf.faults = 1
    with pytest.raises(CarrierDown):
        fetcher.fetch(number)
    assert row(db, number).state == VoiceMessageState.LEFT
    fetcher.fetch(number)
    assert row(db, number).state == VoiceMessageState.FETCHED


def test_a_delete_that_failed_is_tried_again_without_fetching(db, fetcher, shelf, number):
    shelf.delete_faults = 1
    with pytest.raises(CarrierDown):
        fetcher.fetch(number)
    assert (row(db, number).state, row(db, number).is_deleted_remotely) == (VoiceMessageState.FETCHED, False)
    shelf.faults = 9  # whoever fetches now, fails
    fetcher.fetch(number)
    assert row(db, number).is_deleted_remotely
    assert kept(db) == (1, 3)


def test_one_that_the_carrier_has_not_ready_is_tried_again(db, fetcher, shelf, number):
    del shelf.held[sid(1)]
    with pytest.raises(NoRecording):
        fetcher.fetch(number)
    assert not row(db, number).is_deleted_remotely


def test_a_message_that_is_not_there_is_no_error(fetcher):
    fetcher.fetch(999)


def test_after_thirty_days_nothing_of_it_stays(db, vault, clock, fetcher, number):
    fetcher.fetch(number)
    with db.begin() as tx:
        inbox.attend(tx, vault, clock.now(), number, "ana", "Se le llamó")
    clock.advance(KEPT - timedelta(seconds=1))
    fetcher.sweep()
    assert kept(db) == (1, 3)
    clock.advance(timedelta(seconds=1))
    fetcher.sweep()
    fetcher.sweep()
    found = row(db, number)
    assert (found.state, found.file_id, found.phone_sealed) == (VoiceMessageState.PURGED, None, None)
    assert kept(db) == (0, 0)
    with db.begin() as tx:
        assert tx.execute(select(voice_message_note)).all() == []
        assert inbox.listed(tx, vault, ["dgs"], Which.ALL) == []
        assert inbox.hear(tx, vault, clock.now(), number, "ana") is None
        assert [each["action"] for each in audit.history(tx, "message", number)].count("message.purged") == 1


def test_one_purged_before_it_was_fetched_is_still_deleted_there(db, clock, fetcher, shelf, number):
    shelf.faults = shelf.delete_faults = 1
    clock.advance(KEPT)
    assert fetcher.sweep() == 1
    assert row(db, number).state == VoiceMessageState.PURGED
    assert fetcher.sweep() == 0
    assert sid(1) not in shelf.held
    assert kept(db) == (0, 0)


def test_the_sweep_finishes_what_the_jobs_gave_up(db, vault, clock, fetcher, shelf, number):
    with db.begin() as tx:
        other = left(tx, vault, clock.now(), 2)
        tx.execute(
            update(voice_message).where(voice_message.c.id == other).values(left_at=clock.now() + timedelta(minutes=50))
        )
    clock.advance(timedelta(hours=1))
    assert fetcher.sweep() == 0
    assert row(db, number).is_deleted_remotely
    assert row(db, other).state == VoiceMessageState.LEFT  # its job has it still
