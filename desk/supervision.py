"""A supervisor on somebody else's call: listens, whispers to the operator, comes in, takes over (R74, R90)."""

from datetime import datetime

from sqlalchemy import Connection

from core import audit
from desk import dispatch, events, presence, rooms, settling
from desk.refusal import CannotDo, still_open
from desk.rooms import Room
from desk.states import LegRole, LegState, Presence
from desk.world import Desk

RING_SECONDS = 20


def listen(tx: Connection, desk: Desk, now: datetime, room_id: int, account_id: int, actor: str) -> int:
    """Rings the supervisor, who then hears all and is heard by nobody. Nothing is recorded; that it was listened to is
    in the audit trail. The leg's id. Raises CannotDo."""
    room = still_open(tx, room_id)
    known = room.leg_of(account_id)
    if known is not None:
        rooms.change_leg(tx, known.id, wants_mute=True, coaches=None)
        return known.id
    who = presence.of(tx, account_id, lock=True)
    if who is None or who.state in presence.BUSY:
        raise CannotDo("Termine primero la llamada que tiene.")
    leg_id = dispatch.ring(tx, desk, now, room.id, who, RING_SECONDS, LegRole.SUPERVISOR, wants_mute=True)
    rooms.change_leg(tx, leg_id, is_muted=True)  # it enters the conference so
    presence.take(tx, now, account_id, room.id, Presence.TIMBRANDO)
    events.note(tx, now, room.id, "supervisor.listens", actor, leg_id)
    audit.record(tx, now, actor, "call.listened", "room", room.id)
    return leg_id


def whisper(tx: Connection, now: datetime, room_id: int, account_id: int, actor: str) -> None:
    """Only the operator hears the supervisor. Raises CannotDo."""
    room, mine = _with(tx, room_id, account_id)
    operator = next((leg for leg in room.of(LegRole.OPERATOR) if leg.is_in), None)
    if operator is None or operator.sid is None:
        raise CannotDo("No hay una persona operadora en la llamada.")
    rooms.change_leg(tx, mine, coaches=operator.sid, wants_mute=False)
    events.note(tx, now, room.id, "supervisor.whispers", actor, mine)


def join(tx: Connection, now: datetime, room_id: int, account_id: int, actor: str) -> None:
    """Everybody hears the supervisor. Raises CannotDo."""
    room, mine = _with(tx, room_id, account_id)
    rooms.change_leg(tx, mine, coaches=None, wants_mute=False)
    rooms.change(tx, room.id, support_since=None)
    events.note(tx, now, room.id, "supervisor.joins", actor, mine)
    settling.settle(tx, now, room.id)


def take_over(tx: Connection, now: datetime, room_id: int, account_id: int, actor: str) -> None:
    """The call is the supervisor's from now on; its operator is let go. Raises CannotDo."""
    room, mine = _with(tx, room_id, account_id)
    rooms.change_leg(tx, mine, role=LegRole.OPERATOR, coaches=None, wants_mute=False)
    for leg in room.of(LegRole.OPERATOR):
        rooms.let_go(tx, leg.id)
        presence.release(tx, now, room.id, leg.account_id)
    rooms.change(tx, room.id, account_id=account_id, support_since=None)
    events.note(tx, now, room.id, "supervisor.takes_over", actor, mine)
    settling.settle(tx, now, room.id)


def stop(tx: Connection, now: datetime, room_id: int, account_id: int, actor: str) -> None:
    """The supervisor leaves; the call goes on. Raises CannotDo."""
    room, mine = _with(tx, room_id, account_id)
    rooms.let_go(tx, mine)
    presence.release(tx, now, room.id, account_id, has_to_write=False)
    events.note(tx, now, room.id, "supervisor.leaves", actor, mine)
    settling.settle(tx, now, room.id)


def _with(tx: Connection, room_id: int, account_id: int) -> tuple[Room, int]:
    room = still_open(tx, room_id)
    mine = room.leg_of(account_id)
    if mine is None or mine.state is not LegState.JOINED:
        raise CannotDo("Todavía no está en la llamada.")
    return room, mine.id
