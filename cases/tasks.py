"""What somebody must do by a time, and whose it is (R19, R36, R73, R74, R80, R87). The clock that watches over it:
procedures/reminding.py."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, Row, Select, literal_column, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from cases.catalogue.catalogue import subject_named
from cases.problem import TextMissing
from cases.tables import case_, task
from core import audit
from core.privacy import Vault
from core.roles import Role

DUE = timedelta(hours=24)  # R73: what is pending is closed before 24 hours, counted by the clock
SOON = timedelta(hours=4)  # before that: who has it is told (R74: at 20 hours)
PENDING = "PENDIENTE"  #: the state of a case that waits (R73)
_AT_ONCE = 500


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


_LABELS = {
    TaskKind.CLOSE: "Cerrar la consulta",
    TaskKind.UNIT: "Para remitir a otra unidad",
    TaskKind.UNATTENDED: "No recibió la atención que necesitaba",
    TaskKind.CORRECTION: "Revisar una corrección del padrón",
    TaskKind.FOLLOW_UP: "Llamar de nuevo",
    TaskKind.AUTHORITY: "Preguntar a la autoridad",
}


#: What is done with the case once the case is closed. A correction goes on: its citizen has to be told.
_OF_THE_CASE = (TaskKind.CLOSE, TaskKind.UNIT, TaskKind.UNATTENDED)


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

    @property
    def label(self) -> str:
        """What is to be done. Of a correction without its case what is left is to tell the person
        (cases/corrections/telling.py): the version before this one reads no kind of its own."""
        is_to_tell = self.kind is TaskKind.CORRECTION and self.case_id is None
        return "Avisar a la persona" if is_to_tell else self.kind.label


class NoSuchTask(Exception):
    """Esa tarea ya no está abierta."""

    def __str__(self) -> str:
        return type(self).__doc__ or ""


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


def hand_to(tx: Connection, now: datetime, task_id: int, person: str | None, actor: str) -> None:
    """One person takes it, or gives it back to their role (None). Raises NoSuchTask."""
    mine = (task.c.id == task_id, is_open())
    if not tx.execute(update(task).where(*mine).values(to_person=person)).rowcount:
        raise NoSuchTask
    audit.record(tx, now, actor, "task.handed", "task", task_id, to=person or "")


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
    asked = waiting(roles, person, hidden_lines)
    if kinds:
        asked = asked.where(task.c.kind.in_(list(kinds)))
    if after is not None:
        asked = asked.where(or_(task.c.due_at > after[0], (task.c.due_at == after[0]) & (task.c.id > after[1])))
    return [as_task(vault, row) for row in tx.execute(asked.order_by(task.c.due_at, task.c.id).limit(limit))]


def tasks_of(tx: Connection, vault: Vault, case_ids: Iterable[int]) -> dict[int, list[Task]]:
    """What is still to be done about each of these cases, beside closing it."""
    about = (task.c.case_id.in_(list(case_ids)), task.c.kind != TaskKind.CLOSE, is_open())
    found: dict[int, list[Task]] = {}
    for row in tx.execute(select(task).where(*about).order_by(task.c.id)):
        found.setdefault(row.case_id, []).append(as_task(vault, row))
    return found


def waiting(roles: Collection[Role] | None, person: str | None, hidden_lines: Collection[str]) -> Select:
    """The query of what waits for these roles, or for this person of them."""
    asked = select(task).where(is_open(), task.c.line.not_in(list(hidden_lines)))
    if roles is not None:
        asked = asked.where(is_of(roles))
    if person is not None:
        asked = asked.where(or_(task.c.to_person.is_(None), task.c.to_person == person))
    return asked


def is_of(roles: Collection[Role]) -> ColumnElement[bool]:
    """Whether a task is, or was, one of these roles'."""
    return task.c.to_roles.overlap(list(roles))


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


def _same_thing(case_id: int | None, about: int | None) -> ColumnElement[bool]:
    return task.c.case_id == case_id if case_id is not None else task.c.about == about
