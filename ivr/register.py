"""The calls that never asked for a person: registered too, with the way they went through the menus (R101)."""

from collections.abc import Collection

from sqlalchemy import Connection, exists, select

from core.privacy import mask_phone
from desk.call_list import A_PAGE, MachineCall, Wanted
from desk.tables import room
from desk.world import Desk
from ivr.tables import call


def machine_calls(
    tx: Connection, desk: Desk, wanted: Wanted, hidden: Collection[str] = (), *, limit: int = A_PAGE, offset: int = 0
) -> list[MachineCall]:
    """Newest first, of citizens who dialled us. ``hidden``: lines whose calls the reader may not know of (R75)."""
    asked = [
        call.c.direction == "inbound",
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
