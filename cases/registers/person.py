"""What the registers keep of a person: what was noted of a consultation of theirs (core/person.py).

An entry of no consultation says of whom it is in its words alone, and is found by nobody but who reads it.
"""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection, Row, or_, select

from cases.person_rows import cases_of
from cases.registers.authority import AuthorityState
from cases.registers.books import Register
from cases.registers.entries import BOOKS, texts_of
from cases.registers.erasing import erase, erase_steps, tasks_of
from cases.registers.tables import register_entry, register_standing, register_step
from cases.tables import task
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
    owed = select(task.c.about).where(tasks_of(ids), task.c.ended_at.is_(None))
    for number in tx.execute(owed).scalars():
        yield f"La anotación {number} prometió una llamada: hágala antes."


def forget(tx: Connection, vault: Vault, now: datetime, who: Person, by: str) -> Iterator[Forgotten]:
    """Their words; that there was an entry stays."""
    ids = [row.id for row in _entries(tx, who)]
    steps = erase_steps(tx, now, ids, by)
    yield Forgotten("Anotaciones de los registros", erase(tx, now, ids, by))
    yield Forgotten("Seguimientos de esas anotaciones", steps)


def _entries(tx: Connection, who: Person) -> list[Row]:
    """Those of their consultations, and whatever corrects one, is corrected by it, and so on, naming none."""
    entries = select(register_entry.c.id, register_entry.c.corrects)
    of_cases = register_entry.c.case_id.in_([row.id for row in cases_of(tx, who)])
    chain = entries.where(of_cases).cte("chain", recursive=True)
    is_near = or_(register_entry.c.corrects == chain.c.id, register_entry.c.id == chain.c.corrects)
    chain = chain.union(entries.join(chain, is_near).where(register_entry.c.case_id.is_(None)))
    theirs = register_entry.c.id.in_(select(chain.c.id))
    return list(tx.execute(select(register_entry).where(theirs).order_by(register_entry.c.id)))
