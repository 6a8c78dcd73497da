"""What time alone brings about is done here, once the room is locked and still stands so (``due.py`` decides)."""

import logging
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from core.closed_days import every_closed_day
from core.logs import where
from desk import dispatch, events, presence, rooms, settling
from desk.due import due
from desk.hours import attended, is_legal_now
from desk.lines import DeskLine, Service
from desk.moves import (
    CallSupervisors,
    Move,
    Nobody,
    NotToday,
    RangTooLong,
    ToQueue,
    ToService,
    ToTelephone,
)
from desk.overflow import ANOTHER_ROUND, DUTY, last_tried
from desk.rooms import Room
from desk.states import LegRole, Presence, RoomKind
from desk.world import Desk

log = logging.getLogger(__name__)

DUTY_SECONDS = 25
SERVICE_SECONDS = 40


def advance(desk: Desk, now: datetime) -> int:
    """Does what is due in every room, each in a transaction of its own; how many moves."""
    with desk.db.begin() as tx:
        found = _with_something_due(tx, desk, now)
    count = 0
    for seen in found:
        try:
            with desk.db.begin() as tx:
                count += _advance_one(tx, desk, now, seen)
        except Exception as error:  # one room's fault must not keep another's emergency from being dialled
            log.error("a room was passed over: %s", where(error))
    return count


@dataclass(frozen=True)
class _Seen:
    """A room that something is due in. ``line``: by the hours in which it is attended; ``is_attended``: somebody of its
    queue is at work; ``is_legal``: its citizen may be rung."""

    room_id: int
    line: DeskLine
    is_attended: bool
    is_legal: bool


def _with_something_due(tx: Connection, desk: Desk, now: datetime) -> list[_Seen]:
    """As they stand, none locked."""
    at_work: dict[tuple[str, str], bool] = {}
    found = []
    moving = rooms.in_motion(tx)
    closed = every_closed_day(tx) if moving else {}
    for room in moving:
        line = desk.lines.get(room.line)
        if line is None:
            continue
        key = (line.id, room.queue)
        if key not in at_work:
            at_work[key] = dispatch.attending(tx, line, line.queue(room.queue)) > 0
        line = replace(line, opening=attended(tx, line, closed=closed))
        # Nobody but whoever was promised a call is rung by time alone.
        is_legal = room.kind is not RoomKind.CALLBACK or is_legal_now(tx, line, now, closed=closed)
        if due(room, line, now, at_work[key], is_legal):
            found.append(_Seen(room.id, line, at_work[key], is_legal))
    return found


def _advance_one(tx: Connection, desk: Desk, now: datetime, seen: _Seen) -> int:
    room = rooms.load(tx, seen.room_id)
    if room is None or not room.is_open:
        return 0
    moves = due(room, seen.line, now, seen.is_attended, seen.is_legal)
    for move in moves:
        apply(tx, desk, now, room, move)
    return len(moves)


def apply(tx: Connection, desk: Desk, now: datetime, room: Room, move: Move) -> None:
    """Does one thing that is due."""
    match move:
        case RangTooLong(leg_id):
            settling.leg_ended(tx, now, leg_id, "no-answer")
        case ToQueue(name):
            _to_queue(tx, desk, now, room, name)
        case ToTelephone(number, ways_tried):
            rooms.change(tx, room.id, ways_tried=ways_tried)
            ring_outside(tx, desk, now, room, number)
        case ToService(service, rank, ways_tried):
            if ways_tried is not None:
                rooms.change(tx, room.id, ways_tried=ways_tried)
            call_service(tx, desk, now, room, service, rank)
        case Nobody():
            rooms.change(tx, room.id, is_exhausted=True)
            if room.caller is not None:
                rooms.change_leg(tx, room.caller.id, wants_look=True)
            events.note(tx, now, room.id, "room.nobody", rooms.DESK)
        case CallSupervisors():
            call_supervisors(tx, desk, now, room)
        case NotToday():
            settling.end(tx, now, room, "closed")


def _to_queue(tx: Connection, desk: Desk, now: datetime, room: Room, name: str) -> None:
    """Every way of the other queue is before it, but a call does not pass from queue to queue for ever."""
    is_urgent = room.is_crisis or desk.lines[room.line].is_helpline  # its limit is for all its queues together
    since = room.queued_at if is_urgent else now
    passed = {"asked_queue": room.asked_queue or room.queue, "queues_passed": room.queues_passed + 1, "ways_tried": 0}
    rooms.change(tx, room.id, queue=name, queued_at=since, **passed)
    events.note(tx, now, room.id, "room.overflowed", rooms.DESK, queue=name)


def ring_outside(tx: Connection, desk: Desk, now: datetime, room: Room, number: str) -> int:
    """A duty telephone, an overflow: a person there presses 1, or it was a voicemail."""
    return rooms.add_leg(
        tx,
        now,
        room.id,
        LegRole.OPERATOR,
        rooms.DESK,
        address_sealed=desk.vault.seal(number),
        kind=DUTY,
        name="Teléfono de guardia",
        is_quiet=not desk.lines[room.line].asks_for_a_key(number),
        ring_seconds=DUTY_SECONDS,
    )


def call_service(
    tx: Connection, desk: Desk, now: datetime, room: Room, service: Service, rank: int, actor: str = rooms.DESK
) -> int:
    """An emergency service, put through as it answers. No key, ever (``DeskLine.asks_for_a_key``): 911 and the PNC's
    control unit answer by asking what happened, each second counts, and they have no voicemail to fear."""
    return rooms.add_leg(
        tx,
        now,
        room.id,
        LegRole.SERVICE,
        actor,
        address_sealed=desk.vault.seal(service.number),
        name=service.label,
        kind=service.kind,
        rank=rank,
        is_quiet=True,
        ring_seconds=SERVICE_SECONDS,
    )


def call_supervisors(tx: Connection, desk: Desk, now: datetime, room: Room) -> int:
    """Every supervisor at the desk is rung, and whoever is first has the call; with none, the duty telephones."""
    line = desk.lines[room.line]
    rung = [leg.ended_at for leg in room.legs if leg.role is LegRole.SUPERVISOR and leg.ended_at]
    if rung and now < max(rung) + ANOTHER_ROUND:
        return 0  # a busy telephone is not rung twice a second
    free = dispatch.free_supervisors(tx, line)
    for row in free:
        presence.take(tx, now, row.account_id, room.id, Presence.TIMBRANDO)
        dispatch.ring(tx, desk, now, room.id, row, 20, LegRole.SUPERVISOR)
    if not free:
        tried = sum(1 for leg in room.legs if leg.kind == DUTY)
        if line.duty_telephones and (not (last := last_tried(room)) or now >= last + ANOTHER_ROUND):
            ring_outside(tx, desk, now, room, line.duty_telephones[tried % len(line.duty_telephones)])
    if free:
        events.note(tx, now, room.id, "room.supervisors_called", rooms.DESK, count=len(free))
    return len(free)
