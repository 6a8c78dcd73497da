"""How the registers are looked through: by days, line, person, kind, state and words, a page at a time by its key."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Row, Select, cast, select, tuple_
from sqlalchemy.dialects.postgresql import TSQUERY

from cases.registers.authority import AuthorityState
from cases.registers.books import Book
from cases.registers.entries import RegisterEntry, opened, texts_of
from cases.registers.tables import register_entry, register_standing
from core.folding import question, searched, words_of
from core.privacy import Vault

A_PAGE = 50
LONGEST_SEARCH = timedelta(days=31)  #: of sealed words each entry is opened: never of more days than these
_AT_ONCE = 500
Place = tuple[datetime, int]  #: the moment and the number of the last entry of a page


@dataclass(frozen=True)
class Wanted:
    """Which entries are looked for: None is any. ``since`` inside, ``until`` outside."""

    book: Book
    since: datetime | None = None
    until: datetime | None = None
    line: str | None = None
    person: str | None = None
    kind: str | None = None
    state: AuthorityState | None = None
    case_id: int | None = None
    text: str = field(default="", repr=False)


class TooLong(Exception):
    """Para buscar en lo escrito elija un período de 31 días o menos."""

    def __str__(self) -> str:
        return type(self).__doc__ or ""


def page(
    tx: Connection,
    vault: Vault,
    wanted: Wanted,
    hidden_lines: Collection[str] = (),
    *,
    after: Place | None = None,
    limit: int = A_PAGE,
) -> list[RegisterEntry]:
    """The newest first, at most ``limit``; ask for one more than is shown. ``after``: where the page before ended;
    ``hidden_lines``: those that the reader may not see (R81). Raises TooLong."""
    found: list[Row] = []
    for row in _rows(tx, vault, wanted, hidden_lines, after, min(limit, _AT_ONCE)):
        found.append(row)
        if len(found) == limit:
            break
    return opened(tx, vault, found)


def every(
    tx: Connection, vault: Vault, wanted: Wanted, hidden_lines: Collection[str] = ()
) -> Iterator[list[RegisterEntry]]:
    """All of them, some hundreds at a time: nothing is held. Raises TooLong."""
    held: list[Row] = []
    for row in _rows(tx, vault, wanted, hidden_lines, None, _AT_ONCE):
        held.append(row)
        if len(held) == _AT_ONCE:
            yield opened(tx, vault, held)
            held = []
    yield opened(tx, vault, held)


def _rows(
    tx: Connection, vault: Vault, wanted: Wanted, hidden_lines: Collection[str], after: Place | None, at_once: int
) -> Iterator[Row]:
    """Those that are looked for; where their words are sealed, each is opened to see."""
    is_opened = bool(wanted.text.strip()) and not wanted.book.searches_plain
    if is_opened and not _is_short(wanted):
        raise TooLong
    words = searched(wanted.text) if is_opened else []
    while True:
        rows = tx.execute(_query(wanted, hidden_lines, after).limit(at_once)).all()
        for row in rows:
            if not is_opened or (words and _has(texts_of(vault, row), words)):
                yield row
        if len(rows) < at_once:
            return
        after = (rows[-1].at, rows[-1].id)


def _query(wanted: Wanted, hidden_lines: Collection[str], after: Place | None) -> Select:
    query, at = select(register_entry).where(*_where(wanted, hidden_lines)), register_entry.c.at
    if wanted.state is not None:
        mine = register_standing.c.entry_id == register_entry.c.id
        query = query.join(register_standing, mine).where(register_standing.c.state == wanted.state)
        at = register_standing.c.at
    number = register_entry.c.id if wanted.state is None else register_standing.c.entry_id
    if wanted.since is not None:
        query = query.where(at >= wanted.since)
    if wanted.until is not None:
        query = query.where(at < wanted.until)
    if after is not None:
        query = query.where(tuple_(at, number) < tuple_(*after))
    return query.order_by(at.desc(), number.desc())


def _where(wanted: Wanted, hidden_lines: Collection[str]) -> list[ColumnElement[bool]]:
    column = register_entry.c
    asked: list[ColumnElement[bool]] = [column.register == wanted.book.register]
    if hidden_lines:
        asked.append(column.line.not_in(list(hidden_lines)))
    for name in ("line", "person", "kind", "case_id"):
        if (value := getattr(wanted, name)) is not None:
            asked.append(column[name] == value)
    if wanted.text.strip() and wanted.book.searches_plain:
        asked.append(column.words.op("@@")(cast(question(wanted.text), TSQUERY)))
    return asked


def _is_short(wanted: Wanted) -> bool:
    return wanted.since is not None and wanted.until is not None and wanted.until - wanted.since <= LONGEST_SEARCH


def _has(texts: dict[str, str], words: list[str]) -> bool:
    """Whether every word, or one that begins so, was written."""
    written = words_of("\n".join(texts.values()))
    return all(any(each.startswith(word) for each in written) for word in words)
