"""A task is opened, taken by somebody, and ended with what was done (procedures/reminding.py watches over it)."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from cases.problem import TextMissing
from cases.tables import task
from cases.tasks.values import DUE, NoSuchTask, Task, TaskKind, TaskTaken, as_task, is_open
from core import audit
from core.privacy import Vault
from core.roles import Role

#: What is done with the case once the case is closed. A correction goes on: its citizen has to be told. So does what
#: the Dirección is to look into (R80): whoever closes the case may be the one who is complained of.
_OF_THE_CASE = (TaskKind.CLOSE, TaskKind.UNIT)


def open_task(
    tx: Connection,
    vault: Vault,
    now: datetime,
    kind: TaskKind,
    *,
    line: str,
    due_at: datetime | None = None,
    case_id: int | None = None,
    about: int | None = None,
    to_roles: Collection[Role] = (),
    to_person: str | None = None,
    unit: str = "",
    words: str = "",
    actor: str,
) -> int:
    """Leaves it for whoever has one of these roles, or for one person of them (``to_person``, an e-mail); its id.

    Of a kind there is one open task a case, and one for each other thing that it may be ``about``: a second one is the
    first, which then falls due when the sooner of the two does. Without ``due_at``: in 24 hours (R73).
    """
    due = due_at or now + DUE
    values = {
        **{"kind": kind, "line": line, "case_id": case_id, "about": about, "to_person": to_person, "due_at": due},
        **{"to_roles": list(to_roles or kind.roles), "made_by": actor, "made_at": now},
        "unit_sealed": vault.seal(unit.strip()) if unit.strip() else None,
        "words_sealed": vault.seal(words.strip()) if words.strip() else None,
    }
    while True:  # one that ends in this very moment is neither in the way nor the one: then this one is new
        made = tx.execute(insert(task).values(**values).on_conflict_do_nothing().returning(task.c.id)).scalar()
        if made is not None:
            audit.record(tx, now, actor, "task.opened", "task", made, kind=kind, line=line)
            return made
        same = select(task.c.id, task.c.due_at).where(task.c.kind == kind, _same_thing(case_id, about), is_open())
        row = tx.execute(same.with_for_update()).first()
        if row is not None:
            if due < row.due_at:
                tx.execute(update(task).where(task.c.id == row.id).values(due_at=due))
            return row.id


def end_task(tx: Connection, vault: Vault, now: datetime, task_id: int, actor: str, words: str) -> Task:
    """It is done, and what was done is written. Raises NoSuchTask: also one that has ended; TextMissing."""
    if not words.strip():
        raise TextMissing
    mine = (task.c.id == task_id, is_open())
    ended = {"ended_by": actor, "ended_at": now, "end_sealed": vault.seal(words.strip())}
    row = tx.execute(update(task).where(*mine).values(**ended).returning(task)).first()
    if row is None:
        raise NoSuchTask
    audit.record(tx, now, actor, "task.ended", "task", task_id, kind=row.kind)
    return as_task(vault, row)


def end_those_of(
    tx: Connection, now: datetime, case_id: int, actor: str, kinds: Collection[TaskKind] = _OF_THE_CASE
) -> int:
    """What was to be done about a case is done with it, or what is of these kinds; how many."""
    theirs = (task.c.case_id == case_id, is_open(), task.c.kind.in_(list(kinds)))
    return tx.execute(update(task).where(*theirs).values(ended_by=actor, ended_at=now)).rowcount


def hand_to(
    tx: Connection, now: datetime, task_id: int, person: str | None, actor: str, *, instead_of: str | None = None
) -> None:
    """One person takes it, or gives it back to their role (None). ``instead_of``: whom the actor saw that it is of.

    Whoever it becomes is told before it falls due, whoever had been told. Raises NoSuchTask; TaskTaken where somebody
    else has it by now.
    """
    mine = (task.c.id == task_id, is_open())
    free = or_(task.c.to_person.is_(None), task.c.to_person.in_([person or actor, instead_of or actor]))
    given: dict[str, Any] = {"to_person": person} if person == actor else {"to_person": person, "warned_at": None}
    if not tx.execute(update(task).where(*mine, free).values(**given)).rowcount:
        holder = tx.execute(select(task.c.to_person).where(*mine)).scalar()
        raise TaskTaken(holder) if holder is not None else NoSuchTask
    audit.record(tx, now, actor, "task.handed", "task", task_id, to=person or "")


def _same_thing(case_id: int | None, about: int | None) -> ColumnElement[bool]:
    return task.c.case_id == case_id if case_id is not None else task.c.about == about
