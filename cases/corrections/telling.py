"""Telling somebody what was decided of their correction, where no call of ours reached them (R41): a task of whoever
asked for it."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from cases import tasks
from cases.corrections.corrections import BY, Correction
from cases.events import CorrectionAct, EventKind, note
from cases.problem import TextMissing
from cases.tables import task
from cases.tasks import Task, TaskKind
from core.privacy import Vault
from core.roles import Role

_LABEL = "Avisar a la persona"


def label_of(owed: Task) -> str:
    """What is to be done by a task. One of a correction without its case is to tell the person: the version before this
    one reads no kind of its own."""
    return _LABEL if owed.kind is TaskKind.CORRECTION and owed.case_id is None else owed.kind.label


def leave(
    tx: Connection, vault: Vault, now: datetime, about: Correction, why: str, *, role: Role, person: str | None
) -> bool:
    """Somebody is to tell them. ``why``: nothing of a person. False where somebody is already: they read this too."""
    words = f"Caso {about.case_id}, {about.state.label.lower()}. {why}"
    owed = left(tx, vault, about.id)
    if owed is not None:
        both = vault.seal(f"{owed.words or ''} {why}".strip())
        tx.execute(update(task).where(task.c.id == owed.id).values(words_sealed=both))
        return False
    told: dict[str, Any] = {"line": about.line, "about": about.id, "to_roles": (role,), "to_person": person}
    tasks.open_task(tx, vault, now, TaskKind.CORRECTION, **told, words=words, actor="system")
    return True


def owed_of(tx: Connection, numbers: Collection[int]) -> list[int]:
    """Of the corrections of these numbers, those whose citizen somebody is still to tell."""
    owed = (task.c.kind == TaskKind.CORRECTION, task.c.about.in_(list(numbers)), task.c.case_id.is_(None))
    return list(tx.execute(select(task.c.about).where(*owed, tasks.is_open()).order_by(task.c.about)).scalars())


def left(tx: Connection, vault: Vault, number: int) -> Task | None:
    """What is still to be done about telling them of this correction."""
    mine = (task.c.kind == TaskKind.CORRECTION, task.c.about == number, task.c.case_id.is_(None), tasks.is_open())
    row = tx.execute(select(task).where(*mine)).first()
    return tasks.as_task(vault, row) if row else None


def is_needless(tx: Connection, vault: Vault, now: datetime, number: int, words: str) -> None:
    """They know: whoever was to tell them need not any more."""
    owed = left(tx, vault, number)
    if owed is not None:
        tasks.end_task(tx, vault, now, owed.id, BY, words)


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
