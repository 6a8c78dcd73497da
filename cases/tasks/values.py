"""What somebody must do by a time, and whose it is (R19, R36, R73, R74, R80, R87)."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, Row

from cases.tables import task
from core.privacy import Vault
from core.roles import Role

DUE = timedelta(hours=24)  # R73: what is pending is closed before 24 hours, counted by the clock
SOON = timedelta(hours=4)  # before that: who has it is told (R74: at 20 hours)


class TaskKind(StrEnum):
    """What is to be done. Its code is kept in the database and never changes."""

    CLOSE = "CLOSE"  # R73: a consultation that waits
    UNIT = "UNIT"  # R19: send it on to another unit
    UNATTENDED = "UNATTENDED"  # R80: the Dirección says what to do
    CORRECTION = "CORRECTION"  # R36–R40: compare with a source, and correct or refuse
    FOLLOW_UP = "FOLLOW_UP"  # R87: a person calls somebody again; what rings by itself is a promise (desk/promises.py)
    AUTHORITY = "AUTHORITY"  # R88: ask an authority how a step goes

    @property
    def label(self) -> str:
        return _LABELS[self]

    @property
    def roles(self) -> tuple[Role, ...]:
        """Whose it is, where nobody says otherwise."""
        return (Role.DIRECTOR,) if self is TaskKind.UNATTENDED else (Role.COORDINADOR,)


#: Calls to be made at an hour: whoever is to make them is told when it comes.
AT_ITS_HOUR = (TaskKind.FOLLOW_UP, TaskKind.AUTHORITY)

_LABELS = {
    TaskKind.CLOSE: "Cerrar la consulta",
    TaskKind.UNIT: "Para remitir a otra unidad",
    TaskKind.UNATTENDED: "No recibió la atención que necesitaba",
    TaskKind.CORRECTION: "Revisar una corrección del padrón",
    TaskKind.FOLLOW_UP: "Llamar de nuevo",
    TaskKind.AUTHORITY: "Preguntar a la autoridad",
}


@dataclass(frozen=True)
class Task:
    """One, as a tray shows it. ``about``: the number of what it is about, where that is not a case."""

    id: int
    kind: TaskKind
    line: str
    case_id: int | None
    about: int | None
    to_roles: tuple[Role, ...]
    to_person: str | None
    unit: str | None = field(repr=False)
    words: str | None = field(repr=False)
    due_at: datetime
    made_by: str
    made_at: datetime
    ended_by: str | None
    ended_at: datetime | None


class NoSuchTask(Exception):
    """Esa tarea ya no está abierta."""

    def __str__(self) -> str:
        return type(self).__doc__ or ""


class TaskTaken(Exception):
    """Somebody else has it: ``by``, an e-mail."""

    def __init__(self, by: str) -> None:
        super().__init__(by)
        self.by = by


def as_task(vault: Vault, row: Row) -> Task:
    """A row of ``task``."""
    return Task(
        id=row.id,
        kind=TaskKind(row.kind),
        line=row.line,
        case_id=row.case_id,
        about=row.about,
        to_roles=tuple(Role(role) for role in row.to_roles),
        to_person=row.to_person,
        unit=vault.open(row.unit_sealed) if row.unit_sealed is not None else None,
        words=vault.open(row.words_sealed) if row.words_sealed is not None else None,
        due_at=row.due_at,
        made_by=row.made_by,
        made_at=row.made_at,
        ended_by=row.ended_by,
        ended_at=row.ended_at,
    )


def is_open() -> ColumnElement[bool]:
    """Whether a task is still to be done."""
    return task.c.ended_at.is_(None)


def is_of(roles: Collection[Role]) -> ColumnElement[bool]:
    """Whether a task is, or was, one of these roles'."""
    return task.c.to_roles.overlap(list(roles))
