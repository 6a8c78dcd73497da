"""A citizen's call comes to the desk: into a queue, or back to the conversation that it dropped out of."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from desk import events, promises, rooms, settling
from desk.lines import CRISIS, Queue, Rejoins
from desk.overflow import NOTHING_TRIED
from desk.prints import document_print
from desk.states import LegRole, LegState, RoomKind, RoomState
from desk.tables import leg as leg_table
from desk.tables import room as room_table
from desk.waiting import Place, look
from desk.world import Desk


@dataclass(frozen=True)
class Arrival:
    """A citizen's call that wants a person. ``learnt``: document, is_verified, path… as the IVR knows it;
    ``carrier_account``: whose call it is at the carrier, None: the line's."""

    sid: str
    line: str
    phone: str | None
    learnt: dict[str, Any]
    is_crisis: bool = False
    attempt_id: int | None = None
    carrier_account: str | None = None


def enter(tx: Connection, desk: Desk, now: datetime, arrival: Arrival, queue_name: str | None) -> Place:
    """Puts the call into a queue; one that has a room already waits in it again, with its place."""
    line = desk.lines[arrival.line]
    queue = line.queue(queue_name)
    known = rooms.of_call(tx, arrival.sid)
    if known is not None:
        _again(tx, now, known, queue, arrival)
        return look(tx, desk, now, arrival.sid)
    if line.rejoins_emergency is not Rejoins.NEVER and back_in_their_emergency(tx, desk, now, arrival):
        return look(tx, desk, now, arrival.sid)
    vault = desk.vault
    phone_print = vault.fingerprint("phone", arrival.phone) if arrival.phone else None
    whose = document_print(vault, arrival.learnt)
    place_since = _place_kept(tx, now, line.id, phone_print, whose) if phone_print is not None else now
    is_crisis = arrival.is_crisis
    room_id = rooms.add(
        tx,
        room_table,
        line=line.id,
        queue=queue.name,
        kind=RoomKind.INBOUND,
        state=RoomState.WAITING,
        call_sid=arrival.sid,
        carrier_account=arrival.carrier_account or None,
        citizen_sealed=vault.seal(arrival.phone) if arrival.phone else None,
        citizen_print=phone_print,
        learnt_sealed=vault.seal(json.dumps(arrival.learnt)) if arrival.learnt else None,
        document_print=whose,
        is_crisis=is_crisis,
        is_helpline=line.is_helpline,
        priority=CRISIS if is_crisis else queue.priority,
        place_since=place_since,
        entered_at=now,
        queued_at=now,
        attempt_id=arrival.attempt_id,
    )
    first = {"role": LegRole.CALLER, "state": LegState.ANSWERED, "sid": arrival.sid}
    rooms.add(tx, leg_table, room_id=room_id, **first, wanted_at=now, answered_at=now)
    events.note(tx, now, room_id, "room.entered", "ivr", queue=queue.name, is_crisis=is_crisis)
    return look(tx, desk, now, arrival.sid)


def _place_kept(tx: Connection, now: datetime, line_id: str, phone_print: bytes, whose: bytes) -> datetime:
    """Since when they wait: of a promise to call them back, which they did not wait for, the place is theirs still."""
    since = now
    while (promise_id := promises.open_of(tx, now, line_id, phone_print, whose)) is not None:
        room_id = _owed(tx, promise_id)
        room = rooms.load(tx, room_id) if room_id is not None else None  # the room first, as everywhere
        with tx.begin_nested() as its_promise:
            place_since = promises.withdraw(tx, now, promise_id)
            if place_since is not None and _owed(tx, promise_id) not in (None, room_id):
                its_promise.rollback()  # its room was opened meanwhile: that one is locked first, and then it
                continue
        if place_since is None:
            continue  # its call ended meanwhile
        if room is not None and room.is_open:
            settling.end(tx, now, room, "rang again", "ivr")
        since = min(since, place_since)
    return since


def _owed(tx: Connection, promise_id: int) -> int | None:
    """The room in which a promise waits for somebody to call."""
    waits = (room_table.c.promise_id == promise_id, room_table.c.state.in_([RoomState.WAITING, RoomState.OFFERED]))
    return tx.execute(select(room_table.c.id).where(*waits)).scalar()


def back_in_their_emergency(tx: Connection, desk: Desk, now: datetime, arrival: Arrival) -> bool:
    """Whoever dropped out of an emergency and rings again is with the same people (R77); False for any other call.

    Known by the telephone alone, as their line's file allows: a withheld number is nobody's. The call that they dropped
    out of may be on the line as far as the carrier knows: it is left to end by itself, and the new one is theirs.
    """
    room = _emergency_of(tx, desk, arrival)
    if room is None:
        return False
    for leg in room.of(LegRole.CALLER):
        if leg.state in settling.UNHEARD:
            rooms.let_go(tx, leg.id)  # our own attempt to ring them
    rooms.change(tx, room.id, call_sid=arrival.sid)
    first = {"role": LegRole.CALLER, "state": LegState.ANSWERED, "sid": arrival.sid}
    rooms.add(tx, leg_table, room_id=room.id, **first, wanted_at=now, answered_at=now)
    events.note(tx, now, room.id, "room.rang_back", "ivr")
    if room.state is RoomState.TALKING and not room.company:  # everybody else has left it meanwhile
        with_them = rooms.load(tx, room.id)
        assert with_them is not None
        settling.back_to_the_front(tx, now, with_them, "ivr")
    settling.settle(tx, now, room.id)  # a service may have come while there was nobody to bring to it
    return True


def tell_their_emergency(tx: Connection, desk: Desk, now: datetime, arrival: Arrival) -> bool:
    """Where a line's file keeps shared telephones out: the emergency's page says that somebody rang from that number.

    It may be the person, or whoever harms them at home (R77): nothing but the people of the emergency can tell.
    """
    room = _emergency_of(tx, desk, arrival)
    if room is not None:
        events.note(tx, now, room.id, "emergency.same_number", "ivr")
        rooms.change(tx, room.id, is_emergency=True)  # written anew, so that its page is drawn again
    return room is not None


def _emergency_of(tx: Connection, desk: Desk, arrival: Arrival) -> rooms.Room | None:
    """The emergency that is going on with this telephone, locked."""
    if arrival.phone is None:
        return None
    phone_print = desk.vault.fingerprint("phone", arrival.phone)
    theirs = (room_table.c.line == arrival.line, room_table.c.citizen_print == phone_print)
    is_going_on = (room_table.c.is_emergency, room_table.c.state != RoomState.ENDED, room_table.c.confirmed.is_(None))
    known = tx.execute(select(room_table.c.id).where(*theirs, *is_going_on).order_by(room_table.c.id.desc())).scalar()
    room = rooms.load(tx, known) if known is not None else None
    return room if room is not None and room.is_open else None


def _again(tx: Connection, now: datetime, room: rooms.Room, queue: Queue, arrival: Arrival) -> None:
    if arrival.is_crisis and not room.is_crisis:
        rooms.change(tx, room.id, is_crisis=True, priority=CRISIS)
    if room.state is RoomState.AWAY:
        rooms.change(tx, room.id, state=RoomState.WAITING, queued_at=now, wanted_account=room.account_id)
        events.note(tx, now, room.id, "room.came_back", "ivr")
        settling.settle(tx, now, room.id)  # somebody may be in the room already
    elif room.state is RoomState.WAITING and (queue.name != room.queue or room.is_exhausted):
        rooms.change(tx, room.id, queue=queue.name, asked_queue=None, queued_at=now, **NOTHING_TRIED)
