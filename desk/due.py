"""What a conversation needs at a moment: rings that last too long, queues that overflow, the next emergency service.

Pure: it looks at a room as it stands and says what has to be done; ``advance.py`` does it.
"""

from datetime import datetime, timedelta

from desk.lines import DeskLine
from desk.moves import CallSupervisors, Move, RangTooLong, ToService
from desk.overflow import ANOTHER_ROUND, overflow_due
from desk.rooms import Leg, Room
from desk.states import LegRole, LegState, RoomState

UNANSWERED = timedelta(seconds=20)  # after the ring: neither the carrier's reply nor a callback has come
NEXT_SERVICE = timedelta(seconds=12)  # of ringing: the next one is tried while this one goes on


def due(room: Room, line: DeskLine, now: datetime, somebody_attends: bool, is_legal: bool) -> list[Move]:
    """What this room needs at this moment; the rest as in ``overflow_due``."""
    moves: list[Move] = [RangTooLong(leg.id) for leg in room.legs if _rang_too_long(leg, now)]
    if room.is_emergency and room.confirmed is None:
        moves += services_due(room, line, now)
        if not any(leg.role in (LegRole.OPERATOR, LegRole.SUPERVISOR) for leg in room.legs if leg.is_open):
            moves.append(CallSupervisors())
    elif room.state is RoomState.WAITING:
        moves += overflow_due(room, line, now, somebody_attends, is_legal)
    return moves


def _rang_too_long(leg: Leg, now: datetime) -> bool:
    if leg.state not in (LegState.ASKING, LegState.RINGING) or leg.asked_at is None:
        return False
    return now > leg.asked_at + timedelta(seconds=leg.ring_seconds) + UNANSWERED


def services_due(room: Room, line: DeskLine, now: datetime) -> list[ToService]:
    """Each kind of service is brought on; the next number of a kind is tried while the one before still rings (R77)."""
    moves: list[ToService] = []
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
