"""Bringing a directory in from a CSV: checked whole before anything is stored, then one COPY (R95)."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import BigInteger, Connection, Row, any_, delete, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY

from core import audit
from core.folding import fold
from desk.directory import queries
from desk.directory.facts import Facts, check_facts
from desk.directory.keeping import TOLD, columns_of, keys_of
from desk.directory.queries import DirectoryEntry, Filter
from desk.directory.sheet import MAX_FAULTS, NUMBER, FaultyRows, RowFault, Written, read_sheet, row_faults, written
from desk.directory.tables import directory_entry, directory_key


@dataclass(frozen=True)
class Imported:
    """What came of a file: how many entries."""

    added: int
    changed: int
    unchanged: int
    removed: int


class _Planned(NamedTuple):
    row: int
    before: DirectoryEntry | None
    facts: Facts


def import_directory(
    tx: Connection,
    now: datetime,
    actor: str,
    line: str,
    country: str,
    data: bytes,
    *,
    today: date,
    is_verified: bool = False,
    is_whole: bool = False,
) -> Imported:
    """Adds and changes a line's entries; all of the file or, if anything in it is wrong, nothing.

    A row changes the entry of its number; without one, the only one of its name and unit; else it is a new one.
    Columns that the file does not have stay as they are. ``today``: where the line is; ``is_verified``: what has no
    date was verified today; ``is_whole``: whoever is not in the file is removed.
    Raises Unreadable, FaultyRows; ``country`` as for ``check_facts``.
    """
    tx.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"directory:{line}"))))
    entries = queries.found(tx, Filter(line), limit=None)
    planned, faults = _plan(entries, read_sheet(data), country, today)
    if faults:
        raise FaultyRows(faults)
    planned = [plan._replace(facts=_dated(plan, today, is_verified)) for plan in planned]
    fresh = [plan for plan in planned if plan.before is None]
    changed = [plan for plan in planned if plan.before and _differs(plan.before, plan.facts)]
    kept = {plan.before.id for plan in planned if plan.before}
    gone = [entry.id for entry in entries if entry.id not in kept] if is_whole else []
    _store(tx, now, actor, line, fresh, changed, gone)
    done = Imported(len(fresh), len(changed), len(planned) - len(fresh) - len(changed), len(gone))
    digest = hashlib.sha256(data).hexdigest()
    audit.record(tx, now, actor, "directory.imported", "file", digest, line=line, **asdict(done))
    return done


def _plan(
    entries: list[DirectoryEntry], rows: Iterable[Written | RowFault], country: str, today: date
) -> tuple[list[_Planned], list[RowFault]]:
    """What each row does, and everything that is wrong, at most MAX_FAULTS."""
    matcher, planned, faults = _Matcher(entries), [], []
    for row in rows:
        if isinstance(row, RowFault):
            faults.append(row)
        else:
            before = matcher.match(row)
            if isinstance(before, RowFault):
                faults.append(before)
                continue
            known = written(before) if before else {}
            facts = check_facts({**known, **row.cells}, country, today)
            if isinstance(facts, Facts):
                planned.append(_Planned(row.row, before, facts))
            else:
                faults += row_faults(row.row, facts)
        if len(faults) >= MAX_FAULTS:
            break
    return planned, faults


class _Matcher:
    """Whose row a row is, among those who are in the directory and those who came before it in the file."""

    def __init__(self, entries: list[DirectoryEntry]) -> None:
        self._by_number = {str(entry.id): entry for entry in entries}
        self._by_name: dict[str, list[DirectoryEntry]] = defaultdict(list)
        for entry in entries:
            self._by_name[fold(entry.name)].append(entry)
        self._taken: dict[int | tuple[str, ...], int] = {}

    def match(self, row: Written) -> DirectoryEntry | RowFault | None:
        """The entry that the row changes, None for a new one, or why that cannot be told."""
        number = row.cells.get(NUMBER, "")
        if number:
            found = self._by_number.get(number)
            if found is None:
                return RowFault(row.row, NUMBER, "No hay en esta línea una entrada con ese número; déjelo vacío.")
        else:
            alike = self._alike(row.cells)
            if len(alike) > 1:
                told = "Hay varias entradas con este nombre y esta unidad; ponga el número de la que cambia."
                return RowFault(row.row, "nombre", told)
            found = alike[0] if alike else None
        key = found.id if found else _same(row.cells)
        earlier = self._taken.setdefault(key, row.row)
        if earlier != row.row:
            told = f"Es la misma entrada que la fila {earlier}; si es otra persona, distíngala por su unidad."
            return RowFault(row.row, "nombre", told)
        return found

    def _alike(self, cells: dict[str, str]) -> list[DirectoryEntry]:
        alike = self._by_name.get(fold(cells.get("nombre", "")), [])
        if "unidad" in cells:
            alike = [entry for entry in alike if fold(entry.unit) == fold(cells["unidad"])]
        if len(alike) > 1 and "extension" in cells:
            alike = [entry for entry in alike if (entry.extension or "") == cells["extension"]] or alike
        return alike


def _same(cells: dict[str, str]) -> tuple[str, ...]:
    """What two rows of one new entry have in common."""
    return tuple(fold(cells.get(name, "")) for name in ("nombre", "unidad")) + tuple(
        cells.get(name, "") for name in ("cargo", "extension", "telefono")
    )


def _dated(plan: _Planned, today: date, is_verified: bool) -> Facts:
    """A row without a date leaves the one that was there, or is as of today if whoever brings the file says so."""
    if is_verified:
        return replace(plan.facts, verified_on=plan.facts.verified_on or today)
    before = plan.before.verified_on if plan.before else None
    return replace(plan.facts, verified_on=plan.facts.verified_on or before)


def _differs(before: DirectoryEntry, facts: Facts) -> bool:
    return any(getattr(before, name) != getattr(facts, name) for name in TOLD)


def _store(
    tx: Connection,
    now: datetime,
    actor: str,
    line: str,
    fresh: list[_Planned],
    changed: list[_Planned],
    gone: list[int],
) -> None:
    """What changes is taken out and put back under its number: one COPY is faster than as many updates."""
    numbers = [plan.before.id for plan in changed if plan.before]
    out = delete(directory_entry).where(directory_entry.c.id == any_(literal([*numbers, *gone], ARRAY(BigInteger))))
    made = out.returning(directory_entry.c.id, directory_entry.c.created_at, directory_entry.c.created_by)
    before = {row.id: row for row in tx.execute(made)} if numbers or gone else {}
    numbers += _new_numbers(tx, len(fresh))
    plans = [*changed, *fresh]
    if not plans:
        return
    changes = {"line": line, "updated_at": now, "updated_by": actor}
    rows = [
        {"id": number, **columns_of(plan.facts), **_made(before.get(number), now, actor), **changes}
        for number, plan in zip(numbers, plans, strict=True)
    ]
    _copy(tx, directory_entry.name, list(rows[0]), (row.values() for row in rows))
    keys = (key for number, plan in zip(numbers, plans, strict=True) for key in keys_of(number, line, plan.facts.name))
    _copy(tx, directory_key.name, directory_key.c.keys(), (key.values() for key in keys))


def _made(before: Row | None, now: datetime, actor: str) -> dict[str, object]:
    if before is None:
        return {"created_at": now, "created_by": actor}
    return {"created_at": before.created_at, "created_by": before.created_by}


def _new_numbers(tx: Connection, how_many: int) -> list[int]:
    following = func.nextval(func.pg_get_serial_sequence(directory_entry.name, "id"))
    numbers = select(following).select_from(func.generate_series(1, how_many).alias("each"))
    return list(tx.execute(numbers).scalars()) if how_many else []


def _copy(tx: Connection, table: str, columns: list[str], rows: Iterable[Iterable[object]]) -> None:
    cursor = tx.connection.driver_connection.cursor()  # type: ignore[union-attr]
    with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(tuple(row))
