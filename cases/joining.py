"""One matter of one person in two open cases: one is joined to the other, which says so (R50)."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, Row, func, select, update

from cases import tasks
from cases.consultations.consultations import (
    IS_PENDING,
    CaseState,
    NoSuchCase,
    PendingCase,
    as_pending,
    close_case,
    seen_by,
)
from cases.corrections.corrections import KIND_OF
from cases.events import EventKind, joined_to, note
from cases.tables import case_, correction, task, work_order
from cases.tasks import TaskKind
from core.privacy import Vault
from core.roles import Role

_MOST = 5


class CannotJoin(Exception):
    """The two cannot be joined this way round. The message is a sentence in Spanish."""


def open_besides(
    tx: Connection,
    vault: Vault,
    case_id: int,
    *,
    roles: Collection[Role] | None = None,
    hidden_lines: Collection[str] = (),
) -> list[PendingCase]:
    """Other cases of the same document and line that wait for the same, oldest first. A telephone may be a family's: by
    it alone nobody is taken for the same. ``roles``, ``hidden_lines``: as in ``consultations.one_case``."""
    known = select(case_.c.document_print, case_.c.subject, case_.c.line).where(case_.c.id == case_id)
    row = tx.execute(known).first()
    if row is None or row.document_print is None:
        return []
    alike = (case_.c.document_print == row.document_print, case_.c.line == row.line, IS_PENDING)
    others = seen_by(roles, hidden_lines).where(*alike, case_.c.subject.in_(same_as(row.subject)))
    rows = tx.execute(others.where(case_.c.id != case_id).order_by(case_.c.id).limit(_MOST))
    return [as_pending(vault, each) for each in rows]


def join(tx: Connection, vault: Vault, now: datetime, case_id: int, other_id: int, actor: str) -> bool:
    """The other is closed because it goes on in this one; each says so in its history. False where it was closed
    already. Raises NoSuchCase; CannotJoin. That they are alike is for the caller to see (``open_besides``).

    Its orders, corrections and tasks go with it: whoever works on one of them looks for the person in the case that is
    open, and what was promised of it is told there. To refuse while it has any would leave two cases of which neither
    can be closed before the other. Two people who join the pair both ways at once: the second is told.
    """
    _lock_corrections(tx, other_id)
    both = select(case_).where(case_.c.id.in_([case_id, other_id])).order_by(case_.c.id).with_for_update()
    rows = {row.id: row for row in tx.execute(both)}
    if len(rows) < 2:
        raise NoSuchCase
    if rows[other_id].state == CaseState.CERRADO:
        return False
    _check_that_it_goes_on(tx, rows[case_id], other_id)
    followed = _follow(tx, vault, now, case_id, other_id, actor)
    said = f"Se sigue en el caso {case_id}, de la misma persona."
    close_case(tx, vault, now, other_id, actor, f"{said} {followed}".strip(), joined_to=case_id)
    told = f"Se le unió el caso {other_id}. {followed}".strip()
    note(tx, vault, now, actor, EventKind.ADDED, case_id=case_id, text=told, joined=other_id)
    return True


def _lock_corrections(tx: Connection, case_id: int) -> None:
    """Before the cases, as whoever carries a correction out does (procedures/correcting.py)."""
    theirs = select(correction.c.id).where(correction.c.case_id == case_id).order_by(correction.c.id)
    tx.execute(theirs.with_for_update())


def _check_that_it_goes_on(tx: Connection, stays: Row, other_id: int) -> None:
    """A closed case may still take one in that has nothing left to do; not what somebody has to find again."""
    if stays.state != CaseState.CERRADO:
        return
    if (into := joined_to(tx, stays.id)) is not None:
        raise CannotJoin(f"El caso {stays.id} acaba de unirse al caso {into} y quedó cerrado: siga en ese.")
    if _has_something_left(tx, other_id):
        raise CannotJoin(
            f"El caso {stays.id} ya está cerrado, y el caso {other_id} tiene algo por hacer: una orden, una corrección "
            "o una tarea. Siga en ese."
        )


def _has_something_left(tx: Connection, case_id: int) -> bool:
    left = (
        select(work_order.c.id).where(work_order.c.case_id == case_id, work_order.c.closed_at.is_(None)),
        select(correction.c.id).where(correction.c.case_id == case_id, correction.c.told_at.is_(None)),
        select(task.c.id).where(task.c.case_id == case_id, task.c.kind != TaskKind.CLOSE, tasks.is_open()),
    )
    return any(tx.execute(each.limit(1)).first() is not None for each in left)


def _follow(tx: Connection, vault: Vault, now: datetime, case_id: int, other_id: int, actor: str) -> str:
    """Said of what went along, in the order in which it is told; empty: nothing did."""
    moved = {}
    for name, table in (("orden", work_order), ("corrección", correction)):
        theirs = update(table).where(table.c.case_id == other_id).values(case_id=case_id)
        moved[name] = list(tx.execute(theirs.returning(table.c.id)).scalars())
    named = [f"la {name} {number}" for name, numbers in moved.items() for number in sorted(numbers)]
    count = _follow_tasks(tx, vault, now, case_id, other_id, actor)
    if count:
        named.append("una tarea" if count == 1 else f"{count} tareas")
    return f"Con él: {', '.join(named)}." if named else ""


def _follow_tasks(tx: Connection, vault: Vault, now: datetime, case_id: int, other_id: int, actor: str) -> int:
    """Of a kind a case has one: where this one has it, it falls due when the sooner of the two does, and what the other
    was for is told in the history. Closing is done with the case itself."""
    theirs = (task.c.case_id == other_id, task.c.kind != TaskKind.CLOSE, tasks.is_open())
    rows = tx.execute(select(task).where(*theirs).order_by(task.c.id).with_for_update()).all()
    for row in rows:
        same = (task.c.case_id == case_id, task.c.kind == row.kind, tasks.is_open())
        sooner = update(task).where(*same).values(due_at=func.least(task.c.due_at, row.due_at))
        if not tx.execute(sooner).rowcount:
            tx.execute(update(task).where(task.c.id == row.id).values(case_id=case_id))
            continue
        was = tasks.as_task(vault, row)
        told = ": ".join(each for each in (was.kind.label, was.unit, was.words) if each)
        note(tx, vault, now, actor, EventKind.ADDED, case_id=case_id, text=f"Del caso {other_id}: {told}")
        tasks.end_task(tx, vault, now, row.id, actor, f"Sigue en la tarea del caso {case_id}.")
    return len(rows)


def same_as(subject: str) -> list[str]:
    """What leads to the same correction is the same, whoever wrote it down: the line or an operator."""
    kind = KIND_OF.get(subject)
    return [subject] if kind is None else [code for code, each in KIND_OF.items() if each is kind]
