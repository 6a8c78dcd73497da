"""What the switchboard and the screens ask the directory."""

import re
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Row,
    String,
    and_,
    bindparam,
    cast,
    func,
    or_,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY

from core.folding import question
from desk.directory.facts import STALE_AFTER, Category, Extension, is_stale
from desk.directory.tables import directory_entry, directory_key

LEAST_KEYED, LONGEST_KEYED = 2, 40  # keys: one alone is half of everybody, and nobody spells more
_MOST_PARTS = 6


@dataclass(frozen=True, slots=True)
class DirectoryEntry:
    """A person or an office of the directory. ``telephone``: E.164, or a short public number."""

    id: int
    line: str
    name: str
    unit: str
    role: str
    extension: Extension | None
    telephone: str | None
    category: Category
    verified_on: date | None
    email: str | None = None
    notes: str = ""
    updated_at: datetime | None = field(default=None, compare=False)
    updated_by: str = field(default="", compare=False)

    def is_stale(self, today: date) -> bool:
        """Whether nobody verified it for 180 days, or ever (R85)."""
        return is_stale(self.verified_on, today)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which entries are looked for. ``line`` None: of every line; ``stale_on``: only those stale on that day;
    ``without``: lines whose entries are not."""

    line: str | None = None
    text: str = ""
    category: Category | None = None
    stale_on: date | None = None
    without: frozenset[str] = frozenset()


# Words of one entry, one after the other in any order, as somebody keys them through without a pause: each step takes a
# whole word from the front of what was keyed, or all that is left where it is the beginning of a word. «offset 0» keeps
# the database from reading every word there is: it looks up those of the entries that are left.
_SPELT_IN_PART = text(
    """
    with recursive typed (entry_id, name_plain, used, rest, is_part) as (
        select entry_id, name_plain, array[position], substr(:keys, length(digits) + 1), 0
        from directory_key where line = :line and digits = any(:beginnings)
        union all
        select typed.entry_id, typed.name_plain, typed.used || word.position,
            substr(typed.rest, length(word.digits) + 1),
            case when starts_with(typed.rest, word.digits) then 0 else 1 end
        from typed cross join lateral
            (select position, digits from directory_key where entry_id = typed.entry_id offset 0) word
        where typed.rest <> '' and word.position <> all (typed.used)
            and (starts_with(typed.rest, word.digits) or starts_with(word.digits, typed.rest))
    ), matched (entry_id, name_plain, is_part) as (
        select entry_id, name_plain, is_part from typed where rest = ''
        union all
        select entry_id, name_plain, 1 from directory_key where line = :line and digits > :keys and digits < :after
    )
    select entry_id from matched group by entry_id, name_plain order by min(is_part), name_plain, entry_id limit :limit
    """
).bindparams(bindparam("beginnings", type_=ARRAY(String)))


def spelt(tx: Connection, line: str, keys: str, limit: int = 6) -> list[DirectoryEntry]:
    """Whose name was keyed (R95), those with the very word first, then by name; ask for one more than is read out.

    ``keys``: digits; any word of the name or its beginning, or several words in any order, with a 0 between them
    (each may be cut short) or typed through (the last may be cut short). Nothing for one key, or anything else.
    """
    if not LEAST_KEYED <= len(keys) <= LONGEST_KEYED or not re.fullmatch(r"[02-9]+", keys):
        return []
    parts = [part for part in keys.split("0") if part]
    if not parts or len(parts) > _MOST_PARTS:
        return []
    ids = _spelt_in_parts(tx, line, parts, limit) if len(parts) > 1 else _spelt_at_once(tx, line, parts[0], limit)
    return _entries(tx, ids)


def _spelt_at_once(tx: Connection, line: str, keys: str, limit: int) -> list[int]:
    """Entries with that very word; if they are too few, those that it is only a part of."""
    key = directory_key.c
    whole = select(key.entry_id).where(key.line == line, key.digits == keys).group_by(key.entry_id, key.name_plain)
    ids = list(tx.execute(whole.order_by(key.name_plain, key.entry_id).limit(limit)).scalars())
    if len(ids) < limit:
        values = {"line": line, "keys": keys, "after": _after(keys), "limit": limit + len(ids)}
        beginnings = [keys[:length] for length in range(1, len(keys))]
        ids += tx.execute(_SPELT_IN_PART, {**values, "beginnings": beginnings}).scalars()
    return list(dict.fromkeys(ids))[:limit]


def _spelt_in_parts(tx: Connection, line: str, parts: list[str], limit: int) -> list[int]:
    """Entries with a word of their own for each part."""
    words = [directory_key.alias(f"word_{number}") for number in range(len(parts))]
    joined: FromClause = words[0]
    for number, word in enumerate(words[1:], start=1):
        others = [word.c.position != earlier.c.position for earlier in words[:number]]
        joined = joined.join(word, and_(word.c.entry_id == words[0].c.entry_id, *others))
    both = list(zip(words, parts, strict=True))
    matches = [and_(word.c.line == line, word.c.digits >= part, word.c.digits < _after(part)) for word, part in both]
    best = func.bool_or(and_(*(word.c.digits == part for word, part in both))).desc()
    key = words[0].c
    found = select(key.entry_id).select_from(joined).where(*matches).group_by(key.entry_id, key.name_plain)
    return list(tx.execute(found.order_by(best, key.name_plain, key.entry_id).limit(limit)).scalars())


def _after(digits: str) -> str:
    """The first text that no longer begins with ``digits``: the colon follows the 9 in the order of the bytes."""
    return digits + ":"


def by_extension(tx: Connection, line: str, extension: str) -> list[DirectoryEntry]:
    """Who answers at an extension: an office may share one."""
    at = (directory_entry.c.line == line, directory_entry.c.extension == str(extension))
    rows = tx.execute(select(directory_entry).where(*at).order_by(directory_entry.c.name_plain, directory_entry.c.id))
    return [_entry(row) for row in rows]


def search(
    tx: Connection, line: str | None, words: str, category: Category | None = None, limit: int = 50, offset: int = 0
) -> list[DirectoryEntry]:
    """The entries that have every word of ``words``, or one that begins so, whatever the accents; by name."""
    return found(tx, Filter(line, words, category), limit, offset)


def found(tx: Connection, wanted: Filter, limit: int | None = 50, offset: int = 0) -> list[DirectoryEntry]:
    """As ``search``, with everything that the screen filters by. ``limit`` None: all of them."""
    order = (directory_entry.c.name_plain, directory_entry.c.id)
    rows = tx.execute(select(directory_entry).where(*_where(wanted)).order_by(*order).limit(limit).offset(offset))
    return [_entry(row) for row in rows]


def count(tx: Connection, wanted: Filter) -> int:
    """How many there are of them."""
    return tx.execute(select(func.count()).select_from(directory_entry).where(*_where(wanted))).scalar_one()


def entry(tx: Connection, entry_id: int) -> DirectoryEntry | None:
    """One entry, or None."""
    row = tx.execute(select(directory_entry).where(directory_entry.c.id == entry_id)).one_or_none()
    return _entry(row) if row else None


def _where(wanted: Filter) -> list[ColumnElement[bool]]:
    column, asked = directory_entry.c, []
    if wanted.line:
        asked.append(column.line == wanted.line)
    if wanted.without:
        asked.append(column.line.not_in(wanted.without))
    if wanted.category:
        asked.append(column.category == wanted.category)
    if wanted.stale_on:
        asked.append(or_(column.verified_on.is_(None), column.verified_on < wanted.stale_on - STALE_AFTER))
    if wanted.text.strip():
        asked.append(column.words.op("@@")(cast(question(wanted.text), TSQUERY)))
    return asked


def _entries(tx: Connection, ids: list[int]) -> list[DirectoryEntry]:
    """In the order of the ids."""
    if not ids:
        return []
    rows = {row.id: _entry(row) for row in tx.execute(select(directory_entry).where(directory_entry.c.id.in_(ids)))}
    return [rows[entry_id] for entry_id in ids]


def _entry(row: Row) -> DirectoryEntry:
    return DirectoryEntry(
        id=row.id,
        line=row.line,
        name=row.name,
        unit=row.unit,
        role=row.role,
        extension=Extension(row.extension) if row.extension else None,
        telephone=row.telephone,
        category=Category(row.category),
        verified_on=row.verified_on,
        email=row.email,
        notes=row.notes,
        updated_at=row.updated_at,
        updated_by=row.updated_by,
    )
