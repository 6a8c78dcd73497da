"""Who is given which call: the first of the queue to whoever has waited longest and has what it needs."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Row, func, select

from desk import events, presence, promises, rooms, settling
from desk.hours import is_legal_now
from desk.lines import DeskLine, Queue
from desk.on_the_line import WHILE_CALLED, called_by_a_campaign
from desk.states import LegRole, Presence, RoomKind, RoomState
from desk.tables import leg as leg_table
from desk.tables import operator
from desk.tables import room as room_table
from desk.turn import IN_TURN
from desk.world import Desk

WAITS_FOR_THEIR_OWN = timedelta(seconds=30)  # a call that comes back, before anybody else is given it
#: A call whose operator's telephone went: a page that is loaded again has it back by then, one that was closed never.
LOADS_AGAIN, STAYS_AWAY = timedelta(seconds=2), timedelta(seconds=6)
AT_WORK = (Presence.DISPONIBLE, Presence.POST_LLAMADA, *presence.BUSY)


def dispatch(desk: Desk, now: datetime) -> int:
    """Offers waiting calls to free operators, one each; how many. Two processes may do it at once.

    Who fits whom is seen without a lock; each offer is then a transaction of its own, and looks again.
    """
    with desk.db.begin() as tx:
        pairs = _pairs(tx, desk, now)
    offered = 0
    for room_id, account_id in pairs:
        with desk.db.begin() as tx:
            offered += _offer(tx, desk, now, room_id, account_id)
    return offered


def _pairs(tx: Connection, desk: Desk, now: datetime) -> list[tuple[int, int]]:
    """(room, operator): every waiting call in its turn, whichever queue it is in, and whoever is to have it."""
    columns = (room_table.c.id, room_table.c.line, room_table.c.queue, room_table.c.wanted_account)
    waiting = select(*columns, room_table.c.queued_at).where(room_table.c.state == RoomState.WAITING)
    calls = tx.execute(waiting.order_by(*IN_TURN)).all()
    free = list(tx.execute(select(operator).where(*_is_free()).order_by(*_LONGEST_FREE))) if calls else []
    found = []
    for call in calls:
        line = desk.lines.get(call.line)
        chosen = _choose(tx, now, free, call, line) if line else None
        if chosen is not None:
            free = [row for row in free if row.account_id != chosen.account_id]
            found.append((call.id, chosen.account_id))
    return found


def could_serve(row: Row, queue: Queue) -> bool:
    """Whether an operator has what a queue needs."""
    return queue.skills <= set(row.skills)


def may_serve(row: Row, line: DeskLine) -> bool:
    """Whether the operator's role may know of the line's calls (R75, R81)."""
    return not line.restricted_roles or row.role in line.restricted_roles


def attending(tx: Connection, line: DeskLine, queue: Queue) -> int:
    """How many operators who could take a call of the queue are at work, busy or free."""
    rows = tx.execute(select(operator).where(operator.c.state.in_(AT_WORK)))
    return sum(1 for row in rows if could_serve(row, queue) and may_serve(row, line))


def free_supervisors(tx: Connection, line: DeskLine) -> list[Row]:
    """The supervisors at the desk who may know of the line's calls and have none, locked."""
    query = select(operator).where(*_is_free(), operator.c.is_supervisor).order_by(operator.c.account_id)
    return [row for row in tx.execute(query.with_for_update(skip_locked=True)) if may_serve(row, line)]


def _is_free(*states: Presence) -> tuple[ColumnElement[bool], ...]:
    return (
        operator.c.state.in_(states or (Presence.DISPONIBLE,)),
        operator.c.room_id.is_(None),
        operator.c.seen_at > func.clock_timestamp() - presence.PAGE_IS_OPEN,
    )


_LONGEST_FREE = (operator.c.since, operator.c.account_id)


def _choose(tx: Connection, now: datetime, free: list[Row], call: Row, line: DeskLine) -> Row | None:
    queue = line.queue(call.queue)
    able = [row for row in free if could_serve(row, queue) and may_serve(row, line)]
    if call.wanted_account is not None:
        known, since = presence.of(tx, call.wanted_account), now - call.queued_at
        if known is not None and _lost_their_telephone(tx, call):
            if since < LOADS_AGAIN:
                return None
            if since < STAYS_AWAY and (back := _their_own(tx, free, call.wanted_account)) is not None:
                return back
        elif known is not None and known.state in AT_WORK and since < WAITS_FOR_THEIR_OWN:
            return _their_own(tx, free, call.wanted_account)
    return next((row for row in able if not row.is_supervisor), None) or (able[0] if able else None)


def _lost_their_telephone(tx: Connection, call: Row) -> bool:
    """Whether the call comes back because its operator's telephone went, and not because they sent it on."""
    talked = (leg_table.c.room_id == call.id, leg_table.c.role == LegRole.OPERATOR, leg_table.c.joined_at.is_not(None))
    theirs = (*talked, leg_table.c.account_id == call.wanted_account)
    last = select(leg_table.c.wants_out).where(*theirs).order_by(leg_table.c.id.desc()).limit(1)
    return tx.execute(last).scalar() is False


def _their_own(tx: Connection, free: list[Row], account_id: int) -> Row | None:
    """The one who had the call, even while they write it down: it comes back to them and to nobody else."""
    chosen = next((row for row in free if row.account_id == account_id), None)
    if chosen is not None:
        return chosen
    theirs = (operator.c.account_id == account_id, *_is_free(Presence.POST_LLAMADA))
    return tx.execute(select(operator).where(*theirs)).first()


