"""Questions to the desk's tables that several of its parts ask."""

from sqlalchemy import Connection, Row, Text, any_, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY

from desk.states import LIVE
from desk.tables import leg
from desk.tables import room as room_table


def legs_gone_silent(tx: Connection, most: int = 200) -> list[Row]:
    """(id, sid, line, carrier_account) of telephones that may be over without our knowing, those of rooms over
    already first."""
    open_ones = (leg.c.state.in_(LIVE), leg.c.sid.is_not(None))
    query = (
        select(leg.c.id, leg.c.sid, room_table.c.line, room_table.c.carrier_account)
        .join(room_table, room_table.c.id == leg.c.room_id)
        .where(*open_ones)
        .order_by(room_table.c.ended_at.nulls_last(), func.random())
        .limit(most)
    )
    return list(tx.execute(query))


def anybody_on_the_line(tx: Connection) -> bool:
    """Whether somebody talks, waits or is being rung: a rehearsal's clock stands still meanwhile."""
    return tx.execute(select(leg.c.id).where(leg.c.state.in_(LIVE)).limit(1)).first() is not None


def telephones_among(tx: Connection, sids: list[str]) -> set[str]:
    """Of these calls of the carrier's, those that are telephones of the desk."""
    query = select(leg.c.sid).where(leg.c.sid == any_(literal(sids, ARRAY(Text))))
    return set(tx.execute(query).scalars())
