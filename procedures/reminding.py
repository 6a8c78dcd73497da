"""The clock over what somebody must do by a time (R73, R74, R80, R87): whoever has it is told before, who supervises
them after. What an older version left in another shape is brought over first."""

import logging
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Row, or_, select, update

from cases import tasks
from cases.attentions import colleagues
from cases.awaited import waits_for_a_correction
from cases.consultations import escalations
from cases.corrections import corrections
from cases.tables import task
from cases.task_words import label_of
from cases.tasks import AT_ITS_HOUR, SOON, Task, TaskKind, as_task
from core.clock import Clock
from core.closed_days import every_closed_day
from core.database import Database
from core.deadlines import last_open_before
from core.logs import where
from core.opening import Opening
from core.privacy import Vault
from core.roles import Role
from desk.hours import attended
from desk.world import Desk
from procedures import letters, promising
from procedures.letters import Notice, People

log = logging.getLogger(__name__)


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
        """Each minute: how many were told of, or brought over. One that fails does not keep the others from it, and is
        looked at again the next minute."""
        now = self.clock.now()
        done = sum(self._in_one(each) for each in (self._take_over, self._promise, self._ring))
        with self.db.begin() as tx:
            coming, overdue = self._to_be_warned(tx, now), self._overdue(tx, now)
        return done + self._each(self._warn, coming) + self._each(self._tell_of_overdue, overdue)

    def _take_over(self, tx: Connection) -> int:
        now = self.clock.now()
        done = tasks.adopt(tx, self.vault, now) + escalations.take_over(tx, self.vault, now)
        done += colleagues.adopt(tx, self.vault, now)
        return done + corrections.give_tasks(tx, self.vault, now)

    def _promise(self, tx: Connection) -> int:
        return promising.take_over(tx, self.desk, self.clock.now())

    def _ring(self, tx: Connection) -> int:
        return promising.ring_registers(tx, self.desk, self.clock.now())

    def _in_one(self, what: Callable[[Connection], int]) -> int:
        try:
            with self.db.begin() as tx:
                return what(tx)
        except Exception as problem:
            log.error("bringing over what is to be done: %s", where(problem))
            return 0

    def _to_be_warned(self, tx: Connection, now: datetime) -> list[int]:
        """At 20 of the 24 hours; or before the line closes, where nobody would be there then (R74). The Dirección, at
        once (R80). What falls due first comes first; all of them, and none is held meanwhile."""
        closed, soon = every_closed_day(tx), now + SOON
        openings = {each.id: attended(tx, each, closed=closed) for each in self.desk.lines.values()}
        ahead = max([soon, *(each.opens_next(soon) or soon for each in openings.values())])
        is_near = or_(task.c.due_at <= ahead, task.c.kind == TaskKind.UNATTENDED)
        coming = _waiting(tx, task.c.warned_at.is_(None), task.c.due_at > now, is_near)
        return [
            row.id
            for row in coming
            if row.kind == TaskKind.UNATTENDED or warns_at(openings.get(row.line), row.due_at) <= now
        ]

    def _overdue(self, tx: Connection, now: datetime) -> list[int]:
        """Those of which somebody may be told: the others are told of once there is somebody."""
        rows = list(_waiting(tx, task.c.overdue_at.is_(None), task.c.due_at <= now))
        watched = {line for line in {row.line for row in rows} if letters.who_supervises(tx, self.people, line)}
        told = [row.id for row in rows if row.line in watched or row.kind in AT_ITS_HOUR]
        if len(told) < len(rows):
            log.warning("nobody may be told of %s overdue tasks", len(rows) - len(told))
        return told

    def _each(self, what: Callable[[Connection, datetime, Row], bool], ids: Iterable[int]) -> int:
        return sum(self._one(what, task_id) for task_id in ids)

    def _one(self, what: Callable[[Connection, datetime, Row], bool], task_id: int) -> bool:
        """In a transaction of its own, if it is still to be done."""
        mine = select(task).where(task.c.id == task_id, tasks.is_open(), ~waits_for_a_correction())
        try:
            with self.db.begin() as tx:
                row = tx.execute(mine.with_for_update()).first()
                return row is not None and what(tx, self.clock.now(), row)
        except Exception as problem:
            log.error("task %s: %s", task_id, where(problem))
            return False

    def _warn(self, tx: Connection, now: datetime, row: Row) -> bool:
        """Whoever has it; False where nobody may be told yet."""
        sentence = "vence pronto" if row.due_at <= now + SOON else "vence cuando la línea esté cerrada"
        sentence = "llegó a Dirección" if row.kind == TaskKind.UNATTENDED else sentence
        roles = [Role(role) for role in row.to_roles]
        whose = [row.to_person] if row.to_person else self.people(tx, roles, row.line)
        if not whose:
            return False
        self._write(tx, now, as_task(self.vault, row), sentence, whose)
        tx.execute(update(task).where(task.c.id == row.id).values(warned_at=now))
        return True

    def _tell_of_overdue(self, tx: Connection, now: datetime, row: Row) -> bool:
        """To those who supervise, once; of what is the Dirección's, to the Dirección too. Of a call to be made, to
        whoever is to make it: that its hour has come (R87, R88)."""
        whose = set(letters.who_supervises(tx, self.people, row.line))
        whose |= set(self.people(tx, (Role.DIRECTOR,), row.line)) if row.kind == TaskKind.UNATTENDED else set()
        caller = [row.to_person] if row.kind in AT_ITS_HOUR and row.to_person else []
        if not (whose or caller):
            return False
        self._write(tx, now, as_task(self.vault, row), "es para ahora", caller)
        self._write(tx, now, as_task(self.vault, row), "está vencida", sorted(whose - set(caller)))
        tx.execute(update(task).where(task.c.id == row.id).values(overdue_at=now, warned_at=now))
        return True

    def _write(self, tx: Connection, now: datetime, about: Task, how: str, to: Collection[str]) -> None:
        which = f"caso {about.case_id}" if about.case_id is not None else f"tarea {about.id}"
        letters.leave(
            tx,
            self.vault,
            now,
            to,
            Notice(
                kind="task",
                subject=f"{which.capitalize()}: {how}",
                told=(f"«{label_of(about)}», {which}, {how}.",),
                link=letters.see(f"{self.public_url}/casos/tareas"),
                line=about.line,
                case_id=about.case_id,
                once=f"task:{about.id}:{how}",
            ),
        )


def _waiting(tx: Connection, *which: ColumnElement[bool]) -> Iterable[Row]:
    """The closing of a case that waits for a correction alerts nobody: it has tasks of its own, whoever they are late
    with. Once its citizen knows, whoever closes the case is told, though its hour went by meanwhile."""
    is_owed = (tasks.is_open(), ~waits_for_a_correction())
    open_ones = select(task.c.id, task.c.kind, task.c.line, task.c.due_at).where(*is_owed, *which)
    return tx.execute(open_ones.order_by(task.c.due_at, task.c.id))


def warns_at(opening: Opening | None, due_at: datetime) -> datetime:
    """Four hours before; where nobody is there when it falls due, before the line last closes until then."""
    at = due_at - SOON
    last = last_open_before(opening, due_at) if opening is not None else None
    return min(at, last - SOON) if last is not None and last < due_at else at