def _offer(tx: Connection, desk: Desk, now: datetime, room_id: int, account_id: int) -> bool:
    """Rings the operator for the call. False where it was taken meanwhile, or they were."""
    waits = (room_table.c.id == room_id, room_table.c.state == RoomState.WAITING)
    call = tx.execute(select(room_table).where(*waits).with_for_update(skip_locked=True)).first()
    states = (Presence.DISPONIBLE, Presence.POST_LLAMADA) if call and call.wanted_account == account_id else ()
    free = (operator.c.account_id == account_id, *_is_free(*states))
    chosen = tx.execute(select(operator).where(*free).with_for_update(skip_locked=True)).first() if call else None
    if call is None or chosen is None:
        return False
    rooms.change(tx, call.id, state=RoomState.OFFERED)
    presence.take(tx, now, chosen.account_id, call.id, Presence.TIMBRANDO)
    ring(tx, desk, now, call.id, chosen, desk.lines[call.line].queue(call.queue).ring_seconds)
    events.note(tx, now, call.id, "room.offered", rooms.DESK, account=chosen.account_id)
    return True


def ring(
    tx: Connection,
    desk: Desk,
    now: datetime,
    room_id: int,
    who: Row,
    seconds: int,
    role: LegRole = LegRole.OPERATOR,
    **values: object,
) -> int:
    """Rings an operator's telephone for a room; the leg's id. A number is asked to press 1; the browser is not."""
    address = who.telephone_sealed or desk.vault.seal(f"client:{presence.browser_telephone(who.account_id)}")
    return rooms.add_leg(
        tx,
        now,
        room_id,
        role,
        rooms.DESK,
        account_id=who.account_id,
        name=who.name,
        address_sealed=address,
        is_quiet=who.telephone_sealed is None,
        ring_seconds=seconds,
        **values,
    )


def accept(tx: Connection, desk: Desk, now: datetime, leg_id: int) -> bool:
    """Somebody took the call that their telephone rang for. False where it was taken, or its caller left."""
    room_id = rooms.room_of_leg(tx, leg_id)
    room = rooms.load(tx, room_id) if room_id is not None else None
    leg = next((leg for leg in room.legs if leg.id == leg_id), None) if room else None
    if room is None or leg is None or not leg.is_open:
        return False
    if leg.is_in:
        return True  # the same key, told twice
    if leg.role is not LegRole.OPERATOR:
        _enter(tx, now, room, leg)
        return True
    is_anybodys = room.state in (RoomState.WAITING, RoomState.OFFERED)
    if not is_anybodys and not (room.is_emergency and not any(other.is_in for other in room.of(LegRole.OPERATOR))):
        return False
    _enter(tx, now, room, leg)
    taken = {"state": RoomState.TALKING, "account_id": leg.account_id, "answered_at": room.answered_at or now}
    rooms.change(tx, room.id, **taken, wanted_account=None)
    if leg.account_id is not None:
        presence.take(tx, now, leg.account_id, room.id, Presence.EN_LLAMADA)
    for other in room.of(LegRole.OPERATOR):
        if other.id != leg.id and not other.is_in:
            rooms.let_go(tx, other.id)
    if room.kind is RoomKind.CALLBACK and room.caller is None:
        _call_the_citizen(tx, desk, now, room)
    settling.settle(tx, now, room.id)
    return True


def _enter(tx: Connection, now: datetime, room: rooms.Room, leg: rooms.Leg) -> None:
    rooms.joined(tx, now, room.id, leg)
    if leg.role is LegRole.CALLER:
        rooms.change(tx, room.id, call_sid=leg.sid)  # somebody we called is from now on as somebody who called us
    if leg.account_id is not None and leg.role is not LegRole.OPERATOR:  # of an operator the call is told in ``accept``
        presence.take(tx, now, leg.account_id, room.id, Presence.EN_LLAMADA)
    if leg.role is LegRole.SUPERVISOR and not leg.wants_mute and not room.of(LegRole.OPERATOR):
        _stand_in(tx, now, room, leg)
    settling.settle(tx, now, room.id)


def _stand_in(tx: Connection, now: datetime, room: rooms.Room, leg: rooms.Leg) -> None:
    """A supervisor who was called into an emergency that had nobody has it from now on."""
    rooms.change_leg(tx, leg.id, role=LegRole.OPERATOR)
    rooms.change(tx, room.id, account_id=leg.account_id, state=RoomState.TALKING, answered_at=room.answered_at or now)
    for other in room.of(LegRole.SUPERVISOR):
        if other.id != leg.id and not other.is_in:
            rooms.let_go(tx, other.id)


def _call_the_citizen(tx: Connection, desk: Desk, now: datetime, room: rooms.Room) -> None:
    """The person is there first: nothing automated speaks to whoever is called back, and never at an illegal hour."""
    if not is_legal_now(tx, desk.lines[room.line], now):
        settling.end(tx, now, room, "closed")
        return
    columns = (room_table.c.citizen_sealed, room_table.c.citizen_print)
    citizen = tx.execute(select(*columns).where(room_table.c.id == room.id)).one()
    if called_by_a_campaign(tx, citizen.citizen_print):
        settling.end(tx, now, room, "called by a campaign")  # the promise is owed still
        if room.promise_id is not None:
            promises.put_off(tx, room.promise_id, now + WHILE_CALLED)
        return
    if room.promise_id is not None and not promises.note_try(tx, room.promise_id):
        settling.end(tx, now, room, "rang again")  # they are on the line already: the promise is owed no more
        return
    more = {"address_sealed": citizen.citizen_sealed, "is_quiet": True, "ring_seconds": 30}
    rooms.add_leg(tx, now, room.id, LegRole.CALLER, rooms.DESK, **more)
