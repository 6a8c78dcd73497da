"""Keeping the directory: adding, changing, removing and verifying entries, each on the audit trail (R85)."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from core import audit
from core.folding import fold, searched
from core.phones import CALLING_CODE
from desk.directory.facts import Facts
from desk.directory.spelling import keyed
from desk.directory.tables import directory_entry, directory_key

#: What an entry says, as Facts and the table call it.
TOLD = ("name", "unit", "role", "extension", "telephone", "email", "category", "notes", "verified_on")


class ChangedMeanwhile(Exception):
    """Otra persona cambió esta entrada mientras usted la tenía abierta. Revise lo que dice ahora."""

    def __str__(self) -> str:
        return type(self).__doc__ or ""


def add(tx: Connection, now: datetime, actor: str, line: str, facts: Facts) -> int:
    """Stores a new entry and returns its id."""
    made = {"line": line, "created_at": now, "created_by": actor, "updated_at": now, "updated_by": actor}
    new = insert(directory_entry).values(**columns_of(facts), **made).returning(directory_entry.c.id)
    entry_id = tx.execute(new).scalar_one()
    _spell(tx, entry_id, line, facts.name)
    audit.record(tx, now, actor, "directory.added", "directory", entry_id, line=line)
    return entry_id


def change(
    tx: Connection, now: datetime, actor: str, entry_id: int, facts: Facts, seen_at: datetime | None = None
) -> bool:
    """Stores what an entry says now; False if it is not there any more. Nothing is written where nothing differs.

    ``seen_at``: when it had last been changed as whoever changes it saw it. Raises ChangedMeanwhile.
    """
    row = _locked(tx, entry_id)
    if row is None:
        return False
    if seen_at is not None and row.updated_at != seen_at:
        raise ChangedMeanwhile
    values = columns_of(facts)
    changed = [name for name in values if name in TOLD and getattr(row, name) != values[name]]
    if not changed:
        return True
    mine = directory_entry.c.id == entry_id
    tx.execute(update(directory_entry).where(mine).values(**values, updated_at=now, updated_by=actor))
    if "name" in changed:
        tx.execute(delete(directory_key).where(directory_key.c.entry_id == entry_id))
        _spell(tx, entry_id, row.line, facts.name)
    audit.record(tx, now, actor, "directory.changed", "directory", entry_id, columns=changed)
    return True


def mark_verified(tx: Connection, now: datetime, actor: str, entry_id: int, today: date) -> bool:
    """Somebody rang and it is as it says. False if it is not there any more. ``today``: where the line is."""
    mine = directory_entry.c.id == entry_id
    done = tx.execute(update(directory_entry).where(mine).values(verified_on=today, updated_at=now, updated_by=actor))
    if done.rowcount:
        audit.record(tx, now, actor, "directory.verified", "directory", entry_id)
    return bool(done.rowcount)


def remove(tx: Connection, now: datetime, actor: str, entry_id: int) -> bool:
    """Takes it out for good: it is somebody's personal data. False if it was not there."""
    done = tx.execute(delete(directory_entry).where(directory_entry.c.id == entry_id))
    if done.rowcount:
        audit.record(tx, now, actor, "directory.removed", "directory", entry_id)
    return bool(done.rowcount)


def columns_of(facts: Facts) -> dict[str, Any]:
    """An entry's columns as the table has them, those that are only searched or sorted by included."""
    told = {name: getattr(facts, name) for name in TOLD}
    told["extension"] = str(facts.extension) if facts.extension else None
    told["category"] = facts.category.value
    return {**told, "name_plain": fold(facts.name), "words": " ".join(_words(facts))}


def _words(facts: Facts) -> Iterable[str]:
    """What the entry is found by; a telephone with and without its country."""
    telephone = facts.telephone or ""
    national = [telephone.removeprefix(f"+{code}") for code in CALLING_CODE.values()]
    told = (facts.name, facts.unit, facts.role, facts.extension or "", facts.email or "", facts.notes)
    # Each on a line of its own: the figures that end one must not join those that begin the next.
    return searched("\n".join((telephone, min(national, key=len), *told)))


def keys_of(entry_id: int, line: str, name: str) -> list[dict[str, Any]]:
    """What an entry is spelt by: a row for each word of its name."""
    plain = fold(name)
    return [
        {"entry_id": entry_id, "position": position, "line": line, "digits": digits, "name_plain": plain}
        for position, digits in enumerate(keyed(name))
    ]


def _spell(tx: Connection, entry_id: int, line: str, name: str) -> None:
    if words := keys_of(entry_id, line, name):
        tx.execute(insert(directory_key), words)


def _locked(tx: Connection, entry_id: int) -> Row | None:
    return tx.execute(select(directory_entry).where(directory_entry.c.id == entry_id).with_for_update()).one_or_none()
