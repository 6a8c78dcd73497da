"""What the desk's tables say of a rehearsed call's conversation."""

from sqlalchemy import Connection, func, select

from desk.states import LegRole, LegState, RoomState
from desk.tables import leg, room
from desk.world import Desk


def newest_of(tx: Connection, desk: Desk, number: str) -> int:
    """The id of the last conversation of whoever calls from there."""
    mine = desk.vault.fingerprint("phone", number)
    return tx.execute(select(func.max(room.c.id)).where(room.c.citizen_print == mine)).scalar_one()


def is_over(tx: Connection, room_id: int) -> bool:
    """Whether nothing of it is left: it is ended, and nobody is kept on the line."""
    state = tx.execute(select(room.c.state).where(room.c.id == room_id)).scalar_one()
    still_open = (leg.c.room_id == room_id, leg.c.state != LegState.ENDED, leg.c.role != LegRole.CALLER)
    return state == RoomState.ENDED and not tx.execute(select(func.count()).where(*still_open)).scalar_one()
