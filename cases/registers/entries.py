"""The entries of the registers: written once, corrected by another entry, read again (R86)."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, Row, select
from sqlalchemy.dialects.postgresql import insert

from cases.registers import authority, daily, outreach
from cases.registers import field as in_the_field
from cases.registers.authority import AuthorityState
from cases.registers.books import Book, Register, Told
from cases.registers.follow_up import call_again, called
from cases.registers.tables import register_entry, register_standing
from core import audit
from core.folding import searched
from core.person import erased_words
from core.privacy import Vault

BOOKS: Mapping[Register, Book] = {
    book.register: book for book in (daily.BOOK, in_the_field.BOOK, outreach.BOOK, authority.BOOK)
}
_CORRECTED = "Quedó en la anotación que la corrige."
_MOST_CORRECTIONS = 50  # of one entry, one after the other, that are shown together


@dataclass(frozen=True)
class RegisterEntry:
    """A line of a register. ``corrected_by``: the number of the entry that corrects it; ``texts``: every field of its
    book; ``erased``: why its words are gone; ``state``: of a step before an authority that nobody corrected."""

    id: int
    book: Book
    line: str
    kind: str
    person: str
    at: datetime
    ended_at: datetime | None
    follow_up_at: datetime | None
    case_id: int | None
    corrects: int | None
    corrected_by: int | None
    written_at: datetime
    written_by: str
    texts: Mapping[str, str] = field(repr=False)
    erased: str = ""
    state: AuthorityState | None = None

    @property
    def kind_label(self) -> str:
        return self.book.kinds.get(self.kind, self.kind)


class NoSuchEntry(Exception):
    """No hay una anotación con ese número."""

    def __str__(self) -> str:
        return type(self).__doc__ or ""


class AlreadyCorrected(Exception):
    """Otra anotación ya corrige esta: corrija la última."""

    def __str__(self) -> str:
        return type(self).__doc__ or ""


def write(
    tx: Connection,
    vault: Vault,
    now: datetime,
    book: Book,
    told: Told,
    *,
    line: str,
    person: str,
    actor: str,
    case_id: int | None = None,
    corrects: int | None = None,
    once: str | None = None,
) -> int:
    """Adds an entry and returns its number. ``person``: whose work it was; ``corrects``: the entry that it stands for
    from now on, of the same register. ``once``: the form's own; what it sends again, word by word, is one entry, since
    nobody could take the other away. Raises AlreadyCorrected."""
    plain = {each.name: told.texts[each.name] for each in book.fields if not each.is_sealed}
    sealed = {each.name: told.texts[each.name] for each in book.fields if each.is_sealed}
    said = {
        **{"register": book.register, "line": line, "kind": told.kind, "person": person, "at": told.at},
        **{"ended_at": told.ended_at, "follow_up_at": told.follow_up_at, "case_id": case_id, "corrects": corrects},
    }
    sent = _print_of(vault, once, said, told.texts) if once else None
    values = {
        **{**said, "written_at": now, "written_by": actor, "plain": plain, "once": sent},
        "words": " ".join(searched("\n".join(plain.values()))) if plain else None,
        "told_sealed": vault.seal(json.dumps(sealed)),
    }
    row = tx.execute(insert(register_entry).values(**values).on_conflict_do_nothing().returning(register_entry)).first()
    if row is None:
        same = tx.execute(select(register_entry.c.id).where(register_entry.c.once == sent)).scalar() if sent else None
        if same is None:
            raise AlreadyCorrected
        return same
    follow_up_at = authority.begin(tx, row) if book.register is Register.GESTIONES else told.follow_up_at
    if corrects is not None:
        called(tx, vault, now, corrects, actor, _CORRECTED)
    if follow_up_at is not None:
        call_again(tx, vault, now, row, follow_up_at, actor)
    audit.record(
        tx, now, actor, "register.written", "register", row.id, register=book.register, line=line, corrects=corrects
    )
    return row.id


def one(tx: Connection, vault: Vault, book: Book, number: int, *, hidden_lines: Collection[str] = ()) -> RegisterEntry:
    """Raises NoSuchEntry: also for one of ``hidden_lines`` (R81), and for one of another register."""
    mine = (register_entry.c.id == number, register_entry.c.register == book.register)
    query = select(register_entry).where(*mine, register_entry.c.line.not_in(list(hidden_lines)))
    found = opened(tx, vault, tx.execute(query).all())
    if not found:
        raise NoSuchEntry
    return found[0]


def book_of(tx: Connection, number: int) -> Book:
    """The register that has this entry. Raises NoSuchEntry."""
    found = tx.execute(select(register_entry.c.register).where(register_entry.c.id == number)).scalar()
    if found is None:
        raise NoSuchEntry
    return BOOKS[Register(found)]


def chain_of(
    tx: Connection, vault: Vault, entry: RegisterEntry, *, hidden_lines: Collection[str] = ()
) -> list[RegisterEntry]:
    """The entry with all that it corrects and all that corrects it, in the order in which they were written."""
    chain, asked = [entry], {"hidden_lines": hidden_lines}
    try:
        while chain[0].corrects is not None and len(chain) < _MOST_CORRECTIONS:
            chain.insert(0, one(tx, vault, entry.book, chain[0].corrects, **asked))
        while chain[-1].corrected_by is not None and len(chain) < _MOST_CORRECTIONS:
            chain.append(one(tx, vault, entry.book, chain[-1].corrected_by, **asked))
    except NoSuchEntry:  # it was of a line that is not for this reader
        pass
    return chain


def opened(tx: Connection, vault: Vault, rows: Iterable[Row]) -> list[RegisterEntry]:
    """Rows of ``register_entry`` as people read them, each with what corrects it and how it stands."""
    found = list(rows)
    ids = [row.id for row in found]
    corrections = select(register_entry.c.corrects, register_entry.c.id).where(register_entry.c.corrects.in_(ids))
    corrected_by = {corrected: number for corrected, number in tx.execute(corrections)} if ids else {}
    stand = select(register_standing.c.entry_id, register_standing.c.state, register_standing.c.follow_up_at)
    stands = (
        {row.entry_id: row for row in tx.execute(stand.where(register_standing.c.entry_id.in_(ids)))} if ids else {}
    )
    return [_entry(vault, row, corrected_by.get(row.id), stands.get(row.id)) for row in found]


def texts_of(vault: Vault, row: Row) -> dict[str, str]:
    """What was written in every field of an entry, "" where it was erased."""
    book = BOOKS[Register(row.register)]
    told = json.loads(vault.open(row.told_sealed)) if row.told_sealed is not None else {}
    return {each.name: (told if each.is_sealed else row.plain).get(each.name, "") for each in book.fields}


def _print_of(vault: Vault, once: str, said: Mapping[str, object], texts: Mapping[str, str]) -> bytes:
    """Of a form and of all that it says: one that is gone back to and says something else is another."""
    return vault.fingerprint("register", json.dumps([once, said, dict(texts)], default=str, sort_keys=True))


def _entry(vault: Vault, row: Row, corrected_by: int | None, standing: Row | None) -> RegisterEntry:
    return RegisterEntry(
        id=row.id,
        book=BOOKS[Register(row.register)],
        line=row.line,
        kind=row.kind,
        person=row.person,
        at=row.at,
        ended_at=row.ended_at,
        follow_up_at=standing.follow_up_at if standing else row.follow_up_at,
        case_id=row.case_id,
        corrects=row.corrects,
        corrected_by=corrected_by,
        written_at=row.written_at,
        written_by=row.written_by,
        texts=texts_of(vault, row),
        erased=erased_words(row.erased_by) if row.erased_at is not None else "",
        state=AuthorityState(standing.state) if standing else None,
    )
