"""What time alone brings about: rings that last too long, queues that overflow, the next emergency service.

``due`` is pure: it looks at a room as it stands and says what has to be done; ``apply`` does it, once the room is
locked and still stands so.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from sqlalchemy import Connection

from campaigns.hours import COUNTRIES, Window
from core.logs import where
from desk import dispatch, events, presence, rooms, settling
from desk.lines import DeskLine, Service
from desk.rooms import Leg, Room
from desk.states import LegRole, LegState, Presence, RoomKind, RoomState
from desk.world import Desk

log = logging.getLogger(__name__)

UNANSWERED = timedelta(seconds=20)  # after the ring: neither the carrier's reply nor a callback has come
NEXT_SERVICE = timedelta(seconds=12)  # of ringing: the next one is tried while this one goes on
ANOTHER_ROUND = timedelta(seconds=3)  # after every number of a list was tried
DUTY_SECONDS = 25
SERVICE_SECONDS = 40
DUTY = "guardia"
EXHAUSTED = -1  #: of ``overflows``: every way was tried
QUEUE = 100  #: of ``overflows``: 203 is the fourth way of the third queue that the call came to
MOST_QUEUES = 3  # from one to the next: more would be a circle


@dataclass(frozen=True)
class RangTooLong:
    leg_id: int


@dataclass(frozen=True)
class ToQueue:
    name: str
    overflows: int


@dataclass(frozen=True)
class ToTelephone:
    """Somebody outside the desk is rung, and asked to press 1: a duty telephone, an overflow."""

    number: str
    overflows: int


@dataclass(frozen=True)
class ToService:
    service: Service
    rank: int
    overflows: int | None = None


@dataclass(frozen=True)
class Nobody:
    """Every way of the queue was tried: the citizen is told, and chooses."""


@dataclass(frozen=True)
class CallSupervisors:
    """An emergency has nobody of the desk in it."""


@dataclass(frozen=True)
class NotToday:
    """A promised call whose queue has closed: its promise is kept another day."""


Move: TypeAlias = RangTooLong | ToQueue | ToTelephone | ToService | Nobody | CallSupervisors | NotToday


def due(room: Room, line: DeskLine, now: datetime, somebody_attends: bool) -> list[Move]:
    """What this room needs at this moment. ``somebody_attends``: an operator of its queue is at work."""
    moves: list[Move] = [RangTooLong(leg.id) for leg in room.legs if _rang_too_long(leg, now)]
    if room.is_emergency and room.confirmed is None:
        moves += _services_due(room, line, now)
        if not any(leg.role in (LegRole.OPERATOR, LegRole.SUPERVISOR) for leg in room.legs if leg.is_open):
            moves.append(CallSupervisors())
    elif room.state is RoomState.WAITING:
        moves += _overflow_due(room, line, now, somebody_attends)
    return moves


def _rang_too_long(leg: Leg, now: datetime) -> bool:
    if leg.state not in (LegState.ASKING, LegState.RINGING) or leg.asked_at is None:
        return False
    return now > leg.asked_at + timedelta(seconds=leg.ring_seconds) + UNANSWERED


def _overflow_due(room: Room, line: DeskLine, now: datetime, somebody_attends: bool) -> list[Move]:
    queue = line.queue(room.queue)
    is_open = line.opening.is_open(now)
    if room.kind is RoomKind.CALLBACK and room.caller is None:
        is_legal = Window(COUNTRIES[line.country]).is_open(now)
        return [] if is_open and is_legal else [NotToday()]
    if room.caller is None or room.overflows == EXHAUSTED:
        return []
    if any(leg.kind == DUTY or leg.role is LegRole.SERVICE for leg in room.legs if leg.is_open):
        return []
    limit = queue.longest_wait_seconds if somebody_attends and is_open else queue.nobody_seconds
    if room.is_crisis or line.is_helpline:
        limit = min(limit, queue.nobody_seconds)
    if not is_open:
        limit = 0
    began = _last_tried(room) or room.queued_at + timedelta(seconds=limit)
    return _next_way(room, line, now, queue.overflow) if now >= began else []


def _last_tried(room: Room) -> datetime | None:
    """When the last telephone outside the desk gave up: the next one follows at once."""
    tried = [leg.ended_at for leg in room.legs if leg.kind == DUTY and leg.ended_at and leg.ended_at >= room.queued_at]
    return max(tried, default=None)


def _next_way(room: Room, line: DeskLine, now: datetime, overflow: tuple[str, ...]) -> list[Move]:
    """The queue's own ways, then the duty telephones, then, for a helpline, the emergency list, and round again."""
    queues, number = divmod(room.overflows, QUEUE)
    ways = [way for way in overflow if queues < MOST_QUEUES or not way.startswith("cola:")]
    ways += [f"telefono:{telephone}" for telephone in line.duty_telephones]
    if number < len(ways):
        kind, _, value = ways[number].partition(":")
        is_queue = kind == "cola"
        return [ToQueue(value, (queues + 1) * QUEUE) if is_queue else ToTelephone(value, room.overflows + 1)]
    if not (room.is_crisis or line.is_helpline):
        return [Nobody()]
    services = line.services_for(room.zone)
    rank = number - len(ways)
    if rank < len(services):
        return [ToService(services[rank], rank, room.overflows + 1)]
    last = max((leg.ended_at for leg in room.legs if leg.ended_at), default=room.queued_at)
    if not ways and not services:
        return []  # nobody at all is on the list: they wait, and are told what to do in danger
    return _next_way_again(queues * QUEUE, ways, services) if now >= last + ANOTHER_ROUND else []


