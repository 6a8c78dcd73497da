"""What the registers keep of a person: what was noted of a consultation of theirs (core/person.py).

An entry of no consultation says of whom it is in its words alone, and is found by nobody but who reads it.
"""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Row, and_, or_, select, update

from cases.person_rows import cases_of
from cases.registers.authority import AuthorityState
from cases.registers.books import Register
from cases.registers.entries import BOOKS, texts_of
from cases.registers.tables import register_entry, register_standing, register_step
from cases.tables import task
from cases.tasks import TaskKind
from core.person import Forgotten, Kept, Person, opened, told
from core.privacy import Vault

HOLDS = frozenset({"register_entry.told_sealed", "register_step.text_sealed"})
NOBODYS: dict[str, str] = {}


def kept_of(tx: Connection, vault: Vault, who: Person) -> Iterator[Kept]:
    """Each entry with what it says, and each time that somebody asked an authority."""
    rows = _entries(tx, who)
    for row in rows:
        book = BOOKS[Register(row.register)]
        texts = texts_of(vault, row)
        said = {"Consulta": str(row.case_id), **{each.label: texts[each.name] for each in book.fields}}
        yield Kept(book.title, f"register_entry {row.id}", row.at, told(said))
    steps = select(register_step).where(register_step.c.entry_id.in_([row.id for row in rows]))
    for row in tx.execute(steps.order_by(register_step.c.id)):
        said = {"Quedó": AuthorityState(row.state).label, "Palabras": opened(vault, row.text_sealed)}
        yield Kept(f"Seguimiento de la anotación {row.entry_id}", f"register_step {row.id}", row.at, told(said))


def holding(tx: Connection, vault: Vault, who: Person) -> Iterator[str]:
    """What was asked of an authority and has no end, and a call that an entry promises."""
    ids = [row.id for row in _entries(tx, who)]
    going_on = (register_standing.c.entry_id.in_(ids), register_standing.c.state != AuthorityState.CERRADA)
    for number in tx.execute(select(register_standing.c.entry_id).where(*going_on)).scalars():
        yield f"La gestión {number} ante una autoridad está abierta: ciérrela antes."
    owed = select(task.c.about).where(_tasks_of(ids), task.c.ended_at.is_(None))
    for number in tx.execute(owed).scalars():
        yield f"La anotación {number} prometió una llamada: hágala antes."


def forget(tx: Connection, vault: Vault, now: datetime, who: Person, by: str) -> Iterator[Forgotten]:
    """The one change that a register bears (core/append_only.py)."""
    ids = [row.id for row in _entries(tx, who)]
    gone = {"erased_at": now, "erased_by": by}
    entries = update(register_entry).where(register_entry.c.id.in_(ids), register_entry.c.told_sealed.is_not(None))
    steps = update(register_step).where(register_step.c.entry_id.in_(ids), register_step.c.text_sealed.is_not(None))
    tx.execute(update(task).where(_tasks_of(ids)).values(words_sealed=None, end_sealed=None))
    yield Forgotten("Anotaciones de los registros", tx.execute(entries.values(told_sealed=None, **gone)).rowcount)
    yield Forgotten("Seguimientos de esas anotaciones", tx.execute(steps.values(text_sealed=None, **gone)).rowcount)


def _entries(tx: Connection, who: Person) -> list[Row]:
    """Those of their consultations, and what corrects one or is corrected by it without naming it."""
    of_cases = register_entry.c.case_id.in_([row.id for row in cases_of(tx, who)])
    first = select(register_entry.c.id).where(of_cases)
    corrected = select(register_entry.c.corrects).where(of_cases, register_entry.c.corrects.is_not(None))
    near = or_(of_cases, register_entry.c.corrects.in_(first), register_entry.c.id.in_(corrected))
    return list(tx.execute(select(register_entry).where(near).order_by(register_entry.c.id)))


def _tasks_of(entries: list[int]) -> ColumnElement[bool]:
    return and_(task.c.about.in_(entries), task.c.kind.in_((TaskKind.AUTHORITY, TaskKind.FOLLOW_UP)))
