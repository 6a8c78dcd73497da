"""Promises to call back: when, how often, and to whom."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from app import Parts
from desk import callbacks, promises, rooms
from desk.states import PromiseState
from desk.tables import promise

PHONE = "+50370001234"


def make(parts: Parts, now: datetime, line: str = "dgs", phone: str = PHONE) -> int:
    with parts.db.begin() as tx:
        return promises.make(
            tx, parts.world.desk, now, line_id=line, queue="general", phone=phone, place_since=now, learnt={}
        )


def state(parts: Parts, promise_id: int) -> tuple[str, int, datetime]:
    with parts.db.begin() as tx:
        row = tx.execute(select(promise).where(promise.c.id == promise_id)).one()
    return row.state, row.tries, row.next_at


def open_due(parts: Parts, now: datetime) -> int:
    return callbacks.open_due(parts.world.desk, now)


@pytest.mark.parametrize(
    ("line", "made", "next_at"),
    [
        ("dgs", "2026-11-23T10:00:00-06:00", "2026-11-23T10:00:00-06:00"),
        ("dgs", "2026-11-23T07:00:00-06:00", "2026-11-23T08:00:00-06:00"),
        ("dgs", "2026-11-23T18:00:00-06:00", "2026-11-24T08:00:00-06:00"),
        ("dgs", "2026-11-27T19:00:00-06:00", "2026-11-30T08:00:00-06:00"),  # a Friday evening
        ("dgs", "2026-12-24T19:00:00-06:00", "2026-12-28T08:00:00-06:00"),  # Christmas is a Friday
        ("issemym", "2026-11-23T17:59:00-06:00", "2026-11-23T17:59:00-06:00"),
        ("issemym", "2026-11-23T18:30:00-06:00", "2026-11-24T09:00:00-06:00"),  # legal till 19, open till 18
    ],
)
def test_a_promise_is_for_legal_hours_in_which_the_line_is_open(
    parts: Parts, line: str, made: str, next_at: str
) -> None:
    promise_id = make(parts, datetime.fromisoformat(made), line)
    assert state(parts, promise_id)[2] == datetime.fromisoformat(next_at)


def test_one_telephone_is_promised_one_call_of_a_line(parts: Parts) -> None:
    now = parts.clock.now()
    first = make(parts, now)
    assert make(parts, now) == first
    assert make(parts, now, phone="+50370009999") != first
    assert make(parts, now, line="issemym") != first


def test_a_promise_waits_in_the_queue_once_with_the_place_that_it_had(parts: Parts) -> None:
    now = parts.clock.now()
    make(parts, now)
    later = now + timedelta(minutes=5)
    assert open_due(parts, later) == 1
    assert open_due(parts, later) == 0
    with parts.db.begin() as tx:
        (room,) = rooms.open_rooms(tx)
    assert (room.place_since, room.queued_at) == (now, later)


def test_whoever_is_not_reached_is_tried_twice_and_no_more(parts: Parts) -> None:
    now = parts.clock.now()
    promise_id = make(parts, now)
    for tries, after in ((1, PromiseState.WAITING), (2, PromiseState.GIVEN_UP)):
        assert open_due(parts, now) == 1
        with parts.db.begin() as tx:
            promises.note_try(tx, promise_id)
            promises.room_ended(tx, now, promise_id, was_reached=False)
        assert state(parts, promise_id)[:2] == (after, tries)
        assert open_due(parts, now + timedelta(minutes=14)) == 0
        now += timedelta(minutes=15)
    assert open_due(parts, now + timedelta(days=1)) == 0


def test_a_room_that_ends_without_a_call_is_no_try(parts: Parts) -> None:
    now = parts.clock.now()
    promise_id = make(parts, now)
    open_due(parts, now)
    with parts.db.begin() as tx:
        promises.room_ended(tx, now, promise_id, was_reached=False)
    assert state(parts, promise_id)[:2] == (PromiseState.WAITING, 0)


def test_a_promise_that_was_kept_or_withdrawn_stays_so(parts: Parts) -> None:
    now = parts.clock.now()
    kept, withdrawn = make(parts, now), make(parts, now, phone="+50370009999")
    open_due(parts, now)
    with parts.db.begin() as tx:
        promises.room_ended(tx, now, kept, was_reached=True)
        phone_print = parts.vault.fingerprint("phone", "+50370009999")
        assert promises.withdraw(tx, now, "dgs", phone_print) == (withdrawn, now)
        assert promises.withdraw(tx, now, "dgs", phone_print) is None
        for each in (kept, withdrawn):
            promises.room_ended(tx, now, each, was_reached=False)
    assert state(parts, kept)[0] == PromiseState.KEPT
    assert state(parts, withdrawn)[0] == PromiseState.WITHDRAWN


def test_the_hour_is_looked_at_again_when_it_comes(parts: Parts) -> None:
    """The process may have been away, and the hour have passed."""
    now = parts.clock.now()
    promise_id = make(parts, now)
    assert open_due(parts, datetime.fromisoformat("2026-11-23T18:01:00-06:00")) == 0
    assert state(parts, promise_id)[2] == datetime.fromisoformat("2026-11-24T08:00:00-06:00")
