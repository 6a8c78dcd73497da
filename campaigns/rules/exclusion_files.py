"""Exclusions as a file: a list of documents and telephones brought in, and the standing ones taken out.

The file has a heading row with ``documento``, ``telefono`` or both (and ``motivo``, if it wants); every row that can be
read is excluded, the others are reported. A list that leaves out what it could not read is better than none: whoever is
on it is called until it is in.
"""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO

from sqlalchemy import ColumnElement, Connection, select

from campaigns.rules.exclusions import CannotExclude, Kind, Scope, add_all, check_scope, masked, standing, value_of
from campaigns.tables import campaign, exclusion
from campaigns.upload.sheets import sheet_rows
from campaigns.upload.vocabulary import key_of
from core import audit
from core.privacy import Vault
from core.spreadsheets import Unreadable, open_csv

MAX_BYTES = 20_000_000
MAX_ROWS = 200_000
A_PIECE = 1_000  # rows a statement
_COLUMNS = {
    **dict.fromkeys(("documento", "numerodocumento", "dui", "cedula", "curp", "numerodedocumento"), Kind.PERSON),
    **dict.fromkeys(("telefono", "telefono1", "telefono2", "telefono3", "celular", "numero", "phone"), Kind.PHONE),
}
_NO_COLUMN = "El archivo no tiene ninguna columna «documento» ni «telefono»."
_SHEETS = ["exclusiones", "lista", "contactos", "hoja1", "sheet1"]
_MOST_COLUMNS = 50
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Fault:
    """A cell that could not be read: the row as the file counts it, and a sentence without the value."""

    row: int
    column: str
    sentence: str


@dataclass(frozen=True)
class Imported:
    """How many became excluded, how many were already, and what could not be read."""

    added: int
    known: int
    faults: list[Fault] = field(default_factory=list)


def import_exclusions(
    tx: Connection,
    vault: Vault,
    now: datetime,
    actor: str,
    data: bytes,
    filename: str,
    scope: Scope,
    country: str,
    cause: str = "lista",
) -> Imported:
    """Excludes every document and telephone of a CSV or workbook. Raises Unreadable, CannotExclude (the scope)."""
    check_scope(tx, scope)
    rows = _rows(data, filename)
    columns = _columns(next(rows, (1, []))[1])
    if not columns:
        raise Unreadable(_NO_COLUMN)
    added, known, faults = 0, 0, list[Fault]()
    for piece in _pieces(_values(rows, columns, country, faults)):
        new = sum(add_all(tx, vault, now, actor, piece, scope, cause))
        added, known = added + new, known + len(piece) - new
    place = f"campaign {scope.campaign_id}" if scope.campaign_id else f"line {scope.line}" if scope.line else "all"
    counted = {"added": added, "known": known, "faults": len(faults)}
    audit.record(tx, now, actor, "exclusion.imported", "exclusion", place, cause.strip()[:300], **counted)
    return Imported(added, known, faults)


def export(
    tx: Connection,
    vault: Vault,
    now: datetime,
    actor: str,
    target: IO[str],
    *,
    in_clear: bool = False,
    among: ColumnElement[bool] | None = None,
) -> int:
    """Writes those that stand as CSV; how many. ``in_clear``: for a supervisor, who may read them; ``among``: as in
    ``exclusions.listed``. Audited."""
    written = csv.writer(target, delimiter=";", lineterminator="\r\n")
    written.writerow(("tipo", "valor", "alcance", "desde", "motivo", "quien"))
    query = (
        select(exclusion, campaign.c.name)
        .outerjoin(campaign, campaign.c.id == exclusion.c.campaign_id)
        .where(*standing(among))
        .order_by(exclusion.c.id)
    )
    counted = 0
    for row in tx.execute(query.execution_options(yield_per=1000)):
        kind = Kind(row.kind)
        value = vault.open(row.value_sealed) if row.value_sealed is not None else None
        told = value if in_clear and value is not None else masked(kind, value)
        place = f"línea {row.line}" if row.line else "todo"
        place = f"campaña {row.campaign_id}: {row.name}" if row.campaign_id else place
        cells = (kind.value, told, place, row.since.isoformat(timespec="seconds"), row.cause, row.added_by)
        written.writerow([_safe(cell, is_ours=n in (0, 1, 3)) for n, cell in enumerate(cells)])
        counted += 1
    audit.record(tx, now, actor, "exclusion.exported", "exclusion", "all", rows=counted, in_clear=in_clear)
    return counted


def _safe(cell: str, *, is_ours: bool) -> str:
    """Text of a person is never a formula; a telephone begins with + and is read as it is."""
    return cell if is_ours or not cell.startswith(_FORMULA) else "'" + cell


def _rows(data: bytes, filename: str) -> Iterator[tuple[int, list[str]]]:
    if len(data) > MAX_BYTES:
        raise Unreadable(f"El archivo pesa más de {MAX_BYTES // 1_000_000} MB.")
    if data.startswith((b"PK", b"\xd0\xcf\x11\xe0")):
        yield from _sheet(data)
        return
    _, rows = open_csv(data)
    yield from enumerate(rows, start=1)


def _sheet(data: bytes) -> Iterator[tuple[int, list[str]]]:
    """The first of the sheets that there is: read by a process of its own, which may die of a hostile file."""
    chosen = None
    for sheet, number, cells in sheet_rows(data, _SHEETS, _MOST_COLUMNS, MAX_ROWS + 1):
        chosen = chosen or sheet
        if sheet == chosen:
            yield number, cells
    if chosen is None:
        raise Unreadable("El libro no tiene la hoja «Exclusiones».")


def _columns(headings: Iterable[str]) -> dict[int, tuple[str, Kind]]:
    """By position: the heading as written, and what its cells are."""
    found = {}
    for position, heading in enumerate(headings):
        kind = _COLUMNS.get(key_of(heading))
        if kind is not None:
            found[position] = (heading.strip(), kind)
    return found


def _values(
    rows: Iterator[tuple[int, list[str]]], columns: dict[int, tuple[str, Kind]], country: str, faults: list[Fault]
) -> Iterator[tuple[Kind, str]]:
    """Every value that can be read; of the others a fault."""
    for counted, (number, cells) in enumerate(rows, start=1):
        if counted > MAX_ROWS:
            raise Unreadable(f"El archivo tiene más de {MAX_ROWS:,} filas. Divídalo.")
        for position, (heading, kind) in columns.items():
            written = cells[position].strip() if position < len(cells) else ""
            if not written:
                continue
            try:
                yield kind, value_of(kind, written, country)
            except CannotExclude as problem:
                faults.append(Fault(number, heading, str(problem)))


def _pieces(values: Iterable[tuple[Kind, str]]) -> Iterator[list[tuple[Kind, str]]]:
    piece: list[tuple[Kind, str]] = []
    for value in values:
        piece.append(value)
        if len(piece) == A_PIECE:
            yield piece
            piece = []
    if piece:
        yield piece
