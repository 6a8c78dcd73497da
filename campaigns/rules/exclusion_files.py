"""Exclusions as a file: a list of documents and telephones brought in, and the standing ones taken out.

The file has a heading row with ``documento``, ``telefono`` or both (and ``motivo``, if it wants), as the one that is
taken out has it; every row that can be read is excluded, the others are reported. A list that leaves out what it could
not read is better than none: whoever is on it is called until it is in. Where it holds is said by whoever brings it.
"""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, Row, select

from campaigns.rules.exclusion_causes import cause_of
from campaigns.rules.exclusions import (
    GIVEN,
    CannotExclude,
    Kind,
    Scope,
    add_all,
    check_scope,
    masked,
    place_told,
    standing,
    value_of,
)
from campaigns.tables import campaign, exclusion
from campaigns.upload.sheets import sheet_rows
from campaigns.upload.vocabulary import key_of
from campaigns.workbooks import csv_text
from core import audit
from core.database import may_take_its_time
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
_OURS = ("documento", "telefono", "alcance", "desde", "motivo", "quien")
_CAUSE = "motivo"
_ACTORS = {"ivr": "la línea", "system": "el sistema"}
_Read = tuple[Kind, str, list[str]]  # what it is, its value, the row that it is in


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
    """Excludes every document and telephone of a CSV or workbook. ``cause``: of a row that says none.

    Raises Unreadable, CannotExclude (the scope).
    """
    check_scope(tx, scope)
    may_take_its_time(tx)  # to open a long workbook
    rows = _rows(data, filename)
    headings = next(rows, (1, []))[1]
    columns, causes = _columns(headings), [n for n, each in enumerate(headings) if key_of(each) == _CAUSE]
    if not columns:
        raise Unreadable(_NO_COLUMN)
    added, known, faults = 0, 0, list[Fault]()
    for piece in _pieces(_values(rows, columns, country, faults)):
        told = [(kind, value, _cause(cells, causes) or cause) for kind, value, cells in piece]
        new = sum(add_all(tx, vault, now, actor, told, scope))
        added, known = added + new, known + len(piece) - new
    place = f"campaign {scope.campaign_id}" if scope.campaign_id else f"line {scope.line}" if scope.line else "all"
    found = ("exclusion.imported", "exclusion", place)
    audit.record(tx, now, actor, *found, added=added, known=known, faults=len(faults))
    return Imported(added, known, faults)


def export(
    tx: Connection,
    vault: Vault,
    now: datetime,
    actor: str,
    target: IO[str],
    *,
    zone: ZoneInfo,
    in_clear: bool = False,
    among: ColumnElement[bool] | None = None,
) -> int:
    """Writes those that stand as CSV, which can be brought in again; how many. ``zone``: whose hours it tells;
    ``in_clear``: for a supervisor, who may read them; ``among``: as in ``exclusions.listed``. Audited.

    A wrong number is not among them: brought in again, it would keep from being called those whose it is.
    """
    written = csv.writer(target, delimiter=";", lineterminator="\r\n")
    written.writerow(_OURS)
    query = (
        select(exclusion, campaign.c.name, campaign.c.filing_number)
        .outerjoin(campaign, campaign.c.id == exclusion.c.campaign_id)
        .where(*standing(among), exclusion.c.kind.in_(GIVEN))
        .order_by(exclusion.c.id)
    )
    counted = 0
    for row in tx.execute(query.execution_options(yield_per=1000)):
        kind = Kind(row.kind)
        value = vault.open(row.value_sealed) if row.value_sealed is not None else None
        told = value if in_clear and value is not None else masked(kind, value)
        who = ("", told) if kind is Kind.PHONE else (told, "")
        since = f"{row.since.astimezone(zone):%d/%m/%Y %H:%M}"
        # What people wrote is never a formula.
        by = _ACTORS.get(row.added_by, row.added_by)
        written.writerow((*who, csv_text(_place(row)), since, csv_text(cause_of(vault, row)), csv_text(by)))
        counted += 1
    audit.record(tx, now, actor, "exclusion.exported", "exclusion", "all", rows=counted, in_clear=in_clear)
    return counted


def _place(row: Row) -> str:
    if row.campaign_id is not None:
        return place_told(row.campaign_id, row.filing_number, row.name)
    of_kind = f", campañas de tipo {row.campaign_kind}" if row.campaign_kind else ""
    return f"línea {row.line}{of_kind}" if row.line else "todas las campañas"


def _cause(cells: list[str], positions: list[int]) -> str:
    """Why, as its row says it; the sign with which ``csv_text`` made text of it is taken away again."""
    told = next((cells[n].strip() for n in positions if n < len(cells)), "")
    return told[1:] if told.startswith("'") and csv_text(told[1:]) == told else told


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
) -> Iterator[_Read]:
    """Every value that can be read, with its row; of the others a fault."""
    for counted, (number, cells) in enumerate(rows, start=1):
        if counted > MAX_ROWS:
            raise Unreadable(f"El archivo tiene más de {MAX_ROWS:,} filas. Divídalo.")
        for position, (heading, kind) in columns.items():
            written = cells[position].strip() if position < len(cells) else ""
            if not written:
                continue
            try:
                yield kind, value_of(kind, written, country), cells
            except CannotExclude as problem:
                faults.append(Fault(number, heading, str(problem)))


def _pieces(values: Iterable[_Read]) -> Iterator[list[_Read]]:
    piece: list[_Read] = []
    for value in values:
        piece.append(value)
        if len(piece) == A_PIECE:
            yield piece
            piece = []
    if piece:
        yield piece
