"""What a register promises becomes a task of whoever promised it: to call again, to ask the authority (R87, R88)."""

from datetime import datetime

from sqlalchemy import Connection, Row, select

from cases import tasks
from cases.registers.books import Register
from cases.tables import task
from cases.tasks import TaskKind
from core.privacy import Vault
from core.roles import Role

#: Who may keep a register, and so have a task of one.
REGISTER_KEEPERS = (Role.OPERADOR, Role.SUPERVISOR, Role.COORDINADOR, Role.PROFESIONAL_LINEA)


def call_again(tx: Connection, vault: Vault, now: datetime, entry: Row, due_at: datetime, actor: str) -> None:
    """By then, whoever wrote this entry is to call. Nothing of what was written goes along: the entry is to be read."""
    words = f"Anotación {entry.id}" + (f", caso {entry.case_id}" if entry.case_id else "")
    whose = {"to_roles": REGISTER_KEEPERS, "to_person": entry.person}
    about = {"line": entry.line, "about": entry.id, "words": words, **whose}
    tasks.open_task(tx, vault, now, _kind(entry.register), due_at=due_at, actor=actor, **about)


def called(tx: Connection, vault: Vault, now: datetime, entry_id: int, actor: str, words: str) -> None:
    """What the entry had promised is done, or stands in another entry now."""
    kinds = (TaskKind.AUTHORITY, TaskKind.FOLLOW_UP)
    theirs = (task.c.about == entry_id, task.c.kind.in_(kinds), task.c.ended_at.is_(None))
    for task_id in tx.execute(select(task.c.id).where(*theirs)).scalars().all():
        tasks.end_task(tx, vault, now, task_id, actor, words)


def _kind(register: str) -> TaskKind:
    return TaskKind.AUTHORITY if register == Register.GESTIONES else TaskKind.FOLLOW_UP
