"""Where somebody stands in a queue, and what they may honestly be told: their place, the minutes, the ways out."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from desk import dispatch, rooms
from desk.lines import DeskLine, Queue
from desk.states import RoomState
from desk.tables import room as room_table
from desk.turn import is_before
from desk.world import Desk

LOOKED_BACK = timedelta(hours=2)  # at calls of this queue, to say how long a call takes
FEW = 5  # calls: with fewer nothing is promised
LONGEST_ESTIMATE = 60  # minutes: beyond it nobody believes a number


def position_of(tx: Connection, room: rooms.Room) -> int:
    """Who waits in this queue before them, and they themselves."""
    ahead = (
        room_table.c.state == RoomState.WAITING,
        room_table.c.line == room.line,
        room_table.c.queue == room.queue,
        is_before(room),
    )
    return tx.execute(select(func.count()).where(*ahead)).scalar_one() + 1


def estimate(tx: Connection, now: datetime, line: DeskLine, queue: Queue, position: int) -> int | None:
    """Minutes until it is their turn: calls before them, at the pace of those who attend; None where it is unknown."""
    talked = func.extract("epoch", room_table.c.ended_at - room_table.c.answered_at)
    of_late = (
        room_table.c.line == line.id,
        room_table.c.queue == queue.name,
        room_table.c.ended_at > now - LOOKED_BACK,
        room_table.c.answered_at.is_not(None),
    )
    count, average = tx.execute(select(func.count(), func.avg(talked)).where(*of_late)).one()
    people = dispatch.attending(tx, line, queue)
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
