"""Telling somebody what was decided of their correction, where no call of ours reached them (R41): a task of whoever
asked for it."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from cases import tasks
from cases.corrections.corrections import Correction
from cases.events import CorrectionAct, EventKind, note
from cases.problem import TextMissing
from cases.tables import task
from cases.tasks import Task, TaskKind
from core.privacy import Vault
from core.roles import Role


def leave(
    tx: Connection, vault: Vault, now: datetime, about: Correction, why: str, *, role: Role, person: str | None
) -> None:
    """Somebody is to tell them. ``why``: nothing of a person."""
    words = f"Caso {about.case_id}, {about.state.label.lower()}. {why}"
    told: dict[str, Any] = {"line": about.line, "about": about.id, "to_roles": (role,), "to_person": person}
    tasks.open_task(tx, vault, now, TaskKind.CORRECTION, **told, words=words, actor="system")


def left(tx: Connection, vault: Vault, number: int) -> Task | None:
    """What is still to be done about telling them of this correction."""
    mine = (task.c.kind == TaskKind.CORRECTION, task.c.about == number, task.c.case_id.is_(None), tasks.is_open())
    row = tx.execute(select(task).where(*mine)).first()
    return tasks.as_task(vault, row) if row else None


def done(tx: Connection, vault: Vault, now: datetime, about: Correction, actor: str, words: str) -> None:
    """They know. How they were told stands in the history of the case, where it is erased with the person.

    Raises NoSuchTask, TextMissing.
    """
    owed = left(tx, vault, about.id)
    if owed is None:
        raise tasks.NoSuchTask
    if not words.strip():
        raise TextMissing
    tasks.end_task(tx, vault, now, owed.id, actor, "Se avisó a la persona.")
    told: dict[str, Any] = {"state": about.state, "correction": about.id, "act": CorrectionAct.TOLD}
    note(tx, vault, now, actor, EventKind.CORRECTION, case_id=about.case_id, text=words.strip(), **told)
