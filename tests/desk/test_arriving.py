"""Who is taken for somebody who rings back into their own emergency, and what they hear."""

import threading
import time
from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy import select, text

from assembly import Parts
from core.database import Database
from desk import arriving, callbacks, events, promises, rooms
from desk.arriving import Arrival
from desk.lines import Rejoins
from desk.states import LegRole, LegState, PromiseState, RoomKind, RoomState
from desk.tables import leg, promise
from desk.tables import room as room_table
from desk.waiting import Now
from tests.webhooks import Webhooks

CITIZEN, ANOTHER = "+50370001234", "+50370009999"


def in_an_emergency(parts: Parts, now: datetime, **values: object) -> int:
    """A room of Línea 131 whose citizen dropped out of it."""
    seen = {"place_since": now, "entered_at": now, "queued_at": now, "answered_at": now}
    kind = {"line": "linea131", "queue": "crisis", "kind": RoomKind.INBOUND, "state": RoomState.TALKING}
    printed = parts.vault.fingerprint("phone", CITIZEN)
    first = {**seen, **kind, "citizen_print": printed, "is_emergency": True, "is_crisis": True, "call_sid": "CA1"}
    with parts.db.begin() as tx:
        room_id = rooms.add(tx, room_table, **{**first, **values})
        operator = {"role": LegRole.OPERATOR, "state": LegState.JOINED, "joined_at": now, "wanted_at": now}
        rooms.add(tx, leg, room_id=room_id, account_id=7, sid="CA2", **operator)
    return room_id


@pytest.mark.parametrize(
    ("values", "phone", "line", "is_theirs"),
    [
        ({}, CITIZEN, "linea131", True),
        ({}, None, "linea131", False),  # a withheld number is nobody's
        ({}, ANOTHER, "linea131", False),
        ({}, CITIZEN, "dgs", False),
        ({"confirmed": "PATRULLA_LOCALIZO"}, CITIZEN, "linea131", False),
        ({"state": RoomState.ENDED}, CITIZEN, "linea131", False),
        ({"is_emergency": False}, CITIZEN, "linea131", False),
    ],
)
def test_whose_emergency_it_is(
    parts: Parts, values: dict[str, object], phone: str | None, line: str, is_theirs: bool
) -> None:
    now = parts.clock.now()
    room_id = in_an_emergency(parts, now, **values)
    arrival = Arrival("CA9", line, phone, {})
    with parts.db.begin() as tx:
        assert arriving.back_in_their_emergency(tx, parts.world.desk, now, arrival) is is_theirs
        known = tx.execute(select(room_table.c.call_sid).where(room_table.c.id == room_id)).scalar_one()
    assert known == ("CA9" if is_theirs else "CA1")


def test_the_call_they_dropped_out_of_is_left_to_end_by_itself_and_our_own_ring_is_stopped(parts: Parts) -> None:
    now = parts.clock.now()
    room_id = in_an_emergency(parts, now)
    with parts.db.begin() as tx:
        caller = {"role": LegRole.CALLER, "room_id": room_id, "wanted_at": now}
        there = rooms.add(tx, leg, state=LegState.JOINED, sid="CA1", joined_at=now, **caller)
        rung = rooms.add(tx, leg, state=LegState.RINGING, sid="CA3", **caller)
        arriving.back_in_their_emergency(tx, parts.world.desk, now, Arrival("CA9", "linea131", CITIZEN, {}))
        room = rooms.load(tx, room_id)
    assert room is not None and room.caller is not None
    assert room.caller.sid == "CA9"
    assert {each.id: each.wants_out for each in room.legs if each.id in (there, rung)} == {there: False, rung: True}


def allow(parts: Parts, monkeypatch: pytest.MonkeyPatch, how: Rejoins) -> None:
    """What the file of Línea 131 says of whoever rings back."""
    line = parts.lines["linea131"]
    told = replace(line.desk, rejoins_emergency=how)
    monkeypatch.setitem(parts.lines, line.id, replace(line, desk=told))
    monkeypatch.setitem(parts.world.desk.lines, line.id, told)


def rings(parts: Parts, webhooks: Webhooks, caller: str) -> str:
    params = {"CallSid": "CA" + "9" * 32, "From": caller, "To": parts.lines["linea131"].numbers[0]}
    return webhooks.post(f"{webhooks.public_url}/voice/incoming", params | {"CallStatus": "ringing"})[2]


