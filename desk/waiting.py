"""The citizen's side of a queue: where their call belongs at each moment, until somebody talks with them."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from desk import dispatch, events, rooms, settling
from desk.overflow import NOTHING_TRIED, onward
from desk.standing import estimate, position_of
from desk.states import LegRole, LegState, RoomKind, RoomState
from desk.tables import leg as leg_table
from desk.tables import room as room_table
from desk.world import Desk


class Now(StrEnum):
    """Where the citizen's call belongs at this moment."""

    WAIT = "wait"
    ROOM = "room"
    PIN = "pin"  # with the PIN line, carrying what the operator knows
    NOBODY = "nobody"  # every way of the queue was tried
    GOODBYE = "goodbye"


@dataclass(frozen=True)
class Place:
    """``position``: 1 is next; None while nobody of their queue is at work, and those of another are who will come.
    ``minutes``: an estimate, or None where there is nothing honest to say."""

    now: Now
    room_id: int
    position: int | None = None
    minutes: int | None = None
    is_crisis: bool = False
    is_being_called: bool = False  #: somebody's telephone is ringing for them
    is_overflowing: bool = False  #: nobody of the queue came; others are being tried
    since: datetime | None = None  #: their place in the queue
    is_attended: bool = True  #: whoever could take the call is at work, in this queue or the next ones
    carried: dict[str, Any] = field(default_factory=dict)


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
    if room.is_exhausted and not is_ringing:
        return Place(Now.NOBODY, room.id, is_crisis=room.is_crisis, since=room.place_since)
    position = position_of(tx, room)
    minutes = None if is_ringing else estimate(tx, now, line, queue, position)
    is_crisis = room.is_crisis or room.is_emergency
    is_theirs = is_ringing or dispatch.attending(tx, line, queue) > 0
    others_come = (dispatch.attending(tx, line, each) > 0 for each in onward(line, queue, room.queues_passed))
    return Place(
        Now.WAIT,
        room.id,
        position if is_theirs else None,
        minutes,
        is_crisis,
        is_being_called=is_ringing,
        is_overflowing=room.queues_passed > 0 or room.ways_tried > 0,
        since=room.place_since,
        is_attended=is_theirs or any(others_come),
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


#: Asked at the end of every call, campaigns' too: put together once.
_OPEN_LEGS = (
    select(leg_table.c.id)
    .where(leg_table.c.sid == bindparam("of"), leg_table.c.state != LegState.ENDED)
    .order_by(leg_table.c.id)
)


def hung_up(tx: Connection, now: datetime, sid: str, status: str) -> None:
    """The carrier says that the citizen's call is over."""
    for leg_id in tx.execute(_OPEN_LEGS, {"of": sid}).scalars().all():
        settling.leg_ended(tx, now, leg_id, status)


def try_again(tx: Connection, now: datetime, sid: str) -> None:
    """Every way was tried, and the citizen would rather wait."""
    room = rooms.of_call(tx, sid)
    if room is not None:
        rooms.change(tx, room.id, queued_at=now, **NOTHING_TRIED)
        events.note(tx, now, room.id, "room.waits_again", "ivr")


def give_up(tx: Connection, now: datetime, sid: str, ended_as: str) -> None:
    """The citizen leaves the queue for something else: a message, a promise, the number to write down."""
    room = rooms.of_call(tx, sid)
    if room is not None:
        settling.end(tx, now, room, ended_as, "ivr")
