"""Written conversations in which a person waits and nobody answers: who supervises is told while there is time, four of
the 24 hours in which anything may be written (R21, R74). Afterwards they stay listed, as owed (desk/chats/board.py)."""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, select, text

from core.closed_days import every_closed_day
from core.logs import where
from desk import events
from desk.chats import window
from desk.chats.chats import WITH_PEOPLE
from desk.chats.tables import IS_OPEN, chat
from desk.hours import attended
from desk.lines import DeskLine
from desk.tables import room_event
from procedures import letters
from procedures.letters import Notice
from procedures.reminding import Reminders, warns_at

log = logging.getLogger(__name__)

TOLD = "chat.told_of"  #: in its story: of this wait somebody was told
#: Of what would be over while the line is closed it is told sooner; not of whoever has only just written.
AT_LEAST = timedelta(minutes=15)


def watch(reminders: Reminders) -> int:
    """Each minute: of how many it was told. A line's are told of in one letter an hour at most."""
    now = reminders.clock.now()
    try:
        with reminders.db.begin() as tx:
            due = _due(tx, reminders, now)
            first = {row.line: window.closes_at(row.wrote_at) for row in reversed(due)}
            for line, until in first.items():
                _write(tx, reminders, now, reminders.desk.lines[line], until)
            for row in due:
                events.note(tx, now, row.id, TOLD, "desk")
    except Exception as problem:
        log.error("conversations that nobody answers: %s", where(problem))
        return 0
    return len(due)


def _due(tx: Connection, reminders: Reminders, now: datetime) -> list[Row]:
    """Those of lines that are still written to."""
    closed, lines = every_closed_day(tx), reminders.desk.lines
    found = [row for row in _not_told_of(tx, now) if row.line in lines]
    openings = {line: attended(tx, lines[line], closed=closed) for line in {row.line for row in found}}
    return [row for row in found if warns_at(openings[row.line], window.closes_at(row.wrote_at)) <= now]


def _not_told_of(tx: Connection, now: datetime) -> Iterable[Row]:
    """In which the person waits, and may still be answered; in the order in which that ends."""
    told = (room_event.c.room_id == chat.c.id, room_event.c.kind == TOLD, room_event.c.at > chat.c.owed_since)
    waits = (chat.c.state.in_(WITH_PEOPLE), chat.c.owed_since <= now - AT_LEAST)
    query = select(chat.c.id, chat.c.line, chat.c.wrote_at).where(text(IS_OPEN), *waits)
    in_time = (chat.c.wrote_at > now - window.OPEN_FOR, ~select(room_event.c.id).where(*told).exists())
    return tx.execute(query.where(*in_time).order_by(chat.c.wrote_at, chat.c.id))


def _write(tx: Connection, reminders: Reminders, now: datetime, line: DeskLine, until: datetime) -> None:
    ends = until.astimezone(line.zone)
    letters.leave(
        tx,
        reminders.vault,
        now,
        letters.who_supervises(tx, reminders.people, line.id),
        Notice(
            kind="chat",
            subject=f"WhatsApp, {line.entidad}: hay personas sin respuesta",
            told=(
                f"Hay personas que escribieron por WhatsApp a {line.entidad} y nadie les ha contestado.",
                f"A la primera se le puede escribir hasta el {ends:%d/%m/%Y} a las {ends:%H:%M}. Después, solo un texto"
                " aprobado o una llamada.",
            ),
            link=letters.see(f"{reminders.public_url}/chats", "verlas"),
            line=line.id,
            once=f"chats:{line.id}:{now:%Y-%m-%dT%H}",
        ),
    )
