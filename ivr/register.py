"""The calls that never asked for a person: registered too, with the way they went through the menus (R101)."""

from collections.abc import Collection
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Date, Row, cast, exists, func, select

from core.privacy import mask_phone
from desk.call_list import A_PAGE, MachineCall, Wanted
from desk.tables import room
from desk.world import Desk
from ivr.calls import Direction
from ivr.tables import call


def machine_calls(
    tx: Connection, desk: Desk, wanted: Wanted, hidden: Collection[str] = (), *, limit: int = A_PAGE, offset: int = 0
) -> list[MachineCall]:
    """Newest first, of citizens who dialled us. ``hidden``: lines whose calls the reader may not know of (R75)."""
    asked = [
        call.c.direction == Direction.INBOUND,
        call.c.line.not_in(list(hidden)),
        ~exists().where(room.c.call_sid == call.c.sid),
    ]
    if wanted.line:
        asked.append(call.c.line == wanted.line)
    if wanted.since:
        asked.append(call.c.started_at >= wanted.since)
    if wanted.until:
        asked.append(call.c.started_at < wanted.until)
    query = select(call).where(*asked).order_by(call.c.started_at.desc(), call.c.sid).limit(limit).offset(offset)
    return [
        MachineCall(
            at=row.started_at,
            line=desk.lines.get(row.line),
            phone=mask_phone(desk.vault.open(row.citizen_sealed)) if row.citizen_sealed else None,
            path=tuple(row.path or ()),
            subject=row.subject,
            seconds=row.duration_s,
        )
        for row in tx.execute(query)
    ]


def calls_by_day(tx: Connection, since: datetime, until: datetime, zone: ZoneInfo) -> list[Row]:
    """(line, day, received, alone) of citizens' calls: all that reached the line, and those that asked for no person.
    ``until`` is outside; days are those of ``zone``."""
    day = cast(func.timezone(zone.key, call.c.started_at), Date).label("day")
    is_alone = ~exists().where(room.c.call_sid == call.c.sid)
    query = (
        select(call.c.line, day, func.count().label("received"), func.count().filter(is_alone).label("alone"))
        .where(call.c.direction == Direction.INBOUND, call.c.started_at >= since, call.c.started_at < until)
        .group_by(call.c.line, day)
    )
    return list(tx.execute(query))
