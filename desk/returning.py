"""An emergency that lost its operator: whoever opens its page may come into it and has it from then on (R77)."""

from datetime import datetime

from sqlalchemy import Connection

from desk import dispatch, events, presence, rooms
from desk.refusal import CannotDo
from desk.states import LegRole, Presence
from desk.world import Desk

RING_SECONDS = 20


def come_in(tx: Connection, desk: Desk, now: datetime, room_id: int, account_id: int, actor: str) -> int:
    """Rings the operator, heard by everybody once they accept; the leg's id. Raises CannotDo."""
    room = rooms.load(tx, room_id)
    if room is None or not room.is_open or not room.is_emergency:
        raise CannotDo("Esa emergencia ya terminó.")
    mine = room.leg_of(account_id)
    if mine is not None:
        return mine.id
    who = presence.of(tx, account_id, lock=True)
    if who is None or who.state in presence.BUSY:
        raise CannotDo("Termine primero la llamada que tiene.")
    presence.take(tx, now, account_id, room.id, Presence.TIMBRANDO)
    leg_id = dispatch.ring(tx, desk, now, room.id, who, RING_SECONDS, LegRole.SUPERVISOR)
    events.note(tx, now, room.id, "emergency.somebody_comes", actor, leg_id)
    return leg_id
