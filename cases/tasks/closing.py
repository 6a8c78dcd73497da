"""The task of closing a consultation that waits (R73)."""

from datetime import datetime

from sqlalchemy import Connection, literal_column, select, update

from cases.catalogue.catalogue import subject_named
from cases.tables import case_, task
from cases.tasks.acts import open_task
from cases.tasks.values import TaskKind, is_open
from core.privacy import Vault

PENDING = "PENDIENTE"  #: the state of a case that waits (R73)
_AT_ONCE = 500


def adopt(tx: Connection, vault: Vault, now: datetime) -> int:
    """Consultations that wait, left by a version before tasks, get theirs. How many. One that is being closed at this
    moment is left to whoever closes it."""
    owed = select(task.c.id).where(task.c.case_id == case_.c.id, task.c.kind == TaskKind.CLOSE, is_open())
    left = (
        select(case_)
        .where(case_.c.state == literal_column(f"'{PENDING}'"), ~owed.exists())
        .order_by(case_.c.due_at)
        .limit(_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    rows = tx.execute(left).all()
    for row in rows:
        close_by(tx, vault, row.due_at, row.id, row.subject, row.line, now=now, actor=row.opened_by)
    return len(rows)


def close_by(
    tx: Connection, vault: Vault, due_at: datetime, case_id: int, subject: str, line: str, *, now: datetime, actor: str
) -> None:
    """A consultation that waits is to be closed by then, by those in whose tray its kind lands."""
    roles = subject_named(subject).roles
    open_task(tx, vault, now, TaskKind.CLOSE, line=line, due_at=due_at, case_id=case_id, to_roles=roles, actor=actor)


def land_with(tx: Connection, case_id: int, subject: str) -> None:
    """The consultation is about something else: its closing lands in the trays of that."""
    closing = (task.c.case_id == case_id, task.c.kind == TaskKind.CLOSE, is_open())
    tx.execute(update(task).where(*closing).values(to_roles=list(subject_named(subject).roles)))


def say_in_closing(tx: Connection, vault: Vault, case_id: int, words: str) -> None:
    """What whoever closes the consultation has to do before."""
    closing = (task.c.case_id == case_id, task.c.kind == TaskKind.CLOSE, is_open())
    tx.execute(update(task).where(*closing).values(words_sealed=vault.seal(words)))
