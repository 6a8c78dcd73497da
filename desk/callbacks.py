"""The calls that promises owe: when their hour comes they wait in the queue with the place they had."""

from datetime import datetime

from sqlalchemy import Connection, Row, literal_column, select, update

from campaigns.rules.standing import is_being_called
from core.closed_days import every_closed_day
from desk import events, promises, rooms
from desk.hours import Closed, attended, legal_window
from desk.on_the_line import WHILE_CALLED, on_the_line
from desk.promises import BETWEEN_TRIES
from desk.states import PromiseState, RoomKind, RoomState
from desk.tables import promise
from desk.tables import room as room_table
from desk.world import Desk

#: Written out in the statement, as the index says it.
_WAITS = promise.c.state == literal_column(f"'{PromiseState.WAITING}'")


def open_due(desk: Desk, now: datetime) -> int:
    """Puts the promises whose hour has come into their queues, with the place they had; how many.

    Each in a transaction of its own. One of a line that this service no longer has waits until the line is back.
    """
    due = (_WAITS, promise.c.next_at <= now, promise.c.line.in_(list(desk.lines)))
    with desk.db.begin() as tx:
        found = tx.execute(select(promise.c.id).where(*due).order_by(promise.c.next_at).limit(50)).scalars().all()
        closed = every_closed_day(tx) if found else {}  # once for all of them
    count = 0
    for promise_id in found:
        with desk.db.begin() as tx:
            query = select(promise).where(*due, promise.c.id == promise_id).with_for_update(skip_locked=True)
            row = tx.execute(query).first()
            count += _open(tx, desk, now, row, closed) if row else False
    return count


def _open(tx: Connection, desk: Desk, now: datetime, row: Row, closed: Closed) -> bool:
    line = desk.lines[row.line]
    window, opening = legal_window(tx, line, closed=closed), attended(tx, line, closed=closed)
    if not (window.is_open(now) and opening.is_open(now)):
        later = window.next_open(opening.opens_next(now) or now) or now + BETWEEN_TRIES
        tx.execute(update(promise).where(promise.c.id == row.id).values(next_at=max(later, now + BETWEEN_TRIES)))
        return False
    phone_print = bytes(row.phone_print)
    # Nobody is rung for a call that could not be made.
    is_called = is_being_called(tx, phone_print) or promises.is_calling(tx, row.line, phone_print)
    if is_called or on_the_line(tx, [phone_print]):
        promises.put_off(tx, row.id, now + WHILE_CALLED)
        return False
    queue = line.queue(row.queue)
    room_id = rooms.add(
        tx,
        room_table,
        line=row.line,
        queue=queue.name,
        kind=RoomKind.CALLBACK,
        is_helpline=line.is_helpline,
        state=RoomState.WAITING,
        citizen_sealed=row.phone_sealed,
        citizen_print=row.phone_print,
        learnt_sealed=row.learnt_sealed,
        document_print=row.document_print,
        priority=queue.priority,
        place_since=row.place_since,
        entered_at=now,
        queued_at=now,
        promise_id=row.id,
    )
    tx.execute(update(promise).where(promise.c.id == row.id).values(state=PromiseState.CALLING))
    events.note(tx, now, room_id, "room.entered", rooms.DESK, queue=queue.name, promise=row.id)
    return True
