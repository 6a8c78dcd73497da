"""Why an operator placed a call, as they wrote it (R87): read by who supervises them, until the call is purged."""

from datetime import datetime

from sqlalchemy import Connection, select

from core import audit
from desk.tables import room
from desk.world import Desk


def reason_of(tx: Connection, desk: Desk, now: datetime, room_id: int, actor: str) -> str | None:
    """That somebody read it is audited: people write names. None: nobody wrote why, or it was purged."""
    sealed = tx.execute(select(room.c.reason_sealed).where(room.c.id == room_id)).scalar()
    if sealed is None:
        return None
    audit.record(tx, now, actor, "call.reason_read", "room", room_id)
    return desk.vault.open(sealed)
