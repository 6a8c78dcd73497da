"""The clock over what somebody must do by a time (R73, R74, R80, R87): whoever has it is told before, who supervises
them after, and a call that was promised is made at its hour."""

import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Row, select, update

from cases import tasks
from cases.consultations import contact_of
from cases.tables import task
from cases.tasks import SOON, Task, TaskKind, as_task
from core import post
from core.clock import Clock
from core.closed_days import closed_days
from core.database import Database
from core.deadlines import last_open_before
from core.mail_address import address_key
from core.post import Letter
from core.privacy import Vault
from core.roles import Role
from desk import promises
from desk.world import Desk
from procedures.correcting import People

log = logging.getLogger(__name__)

BY = "system"
_AT_ONCE = 200
_AHEAD = timedelta(days=5)  # the longest that a line is closed, and what falls due then is told of before


@dataclass(frozen=True)
class Reminders:
    """What it needs; the worker keeps one."""

    db: Database
    vault: Vault
    clock: Clock
    desk: Desk
    public_url: str
    people: People

    def watch(self) -> int:
        """Each minute: how many were told of, rung or taken over from a version before tasks."""
        with self.db.begin() as tx:
            done = tasks.adopt(tx, self.vault, self.clock.now())
        for each in (self._ring, self._warn, self._tell_of_overdue):
            with self.db.begin() as tx:
                done += each(tx, self.clock.now())
        return done

    def _warn(self, tx: Connection, now: datetime) -> int:
        """At 20 of the 24 hours; or before the line closes, where nobody would be there then (R74)."""
        coming = (task.c.warned_at.is_(None), task.c.due_at > now, task.c.due_at <= now + _AHEAD)
        told = 0
        for row in self._some(tx, *coming):
            if self._warns_at(tx, row) <= now:
                sentence = "vence pronto" if row.due_at <= now + SOON else "vence cuando la línea esté cerrada"
                self._write(tx, now, as_task(self.vault, row), sentence, self._whose(tx, row))
                tx.execute(update(task).where(task.c.id == row.id).values(warned_at=now))
                told += 1
        return told

    def _tell_of_overdue(self, tx: Connection, now: datetime) -> int:
        """To those who supervise, once."""
        told = 0
        for row in self._some(tx, task.c.overdue_at.is_(None), task.c.due_at <= now):
            self._write(tx, now, as_task(self.vault, row), "está vencida", self.people(tx, (Role.SUPERVISOR,)))
            tx.execute(update(task).where(task.c.id == row.id).values(overdue_at=now, warned_at=now))
            told += 1
        return told

    def _ring(self, tx: Connection, now: datetime) -> int:
        """Calls that were promised: an operator is rung, and then the citizen, in legal hours (R79, R87)."""
        rung = 0
        for row in self._some(tx, task.c.kind == TaskKind.FOLLOW_UP, task.c.due_at <= now):
            line = self.desk.lines.get(row.line)
            phone = contact_of(tx, self.vault, row.case_id).phone if row.case_id is not None else None
            if line is None or phone is None:
                continue  # told of as overdue: a person finds out how to reach them
            about = {"path": [f"Seguimiento del caso {row.case_id}"]}
            where = {"line_id": row.line, "queue": line.queue(None).name, "phone": phone}
            promises.make(tx, self.desk, now, **where, place_since=row.due_at, learnt=about)
            tasks.end_task(tx, self.vault, now, row.id, BY, "Se puso en la fila de llamadas prometidas.")
            rung += 1
        return rung

    def _some(self, tx: Connection, *which: ColumnElement[bool]) -> Collection[Row]:
        open_ones = select(task).where(task.c.ended_at.is_(None), *which).order_by(task.c.due_at, task.c.id)
        return tx.execute(open_ones.limit(_AT_ONCE).with_for_update(skip_locked=True)).all()

    def _warns_at(self, tx: Connection, row: Row) -> datetime:
        """Four hours before, or before the line closes for the last time until then."""
        at, line = row.due_at - SOON, self.desk.lines.get(row.line)
        if line is None:
            return at
        last = last_open_before(line.opening, closed_days(tx, line.country), at)
        return min(at, last - SOON) if last is not None and last < at else at

    def _whose(self, tx: Connection, row: Row) -> Collection[str]:
        return [row.to_person] if row.to_person else self.people(tx, [Role(role) for role in row.to_roles])

    def _write(self, tx: Connection, now: datetime, about: Task, how: str, to: Collection[str]) -> None:
        which = f"caso {about.case_id}" if about.case_id is not None else f"tarea {about.id}"
        told = (
            "Buen día:",
            f"«{about.kind.label}», {which}, {how}.",
            f"Entre con su cuenta para verla:\n{self.public_url}/casos/tareas",
            "Por seguridad, en este correo no se escribe ningún dato de la persona.",
        )
        for email in to:
            letter = Letter(
                kind="task",
                to=email,
                subject=f"{which.capitalize()}: {how}",
                body="\n\n".join(told) + "\n",
                case_id=about.case_id,
                once=f"task:{about.id}:{how}:{address_key(self.vault, email)}",
            )
            post.leave(tx, self.vault, now, letter)
