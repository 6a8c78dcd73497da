"""Every second of a conversation: who came, who left, what was decided and by whom (R77). It only grows."""

from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from desk.tables import room_event

CHANNEL = "desk"  # of PostgreSQL's NOTIFY: whoever carries out what was written down wakes up


def note(
    tx: Connection, at: datetime, room_id: int, kind: str, actor: str, leg_id: int | None = None, **facts: object
) -> None:
    """Writes one event and wakes the desk. ``facts`` never hold personal data, only codes, counts and states."""
    tx.execute(insert(room_event).values(room_id=room_id, at=at, kind=kind, actor=actor, leg_id=leg_id, facts=facts))
    wake(tx)


def wake(tx: Connection) -> None:
    """Once the transaction commits, the desk's process looks at once and not at its next tick."""
    tx.execute(select(func.pg_notify(CHANNEL, "")))


def was_in_conference(tx: Connection, room_id: int, label: str) -> bool:
    """Whether the carrier told that whoever has this label came into the conference of a room, or left it.

    That the document which puts it there was asked for says less: one that is answered too late is heard by nobody.
    """
    told = room_event.c.kind.in_(["carrier.participant-join", "carrier.participant-leave"])
    theirs = (room_event.c.room_id == room_id, room_event.c.facts["label"].astext == label)
    return tx.execute(select(room_event.c.id).where(*theirs, told).limit(1)).first() is not None


def story(tx: Connection, room_id: int) -> list[dict]:
    """Everything that happened in a room, in order."""
    rows = tx.execute(select(room_event).where(room_event.c.room_id == room_id).order_by(room_event.c.id))
    return [dict(row) for row in rows.mappings()]
