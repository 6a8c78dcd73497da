"""Where a call goes that nobody of its queue takes: other queues, telephones outside, and on a helpline round again.

Pure: it looks at a room as it stands. How far a call has come is in three columns of it: the queues that it passed
through, the ways tried of the present one, and whether every way was tried and the citizen told so.
"""

from datetime import datetime, timedelta
from typing import Any

from desk.lines import DeskLine, Queue, Service
from desk.moves import Move, Nobody, NotToday, ToQueue, ToService, ToTelephone
from desk.rooms import Room
from desk.states import LegRole, RoomKind

ANOTHER_ROUND = timedelta(seconds=3)  # after every number of a list was tried
MOST_QUEUES = 3  # from one to the next: more would be a circle
DUTY = "guardia"  #: the kind of a telephone outside the desk
#: Of a call that waits again: every way is before it.
NOTHING_TRIED: dict[str, Any] = {"queues_passed": 0, "ways_tried": 0, "is_exhausted": False}


def overflow_due(room: Room, line: DeskLine, now: datetime, somebody_attends: bool, is_legal: bool) -> list[Move]:
    """What a waiting call needs at this moment. ``line``: by the hours in which it is attended (``hours.attended``);
    ``somebody_attends``: an operator of its queue is at work; ``is_legal``: whoever was promised a call may be rung now
    (``hours.is_legal_now``)."""
    queue = line.queue(room.queue)
    is_open = line.opening.is_open(now)
    if room.kind is RoomKind.CALLBACK and room.caller is None:
        limit = queue.longest_wait_seconds if somebody_attends else queue.nobody_seconds
        is_due = now >= room.queued_at + timedelta(seconds=limit)
        return (_next_queue(room, line) if is_due else []) if is_open and is_legal else [NotToday()]
    if room.caller is None or room.is_exhausted:
        return []
    if any(leg.kind == DUTY or leg.role is LegRole.SERVICE for leg in room.legs if leg.is_open):
        return []
    limit = queue.longest_wait_seconds if somebody_attends and is_open else queue.nobody_seconds
    if room.is_crisis or line.is_helpline:
        limit = min(limit, queue.nobody_seconds)
    if not is_open:
        limit = 0
    began = last_tried(room) or room.queued_at + timedelta(seconds=limit)
    return _next_way(room, line, now, queue.overflow) if now >= began else []


def _next_queue(room: Room, line: DeskLine) -> list[Move]:
    """Of a promised call, for which nobody is on the line: nobody outside the desk is rung for it, and where no queue
    is left it waits."""
    return [ToQueue(each.name) for each in onward(line, line.queue(room.queue), room.queues_passed)[:1]]


def onward(line: DeskLine, queue: Queue, passed: int) -> list[Queue]:
    """The queues that a call passes through when nobody of this one comes, ``passed`` before it: from each to the first
    that it names."""
    found: list[Queue] = []
    for _ in range(passed, MOST_QUEUES):
        names = [value for kind, _, value in (way.partition(":") for way in queue.overflow) if kind == "cola"]
        if not names:
            break
        queue = line.queue(names[0])
        found.append(queue)
    return found


def last_tried(room: Room) -> datetime | None:
    """When the last telephone outside the desk gave up: the next one follows at once."""
    tried = [leg.ended_at for leg in room.legs if leg.kind == DUTY and leg.ended_at and leg.ended_at >= room.queued_at]
    return max(tried, default=None)


def _next_way(room: Room, line: DeskLine, now: datetime, overflow: tuple[str, ...]) -> list[Move]:
    """The queue's own ways, then the duty telephones, then, for a helpline, the emergency list, and round again."""
    number = room.ways_tried
    ways = [way for way in overflow if room.queues_passed < MOST_QUEUES or not way.startswith("cola:")]
    ways += [f"telefono:{telephone}" for telephone in line.duty_telephones]
    if number < len(ways):
        kind, _, value = ways[number].partition(":")
        return [ToQueue(value) if kind == "cola" else ToTelephone(value, number + 1)]
    if not (room.is_crisis or line.is_helpline):
        return [Nobody()]
    services = line.services_for(room.zone)
    rank = number - len(ways)
    if rank < len(services):
        return [ToService(services[rank], rank, number + 1)]
    last = max((leg.ended_at for leg in room.legs if leg.ended_at), default=room.queued_at)
    if not ways and not services:
        return []  # nobody at all is on the list: they wait, and are told what to do in danger
    return _next_way_again(ways, services) if now >= last + ANOTHER_ROUND else []


def _next_way_again(ways: list[str], services: list[Service]) -> list[Move]:
    """Never a goodbye: the list begins again."""
    telephones = [n for n, way in enumerate(ways) if way.startswith("telefono:")]
    if telephones:
        first = telephones[0]
        return [ToTelephone(ways[first].partition(":")[2], first + 1)]
    return [ToService(services[0], 0, len(ways) + 1)] if services else []
