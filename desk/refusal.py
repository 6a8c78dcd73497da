"""What cannot be done with a call as it stands, and why: told to whoever asked for it."""

from sqlalchemy import Connection

from desk import rooms
from desk.rooms import Leg, Room
from desk.states import LegRole, LegState


class CannotDo(Exception):
    """What was asked of the call cannot be done as it stands. The message is one sentence in Spanish."""


def still_open(tx: Connection, room_id: int) -> Room:
    """The room, locked. Raises CannotDo where the call is over."""
    room = rooms.load(tx, room_id)
    if room is None or not room.is_open:
        raise CannotDo("Esa llamada ya terminó.")
    return room


def still_theirs(tx: Connection, room_id: int, account_id: int) -> Room:
    """The room, if this operator (or a supervisor who joined) talks in it: not who is rung, consulted, or listens.

    Raises CannotDo.
    """
    room = still_open(tx, room_id)
    mine = room.leg_of(account_id)
    if mine is None or not (mine.is_in and mine.is_heard) or mine.role not in (LegRole.OPERATOR, LegRole.SUPERVISOR):
        raise CannotDo("Esa llamada ya no es suya.")
    return room


def caller_in(room: Room) -> Leg:
    """The citizen's telephone. Raises CannotDo where they are not with the operator."""
    caller = room.caller
    if caller is None or caller.state is not LegState.JOINED:
        raise CannotDo("La persona no está en la línea en este momento.")
    return caller
