"""What goes of entries of the registers: their words, the one change that a register bears (core/append_only.py)."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, exists, func, or_, select, update

from cases.registers.authority import AuthorityState
from cases.registers.tables import register_entry, register_standing, register_step
from cases.tables import task
from cases.tasks import TaskKind


def erase(tx: Connection, now: datetime, ids: Sequence[int], by: str) -> int:
    """How many entries lost theirs; what became of each before an authority goes with it (``erase_steps``)."""
    erase_steps(tx, now, ids, by)
    entries = update(register_entry).where(register_entry.c.id.in_(ids), register_entry.c.told_sealed.is_not(None))
    return tx.execute(entries.values(told_sealed=None, erased_at=now, erased_by=by)).rowcount


def erase_steps(tx: Connection, now: datetime, ids: Sequence[int], by: str) -> int:
    """The same of what became of these entries, and of the tasks that they made. How many steps."""
    tx.execute(update(task).where(tasks_of(ids)).values(words_sealed=None, end_sealed=None))
    steps = update(register_step).where(register_step.c.entry_id.in_(ids), register_step.c.text_sealed.is_not(None))
    return tx.execute(steps.values(text_sealed=None, erased_at=now, erased_by=by)).rowcount


def tasks_of(entries: Sequence[int]) -> ColumnElement[bool]:
    return and_(task.c.about.in_(entries), task.c.kind.in_((TaskKind.AUTHORITY, TaskKind.FOLLOW_UP)))


def older_than(tx: Connection, line: str, before: datetime, most: int) -> Sequence[int]:
    """Entries of a line that tell of what was before then, the oldest first. Never one that waits for an authority, or
    promises a call."""
    told = (register_entry.c.line == line, register_entry.c.at <= before, register_entry.c.told_sealed.is_not(None))
    number = register_entry.c.id
    # Looked up for each entry: what is asked whether it exists the server may read whole, once.
    stands = select(register_standing.c.state).where(register_standing.c.entry_id == number).scalar_subquery()
    waits = or_(
        func.coalesce(stands, AuthorityState.CERRADA.value) != AuthorityState.CERRADA,
        exists().where(
            task.c.about == number,
            task.c.kind.in_((TaskKind.AUTHORITY, TaskKind.FOLLOW_UP)),
            task.c.ended_at.is_(None),
        ),
    )
    query = select(number).where(*told, ~waits).order_by(register_entry.c.at, number).limit(most)
    return tx.execute(query).scalars().all()