@pytest.mark.parametrize(
    ("caller", "allows", "is_in_the_room"),
    [
        (CITIZEN, Rejoins.AT_ONCE, True),
        ("anonymous", Rejoins.AT_ONCE, False),
        (ANOTHER, Rejoins.AT_ONCE, False),
        (CITIZEN, Rejoins.AFTER_MENU, False),
        (CITIZEN, Rejoins.NEVER, False),
    ],
)
def test_they_hear_neither_welcome_nor_menu(
    parts: Parts,
    webhooks: Webhooks,
    monkeypatch: pytest.MonkeyPatch,
    caller: str,
    allows: Rejoins,
    is_in_the_room: bool,
) -> None:
    allow(parts, monkeypatch, allows)
    room_id = in_an_emergency(parts, parts.clock.now())
    document = rings(parts, webhooks, caller)
    assert (f">room-{room_id}<" in document) is is_in_the_room
    assert ("<Say" not in document) is is_in_the_room


@pytest.mark.parametrize(("how", "is_theirs"), [(Rejoins.AFTER_MENU, True), (Rejoins.NEVER, False)])
def test_after_the_menu_they_are_in_it_or_in_a_room_of_their_own(
    parts: Parts, monkeypatch: pytest.MonkeyPatch, how: Rejoins, is_theirs: bool
) -> None:
    allow(parts, monkeypatch, how)
    now = parts.clock.now()
    room_id = in_an_emergency(parts, now)
    with parts.db.begin() as tx:
        place = arriving.enter(tx, parts.world.desk, now, Arrival("CA9", "linea131", CITIZEN, {}), "crisis")
    assert (place.room_id == room_id) is is_theirs


@pytest.mark.parametrize(
    ("caller", "how", "told"),
    [
        (CITIZEN, Rejoins.NEVER, 1),
        (ANOTHER, Rejoins.NEVER, 0),
        ("anonymous", Rejoins.NEVER, 0),
        (CITIZEN, Rejoins.AFTER_MENU, 0),
    ],
)
def test_a_telephone_that_is_kept_out_is_told_to_the_emergency(
    parts: Parts, webhooks: Webhooks, monkeypatch: pytest.MonkeyPatch, caller: str, how: Rejoins, told: int
) -> None:
    allow(parts, monkeypatch, how)
    room_id = in_an_emergency(parts, parts.clock.now())
    before = version(parts.db, room_id)
    rings(parts, webhooks, caller)
    with parts.db.begin() as tx:
        kinds = [each["kind"] for each in events.story(tx, room_id)]
    assert kinds == ["emergency.same_number"] * told
    assert (version(parts.db, room_id) != before) is bool(told)  # its page is drawn again


def version(db: Database, room_id: int) -> str:
    with db.begin() as tx:
        return tx.execute(
            text("select xmin::text || ctid::text from room where id = :id"), {"id": room_id}
        ).scalar_one()


def test_whoever_comes_back_from_the_pin_line_is_with_whoever_is_in_the_room(parts: Parts) -> None:
    now = parts.clock.now()
    room_id = in_an_emergency(parts, now, state=RoomState.AWAY, is_emergency=False)
    with parts.db.begin() as tx:
        caller = {"role": LegRole.CALLER, "state": LegState.ANSWERED, "sid": "CA1", "wanted_at": now}
        rooms.add(tx, leg, room_id=room_id, **caller)
        place = arriving.enter(tx, parts.world.desk, now, Arrival("CA1", "linea131", CITIZEN, {}), "crisis")
    assert place.now is Now.ROOM


def test_a_callback_that_is_opened_while_they_ring_again_is_ended_with_its_promise(parts: Parts) -> None:
    now, desk = parts.clock.now(), parts.world.desk
    with parts.db.begin() as tx:
        made = {"line_id": "dgs", "queue": "general", "phone": CITIZEN}
        promise_id = promises.make(tx, desk, now, **made, place_since=now, learnt={})

    def ring_again() -> None:
        with parts.db.begin() as tx:
            arriving.enter(tx, desk, now, Arrival("CA9", "dgs", CITIZEN, {}), None)

    ringing = threading.Thread(target=ring_again)
    with parts.db.begin() as opening:
        row = opening.execute(select(promise).where(promise.c.id == promise_id).with_for_update()).one()
        assert callbacks._open(opening, desk, now, row, {})
        ringing.start()
        wait_for_somebody_who_waits(parts.db)
    ringing.join(10)
    with parts.db.begin() as tx:
        of_it = tx.execute(select(room_table).where(room_table.c.promise_id == promise_id)).one()
        state = tx.execute(select(promise.c.state).where(promise.c.id == promise_id)).scalar_one()
        assert [each.call_sid for each in rooms.open_rooms(tx)] == ["CA9"]
    assert (of_it.state, of_it.ended_as, state) == (RoomState.ENDED, "rang again", PromiseState.WITHDRAWN)


def wait_for_somebody_who_waits(db: Database) -> None:
    """Until a transaction of this database stands before a lock of another."""
    waits = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    for _ in range(200):
        with db.begin() as tx:
            if tx.execute(text(waits)).scalar_one():
                return
        time.sleep(0.02)
    raise AssertionError("nobody waits")
