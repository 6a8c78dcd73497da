"""What somebody attended and never saved, though the conversation is over (R8, R17): its operator is told, and after
the 24 hours of whatever is pending (R73) who supervises them, since whoever left will not save it. What waits for a
colleague has a task (cases/attentions/colleagues.py)."""

import logging
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Row, func, select, update

from cases.tables import attention
from cases.tasks import DUE
from core.logs import where
from desk.chats.tables import chat
from desk.states import RoomState
from desk.tables import room
from procedures import letters
from procedures.letters import Notice
from procedures.reminding import Reminders

log = logging.getLogger(__name__)

REMIND_AFTER = timedelta(hours=4)  # since the conversation ended
_ended: ColumnElement[datetime] = func.greatest(
    room.c.ended_at, chat.c.ended_at, attention.c.had_at, attention.c.opened_at
)


@dataclass(frozen=True)
class Left:
    """One that somebody left unsaved: whose, and since when."""

    id: int
    line: str
    operator: str
    opened_at: datetime


def left_by_others(
    tx: Connection, now: datetime, overseer: str, hidden_lines: Collection[str], limit: int | None
) -> list[Left]:
    """What was to be saved within 24 hours and was not, oldest first; nothing that says whom it is about."""
    theirs = (attention.c.operator != overseer, attention.c.line.not_in(hidden_lines), _ended <= now - DUE)
    found = _unsaved(tx, *theirs, limit=limit)
    return [Left(row.id, row.line, row.operator, row.opened_at) for row in found]


def watch(reminders: Reminders) -> int:
    """Each minute: of how many somebody was told. Each is told of all of theirs in one letter an hour at most."""
    try:
        with reminders.db.begin() as tx:
            return _remind(tx, reminders) + _tell_who_supervises(tx, reminders)
    except Exception as problem:
        log.error("attentions that nobody saved: %s", where(problem))
        return 0


def _remind(tx: Connection, reminders: Reminders) -> int:
    now = reminders.clock.now()
    rows = list(_unsaved(tx, attention.c.reminded_at.is_(None), _ended <= now - REMIND_AFTER))
    for operator, line in {row.operator: row.line for row in rows}.items():
        told = "Hay llamadas o conversaciones que usted atendió y no ha guardado."
        _write(tx, reminders, now, line, operator, "Tiene casos sin guardar", told)
    return _noted(tx, rows, reminded_at=now)


def _tell_who_supervises(tx: Connection, reminders: Reminders) -> int:
    """Of a line that is for no supervisor, the Dirección. Where there is nobody, once there is."""
    now = reminders.clock.now()
    rows = list(_unsaved(tx, attention.c.overdue_at.is_(None), _ended <= now - DUE))
    whose = {line: letters.who_supervises(tx, reminders.people, line) for line in {row.line for row in rows}}
    for line, people in whose.items():
        told = (
            "Hay llamadas o conversaciones que terminaron hace más de 24 horas y quien las atendió no las ha guardado."
        )
        for email in people:
            _write(tx, reminders, now, line, email, "Hay casos sin guardar", told)
    return _noted(tx, [row for row in rows if whose[row.line]], overdue_at=now)


def _unsaved(tx: Connection, *which: ColumnElement[bool], limit: int | None = None) -> Iterable[Row]:
    """Of conversations that are over, what its operator has still to save."""
    unsaved = (attention.c.operator.is_not(None), attention.c.saved_at.is_(None), attention.c.moved_at.is_(None))
    theirs = (*unsaved, attention.c.from_id.is_(None), attention.c.erased_at.is_(None))
    is_over = func.coalesce(room.c.state, chat.c.state, RoomState.ENDED) == RoomState.ENDED
    found = select(attention.c.id, attention.c.line, attention.c.operator, attention.c.opened_at)
    joined = found.outerjoin(room, room.c.id == attention.c.room_id).outerjoin(chat, chat.c.id == attention.c.room_id)
    return tx.execute(joined.where(*theirs, is_over, *which).order_by(attention.c.id).limit(limit))


def _noted(tx: Connection, rows: Collection[Row], **at: datetime) -> int:
    tx.execute(update(attention).where(attention.c.id.in_([row.id for row in rows])).values(**at))
    return len(rows)


def _write(
    tx: Connection, reminders: Reminders, now: datetime, line: str, email: str, subject: str, sentence: str
) -> None:
    letters.leave(
        tx,
        reminders.vault,
        now,
        [email],
        Notice(
            kind="unsaved",
            subject=subject,
            told=(sentence,),
            link=letters.see(f"{reminders.public_url}/casos/por-guardar", "verlas"),
            line=line,
            once=f"unsaved:{line}:{subject}:{now:%Y-%m-%dT%H}",
        ),
    )
