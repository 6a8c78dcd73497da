"""A case that somebody above must see: who was not attended (R80), what belongs to another unit (R19): tasks."""

from datetime import datetime

from sqlalchemy import Connection, select

from cases import tasks
from cases.consultations.consultations import IS_PENDING, NoSuchCase, open_again
from cases.events import EventKind, note
from cases.problem import TextMissing
from cases.tables import case_, escalation, task
from cases.tasks import TaskKind
from core import audit
from core.privacy import Vault
from core.roles import Role


def to_director(tx: Connection, vault: Vault, now: datetime, case_id: int, actor: str, reason: str) -> int:
    """«No recibió la atención»: the case goes to the Dirección (R80), and waits again if it was closed.

    Returns the task's number, that of the open one where there is one: what is said then is in the case's history.
    Raises TextMissing, NoSuchCase.
    """
    return _escalate(tx, vault, now, case_id, TaskKind.UNATTENDED, actor, reason)


def to_unit(tx: Connection, vault: Vault, now: datetime, case_id: int, actor: str, unit: str, reason: str) -> int:
    """A task of the coordinator: send the case on to ``unit`` (R19); it waits again if it was closed, or no tray would
    show it. Raises TextMissing, NoSuchCase."""
    if not unit.strip():
        raise TextMissing
    return _escalate(tx, vault, now, case_id, TaskKind.UNIT, actor, reason, unit.strip())


def take_over(tx: Connection, vault: Vault, now: datetime, limit: int = 200) -> int:
    """What a version before tasks left as an escalation that nobody ended is a task; how many. Its row stays as it was:
    a person's rights are asked of it (cases/keeping/person.py)."""
    same = (task.c.case_id == escalation.c.case_id, task.c.kind == escalation.c.kind)
    is_left = (escalation.c.ended_at.is_(None), ~select(task.c.id).where(*same).exists())
    left = select(escalation, case_.c.line).join(case_, case_.c.id == escalation.c.case_id).where(*is_left, IS_PENDING)
    rows = tx.execute(left.order_by(escalation.c.id).limit(limit).with_for_update(of=case_, skip_locked=True)).all()
    for row in rows:
        about = {"line": row.line, "case_id": row.case_id, "to_roles": (Role(row.to_role),), "unit": row.unit or ""}
        words, due_at = vault.open(row.reason_sealed), row.made_at + tasks.DUE
        tasks.open_task(tx, vault, now, TaskKind(row.kind), **about, words=words, due_at=due_at, actor=row.made_by)
    return len(rows)


def _escalate(
    tx: Connection,
    vault: Vault,
    now: datetime,
    case_id: int,
    kind: TaskKind,
    actor: str,
    reason: str,
    unit: str = "",
) -> int:
    if not reason.strip():
        raise TextMissing
    line = tx.execute(select(case_.c.line).where(case_.c.id == case_id)).scalar()
    if line is None:
        raise NoSuchCase
    said, to_role = f"{unit}: {reason.strip()}" if unit else reason.strip(), kind.roles[0]
    note(tx, vault, now, actor, EventKind.ESCALATED, case_id=case_id, text=said, to_role=to_role)
    audit.record(tx, now, actor, "case.escalated", "case", case_id, kind=kind, to_role=to_role)
    open_again(tx, vault, now, case_id, actor)
    about = {"line": line, "case_id": case_id, "unit": unit, "words": reason}
    return tasks.open_task(tx, vault, now, kind, **about, actor=actor)
