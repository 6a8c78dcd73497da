"""The citizen's side of a queue: they enter it, are told their place honestly, and have ways out of it."""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, func, select, update

from desk import dispatch, events, presence, promises, rooms, settling
from desk.lines import CRISIS, DeskLine, Queue
from desk.states import LegRole, LegState, Presence, RoomKind, RoomState
from desk.tables import leg as leg_table
from desk.tables import operator
from desk.tables import room as room_table
from desk.world import Desk

LOOKED_BACK = timedelta(hours=2)  # at calls of this queue, to say how long a call takes
FEW = 5  # calls: with fewer nothing is promised
LONGEST_ESTIMATE = 60  # minutes: beyond it nobody believes a number


class Now(StrEnum):
    """Where the citizen's call belongs at this moment."""

    WAIT = "wait"
    ROOM = "room"
    PIN = "pin"  # with the PIN line, carrying what the operator knows
    NOBODY = "nobody"  # every way of the queue was tried
    GOODBYE = "goodbye"


@dataclass(frozen=True)
class Place:
    """``position``: 1 is next. ``minutes``: an estimate, or None where there is nothing honest to say."""

    now: Now
    room_id: int
    position: int = 0
    minutes: int | None = None
    is_crisis: bool = False
    is_being_called: bool = False  #: somebody's telephone is ringing for them
    is_overflowing: bool = False  #: nobody of the queue came; others are being tried
    since: datetime | None = None  #: their place in the queue
    is_attended: bool = True  #: somebody who could take the call is at work
    carried: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Arrival:
    """A citizen's call that wants a person. ``learnt``: document, is_verified, path… as the IVR knows it."""

    sid: str
    line: str
    phone: str | None
    learnt: dict[str, Any]
    is_crisis: bool = False
    attempt_id: int | None = None


