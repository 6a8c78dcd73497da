"""Who is taken for somebody who rings back into their own emergency, and what they hear."""

from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy import select

from app import Parts
from desk import arriving, rooms
from desk.arriving import Arrival
from desk.states import LegRole, LegState, RoomKind, RoomState
from desk.tables import leg
from desk.tables import room as room_table
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


@pytest.mark.parametrize(
    ("caller", "allows", "is_in_the_room"),
    [(CITIZEN, True, True), ("anonymous", True, False), (ANOTHER, True, False), (CITIZEN, False, False)],
)
def test_they_hear_neither_welcome_nor_menu(
    parts: Parts,
    webhooks: Webhooks,
    monkeypatch: pytest.MonkeyPatch,
    caller: str,
    allows: bool,
    is_in_the_room: bool,
) -> None:
    line = parts.lines["linea131"]
    monkeypatch.setitem(parts.lines, line.id, replace(line, desk=replace(line.desk, rejoins_emergency=allows)))
    room_id = in_an_emergency(parts, parts.clock.now())
    params = {"CallSid": "CA" + "9" * 32, "From": caller, "To": line.numbers[0], "CallStatus": "ringing"}
    _, _, document = webhooks.post(f"{webhooks.public_url}/voice/incoming", params)
    assert (f">room-{room_id}<" in document) is is_in_the_room
    assert ("<Say" not in document) is is_in_the_room
