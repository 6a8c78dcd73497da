"""The lists of what is to be done."""

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import Connection, Select, or_, select, tuple_

from cases.tables import task
from cases.tasks.values import Task, TaskKind, as_task, is_of, is_open
from core.privacy import Vault
from core.roles import Role


def one_task(tx: Connection, vault: Vault, task_id: int) -> Task | None:
    """This one, open or not."""
    row = tx.execute(select(task).where(task.c.id == task_id)).first()
    return as_task(vault, row) if row else None


def open_tasks(
    tx: Connection,
    vault: Vault,
    *,
    roles: Collection[Role] | None = None,
    person: str | None = None,
    kinds: Collection[TaskKind] = (),
    hidden_lines: Collection[str] = (),
    after: tuple[datetime, int] | None = None,
    limit: int = 100,
) -> list[Task]:
    """What waits, what falls due first before. ``roles``: of one of them alone; ``person``: what is theirs or nobody's
    own; ``after``: (due, id) of the last one of the page before."""
    asked = _waiting(roles, person, hidden_lines)
    if kinds:
        asked = asked.where(task.c.kind.in_(list(kinds)))
    if after is not None:
        asked = asked.where(tuple_(task.c.due_at, task.c.id) > tuple_(*after))
    return [as_task(vault, row) for row in tx.execute(asked.order_by(task.c.due_at, task.c.id).limit(limit))]


def tasks_of(tx: Connection, vault: Vault, case_ids: Iterable[int]) -> dict[int, list[Task]]:
    """What is still to be done about each of these cases, beside closing it."""
    about = (task.c.case_id.in_(list(case_ids)), task.c.kind != TaskKind.CLOSE, is_open())
    found: dict[int, list[Task]] = {}
    for row in tx.execute(select(task).where(*about).order_by(task.c.id)):
        found.setdefault(row.case_id, []).append(as_task(vault, row))
    return found


def _waiting(roles: Collection[Role] | None, person: str | None, hidden_lines: Collection[str]) -> Select:
    """The query of what waits for these roles, or for this person of them."""
    asked = select(task).where(is_open(), task.c.line.not_in(list(hidden_lines)))
    if roles is not None:
        asked = asked.where(is_of(roles))
    if person is not None:
        asked = asked.where(or_(task.c.to_person.is_(None), task.c.to_person == person))
    return asked