def enter(tx: Connection, desk: Desk, now: datetime, arrival: Arrival, queue_name: str | None) -> Place:
    """Puts the call into a queue; one that has a room already waits in it again, with its place."""
    line = desk.lines[arrival.line]
    queue = line.queue(queue_name)
    known = rooms.of_call(tx, arrival.sid)
    if known is not None:
        _again(tx, now, known, queue, arrival)
        return look(tx, desk, now, arrival.sid)
    vault = desk.vault
    phone_print = vault.fingerprint("phone", arrival.phone) if arrival.phone else None
    if phone_print is not None and _is_back_in_their_emergency(tx, now, arrival, phone_print):
        return look(tx, desk, now, arrival.sid)
    place_since = _place_kept(tx, now, line.id, phone_print) if phone_print is not None else now
    is_crisis = arrival.is_crisis
    room_id = rooms.add(
        tx,
        room_table,
        line=line.id,
        queue=queue.name,
        kind=RoomKind.INBOUND,
        state=RoomState.WAITING,
        call_sid=arrival.sid,
        citizen_sealed=vault.seal(arrival.phone) if arrival.phone else None,
        citizen_print=phone_print,
        learnt_sealed=vault.seal(json.dumps(arrival.learnt)) if arrival.learnt else None,
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


def _place_kept(tx: Connection, now: datetime, line_id: str, phone_print: bytes) -> datetime:
    """Since when they wait: of a promise to call them back, which they did not wait for, the place is theirs still."""
    promise_id = promises.open_of(tx, line_id, phone_print)
    if promise_id is None:
        return now
    owed = (room_table.c.promise_id == promise_id, room_table.c.state.in_([RoomState.WAITING, RoomState.OFFERED]))
    room_id = tx.execute(select(room_table.c.id).where(*owed)).scalar()
    room = rooms.load(tx, room_id) if room_id is not None else None  # the room first, as everywhere; then its promise
    withdrawn = promises.withdraw(tx, now, line_id, phone_print)
    if withdrawn is None:
        return now
    _, place_since = withdrawn
    if room is not None and room.is_open:
        settling.end(tx, now, room, "rang again", "ivr")
    return place_since


def _is_back_in_their_emergency(tx: Connection, now: datetime, arrival: Arrival, phone_print: bytes) -> bool:
    """Whoever dropped out of an emergency and rings again is with the same people at once (R77)."""
    theirs = (room_table.c.line == arrival.line, room_table.c.citizen_print == phone_print)
    is_going_on = (room_table.c.is_emergency, room_table.c.state != RoomState.ENDED, room_table.c.confirmed.is_(None))
    known = tx.execute(select(room_table.c.id).where(*theirs, *is_going_on).order_by(room_table.c.id.desc())).scalar()
    room = rooms.load(tx, known) if known is not None else None
    if room is None or (room.caller is not None and room.caller.state is LegState.JOINED):
        return False
    for leg in room.of(LegRole.CALLER):  # our own attempt to ring them
        rooms.let_go(tx, leg.id)
    rooms.change(tx, room.id, call_sid=arrival.sid)
    first = {"role": LegRole.CALLER, "state": LegState.ANSWERED, "sid": arrival.sid}
    rooms.add(tx, leg_table, room_id=room.id, **first, wanted_at=now, answered_at=now)
    events.note(tx, now, room.id, "room.came_back", "ivr")
    return True


def _again(tx: Connection, now: datetime, room: rooms.Room, queue: Queue, arrival: Arrival) -> None:
    if arrival.is_crisis and not room.is_crisis:
        rooms.change(tx, room.id, is_crisis=True, priority=CRISIS)
    if room.state is RoomState.AWAY:
        rooms.change(tx, room.id, state=RoomState.WAITING, queued_at=now, wanted_account=room.account_id)
        events.note(tx, now, room.id, "room.came_back", "ivr")
    elif room.state is RoomState.WAITING and (queue.name != room.queue or room.overflows < 0):
        rooms.change(tx, room.id, queue=queue.name, queued_at=now, overflows=0)


def look(tx: Connection, desk: Desk, now: datetime, sid: str) -> Place:
    """Where this call belongs now. Asked at every turn: it holds whatever was lost on the way."""
    room = rooms.of_call(tx, sid)
    if room is None:
        _is_let_go(tx, now, sid)
        return Place(Now.GOODBYE, 0)
    caller = room.caller
    if caller is not None and caller.wants_look:
        rooms.change_leg(tx, caller.id, wants_look=False, claimed_until=None)  # what else is wanted need not wait
    if room.state is RoomState.AWAY:
        return Place(Now.PIN, room.id, carried=carried(tx, desk, room.id))
    if room.company and room.state is RoomState.TALKING:
        return Place(Now.ROOM, room.id, is_crisis=room.is_crisis)
    others = [leg for leg in room.legs if leg.role is not LegRole.CALLER and leg.is_open]
    is_ringing = any(leg.state is not LegState.JOINED for leg in others)
    line = desk.lines[room.line]
    queue = line.queue(room.queue)
    if room.overflows < 0 and not is_ringing:
        return Place(Now.NOBODY, room.id, is_crisis=room.is_crisis)
    position = _position(tx, room)
    minutes = None if is_ringing else estimate(tx, now, queue, position)
    is_crisis = room.is_crisis or room.is_emergency
    is_attended = is_ringing or dispatch.somebody_attends(tx, line, queue)
    return Place(
        Now.WAIT,
        room.id,
        position,
        minutes,
        is_crisis,
        is_being_called=is_ringing,
        is_overflowing=room.overflows > 0,
        since=room.place_since,
        is_attended=is_attended,
    )


def _is_let_go(tx: Connection, now: datetime, sid: str) -> None:
    """Their conversation is over and the line has them again: nothing more is decided about them there."""
    theirs = (leg_table.c.sid == sid, leg_table.c.role == LegRole.CALLER, leg_table.c.state != LegState.ENDED)
    values = {"state": LegState.ENDED, "result": "completed", "ended_at": now, "wants_look": False}
    tx.execute(update(leg_table).where(*theirs).values(**values))


def carried(tx: Connection, desk: Desk, room_id: int) -> dict[str, Any]:
    """What is known of the citizen's call: document, order, whether the IVR verified it, the way they came."""
    sealed = tx.execute(select(room_table.c.learnt_sealed).where(room_table.c.id == room_id)).scalar()
    return json.loads(desk.vault.open(sealed)) if sealed else {}


def called_by_the_desk(tx: Connection, desk: Desk, sid: str) -> tuple[str, str | None] | None:
    """(line, telephone) of a citizen whom the desk called and who is still on the line; None for any other call."""
    row = tx.execute(
        select(room_table.c.line, room_table.c.citizen_sealed)
        .join(leg_table, leg_table.c.room_id == room_table.c.id)
        .where(leg_table.c.sid == sid, leg_table.c.role == LegRole.CALLER, room_table.c.kind != RoomKind.INBOUND)
        .where(leg_table.c.state != LegState.ENDED)
    ).first()
    if row is None:
        return None
    return row.line, desk.vault.open(row.citizen_sealed) if row.citizen_sealed else None


def in_the_room(tx: Connection, now: datetime, sid: str) -> None:
    """The citizen's call is being put into the conference."""
    room = rooms.of_call(tx, sid)
    if room is not None and room.caller is not None:
        rooms.joined(tx, now, room.id, room.caller)


def out_of_the_room(tx: Connection, now: datetime, sid: str) -> None:
    """The citizen's call left the conference, and asks us what follows."""
    room = rooms.of_call(tx, sid)
    caller = room.caller if room else None
    if room is None or caller is None or caller.state is not LegState.JOINED:
        return
    rooms.change_leg(tx, caller.id, state=LegState.ANSWERED, is_held=False)
    events.note(tx, now, room.id, "leg.left_the_room", "ivr", caller.id, role=caller.role)
    settling.settle(tx, now, room.id)


def hung_up(tx: Connection, now: datetime, sid: str, status: str) -> None:
    """The carrier says that the citizen's call is over."""
    theirs = (leg_table.c.sid == sid, leg_table.c.state != LegState.ENDED)
    for leg_id in tx.execute(select(leg_table.c.id).where(*theirs).order_by(leg_table.c.id)).scalars().all():
        settling.leg_ended(tx, now, leg_id, status)


def try_again(tx: Connection, now: datetime, sid: str) -> None:
    """Every way was tried, and the citizen would rather wait."""
    room = rooms.of_call(tx, sid)
    if room is not None:
        rooms.change(tx, room.id, overflows=0, queued_at=now)
        events.note(tx, now, room.id, "room.waits_again", "ivr")


def give_up(tx: Connection, now: datetime, sid: str, ended_as: str) -> None:
    """The citizen leaves the queue for something else: a message, a promise, the number to write down."""
    room = rooms.of_call(tx, sid)
    if room is not None:
        settling.end(tx, now, room, ended_as, "ivr")


def estimate(tx: Connection, now: datetime, queue: Queue, position: int) -> int | None:
    """Minutes until it is their turn: calls before them, at the pace of those who attend; None where it is unknown."""
    talked = func.extract("epoch", room_table.c.ended_at - room_table.c.answered_at)
    of_late = (
        room_table.c.queue == queue.name,
        room_table.c.ended_at > now - LOOKED_BACK,
        room_table.c.answered_at.is_not(None),
    )
    count, average = tx.execute(select(func.count(), func.avg(talked)).where(*of_late)).one()
    at_work = operator.c.state.in_([Presence.DISPONIBLE, *presence.BUSY, Presence.POST_LLAMADA])
    people = sum(1 for row in tx.execute(select(operator).where(at_work)) if dispatch.could_serve(row, queue))
    if count < FEW or not people:
        return None
    minutes = round((float(average) + queue.wrap_up_seconds) * position / people / 60)
    return max(1, minutes) if minutes <= LONGEST_ESTIMATE else None


def offers(desk: Desk, line_id: str, queue_name: str | None, phone: str | None) -> tuple[bool, bool]:
    """(may ask to be called back, may leave a message): neither on a sensitive line (issue 3, queues)."""
    line: DeskLine = desk.lines[line_id]
    queue = line.queue(queue_name)
    if line.is_sensitive:
        return False, False
    return queue.offers_callback and phone is not None, queue.offers_message


def _position(tx: Connection, room: rooms.Room) -> int:
    """Who waits in this queue before them, and they themselves."""
    ahead = (
        room_table.c.state == RoomState.WAITING,
        room_table.c.line == room.line,
        room_table.c.queue == room.queue,
        func.row(room_table.c.is_crisis.is_(False), -room_table.c.priority, room_table.c.place_since, room_table.c.id)
        < func.row(not room.is_crisis, -room.priority, room.place_since, room.id),
    )
    return tx.execute(select(func.count()).where(*ahead)).scalar_one() + 1