def _next_way_again(before: int, ways: list[str], services: list[Service]) -> list[Move]:
    """Never a goodbye: the list begins again."""
    telephones = [n for n, way in enumerate(ways) if way.startswith("telefono:")]
    if telephones:
        first = telephones[0]
        return [ToTelephone(ways[first].partition(":")[2], before + first + 1)]
    return [ToService(services[0], 0, before + len(ways) + 1)] if services else []


def _services_due(room: Room, line: DeskLine, now: datetime) -> list[Move]:
    """Each kind of service is brought on; the next number of a kind is tried while the one before still rings."""
    moves: list[Move] = []
    services = line.services_for(room.zone)
    for kind in dict.fromkeys(service.kind for service in services):
        numbers = [service for service in services if service.kind == kind]
        legs = [leg for leg in room.legs if leg.role is LegRole.SERVICE and leg.kind == kind]
        if any(leg.joined_at is not None or leg.state is LegState.ANSWERED for leg in legs):
            continue  # they came, and may have left with the patrol on its way: ringing them again is for a person
        last = legs[-1] if legs else None
        if last is None:
            moves.append(ToService(numbers[0], 0))
        elif _may_try_next(last, now, rank := ((last.rank or 0) + 1) % len(numbers), legs):
            moves.append(ToService(numbers[rank], rank))
    return moves


def _may_try_next(last: Leg, now: datetime, rank: int, legs: list[Leg]) -> bool:
    """Never a number that rings already, round the list again if need be; a new round begins after a pause."""
    if any(leg.is_open and leg.rank == rank for leg in legs):
        return False
    if last.is_open:
        return last.asked_at is not None and now >= last.asked_at + NEXT_SERVICE
    return rank > 0 or last.ended_at is None or now >= last.ended_at + ANOTHER_ROUND


def advance(tx: Connection, desk: Desk, now: datetime) -> int:
    """Does what is due in every room; how many moves."""
    attended: dict[tuple[str, str], bool] = {}
    count = 0
    for room in rooms.open_rooms(tx):
        line = desk.lines.get(room.line)
        if line is None:
            continue
        key = (line.id, room.queue)
        if key not in attended:
            attended[key] = dispatch.somebody_attends(tx, line, line.queue(room.queue))
        if not due(room, line, now, attended[key]):
            continue
        try:
            with tx.begin_nested():
                count += _advance_one(tx, desk, now, room.id, attended[key])
        except Exception as error:  # one room's fault must not keep another's emergency from being dialled
            log.error("a room was passed over: %s", where(error))
    return count


def _advance_one(tx: Connection, desk: Desk, now: datetime, room_id: int, somebody_attends: bool) -> int:
    room = rooms.load(tx, room_id)
    if room is None or not room.is_open:
        return 0
    moves = due(room, desk.lines[room.line], now, somebody_attends)
    for move in moves:
        apply(tx, desk, now, room, move)
    return len(moves)


def apply(tx: Connection, desk: Desk, now: datetime, room: Room, move: Move) -> None:
    """Does one thing that is due."""
    match move:
        case RangTooLong(leg_id):
            settling.leg_ended(tx, now, leg_id, "no-answer")
        case ToQueue(name, overflows):
            is_urgent = room.is_crisis or desk.lines[room.line].is_helpline  # its limit is for all its queues together
            rooms.change(tx, room.id, queue=name, queued_at=room.queued_at if is_urgent else now, overflows=overflows)
            events.note(tx, now, room.id, "room.overflowed", rooms.DESK, queue=name)
        case ToTelephone(number, overflows):
            rooms.change(tx, room.id, overflows=overflows)
            ring_outside(tx, desk, now, room, number)
        case ToService(service, rank, overflows):
            if overflows is not None:
                rooms.change(tx, room.id, overflows=overflows)
            call_service(tx, desk, now, room, service, rank)
        case Nobody():
            rooms.change(tx, room.id, overflows=EXHAUSTED)
            if room.caller is not None:
                rooms.change_leg(tx, room.caller.id, wants_look=True)
            events.note(tx, now, room.id, "room.nobody", rooms.DESK)
        case CallSupervisors():
            call_supervisors(tx, desk, now, room)
        case NotToday():
            settling.end(tx, now, room, "closed")


def ring_outside(tx: Connection, desk: Desk, now: datetime, room: Room, number: str) -> int:
    """A duty telephone: a person there presses 1, or it was a voicemail."""
    sealed = desk.vault.seal(number)
    more = {"address_sealed": sealed, "kind": DUTY, "name": "Teléfono de guardia", "ring_seconds": DUTY_SECONDS}
    return rooms.add_leg(tx, now, room.id, LegRole.OPERATOR, rooms.DESK, **more)


def call_service(
    tx: Connection, desk: Desk, now: datetime, room: Room, service: Service, rank: int, actor: str = rooms.DESK
) -> int:
    """An emergency service: nobody there is asked to press anything."""
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
    at_hand = [row for row in presence.everyone(tx) if row.is_supervisor and row.state == Presence.DISPONIBLE]
    free = [row for row in at_hand if dispatch.may_serve(row, line)]
    for row in free:
        presence.take(tx, now, row.account_id, room.id, Presence.TIMBRANDO)
        dispatch.ring(tx, desk, now, room.id, row, 20, LegRole.SUPERVISOR)
    if not free:
        tried = sum(1 for leg in room.legs if leg.kind == DUTY)
        if line.duty_telephones and (not (last := _last_tried(room)) or now >= last + ANOTHER_ROUND):
            ring_outside(tx, desk, now, room, line.duty_telephones[tried % len(line.duty_telephones)])
    if free:
        events.note(tx, now, room.id, "room.supervisors_called", rooms.DESK, count=len(free))
    return len(free)
