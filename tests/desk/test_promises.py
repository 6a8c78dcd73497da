"""Promises to call back: when, how often, and to whom."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, select

from assembly import Parts
from core.closed_days import DayKind, close
from core.database import Database
from desk import advance, arriving, callbacks, dispatch, presence, promises, rooms
from desk.arriving import Arrival
from desk.states import LegRole, Presence, PromiseState, RoomState
from desk.tables import promise
from tests.campaigns.builders import attempts_of, put_on_the_line, running, set_attempt

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


def test_what_a_second_promise_is_about_is_before_whoever_calls(parts: Parts) -> None:
    """Somebody who claims, and then asks for something else: what the second is about was lost."""
    now, desk = parts.clock.now(), parts.world.desk
    claimed = {"document": "000162975", "path": ["Reclama el cobro"]}
    where: Any = {"line_id": "dgs", "queue": "general", "phone": PHONE, "place_since": now}
    with parts.db.begin() as tx:
        first = promises.make(tx, desk, now, **where, learnt=claimed)
        assert promises.make(tx, desk, now, **where, learnt={**claimed, "path": ["Precios"], "wants": "call"}) == first
        sealed = tx.execute(select(promise.c.learnt_sealed)).scalar_one()
    both = ["Reclama el cobro", "Precios"]
    assert json.loads(parts.vault.open(sealed)) == {"document": "000162975", "path": both, "wants": "call"}


@pytest.mark.parametrize("of_the_other", [{"document": "023456789"}, {}])
def test_somebody_else_of_the_house_has_a_promise_of_their_own(parts: Parts, of_the_other: dict[str, str]) -> None:
    """One telephone, two people: both were one row, and what the first had said was in it."""
    now, desk = parts.clock.now(), parts.world.desk
    where: Any = {"line_id": "dgs", "queue": "general", "phone": PHONE, "place_since": now}
    told = [
        {"document": "000162975", "path": ["Reclama el cobro"]},
        {**of_the_other, "path": ["Precios"]},
    ]
    with parts.db.begin() as tx:
        for each in told:
            promises.make(tx, desk, now, **where, learnt=each)
        rows = tx.execute(select(promise.c.learnt_sealed).order_by(promise.c.id)).scalars().all()
    assert [json.loads(parts.vault.open(sealed)) for sealed in rows] == told


def test_while_a_campaign_calls_them_nobody_is_rung_for_their_promise(parts: Parts) -> None:
    now, phone = parts.clock.now(), "+50371000000"
    (theirs,) = attempts_of(parts.db, running(parts.db, parts.vault, parts.clock, 1))
    promise_id = make(parts, now, phone=phone)
    put_on_the_line(parts.db, theirs.id, "CA1", now)
    set_attempt(parts.db, theirs.id, to_print=parts.vault.fingerprint("phone", phone))
    assert open_due(parts, now) == 0
    assert state(parts, promise_id) == (PromiseState.WAITING, 0, now + timedelta(minutes=2))
    set_attempt(parts.db, theirs.id, state="ended")
    assert open_due(parts, now + timedelta(minutes=2)) == 1


def test_a_call_of_which_nothing_has_been_known_for_hours_puts_off_nobody(parts: Parts) -> None:
    now, phone = parts.clock.now(), "+50371000000"
    (theirs,) = attempts_of(parts.db, running(parts.db, parts.vault, parts.clock, 1))
    make(parts, now, phone=phone)
    print_ = parts.vault.fingerprint("phone", phone)
    long_ago = datetime.now(UTC) - timedelta(hours=1)
    set_attempt(parts.db, theirs.id, state="unknown", to_print=print_, asked_at=long_ago)
    assert open_due(parts, now) == 1


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
        assert promises.withdraw(tx, now, withdrawn) == now
        assert promises.withdraw(tx, now, withdrawn) is None
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


# Days that a supervisor closed

MORNING = datetime.fromisoformat("2026-11-23T10:00:00-06:00")  # a Monday
TUESDAY = datetime.fromisoformat("2026-11-24T08:00:00-06:00")


def close_today(parts: Parts, country: str = "SV") -> None:
    with parts.db.begin() as tx:
        close(
            tx,
            MORNING,
            "jefa@ejemplo.gob.sv",
            country,
            date(2026, 11, 23),
            date(2026, 11, 23),
            "Asueto",
            DayKind.ASUETO,
        )


def rooms_now(parts: Parts) -> list[rooms.Room]:
    with parts.db.begin() as tx:
        return rooms.open_rooms(tx)


def test_on_a_closed_day_a_call_is_promised_for_the_next_one(parts: Parts) -> None:
    close_today(parts)
    assert state(parts, make(parts, MORNING))[2] == TUESDAY
    assert state(parts, make(parts, MORNING, "issemym"))[2] == MORNING  # the other country's day is as any other


def test_a_promise_whose_day_was_closed_since_waits_for_the_next_one(parts: Parts) -> None:
    promise_id = make(parts, MORNING)
    close_today(parts)
    assert open_due(parts, MORNING) == 0
    assert state(parts, promise_id) == (PromiseState.WAITING, 0, TUESDAY)
    assert open_due(parts, TUESDAY) == 1


def test_whoever_waits_to_be_rung_as_the_day_is_closed_is_not(parts: Parts) -> None:
    promise_id = make(parts, MORNING)
    assert open_due(parts, MORNING) == 1
    assert advance.advance(parts.world.desk, MORNING) == 0
    close_today(parts)
    assert advance.advance(parts.world.desk, MORNING) == 1
    assert rooms_now(parts) == []
    assert state(parts, promise_id)[:2] == (PromiseState.WAITING, 0)


def test_an_operator_who_answers_as_the_day_is_closed_rings_nobody(parts: Parts) -> None:
    desk, promise_id = parts.world.desk, make(parts, MORNING)
    assert open_due(parts, MORNING) == 1
    with parts.db.begin() as tx:
        presence.sign_on(tx, MORNING, 1, "ana@ejemplo.gob.sv", "Ana", is_supervisor=False)
        presence.set_skills(tx, 1, ["JURIDICA", "PIN", "PSICOLOGICA"])
        presence.choose(tx, MORNING, 1, Presence.DISPONIBLE)
    assert dispatch.dispatch(desk, MORNING) == 1
    (room,) = rooms_now(parts)
    (rung,) = room.of(LegRole.OPERATOR)
    close_today(parts)
    with parts.db.begin() as tx:
        rooms.change_leg(tx, rung.id, sid="CA9")
        dispatch.accept(tx, desk, MORNING, rung.id)
        found = rooms.load(tx, room.id)
    assert found is not None and found.state is not RoomState.TALKING
    assert not found.of(LegRole.CALLER)
    assert state(parts, promise_id)[:2] == (PromiseState.WAITING, 0)


def test_whoever_waits_as_the_day_is_closed_is_not_kept_waiting_for_nobody(parts: Parts) -> None:
    """The ways out of the queue are tried at once, as on a holiday; a line that always attends is none the wiser."""
    desk = parts.world.desk
    with parts.db.begin() as tx:
        for sid, line_id in (("CA1", "issemym"), ("CA2", "dgs")):
            arriving.enter(tx, desk, MORNING, Arrival(sid, line_id, PHONE, {}), None)
    assert advance.advance(desk, MORNING) == 0
    close_today(parts)
    assert advance.advance(desk, MORNING) == 0  # the other country's
    close_today(parts, "MX")
    assert advance.advance(desk, MORNING) == 1
    assert {each.line: each.is_exhausted for each in rooms_now(parts)} == {"issemym": True, "dgs": False}


@contextmanager
def readings_of_closed_days(db: Database) -> Iterator[list[str]]:
    """The queries of the closed days that are made meanwhile."""
    read: list[str] = []

    def hear(_conn, _cursor, statement, *_more) -> None:
        if "closed_day" in statement:
            read.append(statement)

    event.listen(db.engine, "before_cursor_execute", hear)
    try:
        yield read
    finally:
        event.remove(db.engine, "before_cursor_execute", hear)


def test_the_closed_days_are_read_once_for_all_the_promises(parts: Parts) -> None:
    for n in range(5):
        make(parts, MORNING, phone=f"+5037000{n:04}")
    with readings_of_closed_days(parts.db) as read:
        assert open_due(parts, MORNING) == 5
    assert len(read) == 1
    with readings_of_closed_days(parts.db) as read:
        advance.advance(parts.world.desk, MORNING)
    assert len(read) == 1


def test_with_nothing_promised_the_closed_days_are_not_read(parts: Parts) -> None:
    with readings_of_closed_days(parts.db) as read:
        open_due(parts, MORNING)
        advance.advance(parts.world.desk, MORNING)
    assert read == []
